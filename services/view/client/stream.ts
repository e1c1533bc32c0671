/**
 * Server-sent events over fetch: EventSource cannot send the header with the token. Follows the
 * HTML standard's form of the stream (section 9.2), goes on behind the last id after a break, and
 * never gives up.
 */
export interface StreamHandlers {
  readonly open: () => void;
  readonly event: (name: string, data: string) => void;
  /** It tries again by itself. */
  readonly lost: () => void;
  /** The server does not take the token: nothing more comes. */
  readonly refused: () => void;
}

const RETRY_MS = 500;
const RETRY_MS_MAX = 4_000;
/** The server writes at least every 10 s. */
const SILENCE_MS = 25_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function follow(url: string, token: string, handlers: StreamHandlers): Promise<void> {
  let lastEventId = '';
  let waitMs = RETRY_MS;
  for (;;) {
    const gone = new AbortController();
    try {
      const response = await fetch(url, {
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'text/event-stream',
          ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
        },
        signal: gone.signal,
      });
      if (response.status === 401) {
        handlers.refused();
        return;
      }
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      handlers.open();
      waitMs = RETRY_MS;
      await read(response.body, gone, (name, id, data) => {
        if (id !== '') lastEventId = id;
        handlers.event(name, data);
      });
    } catch {
      // What ends a stream is told by the state of the connection.
    }
    gone.abort();
    handlers.lost();
    await pause(waitMs);
    waitMs = Math.min(RETRY_MS_MAX, waitMs * 2);
  }
}

async function read(
  body: ReadableStream<Uint8Array>,
  gone: AbortController,
  take: (name: string, id: string, data: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const silence = setTimeout(() => gone.abort(), SILENCE_MS);
    const { value, done } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) takeBlock(block, take);
  }
}

function takeBlock(block: string, take: (name: string, id: string, data: string) => void): void {
  const fields = { event: 'message', id: '', data: '' };
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    const name = line.slice(0, colon);
    if (name === 'event' || name === 'id' || name === 'data') fields[name] = line.slice(colon + 2);
  }
  if (fields.data !== '') take(fields.event, fields.id, fields.data);
}

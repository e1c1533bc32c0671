/**
 * Server-sent events over fetch: EventSource cannot send the header with the token. Goes on behind
 * the last id after a break, and never gives up.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';

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

export async function followStream(
  url: string,
  token: string,
  handlers: StreamHandlers,
): Promise<void> {
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
      await read(response.body, gone, ({ event = 'message', id = '', data }) => {
        if (id !== '') lastEventId = id;
        handlers.event(event, data);
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
  take: (event: EventSourceMessage) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = createParser({ onEvent: take });
  for (;;) {
    const silence = setTimeout(() => gone.abort(), SILENCE_MS);
    const { value, done } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

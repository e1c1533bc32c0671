/** Reads server-sent events as a client would (HTML standard, section 9.2). */
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The complete events of a text; what the standard does not know throws. */
export function serverSentEvents(text: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onError: (error) => {
      throw error;
    },
  });
  parser.feed(text);
  return events;
}

/** The events of a body as they come, until it ends or its reader leaves. */
export async function* followEvents(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<EventSourceMessage, void> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    parser.feed(decoder.decode(piece, { stream: true }));
    yield* events.splice(0);
  }
}

import type { LoggedMessage } from '../live/service-context.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';

/**
 * A record that is held for long. As it was read its value is a view of everything that was written or
 * read with it, which would be held with it. A copy as bytes of its own would leave the memory of a
 * hundred thousand such copies in holes: text lies where the collector closes them.
 */
export class HeldRecord implements LoggedMessage {
  readonly partition: number;
  readonly logOffset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly headers: LoggedMessage['headers'];
  /** A byte a character. */
  readonly #text: string;

  constructor({ partition, logOffset, timestampMs, key, headers, value }: LoggedMessage) {
    this.partition = partition;
    this.logOffset = logOffset;
    this.timestampMs = timestampMs;
    this.key = key;
    this.headers = headers;
    this.#text = asBuffer(value).toString('latin1');
  }

  get value(): Uint8Array {
    return Buffer.from(this.#text, 'latin1');
  }
}

import type { LoadMessage } from '../../services/drive/loadgen.ts';
import type { Message } from '../../services/protocol/names/message.ts';

/**
 * Payments prepared beforehand, as bytes until they are sent: as objects they would be in the heap of
 * the services, whose garbage collector looks at all of them again and again.
 */
export class PreparedLoad {
  readonly uetrs: readonly string[];
  readonly #bytes: Buffer;
  /** Of each payment where its key and headers end, and its document. */
  readonly #ends: Uint32Array;

  constructor(load: Iterable<LoadMessage>) {
    const uetrs: string[] = [];
    const pieces: Uint8Array[] = [];
    const ends: number[] = [];
    let end = 0;
    const add = (piece: Uint8Array) => {
      pieces.push(piece);
      end += piece.length;
      ends.push(end);
    };
    for (const { uetr, message } of load) {
      uetrs.push(uetr);
      add(Buffer.from(JSON.stringify([message.key, message.headers])));
      add(message.value);
    }
    this.uetrs = uetrs;
    this.#bytes = Buffer.concat(pieces);
    this.#ends = Uint32Array.from(ends);
  }

  get length(): number {
    return this.uetrs.length;
  }

  message(index: number): Message {
    const start = index === 0 ? 0 : (this.#ends[2 * index - 1] as number);
    const headersEnd = this.#ends[2 * index] as number;
    const [key, headers] = JSON.parse(this.#bytes.toString('latin1', start, headersEnd));
    return { key, headers, value: this.#bytes.subarray(headersEnd, this.#ends[2 * index + 1]) };
  }

  messages(from: number, to: number): Message[] {
    const end = Math.min(to, this.length);
    return Array.from({ length: end - from }, (_, place) => this.message(from + place));
  }
}

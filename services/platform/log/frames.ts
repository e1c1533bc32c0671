/**
 * Records between the embedded log's thread and the one that the services run on: one buffer for
 * many, whose memory is handed over instead of copied. One record after the other, little-endian:
 *
 *    0 u32 the partition's table     4 u32 bytes of the key, plus one (0: none)
 *    8 u32 bytes of the headers     12 u32 bytes of the value
 *   16 f64 log offset               24 f64 time, ms
 *   32 key (UTF-8), headers (UTF-8, a JSON object), value
 */
const HEAD_BYTES = 32;
const FIRST_BYTES = 65_536;
/** UTF-8 has at most so many bytes for a unit of UTF-16. */
const UNIT_BYTES = 3;

export interface Frame {
  readonly table: number;
  readonly logOffset: number;
  readonly timeMs: number;
  readonly key: string | null;
  /** A JSON object. */
  readonly headers: string;
  /** A view of the buffer. */
  readonly value: Buffer;
}

/** What is handed over; `bytes` may be longer than what stands in it. */
export interface Frames {
  readonly bytes: ArrayBuffer;
  readonly length: number;
  readonly count: number;
}

export class FrameWriter {
  #bytes = Buffer.alloc(0);
  #length = 0;
  #count = 0;

  /** Begins anew, in memory that came back if there is some. */
  begin(memory?: ArrayBuffer): void {
    this.#bytes = Buffer.from(memory ?? new ArrayBuffer(FIRST_BYTES));
    this.#length = 0;
    this.#count = 0;
  }

  put(
    table: number,
    logOffset: number,
    timeMs: number,
    key: string | null,
    headers: string,
    value: Uint8Array,
  ): void {
    const bytes = this.#room(
      HEAD_BYTES + ((key?.length ?? 0) + headers.length) * UNIT_BYTES + value.length,
    );
    const at = this.#length;
    const keyEnd = at + HEAD_BYTES + (key === null ? 0 : bytes.write(key, at + HEAD_BYTES));
    const headersEnd = keyEnd + bytes.write(headers, keyEnd);
    bytes.set(value, headersEnd);
    bytes.writeUInt32LE(table, at);
    bytes.writeUInt32LE(key === null ? 0 : keyEnd - at - HEAD_BYTES + 1, at + 4);
    bytes.writeUInt32LE(headersEnd - keyEnd, at + 8);
    bytes.writeUInt32LE(value.length, at + 12);
    bytes.writeDoubleLE(logOffset, at + 16);
    bytes.writeDoubleLE(timeMs, at + 24);
    this.#length = headersEnd + value.length;
    this.#count += 1;
  }

  #room(bytes: number): Buffer {
    const needed = this.#length + bytes;
    if (needed > this.#bytes.length) {
      const larger = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  /** What was put since `begin`; its memory is the taker's. */
  take(): Frames {
    const { buffer } = this.#bytes;
    return { bytes: buffer as ArrayBuffer, length: this.#length, count: this.#count };
  }
}

export function* readFrames({ bytes: memory, length }: Frames): Generator<Frame, void> {
  const bytes = Buffer.from(memory);
  for (let at = 0; at < length; ) {
    const keyBytes = bytes.readUInt32LE(at + 4);
    const keyEnd = at + HEAD_BYTES + Math.max(0, keyBytes - 1);
    const headersEnd = keyEnd + bytes.readUInt32LE(at + 8);
    const end = headersEnd + bytes.readUInt32LE(at + 12);
    yield {
      table: bytes.readUInt32LE(at),
      logOffset: bytes.readDoubleLE(at + 16),
      timeMs: bytes.readDoubleLE(at + 24),
      key: keyBytes === 0 ? null : bytes.toString('utf8', at + HEAD_BYTES, keyEnd),
      headers: bytes.toString('utf8', keyEnd, headersEnd),
      value: bytes.subarray(headersEnd, end),
    };
    at = end;
  }
}

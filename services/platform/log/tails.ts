import type { LogRecord } from './log.ts';

/**
 * The newest records of a log's partitions, as many as fit into a budget: whoever reads along with the
 * writer gets them as they were handed over, without a look at the disk.
 */
export class Tail {
  /** Those before `gone` were let go. */
  records: LogRecord[] = [];
  gone = 0;

  /** Up to `maxRecords` from an offset on; null where the first of them is not here. */
  read(end: number, fromOffset: number, maxRecords: number): LogRecord[] | null {
    const at = this.records.length - (end - fromOffset);
    return at < this.gone ? null : this.records.slice(at, at + maxRecords);
  }

  drop(count: number): void {
    this.gone += count;
    if (this.gone * 2 < this.records.length) return;
    this.records.splice(0, this.gone);
    this.gone = 0;
  }
}

export class Tails {
  readonly #bytesMax: number;
  #bytes = 0;
  /** What was added, oldest first. */
  #added: { readonly tail: Tail; readonly count: number; readonly bytes: number }[] = [];
  #next = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Records that continue the tail. */
  add(tail: Tail, records: readonly LogRecord[], bytes: number): void {
    for (const record of records) tail.records.push(record);
    this.#added.push({ tail, count: records.length, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax && this.#next < this.#added.length) {
      const oldest = this.#added[this.#next++]!;
      this.#bytes -= oldest.bytes;
      oldest.tail.drop(oldest.count);
    }
    if (this.#next * 2 < this.#added.length) return;
    this.#added = this.#added.slice(this.#next);
    this.#next = 0;
  }
}

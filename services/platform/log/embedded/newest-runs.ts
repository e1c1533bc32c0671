import type { LogRecord } from '../log.ts';
import type { PartitionPlace } from './checksums.ts';
import { type Run, readRun } from './record-runs.ts';

/** A partition of which so many runs were let go since somebody read it is not read any more. */
const UNREAD_MAX = 64;

/**
 * The newest runs of a log's partitions, as many as fit into a budget: whoever reads along with the
 * writer gets their records without a look at the disk.
 */
export class Tail {
  /** Newest last. Those that came while nobody read are missing. */
  #runs: (Run | undefined)[] = [];
  /** Those before it were let go. */
  #first = 0;
  #unread = UNREAD_MAX;

  /** Whether somebody reads the partition: else nothing need be kept of it. */
  get isRead(): boolean {
    return this.#unread < UNREAD_MAX;
  }

  /** Up to `recordsMax` from an offset on; null where the first of them is not here. */
  read(place: PartitionPlace, fromOffset: number, recordsMax: number): LogRecord[] | null {
    this.#unread = 0;
    const runs = this.#runs;
    // Readers are near the end.
    let index = runs.length - 1;
    while (index > this.#first && (runs[index] as Run).firstOffset > fromOffset) index -= 1;
    const records: LogRecord[] = [];
    for (let next = fromOffset; index >= this.#first && index < runs.length; index++) {
      const run = runs[index] as Run;
      const end = run.firstOffset + run.count;
      if (run.firstOffset > next || end <= next || records.length === recordsMax) break;
      readRun(run, place, fromOffset, recordsMax, records);
      next = end;
    }
    return records.length > 0 ? records : null;
  }

  add(run: Run): void {
    this.#runs.push(run);
  }

  /** Lets the oldest run go. */
  drop(): void {
    this.#unread += 1;
    this.#runs[this.#first] = undefined;
    this.#first += 1;
    if (this.#first * 2 < this.#runs.length) return;
    this.#runs = this.#runs.slice(this.#first);
    this.#first = 0;
  }
}

/** Memory that holds runs of these tails, each as often as it has runs of it. */
interface Piece {
  readonly bytes: number;
  readonly tails: readonly Tail[];
}

/** What all tails hold together. */
export class Tails {
  readonly #bytesMax: number;
  #bytes = 0;
  /** Oldest first. */
  #pieces: Piece[] = [];
  #first = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Counts memory whose runs the tails were given; the oldest is let go where it is too much. */
  added(bytes: number, tails: readonly Tail[]): void {
    this.#pieces.push({ bytes, tails });
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax && this.#first < this.#pieces.length) {
      const oldest = this.#pieces[this.#first++] as Piece;
      this.#bytes -= oldest.bytes;
      for (const tail of oldest.tails) tail.drop();
    }
    if (this.#first * 2 < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }
}

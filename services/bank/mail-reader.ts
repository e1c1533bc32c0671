import type { Headers } from '../protocol/envelope.ts';

/**
 * Drops what a bank has seen of its statuses or its deliveries: the notifier writes a message again
 * after a crash, with the same (pool, event number). Numbers rise inside a pool and a topic.
 */
export class RepeatFilter {
  readonly #last = new Map<string, number>();
  #dropped = 0;

  /** Messages that were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the message is new; one that names no event is taken. */
  isNew(headers: Headers): boolean {
    const number = Number(headers.ce_eventnumber);
    const pool = headers.ce_pool;
    if (pool === undefined || !Number.isSafeInteger(number)) return true;
    if (number <= (this.#last.get(pool) ?? 0)) {
      this.#dropped += 1;
      return false;
    }
    this.#last.set(pool, number);
    return true;
  }
}

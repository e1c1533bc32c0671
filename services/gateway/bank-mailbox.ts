import type { LoggedMessage } from '../live/service-context.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';
import { offsetAfter, type Position } from './mail-resume-position.ts';

/** Latest records of a topic that are kept in memory: what waiting readers need. */
const RECENT_MAX = 128;

interface Waiter {
  readonly wake: () => void;
}

/**
 * One of a bank's topics as its readers see it. The latest records are in memory, fed by the
 * gateway's one subscription, so that a reader that keeps up costs the log nothing; older ones are
 * read from the log, which keeps them for as long as protocol/names/topic-plan.ts says. mail-subscription.ts has the
 * mailboxes of all banks.
 */
export class Mailbox {
  readonly topic: string;
  readonly #log: Pick<GatewayLog, 'read' | 'startOffset' | 'endOffset'>;
  #recent: LoggedMessage[] = [];
  /** All records from here on up to `next` are in `recent`. */
  #recentFrom: number;
  #next: number;
  readonly #waiters = new Set<Waiter>();

  /** @param next offset of the first record that the subscription will bring */
  constructor(
    topic: string,
    log: Pick<GatewayLog, 'read' | 'startOffset' | 'endOffset'>,
    next: number,
  ) {
    this.topic = topic;
    this.#log = log;
    this.#next = next;
    this.#recentFrom = next;
  }

  /** Offset of the record after the last that the subscription brought. */
  get next(): number {
    return this.#next;
  }

  /** Takes in a record of the subscription; false for one that came before. */
  take(record: LoggedMessage): boolean {
    if (record.logOffset < this.#next) return false;
    this.#recent.push(record);
    this.#next = record.logOffset + 1;
    // Cut in halves, so that it is cut seldom.
    if (this.#recent.length > 2 * RECENT_MAX) {
      this.#recent = this.#recent.slice(-RECENT_MAX);
      this.#recentFrom = this.#recent[0]?.logOffset ?? this.#next;
    }
    for (const { wake } of [...this.#waiters]) wake();
    return true;
  }

  /**
   * Up to `max` records from an offset on; where there is none yet, waits for the first up to
   * `waitMs`, or until `signal` is aborted.
   */
  async read(
    fromOffset: number,
    max: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly LoggedMessage[]> {
    if (fromOffset >= this.#next && waitMs > 0) await this.#arrival(waitMs, signal);
    if (fromOffset >= this.#next) return [];
    if (fromOffset >= this.#recentFrom)
      return this.#recent.filter(({ logOffset }) => logOffset >= fromOffset).slice(0, max);
    return this.#log.read(this.topic, 0, fromOffset, max);
  }

  /** Where a reader goes on that has had everything up to a position; throws where it cannot. */
  after(position: Position | null): Promise<number> {
    return offsetAfter(this.topic, this.#log, this.#recent, position);
  }

  #arrival(waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#waiters.delete(waiter);
        resolve();
      };
      const waiter: Waiter = { wake: end };
      const timer = setTimeout(end, waitMs);
      signal.addEventListener('abort', end);
      this.#waiters.add(waiter);
    });
  }
}

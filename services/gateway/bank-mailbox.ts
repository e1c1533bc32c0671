import type { LoggedMessage } from '../live/ports.ts';
import { ProblemError } from '../protocol/names/http-problems.ts';
import { isAt, type Position } from './mail-items.ts';
import type { GatewayLog } from './ports.ts';

/** Latest records of a topic that are kept in memory: what waiting readers need. */
const RECENT_MAX = 128;

interface Waiter {
  readonly wake: () => void;
}

/**
 * One of a bank's topics as its readers see it. The latest records are in memory, fed by the
 * gateway's one subscription, so that a reader that keeps up costs the log nothing; older ones are
 * read from the log. mail-subscription.ts has the mailboxes of all banks.
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

  /**
   * The offset after a position; throws where the log has another record there, or has forgotten
   * what lies between. Without a position: the first record that is kept.
   */
  async after(position: Position | null): Promise<number> {
    if (position && this.#recent.some((record) => isAt(record, position)))
      return position.logOffset + 1;
    const start = await this.#log.startOffset(this.topic, 0);
    if (!position) return start;
    const { logOffset } = position;
    const isForgotten = logOffset < start;
    if (isForgotten && logOffset + 1 === start) return start;
    const end = await this.#log.endOffset(this.topic, 0);
    const [record] =
      isForgotten || logOffset >= end ? [] : await this.#log.read(this.topic, 0, logOffset, 1);
    if (isAt(record, position)) return logOffset + 1;
    throw new ProblemError('positionGone', {
      detail: isForgotten
        ? 'records after this position are no longer kept; read without a position, from the first that is'
        : 'the log has no such record at this position; read without a position, and drop what you have by pool, event number and type',
      field: 'position',
      value: `${logOffset}:${position.event}`,
      expected: 'the position of a record that was read from here',
    });
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

import { type BankQueueEntry, bankQueue } from '../analysis/waits/bank-queue.ts';
import { WaitingRecords } from '../analysis/waits/waiting-records.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import { placedRecords } from '../live/input-records-by-position.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';
import { PoolHistory } from './pool-history.ts';

/** A message that waits, as its bank is told of it; the amount is text in major units. */
export interface QueueItem {
  readonly id: string;
  readonly type: string;
  readonly account: string;
  readonly amount: string;
  readonly counterparty: string;
  readonly priority: string;
  readonly settlementDate: string;
  readonly since: string;
  readonly sinceEvent: number;
  readonly position: number | null;
  readonly reason: {
    readonly code: string;
    readonly text: string;
    readonly remedy: string;
  } | null;
  readonly information: readonly string[];
}

export interface PoolQueueAnswer {
  readonly pool: string;
  /** Of the last event that the answer has. */
  readonly eventNumber: number;
  /** Of all of the bank's that wait in the pool. */
  readonly count: number;
  readonly waiting: readonly QueueItem[];
}

/**
 * What waits in one pool, by bank: the book that statuses are told from, over the pool's events and the records of
 * what waits. It is read when somebody asks (`PoolHistory`).
 */
export class PoolQueues {
  readonly #pool: string;
  readonly #history: PoolHistory;
  readonly #waiting: WaitingRecords;

  constructor(pool: string, log: GatewayLog) {
    this.#pool = pool;
    this.#waiting = new WaitingRecords((positions) => placedRecords(log, pool, positions));
    this.#history = new PoolHistory(pool, log, (events) => this.#waiting.take(readEvents(events)));
  }

  close(): Promise<void> {
    return this.#history.close();
  }

  /**
   * What of a bank waits, as of the events that are there now: at most `limit` of it.
   * @throws ProblemError where there is more to read than is read in two seconds: asked again it goes on
   */
  async of(bic: string, limit: number): Promise<PoolQueueAnswer> {
    await this.#history.readUpToNow();
    const { directory, count: eventNumber } = this.#history;
    const participant = directory.participantHandle(bic);
    const idOf = ({ position }: { readonly position: number }) => this.#waiting.idOf(position);
    const awaitedOf = ({ position }: { readonly position: number }) => {
      const whom = this.#waiting.awaitedBy(position, (handle) => directory.bic(handle));
      return whom === '' ? [] : [`Waits for ${whom}`];
    };
    const { count, entries } =
      participant === undefined
        ? { count: 0, entries: [] }
        : bankQueue(this.#waiting.book, directory, participant, null, limit, idOf, awaitedOf);
    return { pool: this.#pool, eventNumber, count, waiting: entries.map(itemOf) };
  }
}

function itemOf(entry: BankQueueEntry): QueueItem {
  const { reason } = entry;
  return {
    id: entry.id,
    type: entry.messageType,
    account: entry.account,
    amount: amountText(entry.amountMinor, entry.minorUnits),
    counterparty: entry.counterparty,
    priority: entry.priority,
    settlementDate: entry.settlementDate,
    since: new Date(entry.sinceMs).toISOString(),
    sinceEvent: entry.sinceEvent,
    position: entry.place,
    reason: reason && { code: reason.code, text: reason.text, remedy: reason.remedy },
    information: entry.information,
  };
}

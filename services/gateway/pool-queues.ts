import { type BankQueueEntry, bankQueue } from '../analysis/waits/bank-queue.ts';
import { WaitBook } from '../analysis/waits/wait-book.ts';
import type { PaymentFacts, RecordFacts } from '../analysis/waits/waiting-message.ts';
import { readEvents } from '../core/settlement/event-reader.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import {
  isControl,
  readControl,
  readOriginal,
  readVerified,
} from '../protocol/records/input-record.ts';
import { PoolHistory } from './pool-history.ts';
import type { GatewayLog } from './ports.ts';

/** Records of the input read together. */
const READ_RECORDS = 256;

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
export class PoolQueues implements RecordFacts {
  readonly #pool: string;
  readonly #log: GatewayLog;
  readonly #history: PoolHistory;
  readonly #book = new WaitBook(this);
  /** Of what waits, by the position of its record. */
  readonly #facts = new Map<number, PaymentFacts & { readonly id: string }>();
  /** Re-orderings of the events at hand that go to the front. */
  readonly #toFront = new Set<number>();

  constructor(pool: string, log: GatewayLog) {
    this.#pool = pool;
    this.#log = log;
    this.#history = new PoolHistory(pool, log, (events) => this.#take(readEvents(events)));
  }

  close(): Promise<void> {
    return this.#history.close();
  }

  payment(position: number): PaymentFacts | undefined {
    return this.#facts.get(position);
  }

  movesToFront(position: number): boolean {
    return this.#toFront.has(position);
  }

  /**
   * What of a bank waits, as of the events that are there now: at most `limit` of it.
   * @throws ProblemError where there is more to read than is read in two seconds: asked again it goes on
   */
  async of(bic: string, limit: number): Promise<PoolQueueAnswer> {
    await this.#history.readUpToNow();
    const { directory, count: eventNumber } = this.#history;
    const participant = directory.participantHandle(bic);
    const all =
      participant === undefined
        ? []
        : bankQueue(
            this.#book,
            directory,
            participant,
            null,
            ({ position }) => this.#facts.get(position)?.id ?? '',
          );
    const waiting = all.slice(0, limit).map(itemOf);
    return { pool: this.#pool, eventNumber, count: all.length, waiting };
  }

  /** Reads of the input what no event tells of what still waits at the end of these events. */
  async #take(events: readonly SettlementEvent[]): Promise<void> {
    const begun = new Set<number>();
    const reordered = new Map<number, number>();
    const ended: number[] = [];
    for (const event of events) {
      if (event.kind === 'genesis') begun.add(event.position);
      else if (event.kind === 'reordered') reordered.set(event.position, event.paymentPosition);
      else if (BEGINS.has(event.kind) && 'paymentPosition' in event)
        begun.add(event.paymentPosition);
      else if (ENDS.has(event.kind) && 'paymentPosition' in event) {
        begun.delete(event.paymentPosition);
        ended.push(event.paymentPosition);
      }
    }
    for (const position of begun) if (this.#facts.has(position)) begun.delete(position);
    const wanted = [...begun, ...reordered.keys()].sort((one, other) => one - other);
    for await (const { position, value } of this.#records(wanted)) this.#read(position, value);
    for (const event of events) this.#book.take(event);
    for (const position of ended) this.#facts.delete(position);
    this.#toFront.clear();
    // Nobody here is told of changes.
    this.#book.changed();
  }

  #read(position: number, value: Uint8Array): void {
    if (isControl(value)) {
      const control = readControl(value);
      if (control.kind === 'genesis') this.#book.usualRule(control.queueRule === 'bypass-fifo');
      return;
    }
    const { kind, content } = readVerified(value);
    if (kind === 'reordering') {
      if (content.move === 'front') this.#toFront.add(position);
    } else if (content && 'settlementDate' in content) {
      const { settlementDate, earliest } = content;
      const id = readOriginal(value).headers.ce_id ?? '';
      this.#facts.set(position, { settlementDate, earliest, id });
    }
  }

  async *#records(wanted: readonly number[]) {
    let found = 0;
    while (found < wanted.length) {
      const from = wanted[found] as number;
      const records = await this.#log.read(poolInput(this.#pool), 0, from, READ_RECORDS);
      if (records.length === 0)
        throw new Error(`${poolInput(this.#pool)} ends before position ${from}, which events name`);
      for (const { logOffset, value } of records)
        if (logOffset === wanted[found]) {
          found += 1;
          yield { position: logOffset, value };
        }
    }
  }
}

const BEGINS: ReadonlySet<string> = new Set(['queued', 'matched', 'accepted']);
const ENDS: ReadonlySet<string> = new Set(['settled', 'cancelled', 'unwound']);

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

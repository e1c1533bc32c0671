import type { EventView } from '../../core/event-reader.ts';
import { NO_CURRENCY } from '../../core/events.ts';
import type { Directory } from '../../protocol/directory.ts';
import { uetrFromBytes } from '../../protocol/identifiers.ts';
import { isoReason } from '../../protocol/reasons.ts';
import { bicOf, currencyOf } from './names.ts';
import type { PaymentChange } from './payment-book.ts';
import { FEED_ROWS, type FeedRow } from './wire.ts';

interface Entry {
  readonly event: EventView;
  readonly change: PaymentChange;
  /** Rises with every change of any payment. */
  readonly turn: number;
}

/**
 * The last payments of one pool whose status changed, each once, the newest last. Rows are written
 * when they are asked for: of ten thousand changes a second the page is told a hundred.
 */
export class FeedBook {
  readonly #pool: string;
  readonly #directory: Directory;
  readonly #entries = new Map<number, Entry>();
  #turn = 0;
  #told = 0;

  constructor(pool: string, directory: Directory) {
    this.#pool = pool;
    this.#directory = directory;
  }

  take(event: EventView, change: PaymentChange): void {
    this.#turn += 1;
    this.#entries.delete(event.paymentPosition);
    this.#entries.set(event.paymentPosition, { event, change, turn: this.#turn });
    if (this.#entries.size <= FEED_ROWS) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest as number);
  }

  rows(all: boolean): FeedRow[] {
    return [...this.#entries.values()]
      .filter(({ turn }) => all || turn > this.#told)
      .map(({ event, change }) => this.#row(event, change));
  }

  forgetChanges(): void {
    this.#told = this.#turn;
  }

  #row(event: EventView, { status, submittedAtMs }: PaymentChange): FeedRow {
    const directory = this.#directory;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    const known = event.kind !== 'noticed';
    const converts = known && event.currency2 !== NO_CURRENCY;
    const currency = known ? currencyOf(directory, event.currency1) : '';
    return {
      pool: this.#pool,
      position: event.paymentPosition,
      uetr: uetrFromBytes(event.id) ?? '',
      status,
      atMs: event.timeMs,
      afterMs: event.timeMs - submittedAtMs,
      debtor: bicOf(directory, event.debtorAgent),
      creditor: known ? bicOf(directory, event.creditorAgent) : '',
      currency,
      amountMinor: known ? String(event.amount1) : '0',
      currency2: converts ? currencyOf(directory, event.currency2) : currency,
      amount2Minor: known ? String(converts ? event.amount2 : event.amount1) : '0',
      mechanism: event.mechanism === 'none' ? '' : event.mechanism,
      reason: isoReason(event.reason)?.code ?? '',
    };
  }
}

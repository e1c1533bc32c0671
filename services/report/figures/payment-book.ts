import { type Mechanism, NO_CURRENCY } from '../../core/settlement/events.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import type { SettlementEvent } from '../../core/settlement/settlement-event.ts';
import {
  isPaymentType,
  LEG,
  MESSAGE_TYPES,
  PRIORITIES,
  type Priority,
  QUOTE,
} from '../../protocol/messages/instruction.ts';
import { bicOf, currencyOf, type Directory } from '../../protocol/names/directory.ts';
import { uetrFromBytes } from '../../protocol/names/identifiers.ts';
import {
  isPaymentEvent,
  type MessageEvent,
  reasonOf,
} from '../../protocol/records/event-payment.ts';

/** `accepted`: for netting, and neither settled nor unwound. */
type PaymentStatus = 'queued' | 'accepted' | 'settled' | 'rejected' | 'cancelled';

/**
 * What became of one submitted payment. A forged message is a payment that was rejected; each leg of
 * a PvP has a row, and the two matched ones are one payment (`isCounted`).
 */
export interface PaymentRow {
  readonly pool: string;
  readonly position: number;
  readonly messageType: string;
  readonly uetr: string;
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly dealer: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly currency2: string;
  readonly amount2Minor: bigint;
  /** Empty for a message that failed authentication: what it says is nobody's word. */
  readonly priority: Priority | '';
  readonly submittedAtMs: number;
  status: PaymentStatus;
  reason: Reason;
  mechanism: Mechanism;
  /** Time of the final status, or null while queued. */
  finalAtMs: number | null;
  /** When it was first queued, or null if it never was. */
  queuedAtMs: number | null;
  /** Of a matched leg: the position of the other. */
  pairPosition: number | null;
}

const QUOTE_TYPE = MESSAGE_TYPES.indexOf(QUOTE);

/** Whether a row is a payment of its own: of a matched pair the leg that came first stands for both. */
export const isCounted = ({ position, pairPosition }: PaymentRow): boolean =>
  pairPosition === null || position < pairPosition;

/** A leg of a PvP or DvP, matched or not. */
export const isLeg = ({ messageType }: PaymentRow): boolean => messageType === LEG;

/** Of settled rows, how long each waited from submission to settlement, ms, ascending. */
export const waitsOf = (settled: readonly PaymentRow[]): Float64Array =>
  Float64Array.from(settled, waitMs).sort();
export const waitMs = ({ finalAtMs, submittedAtMs }: PaymentRow) =>
  (finalAtMs as number) - submittedAtMs;

/**
 * Folds a pool's events into one row for each submitted payment. It knows nothing of how clearing
 * or the analysis store count, so that the three can be compared.
 */
export class PaymentBook {
  readonly rows: PaymentRow[] = [];
  repeated = 0;
  /** Cancellations, re-orderings, limits and reservations that were refused. */
  refusedRequests = 0;
  settled = 0;
  readonly #pool: string;
  readonly #directory: Directory;
  readonly #open = new Map<number, PaymentRow>();

  constructor(pool: string, directory: Directory) {
    this.#pool = pool;
    this.#directory = directory;
  }

  fold(events: readonly SettlementEvent[]): void {
    for (const event of events) this.#take(event);
  }

  #take(event: SettlementEvent): void {
    if (event.kind === 'rejected' && !isPaymentType(event.messageType)) {
      if (event.messageType !== QUOTE_TYPE) this.refusedRequests += 1;
      return;
    }
    if (!isPaymentEvent(event)) return;
    if (event.kind === 'repeated') {
      this.repeated += 1;
      return;
    }
    const known = this.#open.get(event.paymentPosition);
    const row = known ?? this.#newRow(event);
    this.#change(row, event);
    if (row.finalAtMs === null) {
      if (!known) this.#open.set(event.paymentPosition, row);
    } else if (known) this.#open.delete(event.paymentPosition);
  }

  #change(row: PaymentRow, event: Exclude<MessageEvent, { kind: 'repeated' }>): void {
    if (event.kind === 'queued' || event.kind === 'carriedOver') {
      row.queuedAtMs ??= event.timeMs;
      return;
    }
    if (event.kind === 'matched') {
      row.pairPosition = event.mate;
      return;
    }
    if (event.kind === 'accepted') {
      row.status = 'accepted';
      return;
    }
    row.status = STATUS_OF[event.kind];
    if (row.status === 'settled' && isCounted(row)) this.settled += 1;
    row.reason = reasonOf(event);
    row.mechanism = event.kind === 'settled' ? event.mechanism : 'none';
    row.finalAtMs = event.timeMs;
  }

  #newRow(event: MessageEvent): PaymentRow {
    const directory = this.#directory;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    const known = event.kind === 'noticed' ? null : event;
    const crosses = known !== null && known.currency2 !== NO_CURRENCY;
    const currency = known ? currencyOf(directory, known.currency1) : '';
    const amountMinor = known ? known.amount1 : 0n;
    // One literal: a row that comes of a spread takes more memory, and longer to read.
    const row: PaymentRow = {
      pool: this.#pool,
      position: event.paymentPosition,
      messageType: MESSAGE_TYPES[event.messageType] ?? '',
      uetr: uetrFromBytes(event.id) ?? '',
      debtorAgent: bicOf(directory, event.debtorAgent),
      creditorAgent: known ? bicOf(directory, known.creditorAgent) : '',
      dealer: crosses ? bicOf(directory, known.dealer) : '',
      currency,
      amountMinor,
      currency2: crosses ? currencyOf(directory, known.currency2) : currency,
      amount2Minor: crosses ? known.amount2 : amountMinor,
      priority: (known && PRIORITIES[known.priority]) ?? '',
      submittedAtMs: event.timeMs,
      status: 'queued',
      reason: 'none',
      mechanism: 'none',
      finalAtMs: null,
      queuedAtMs: null,
      pairPosition: null,
    };
    this.rows.push(row);
    return row;
  }
}

const STATUS_OF = {
  settled: 'settled',
  rejected: 'rejected',
  noticed: 'rejected',
  cancelled: 'cancelled',
  unwound: 'cancelled',
} as const;

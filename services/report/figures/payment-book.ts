import { type EventView, readEvent } from '../../core/settlement/event-reader.ts';
import type { Mechanism } from '../../core/settlement/events.ts';
import { EVENT_BYTES, NO_CURRENCY } from '../../core/settlement/events.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import type { Priority } from '../../protocol/messages/instruction.ts';
import {
  isPaymentType,
  LEG,
  MESSAGE_TYPES,
  PRIORITIES,
  QUOTE,
} from '../../protocol/messages/instruction.ts';
import type { Directory } from '../../protocol/names/directory.ts';
import { uetrFromBytes } from '../../protocol/names/identifiers.ts';

/** `accepted`: for netting, and neither settled nor unwound. */
export type PaymentStatus = 'queued' | 'accepted' | 'settled' | 'rejected' | 'cancelled';

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

  fold(events: Uint8Array): void {
    for (let index = 0; index * EVENT_BYTES < events.length; index++)
      this.#take(readEvent(events, index));
  }

  #take(event: EventView): void {
    if (!isPaymentType(event.messageType)) {
      if (event.kind === 'rejected' && event.messageType !== QUOTE_TYPE) this.refusedRequests += 1;
      return;
    }
    if (event.kind === 'repeated') {
      this.repeated += 1;
      return;
    }
    const row = this.#open.get(event.paymentPosition) ?? this.#newRow(event);
    if (event.kind === 'queued' || event.kind === 'carriedOver') {
      row.queuedAtMs ??= event.timeMs;
      return;
    }
    if (event.kind === 'matched') {
      row.pairPosition = Number(event.balances[0]);
      return;
    }
    if (event.kind === 'accepted') {
      row.status = 'accepted';
      return;
    }
    if (!(event.kind in STATUS_OF)) return;
    row.status = STATUS_OF[event.kind] ?? row.status;
    if (row.status === 'settled' && isCounted(row)) this.settled += 1;
    row.reason = event.reason;
    row.mechanism = event.mechanism;
    row.finalAtMs = event.timeMs;
    this.#open.delete(event.paymentPosition);
  }

  #newRow(event: EventView): PaymentRow {
    const directory = this.#directory;
    const currency = currencyName(directory, event.currency1);
    const crosses = event.currency2 !== NO_CURRENCY;
    // A message that failed authentication is known by the sender it names, and by nothing else.
    const known = event.kind !== 'noticed';
    const row: PaymentRow = {
      pool: this.#pool,
      position: event.paymentPosition,
      messageType: MESSAGE_TYPES[event.messageType] ?? '',
      uetr: uetrFromBytes(event.id) ?? '',
      debtorAgent: participantName(directory, event.debtorAgent),
      creditorAgent: known ? participantName(directory, event.creditorAgent) : '',
      dealer: known && crosses ? participantName(directory, event.dealer) : '',
      currency: known ? currency : '',
      amountMinor: known ? event.amount1 : 0n,
      currency2: known ? (crosses ? currencyName(directory, event.currency2) : currency) : '',
      amount2Minor: known ? (crosses ? event.amount2 : event.amount1) : 0n,
      priority: (known && PRIORITIES[event.priority]) || '',
      submittedAtMs: event.timeMs,
      status: 'queued',
      reason: 'none',
      mechanism: 'none',
      finalAtMs: null,
      queuedAtMs: null,
      pairPosition: null,
    };
    this.rows.push(row);
    this.#open.set(event.paymentPosition, row);
    return row;
  }
}

const STATUS_OF: Partial<Record<EventView['kind'], PaymentStatus>> = {
  settled: 'settled',
  rejected: 'rejected',
  noticed: 'rejected',
  cancelled: 'cancelled',
  unwound: 'cancelled',
};

/** Empty where a refused message named one that the pool does not know. */
const participantName = (directory: Directory, handle: number) =>
  directory.participants[handle]?.bic ?? '';
const currencyName = (directory: Directory, handle: number) =>
  directory.currencies[handle]?.currency ?? '';

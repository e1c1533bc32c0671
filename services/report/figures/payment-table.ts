import { double, grown } from '../../analysis/growing-typed-arrays.ts';
import type { EventCursor } from '../../core/settlement/event-cursor.ts';
import {
  EVENT_OFFSETS as AT,
  EVENT_KINDS,
  MECHANISMS,
  NO_CURRENCY,
} from '../../core/settlement/events.ts';
import { REASONS, type Reason } from '../../core/settlement/reasons.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import type { SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { LEG, LEG_TYPE, MESSAGE_TYPES } from '../../protocol/messages/message-types.ts';
import { PRIORITIES, type Priority } from '../../protocol/messages/priorities.ts';
import { uetrFromBytes } from '../../protocol/names/bic-and-uetr.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import { mechanismOf } from '../../protocol/records/event-payment.ts';

/** `accepted`: for netting, and neither settled nor unwound. */
export const STATUSES = ['queued', 'accepted', 'settled', 'rejected', 'cancelled'] as const;
export type PaymentStatus = (typeof STATUSES)[number];
/** By name, its number in a table. */
export const STATUS = { queued: 0, accepted: 1, settled: 2, rejected: 3, cancelled: 4 } as const;

/**
 * What became of one submitted payment. A forged message is a payment that was rejected; each leg of
 * a PvP has a row, and the two matched ones are one payment (`isCounted`). Each leg of a chain is a payment.
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
  readonly status: PaymentStatus;
  readonly reason: Reason;
  /** The proposer's name of what was proposed. */
  readonly mechanism: string;
  /** Time of the final status, or null while queued. */
  readonly finalAtMs: number | null;
  /** When it was first queued, or null if it never was. */
  readonly queuedAtMs: number | null;
  /** Of a matched leg: the position of the other. */
  readonly pairPosition: number | null;
}

/** Whether a row is a payment of its own: of a matched pair the leg that came first stands for both. */
export const isCounted = ({ position, pairPosition }: PaymentRow): boolean =>
  pairPosition === null || position < pairPosition;

/** A leg of a PvP or DvP, matched or not. */
export const isLeg = ({ messageType }: PaymentRow): boolean => messageType === LEG;

/** In `priorities`: none. */
const NO_PRIORITY = 0xff;
const FIRST_ROWS = 256;

/** Participants and currencies are handles of the pool's directory, times ms; NaN stands for none. */
const roomFor = (rows: number) => ({
  positions: new Float64Array(rows),
  /** 16 bytes each: UETR or id. */
  ids: new Uint8Array(rows * 16),
  messageTypes: new Uint16Array(rows),
  debtors: new Uint32Array(rows),
  creditors: new Uint32Array(rows),
  /** NONE32: no dealer converts. */
  dealers: new Uint32Array(rows),
  /** NO_CURRENCY: nobody's word. */
  currencies: new Uint16Array(rows),
  /** NO_CURRENCY: the same. */
  currencies2: new Uint16Array(rows),
  amounts: new BigInt64Array(rows),
  /** 0 where it is the same. */
  amounts2: new BigInt64Array(rows),
  priorities: new Uint8Array(rows),
  submittedMs: new Float64Array(rows),
  /** Numbers of STATUSES, REASONS and MECHANISMS. */
  statuses: new Uint8Array(rows),
  reasons: new Uint8Array(rows),
  mechanisms: new Uint8Array(rows),
  finalMs: new Float64Array(rows),
  queuedMs: new Float64Array(rows),
  pairs: new Float64Array(rows),
});

type Columns = ReturnType<typeof roomFor>;

/**
 * The payments of a pool, a column for each of a row's members: a hundred bytes each, where an object
 * takes half a kilobyte, and sums over millions take milliseconds. `of` holds until a row is added.
 */
export class PaymentTable {
  readonly pool: string;
  readonly directory: DirectoryNames;
  length = 0;
  readonly of: Columns;
  #halves;
  /** By number. A run has one mechanism of its own at most. */
  readonly #mechanisms: string[] = [...MECHANISMS];
  /** By position: the row's number and 1. */
  #rowAt;

  /** @param room for so many rows, before it has to grow: memory is taken as it is used */
  constructor(pool: string, directory: DirectoryNames, room = 0) {
    this.pool = pool;
    this.directory = directory;
    const rows = Math.max(FIRST_ROWS, room);
    this.of = roomFor(rows);
    this.#rowAt = new Uint32Array(rows);
    this.#halves = this.#takenApart();
  }

  /** Number of a new row, in which all that is not named is none. */
  add(position: number): number {
    const row = this.length++;
    if (row === this.of.positions.length) this.#grow();
    if (position >= this.#rowAt.length) this.#rowAt = grown(this.#rowAt, 2 * position);
    this.#rowAt[position] = row + 1;
    const { of } = this;
    of.positions[row] = position;
    of.dealers[row] = NONE32;
    of.currencies[row] = NO_CURRENCY;
    of.currencies2[row] = NO_CURRENCY;
    of.creditors[row] = NONE32;
    of.priorities[row] = NO_PRIORITY;
    of.finalMs[row] = Number.NaN;
    of.queuedMs[row] = Number.NaN;
    of.pairs[row] = Number.NaN;
    return row;
  }

  /** Of a proposal's `cycled` event: whose it is. */
  noteProposer(event: SettlementEvent): void {
    if (event.kind === 'cycled')
      this.#mechanisms[MECHANISMS.indexOf('proposed')] = mechanismOf(event, event.proposer);
  }

  /** By what the mechanism with this number is called. */
  mechanism(number: number): string {
    return this.#mechanisms[number] as string;
  }

  /** Number of the row of a payment; -1: none yet. */
  rowAt(position: number): number {
    return (this.#rowAt[position] ?? 0) - 1;
  }

  isCounted(row: number): boolean {
    // NaN is not below.
    return !((this.of.pairs[row] as number) <= (this.of.positions[row] as number));
  }

  isLeg(row: number): boolean {
    return this.of.messageTypes[row] === LEG_TYPE;
  }

  /** How many rows have a status, both legs of a trade. */
  count(status: PaymentStatus): number {
    const number = STATUS[status];
    let count = 0;
    for (let row = 0; row < this.length; row++) if (this.of.statuses[row] === number) count += 1;
    return count;
  }

  /** From submission to the final status, ms; NaN while there is none. */
  waitMs(row: number): number {
    return (this.of.finalMs[row] as number) - (this.of.submittedMs[row] as number);
  }

  /** Amounts as words: see `addFrom` of exact-sum.ts. Holds until a row is added. */
  get words(): Int32Array {
    return this.#halves.amounts;
  }

  get words2(): Int32Array {
    return this.#halves.amounts2;
  }

  /** Amounts as signed high and unsigned low halves: see exact-sum.ts. */
  high(row: number): number {
    return this.#halves.amounts[2 * row + 1] as number;
  }

  low(row: number): number {
    return (this.#halves.amounts[2 * row] as number) >>> 0;
  }

  /** Handle of a currency of this pool; null: it has none of this code. */
  currency(code: string): number | null {
    const handle = this.directory.currencies.findIndex(({ currency }) => currency === code);
    return handle < 0 ? null : handle;
  }

  row(number: number): PaymentRow {
    const { of, directory } = this;
    const currency = currencyOf(directory, of.currencies[number] as number);
    const currency2 = of.currencies2[number] as number;
    const crosses = currency2 !== NO_CURRENCY;
    const amountMinor = of.amounts[number] as bigint;
    const dealer = of.dealers[number] as number;
    return {
      pool: this.pool,
      position: of.positions[number] as number,
      messageType: MESSAGE_TYPES[of.messageTypes[number] as number] ?? '',
      uetr: uetrFromBytes(of.ids, 16 * number) ?? '',
      debtorAgent: bicOf(directory, of.debtors[number] as number),
      creditorAgent: bicOf(directory, of.creditors[number] as number),
      dealer: dealer === NONE32 ? '' : bicOf(directory, dealer),
      currency,
      amountMinor,
      currency2: crosses ? currencyOf(directory, currency2) : currency,
      amount2Minor: crosses ? (of.amounts2[number] as bigint) : amountMinor,
      priority: PRIORITIES[of.priorities[number] as number] ?? '',
      submittedAtMs: of.submittedMs[number] as number,
      status: STATUSES[of.statuses[number] as number] as PaymentStatus,
      reason: REASONS[of.reasons[number] as number] as Reason,
      mechanism: this.mechanism(of.mechanisms[number] as number),
      finalAtMs: orNull(of.finalMs[number] as number),
      queuedAtMs: orNull(of.queuedMs[number] as number),
      pairPosition: orNull(of.pairs[number] as number),
    };
  }

  *rows(): Generator<PaymentRow, void> {
    for (let row = 0; row < this.length; row++) yield this.row(row);
  }

  #takenApart() {
    const { ids, amounts, amounts2 } = this.of;
    return {
      ids: new Int32Array(ids.buffer),
      amounts: new Int32Array(amounts.buffer),
      amounts2: new Int32Array(amounts2.buffer),
    };
  }

  /** Takes the id, and the first amount where it has one, of the payment that an event is about. */
  identify(row: number, event: EventCursor): void {
    event.copyLong(AT.id, this.#halves.ids, 2 * row);
    event.copyLong(AT.id + 8, this.#halves.ids, 2 * row + 1);
    if (event.kind !== EVENT_KINDS.noticed) event.copyLong(AT.amount1, this.#halves.amounts, row);
  }

  #grow(): void {
    double(this.of);
    this.#halves = this.#takenApart();
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

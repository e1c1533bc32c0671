/**
 * What stands in a core's place where settlement was observed. What an operator does (accounts, openings,
 * credit lines) is the word of a core that never sees a payment. What became of payments is the
 * observation's: each waits from its submission to its time, and what settles at one instant is booked as
 * one whole, for nobody knows its order. Balances are the core's and what was booked on them, also where
 * they lie below what an account may owe. In every currency bookings add up to what was put in.
 */
import {
  EVENT_OFFSETS as AT,
  EVENT_BYTES,
  EVENT_KINDS,
  type EventKind,
  MECHANISMS,
  NO_CURRENCY,
} from '../core/settlement/events.ts';
import {
  RECORD_OFFSETS as IN,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
} from '../core/settlement/records.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import { stoodInFor } from './direct-records.ts';

/** A payment or leg between its submission and its settlement. */
interface Waiting {
  readonly position: bigint;
  /** An event's bytes with its terms. */
  readonly terms: Uint8Array;
  readonly currency: number;
  /** Of a leg: its terms, by which its mirror finds it. */
  readonly side: string | null;
}

const OBSERVED = MECHANISMS.indexOf('observed');
/** Kinds of event that state a balance of which the core knows the beginning alone. */
const STATING: ReadonlySet<number> = new Set([
  EVENT_KINDS.creditLineSet,
  EVENT_KINDS.collateralSet,
]);
const FIRST_EVENTS = 1024;

/**
 * @param core takes what is no payment
 * @param settledMs when the payment with this number of the plan settled; null: never
 */
export function createObservedCore(
  core: Settlement,
  settledMs: (number: number) => number | null,
): Settlement {
  const book = new ObservedBook(core, settledMs);
  return {
    ...core,
    apply: (records, count) => book.apply(records, count),
    stream: (records, count, take) => take(book.apply(records, count)),
    balance: (participant, currency) => book.balance(participant, currency),
    queued: () => book.queued,
    conserved: () => core.conserved() && book.conserved(),
  };
}

class ObservedBook {
  readonly #core: Settlement;
  readonly #settledMs: (number: number) => number | null;
  readonly #waiting = new Map<bigint, Waiting>();
  /** By currency debited. */
  readonly #waitingIn = new Map<number, number>();
  /** By the instant at which they settle. */
  readonly #due = new Map<number, Waiting[]>();
  /** Legs without their mirror, by their side. */
  readonly #looking = new Map<string, Waiting>();
  /** What was booked on an account since its opening. */
  readonly #booked = new Map<number, bigint>();
  /** By currency: issued less redeemed. */
  readonly #putIn = new Map<number, bigint>();
  #number = 0n;
  #bytes = new Uint8Array(FIRST_EVENTS * EVENT_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  constructor(core: Settlement, settledMs: (number: number) => number | null) {
    this.#core = core;
    this.#settledMs = settledMs;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  balance(participant: number, currency: number): bigint {
    const booked = this.#booked.get(accountOf(participant, currency)) ?? 0n;
    return this.#core.balance(participant, currency) + booked;
  }

  conserved(): boolean {
    const left = new Map(this.#putIn);
    for (const [account, amount] of this.#booked) {
      const currency = account % 0x10000;
      left.set(currency, (left.get(currency) ?? 0n) - amount);
    }
    return [...left.values()].every((amount) => amount === 0n);
  }

  apply(records: Uint8Array, count: number): Uint8Array {
    this.#end = 0;
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    for (let at = 0; at < count * RECORD_BYTES; at += RECORD_BYTES) {
      const record = records.subarray(at, at + RECORD_BYTES);
      this.#take(record, new DataView(view.buffer, view.byteOffset + at, RECORD_BYTES));
    }
    return this.#bytes.slice(0, this.#end);
  }

  #take(bytes: Uint8Array, record: DataView): void {
    switch (record.getUint16(IN.kind, true)) {
      case RECORD_KINDS.payment:
      case RECORD_KINDS.pvpLeg:
        this.#submit(record);
        return;
      case RECORD_KINDS.tick:
        this.#settle(record);
        return;
      case RECORD_KINDS.issue:
        this.#inject('issued', record, record.getBigInt64(IN.amount1, true));
        return;
      case RECORD_KINDS.redeem:
        this.#inject('redeemed', record, -record.getBigInt64(IN.amount1, true));
        return;
      default:
        this.#pass(this.#core.apply(bytes, 1));
    }
  }

  /** The core's own events, with what it does not know. */
  #pass(events: Uint8Array): void {
    for (let at = 0; at < events.length; at += EVENT_BYTES) {
      const to = this.#add(events.subarray(at, at + EVENT_BYTES));
      const view = this.#view;
      const kind = view.getUint16(to + AT.kind, true);
      const currency = view.getUint16(to + AT.currency1, true);
      if (kind === EVENT_KINDS.closed)
        view.setBigInt64(to + AT.amount1, BigInt(this.#waitingIn.get(currency) ?? 0), true);
      else if (STATING.has(kind)) {
        const participant = view.getUint32(to + AT.debtorAgent, true);
        view.setBigInt64(to + AT.balance1, this.balance(participant, currency), true);
      }
    }
  }

  /** What the scenario puts in or takes out, whether the core would have let it or not. */
  #inject(kind: 'issued' | 'redeemed', record: DataView, amount: bigint): void {
    const participant = record.getUint32(IN.participant, true);
    const currency = record.getUint16(IN.currency1, true);
    this.#book(participant, currency, amount);
    this.#putIn.set(currency, (this.#putIn.get(currency) ?? 0n) + amount);
    const terms = new Uint8Array(EVENT_BYTES);
    const event = new DataView(terms.buffer);
    event.setBigInt64(AT.paymentPosition, record.getBigInt64(IN.position, true), true);
    event.setUint32(AT.debtorAgent, participant, true);
    event.setUint32(AT.creditorAgent, NONE32, true);
    event.setUint32(AT.dealer, NONE32, true);
    event.setUint16(AT.currency1, currency, true);
    event.setUint16(AT.currency2, NO_CURRENCY, true);
    event.setBigInt64(AT.amount1, amount < 0n ? -amount : amount, true);
    const at = this.#event(kind, record, terms);
    this.#view.setBigInt64(at + AT.balance1, this.balance(participant, currency), true);
  }

  #submit(record: DataView): void {
    const isLeg = record.getUint16(IN.kind, true) === RECORD_KINDS.pvpLeg;
    const payment: Waiting = {
      position: record.getBigInt64(IN.position, true),
      terms: termsOf(record, isLeg),
      currency: record.getUint16(IN.currency1, true),
      side: isLeg ? sideOf(record, 'own') : null,
    };
    const digest = new Uint8Array(record.buffer, record.byteOffset + IN.payloadDigest, 32);
    const settles = this.#settledMs(stoodInFor(digest) as number);
    this.#count(payment, 1);
    if (isLeg) this.#meet(payment, record);
    else if (settles !== timeOf(record)) this.#event('queued', record, payment.terms);
    if (settles === null) return;
    const due = this.#due.get(settles) ?? [];
    this.#due.set(settles, due);
    due.push(payment);
  }

  /** As a core tells it: a leg waits for its mirror, and of two that meet the later is told first. */
  #meet(leg: Waiting, record: DataView): void {
    const mirror = sideOf(record, 'mirror');
    const mate = this.#looking.get(mirror);
    if (mate === undefined) {
      if (!this.#looking.has(leg.side as string)) this.#looking.set(leg.side as string, leg);
      this.#event('queued', record, leg.terms);
      return;
    }
    this.#looking.delete(mirror);
    for (const [one, other] of [
      [leg, mate],
      [mate, leg],
    ] as const) {
      const at = this.#event('matched', record, one.terms);
      this.#view.setBigInt64(at + AT.balance1, other.position, true);
    }
  }

  /** All that settled at the instant: balances are those after the whole of it. */
  #settle(tick: DataView): void {
    const timeMs = timeOf(tick);
    const settled = this.#due.get(timeMs) ?? [];
    this.#due.delete(timeMs);
    for (const { terms } of settled)
      for (const { participant, currency, amount } of bookingsOf(terms))
        this.#book(participant, currency, amount);
    for (const payment of settled) {
      const { terms, side } = payment;
      this.#count(payment, -1);
      if (side !== null && this.#looking.get(side) === payment) this.#looking.delete(side);
      const at = this.#event('settled', tick, terms);
      this.#view.setUint8(at + AT.mechanism, OBSERVED);
      for (const { participant, currency, field } of bookingsOf(terms))
        this.#view.setBigInt64(at + field, this.balance(participant, currency), true);
    }
  }

  #count(payment: Waiting, by: 1 | -1): void {
    const { position, currency } = payment;
    if (by === 1) this.#waiting.set(position, payment);
    else this.#waiting.delete(position);
    this.#waitingIn.set(currency, (this.#waitingIn.get(currency) ?? 0) + by);
  }

  #book(participant: number, currency: number, amount: bigint): void {
    const account = accountOf(participant, currency);
    this.#booked.set(account, (this.#booked.get(account) ?? 0n) + amount);
  }

  /** Adds what a record caused; where it begins. */
  #event(kind: EventKind, record: DataView, terms: Uint8Array): number {
    const at = this.#add(terms);
    this.#view.setBigInt64(at + AT.position, record.getBigInt64(IN.position, true), true);
    this.#view.setBigInt64(at + AT.timeMs, record.getBigInt64(IN.timeMs, true), true);
    this.#view.setUint16(at + AT.kind, EVENT_KINDS[kind], true);
    return at;
  }

  #add(event: Uint8Array): number {
    const at = this.#end;
    if (at === this.#bytes.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#bytes.set(event, at);
    this.#number += 1n;
    this.#view.setBigUint64(at + AT.number, this.#number, true);
    this.#end += EVENT_BYTES;
    return at;
  }
}

/** Currencies have 16 bits. */
const accountOf = (participant: number, currency: number): number =>
  participant * 0x10000 + currency;

const timeOf = (record: DataView): number => Number(record.getBigInt64(IN.timeMs, true));

/** Of a leg the one that it delivers is told, as of a payment in one currency. */
function termsOf(record: DataView, isLeg: boolean): Uint8Array {
  const terms = new Uint8Array(EVENT_BYTES);
  const event = new DataView(terms.buffer);
  terms.set(new Uint8Array(record.buffer, record.byteOffset + IN.id, 16), AT.id);
  event.setUint8(AT.priority, record.getUint8(IN.priority));
  event.setUint16(AT.messageType, record.getUint16(IN.messageType, true), true);
  event.setBigInt64(AT.paymentPosition, record.getBigInt64(IN.position, true), true);
  event.setUint32(AT.debtorAgent, record.getUint32(IN.debtorAgent, true), true);
  event.setUint32(AT.creditorAgent, record.getUint32(IN.creditorAgent, true), true);
  event.setUint32(AT.dealer, isLeg ? NONE32 : record.getUint32(IN.dealer, true), true);
  event.setUint16(AT.currency1, record.getUint16(IN.currency1, true), true);
  event.setUint16(AT.currency2, isLeg ? NO_CURRENCY : record.getUint16(IN.currency2, true), true);
  event.setBigInt64(AT.amount1, record.getBigInt64(IN.amount1, true), true);
  event.setBigInt64(AT.amount2, isLeg ? 0n : record.getBigInt64(IN.amount2, true), true);
  return terms;
}

/** What a leg is matched by: its key and its terms, or those that its mirror has. */
function sideOf(record: DataView, of: 'own' | 'mirror'): string {
  const delivers = [
    record.getUint32(IN.debtorAgent, true),
    record.getUint16(IN.currency1, true),
    record.getBigInt64(IN.amount1, true),
  ];
  const receives = [
    record.getUint32(IN.creditorAgent, true),
    record.getUint16(IN.currency2, true),
    record.getBigInt64(IN.amount2, true),
  ];
  const sides = of === 'own' ? [delivers, receives] : [receives, delivers];
  return [record.getBigUint64(IN.matchKey, true), ...sides.flat()].join(' ');
}

/** What a payment books, and the field of its event that states the balance after it. */
function bookingsOf(terms: Uint8Array) {
  const event = new DataView(terms.buffer);
  const debtor = event.getUint32(AT.debtorAgent, true);
  const creditor = event.getUint32(AT.creditorAgent, true);
  const from = event.getUint16(AT.currency1, true);
  const to = event.getUint16(AT.currency2, true);
  const debited = event.getBigInt64(AT.amount1, true);
  const first = { participant: debtor, currency: from, amount: -debited, field: AT.balance1 };
  const last = { participant: creditor, field: AT.balance2 };
  if (to === NO_CURRENCY) return [first, { ...last, currency: from, amount: debited }];
  const dealer = event.getUint32(AT.dealer, true);
  const credited = event.getBigInt64(AT.amount2, true);
  return [
    first,
    { participant: dealer, currency: from, amount: debited, field: AT.balance3 },
    { participant: dealer, currency: to, amount: -credited, field: AT.balance4 },
    { ...last, currency: to, amount: credited },
  ];
}

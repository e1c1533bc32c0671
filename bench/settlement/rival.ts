// The rival of `rtgs-1m`: the core's gross settlement in TypeScript on typed arrays, for what the
// case contains: payments of one leg under strict FIFO with classes, limits, the checks of a message,
// the duplicate check, queues with their sums, rescans, the recount of all balances after each batch,
// and the same events, byte for byte (the bench compares them). What it leaves out costs it nothing:
// linked payments, other queue rules, cycles and the sums kept for them, limits beyond 64 bits, a hash
// that withstands crafted ids.
import { EVENT_BYTES, EVENT_KINDS, MECHANISMS } from '../../services/core/settlement/events.ts';
import {
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_KINDS,
} from '../../services/core/settlement/records.ts';
import { Accounts, Identities, Limits, Payments } from './rival-tables.ts';

const RECORD_WORDS = RECORD_BYTES / 4;
const EVENT_WORDS = EVENT_BYTES / 4;
const ENTRY = MECHANISMS.indexOf('entry');
const QUEUE = MECHANISMS.indexOf('queue');
const NORMAL = 2;
const IDENTITY_DAYS = 5;

export interface Rival {
  /** Takes `count` records; the events are a view that the next call overwrites. */
  apply(records: Uint8Array, count: number): Uint8Array;
}

export function createRival(setting: Uint8Array, payments: number): Rival {
  const view = new DataView(setting.buffer, setting.byteOffset, setting.length);
  const participants = view.getUint32(24, true);
  const currencies = view.getUint32(28, true);
  const accounts = new Accounts(participants, currencies);
  const limits = new Limits(view.getUint32(100, true));
  const live = new Payments(payments);
  const identities = new Identities(payments, view.getUint32(64, true));
  let number = 0;
  let businessDate = 0;
  for (let at = 0; at < setting.length; at += RECORD_BYTES) {
    const kind = view.getUint16(at, true);
    const account = accounts.at(view.getUint32(at + 4, true), view.getUint16(at + 76, true));
    number += 1;
    if (kind === RECORD_KINDS.account) {
      accounts.balance[account] = view.getBigInt64(at + 96, true);
      accounts.floor[account] = -view.getBigInt64(at + 104, true);
      accounts.note(account);
    } else if (kind === RECORD_KINDS.open) businessDate = view.getUint32(at + 92, true);
    else if (kind === RECORD_KINDS.limit)
      limits.add(accounts, account, view.getUint32(at + 84, true), view.getBigInt64(at + 96, true));
  }
  return new Machine(accounts, limits, live, identities, number, businessDate);
}

class Machine implements Rival {
  readonly #accounts: Accounts;
  readonly #limits: Limits;
  readonly #live: Payments;
  readonly #identities: Identities;
  #number: number;
  readonly #businessDate: number;
  #events = new Uint8Array(8192 * EVENT_BYTES);
  #words = new Int32Array(this.#events.buffer);
  #longs = new BigInt64Array(this.#events.buffer);
  #written = 0;
  #position = 0;
  #timeLow = 0;
  #timeHigh = 0;
  #workFirst = 0;
  #workLast = 0;

  constructor(
    accounts: Accounts,
    limits: Limits,
    live: Payments,
    identities: Identities,
    number: number,
    businessDate: number,
  ) {
    this.#accounts = accounts;
    this.#limits = limits;
    this.#live = live;
    this.#identities = identities;
    this.#number = number;
    this.#businessDate = businessDate;
  }

  apply(records: Uint8Array, count: number): Uint8Array {
    const input = new Int32Array(records.buffer, records.byteOffset, count * RECORD_WORDS);
    const amounts = new BigInt64Array(
      records.buffer,
      records.byteOffset,
      count * (RECORD_BYTES / 8),
    );
    this.#written = 0;
    for (let i = 0; i < count; i++) {
      this.#take(input, i * RECORD_WORDS, amounts[i * (RECORD_BYTES / 8) + 12] as bigint);
      this.#rescan();
    }
    if (!this.#accounts.addUp()) throw new Error('money is not conserved');
    return this.#events.subarray(0, this.#written * EVENT_BYTES);
  }

  #take(input: Int32Array, at: number, amount: bigint): void {
    const identities = this.#identities;
    const position = (input[at + 2] as number) >>> 0;
    this.#position = position;
    this.#timeLow = input[at + 4] as number;
    this.#timeHigh = input[at + 5] as number;
    const hash = identities.hash(input, at);
    const known = identities.find(input, at, hash);
    if (known !== 0) {
      if (!identities.sameDigest(input, at, known)) throw new Error('not in this case');
      const event = this.#write(EVENT_KINDS.repeated, input, at, amount);
      this.#words[event + 23] = identities.outcome[known] as number;
      this.#words[event + 8] = identities.positions[known] as number;
      return;
    }
    const identity = identities.add(input, at, hash, position);
    if (!this.#isInOrder(input, at, amount)) throw new Error('not in this case');
    const currency = (input[at + 19] as number) & 0xffff;
    const debit = this.#accounts.at(input[at + 20] as number, currency);
    const credit = this.#accounts.at(input[at + 21] as number, currency);
    const priority = ((input[at + 30] as number) >>> 8) & 0xff;
    const limit = this.#bilateral(debit, input[at + 21] as number);
    const back = this.#bilateral(credit, input[at + 20] as number);
    if (this.#nothingBefore(debit, priority) && this.#mayDebit(debit, amount, limit)) {
      this.#book(debit, credit, amount, limit, back);
      const event = this.#write(EVENT_KINDS.settled, input, at, amount);
      this.#addSettlement(event, ENTRY, debit, credit);
      identities.outcome[identity] = EVENT_KINDS.settled;
      return;
    }
    this.#queue(input, at, { debit, credit, amount, priority, limit, back, identity, position });
    this.#write(EVENT_KINDS.queued, input, at, amount);
    identities.outcome[identity] = EVENT_KINDS.queued;
  }

  /** The checks of a payment in one currency: form, sender, parties, amount and date. */
  #isInOrder(input: Int32Array, at: number, amount: bigint): boolean {
    const { participants, currencies } = this.#accounts;
    const kindAndCurrencies = input[at + 19] as number;
    const debtor = (input[at + 20] as number) >>> 0;
    const creditor = (input[at + 21] as number) >>> 0;
    const date = (input[at + 23] as number) >>> 0;
    return (
      ((input[at] as number) & 0xffff) === RECORD_KINDS.payment &&
      kindAndCurrencies >>> 16 === NONE16 &&
      (kindAndCurrencies & 0xffff) < currencies &&
      input[at + 1] === input[at + 20] &&
      debtor < participants &&
      creditor < participants &&
      debtor !== creditor &&
      (((input[at + 30] as number) >>> 8) & 0xff) <= NORMAL &&
      amount > 0n &&
      date > this.#businessDate - IDENTITY_DAYS &&
      date <= this.#businessDate
    );
  }

  #bilateral(account: number, counterparty: number): number {
    return ((this.#accounts.flags[account] as number) & 1) === 0
      ? 0
      : this.#limits.find(account, counterparty);
  }

  #counting(account: number, bilateral: number): number {
    return bilateral !== 0 ? bilateral : (this.#accounts.multilateral[account] as number);
  }

  #nothingBefore(account: number, priority: number): boolean {
    const { first } = this.#accounts;
    for (let c = 0; c <= priority; c++) if (first[account * 3 + c] !== 0) return false;
    return true;
  }

  #mayDebit(debit: number, amount: bigint, bilateral: number): boolean {
    const { balance, floor } = this.#accounts;
    // asIntN tells the compiler that 64 bits are enough: it then needs no BigInt on the heap.
    const after = BigInt.asIntN(64, (balance[debit] as bigint) - amount);
    if (after < (floor[debit] as bigint)) return false;
    const limit = this.#counting(debit, bilateral);
    if (limit === 0) return true;
    const { position, value } = this.#limits;
    return BigInt.asIntN(64, (position[limit] as bigint) + amount) <= (value[limit] as bigint);
  }

  #book(debit: number, credit: number, amount: bigint, limit: number, back: number): void {
    const { balance } = this.#accounts;
    const { position } = this.#limits;
    balance[debit] = BigInt.asIntN(64, (balance[debit] as bigint) - amount);
    balance[credit] = BigInt.asIntN(64, (balance[credit] as bigint) + amount);
    const out = this.#counting(debit, limit);
    if (out !== 0) position[out] = BigInt.asIntN(64, (position[out] as bigint) + amount);
    const into = this.#counting(credit, back);
    if (into !== 0) position[into] = BigInt.asIntN(64, (position[into] as bigint) - amount);
    this.#push(credit);
  }

  #push(account: number): void {
    const { listed, workNext } = this.#accounts;
    if (listed[account] !== 0) return;
    listed[account] = 1;
    workNext[account] = 0;
    if (this.#workLast !== 0) workNext[this.#workLast] = account;
    else this.#workFirst = account;
    this.#workLast = account;
  }

  #rescan(): void {
    const { listed, workNext } = this.#accounts;
    while (this.#workFirst !== 0) {
      const account = this.#workFirst;
      this.#workFirst = workNext[account] as number;
      if (this.#workFirst === 0) this.#workLast = 0;
      listed[account] = 0;
      this.#scan(account);
    }
  }

  #scan(account: number): void {
    const { first } = this.#accounts;
    const live = this.#live;
    for (;;) {
      let c = account * 3;
      if (first[c] === 0) c += first[c + 1] !== 0 ? 1 : 2;
      const head = first[c] as number;
      if (head === 0) return;
      const amount = live.amount[head] as bigint;
      const limit = live.limit[head] as number;
      if (!this.#mayDebit(account, amount, limit)) return;
      this.#leave(head, c);
      const credit = live.credit[head] as number;
      this.#book(account, credit, amount, limit, live.back[head] as number);
      this.#settleQueued(head, account, credit, amount);
    }
  }

  #queue(
    input: Int32Array,
    at: number,
    payment: {
      debit: number;
      credit: number;
      amount: bigint;
      priority: number;
      limit: number;
      back: number;
      identity: number;
      position: number;
    },
  ): void {
    const live = this.#live;
    const { first, last } = this.#accounts;
    const slot = live.draw();
    live.amount[slot] = payment.amount;
    live.debit[slot] = payment.debit;
    live.credit[slot] = payment.credit;
    live.priority[slot] = payment.priority;
    live.limit[slot] = payment.limit;
    live.back[slot] = payment.back;
    live.identity[slot] = payment.identity;
    for (let i = 0; i < 4; i++) live.words[slot * 6 + i] = input[at + 6 + i] as number;
    live.words[slot * 6 + 4] = payment.position;
    live.words[slot * 6 + 5] = (input[at + 18] as number) & 0xffff;
    const { queued, value } = this.#accounts;
    queued[payment.debit] = (queued[payment.debit] as number) + 1;
    value[payment.debit] = BigInt.asIntN(64, (value[payment.debit] as bigint) + payment.amount);
    const c = payment.debit * 3 + payment.priority;
    const before = last[c] as number;
    live.before[slot] = before;
    live.after[slot] = 0;
    if (before !== 0) live.after[before] = slot;
    else first[c] = slot;
    last[c] = slot;
  }

  #leave(slot: number, c: number): void {
    const { first, last } = this.#accounts;
    const { before, after } = this.#live;
    const b = before[slot] as number;
    const a = after[slot] as number;
    if (b !== 0) after[b] = a;
    else first[c] = a;
    if (a !== 0) before[a] = b;
    else last[c] = b;
  }

  #settleQueued(slot: number, debit: number, credit: number, amount: bigint): void {
    const live = this.#live;
    const { participant, currency } = this.#accounts;
    const words = this.#words;
    const event = this.#head(EVENT_KINDS.settled);
    const type = live.words[slot * 6 + 5] as number;
    words[event + 7] = QUEUE | ((live.priority[slot] as number) << 8) | (type << 16);
    words[event + 8] = live.words[slot * 6 + 4] as number;
    for (let i = 0; i < 4; i++) words[event + 10 + i] = live.words[slot * 6 + i] as number;
    words[event + 14] = participant[debit] as number;
    words[event + 15] = participant[credit] as number;
    words[event + 17] = (currency[debit] as number) | (NONE16 << 16);
    this.#longs[event / 2 + 9] = amount;
    this.#addSettlement(event, QUEUE, debit, credit);
    this.#identities.outcome[live.identity[slot] as number] = EVENT_KINDS.settled;
    live.free(slot);
    const { queued, value } = this.#accounts;
    queued[debit] = (queued[debit] as number) - 1;
    value[debit] = BigInt.asIntN(64, (value[debit] as bigint) - amount);
  }

  /** Head of an event, all else zero or none; the word at which it begins. */
  #head(kind: number): number {
    if (this.#written * EVENT_BYTES === this.#events.length) this.#grow();
    const words = this.#words;
    const event = this.#written * EVENT_WORDS;
    this.#written += 1;
    this.#number += 1;
    words.fill(0, event, event + EVENT_WORDS);
    words[event] = this.#number;
    words[event + 2] = this.#position;
    words[event + 4] = this.#timeLow;
    words[event + 5] = this.#timeHigh;
    words[event + 6] = kind;
    words[event + 8] = this.#position;
    words[event + 16] = NONE32;
    return event;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#events.length * 2);
    larger.set(this.#events);
    this.#events = larger;
    this.#words = new Int32Array(larger.buffer);
    this.#longs = new BigInt64Array(larger.buffer);
  }

  #write(kind: number, input: Int32Array, at: number, amount: bigint): number {
    const words = this.#words;
    const event = this.#head(kind);
    const out = this.#words === words ? words : this.#words;
    const priority = ((input[at + 30] as number) >>> 8) & 0xff;
    out[event + 7] = (priority << 8) | (((input[at + 18] as number) & 0xffff) << 16);
    for (let i = 0; i < 4; i++) out[event + 10 + i] = input[at + 6 + i] as number;
    out[event + 14] = input[at + 20] as number;
    out[event + 15] = input[at + 21] as number;
    out[event + 17] = ((input[at + 19] as number) & 0xffff) | (NONE16 << 16);
    this.#longs[event / 2 + 9] = amount;
    return event;
  }

  #addSettlement(event: number, mechanism: number, debit: number, credit: number): void {
    const { balance } = this.#accounts;
    this.#words[event + 7] = ((this.#words[event + 7] as number) & ~0xff) | mechanism;
    this.#longs[event / 2 + 12] = balance[debit] as bigint;
    this.#longs[event / 2 + 13] = balance[credit] as bigint;
  }
}

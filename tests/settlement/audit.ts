import assert from 'node:assert/strict';
import { NONE32, RECORD_KINDS } from '../../services/core/settlement/records.ts';
import type { FlatEvent } from '../core/flat-events.ts';
import type { FlatRecord } from './flat-records.ts';

interface Account {
  balance: bigint;
  line: bigint;
  secured: bigint;
  readonly reserved: [bigint, bigint];
}

interface Leg {
  readonly from: string;
  readonly to: string;
  readonly debtor: number;
  readonly creditor: number;
  readonly amount: bigint;
}

/**
 * An auditor: keeps books from the events alone, as a bank or an overseer could, and asserts what
 * must hold whatever the mechanism: money adds up, no one pays what it has not, what is reserved and
 * what is limited is respected, times are kept, a payment ends once.
 */
export class Audit {
  readonly #accounts = new Map<string, Account>();
  readonly #limits = new Map<string, { value: bigint; position: bigint }>();
  readonly #records = new Map<number, FlatRecord>();
  readonly #ended = new Set<number>();
  /** Of each limit that a set touched: its position before the record. */
  readonly #before = new Map<string, bigint>();
  /** Settlements looked at, by what was there to be respected. */
  readonly seen = { limits: 0, reservations: 0, times: 0 };

  note(record: FlatRecord): void {
    const { payment, pvpLeg } = RECORD_KINDS;
    if (record.kind === payment || record.kind === pvpLeg || record.kind === RECORD_KINDS.return)
      this.#records.set(Number(record.position), record);
    this.#before.clear();
  }

  #account(name: string): Account {
    const account = this.#accounts.get(name);
    assert.ok(account, `account ${name} was never opened`);
    return account;
  }

  take(event: FlatEvent): void {
    const name = `${event.debtorAgent}/${event.currency1}`;
    const [balance1, balance2] = event.balances;
    switch (event.kind) {
      case 'accountOpened': {
        const { amount1: balance, amount2: line } = event;
        this.#accounts.set(name, { balance, line, secured: 0n, reserved: [0n, 0n] });
        return;
      }
      case 'creditLineSet':
        this.#account(name).line = event.amount1;
        return;
      case 'collateralSet':
        this.#account(name).secured = balance2 - this.#account(name).line;
        return;
      case 'issued':
      case 'redeemed':
        this.#account(name).balance += event.kind === 'issued' ? event.amount1 : -event.amount1;
        assert.equal(this.#account(name).balance, balance1);
        return;
      case 'netted':
      case 'lossShared':
        this.#account(name).balance = balance1;
        return;
      case 'reservationSet':
        this.#account(name).reserved[event.priority as 0 | 1] = event.amount1;
        return;
      case 'limitSet':
        this.#setLimit(`${name}/${event.creditorAgent}`, event);
        return;
      case 'cancelled':
      case 'unwound':
        this.#end(event);
        return;
      case 'settled':
        this.#end(event);
        this.#settle(event);
    }
  }

  #setLimit(key: string, { amount1: value, balances }: FlatEvent): void {
    const limit = this.#limits.get(key);
    // What came before counts against the figure that it had, what comes after against the new one.
    this.#judge(key);
    this.#before.delete(key);
    if (value === -1n) this.#limits.delete(key);
    else if (limit === undefined) this.#limits.set(key, { value, position: 0n });
    else {
      limit.value = value;
      assert.equal(balances[0], limit.position, `position of limit ${key}`);
    }
  }

  #end({ paymentPosition }: FlatEvent): void {
    assert.ok(!this.#ended.has(paymentPosition), `payment ${paymentPosition} ended twice`);
    this.#ended.add(paymentPosition);
  }

  #settle(event: FlatEvent): void {
    const record = this.#records.get(event.paymentPosition);
    assert.ok(record, `payment ${event.paymentPosition} never came`);
    // Its net was booked by `netted`, and its times counted up to its acceptance.
    if (event.mechanism === 'deferredNet') return;
    const dayMs = (record.date - 1) * 86_400_000;
    if (record.earliest !== 0) assert.ok(event.timeMs >= dayMs + record.earliest * 1000);
    if (record.latest !== 0) assert.ok(event.timeMs < dayMs + record.latest * 1000);
    if (record.earliest + record.latest !== 0) this.seen.times += 1;
    const isAlone = event.mechanism === 'entry' || event.mechanism === 'queue';
    for (const leg of legsOf(event)) this.#book(leg, event.priority, isAlone);
    if (isAlone && record.kind === RECORD_KINDS.payment)
      assert.equal(
        this.#account(`${event.debtorAgent}/${event.currency1}`).balance,
        event.balances[0],
      );
  }

  #book(leg: Leg, priority: number, isAlone: boolean): void {
    const debit = this.#account(leg.from);
    debit.balance -= leg.amount;
    this.#account(leg.to).balance += leg.amount;
    this.#count(leg.from, leg.creditor, leg.amount, isAlone);
    this.#count(leg.to, leg.debtor, -leg.amount, false);
    const higher = debit.reserved.slice(0, priority).reduce((sum, amount) => sum + amount, 0n);
    if (isAlone) {
      assert.ok(debit.balance + debit.line + debit.secured >= higher, `${leg.from} paid too much`);
      if (higher > 0n) this.seen.reservations += 1;
    }
    const own = debit.reserved[priority as 0 | 1];
    if (own !== undefined)
      debit.reserved[priority as 0 | 1] = own > leg.amount ? own - leg.amount : 0n;
  }

  #count(account: string, counterparty: number, amount: bigint, isAlone: boolean): void {
    const bilateral = `${account}/${counterparty}`;
    const key = this.#limits.has(bilateral) ? bilateral : `${account}/${NONE32}`;
    const limit = this.#limits.get(key);
    if (limit === undefined) return;
    if (!this.#before.has(key)) this.#before.set(key, limit.position);
    limit.position += amount;
    if (!isAlone) return;
    assert.ok(limit.position <= limit.value, `limit ${key} passed`);
    this.seen.limits += 1;
  }

  /** After a record's events: what a set that settled at once must respect as a whole. */
  close(): void {
    for (const key of this.#before.keys()) this.#judge(key);
  }

  #judge(key: string): void {
    const limit = this.#limits.get(key);
    const before = this.#before.get(key);
    if (limit !== undefined && before !== undefined)
      assert.ok(limit.position <= limit.value || limit.position <= before, `limit ${key} passed`);
  }

  balances(): ReadonlyMap<string, { readonly balance: bigint }> {
    return this.#accounts;
  }
}

/** The legs that an event books: debtor to creditor, or through the dealer in two currencies. */
function legsOf(event: FlatEvent): readonly Leg[] {
  const { debtorAgent: debtor, creditorAgent: creditor, dealer, currency1, currency2 } = event;
  const leg = (debit: number, credit: number, currency: number, amount: bigint): Leg => ({
    ...{ from: `${debit}/${currency}`, to: `${credit}/${currency}` },
    ...{ debtor: debit, creditor: credit, amount },
  });
  if (dealer === NONE32) return [leg(debtor, creditor, currency1, event.amount1)];
  return [
    leg(debtor, dealer, currency1, event.amount1),
    leg(dealer, creditor, currency2, event.amount2),
  ];
}

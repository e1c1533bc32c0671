/**
 * Payments that wait, in the order in which they joined, as numbers in columns: millions of looks at them
 * are taken in a day, and objects would be fetched from all over the memory for each.
 */

import type { LedgerBook } from '../../analysis/credit-and-limits-book.ts';
import { ExactSum } from '../../analysis/exact-sum.ts';
import { double } from '../../analysis/growing-typed-arrays.ts';
import { type AccountKey, accountKey, currencyOfKey } from '../../analysis/ledger.ts';

/** What holds a payment up, by number; then two numbers for each account: its funds, its limit. */
export const [MIRROR, CLOSED, RULES] = [0, 1, 2] as const;
const FIRST_ACCOUNT = 3;
/** Where a number may be absent: no account, no holder. */
export const NOBODY = -1;

export const byFunds = (account: number) => FIRST_ACCOUNT + 2 * account;
export const byLimit = (account: number) => FIRST_ACCOUNT + 2 * account + 1;

/** What an account's number stands for. */
export const heldBy = (holder: number) => ({
  account: Math.floor((holder - FIRST_ACCOUNT) / 2),
  by: (holder - FIRST_ACCOUNT) % 2 === 0 ? ('funds' as const) : ('limit' as const),
});

/** The accounts that waiting payments debit, numbered as they come. */
export class DebitedAccounts {
  readonly keys: AccountKey[] = [];
  /** Payments that debit it and wait. */
  readonly waiting: number[] = [];
  /** What held the first of them at the last look, or since. */
  readonly first: number[] = [];
  /** Whether its currency is open. */
  readonly isOpen: boolean[] = [];
  /** What the class that is looked at can be paid with: x 2^32, and the rest. */
  readonly #high: number[] = [];
  readonly #low: number[] = [];
  /** Of which look these are. */
  readonly #lookedAt: number[] = [];
  /** By currency and debtor: each payment that begins to wait asks. */
  readonly #numbers: (number | undefined)[][] = [];
  readonly #open = new Set<number>();
  readonly #funds = new ExactSum();
  #looks = 0;
  #ledger: LedgerBook | null = null;
  #priority = 0;

  of(debtor: number, currency: number): number {
    this.#numbers[currency] ??= [];
    const inCurrency = this.#numbers[currency] as (number | undefined)[];
    let number = inCurrency[debtor];
    if (number === undefined) {
      number = this.keys.length;
      inCurrency[debtor] = number;
      this.keys.push(accountKey(debtor, currency));
      this.waiting.push(0);
      this.first.push(NOBODY);
      this.isOpen.push(this.#open.has(currency));
      this.#high.push(0);
      this.#low.push(0);
      this.#lookedAt.push(0);
    }
    return number;
  }

  open(currency: number, isOpen: boolean): void {
    if (isOpen) this.#open.add(currency);
    else this.#open.delete(currency);
    for (const [number, key] of this.keys.entries())
      if (currencyOfKey(key) === currency) this.isOpen[number] = isOpen;
  }

  forgetFirst(): void {
    this.first.fill(NOBODY);
  }

  /** From now on funds are what a class has in the ledger as it stands, each taken once. */
  lookAt(ledger: LedgerBook, priority: number): void {
    this.#ledger = ledger;
    this.#priority = priority;
    this.#looks += 1;
  }

  /** What holds the first of those up that debit an account; NOBODY: none waits, or none was looked at. */
  firstHolder(account: number): number {
    return this.waiting[account] === 0 ? NOBODY : (this.first[account] as number);
  }

  isShort(account: number, high: number, low: number): boolean {
    if (this.#lookedAt[account] !== this.#looks) this.#take(account);
    const own = this.#high[account] as number;
    return own === high ? (this.#low[account] as number) < low : own < high;
  }

  #take(account: number): void {
    const funds = this.#funds;
    this.#ledger?.sumAvailable(this.keys[account] as AccountKey, this.#priority, funds);
    this.#high[account] = funds.high;
    this.#low[account] = funds.low;
    this.#lookedAt[account] = this.#looks;
  }
}

/** What a waiting payment debits an account by: x 2^32, and the rest. */
export interface Debit {
  readonly account: number;
  readonly high: number;
  readonly low: number;
}

const FIRST_PLACES = 1024;
/** In `accounts2`: a leg of a chain, which is judged with the others. */
const CHAINED = -4;
/** In `accounts`: nobody stands there any more. */
const GONE = -2;
/** In `accounts`: it looks for its mirror. */
const LOOKING = -3;

/** What of a payment stands in no columns. */
export interface Judge<Payment> {
  /** Whether anybody has a limit: where nobody has, none is looked for. */
  readonly hasLimits: boolean;
  /** The account whose owner's limit a payment exceeds; null: none. */
  exceedsLimit(payment: Payment): number | null;
  /** What holds a leg up with all of its chain. */
  holderOfChain(payment: Payment): number;
}

/** One class of payments that wait. Each debits one account, or two; or it is a leg of a chain. */
export class WaitingLine<Payment extends { place: number; holder: number }> {
  #payments: (Payment | null)[] = [];
  readonly #of = {
    accounts: new Int32Array(FIRST_PLACES),
    highs: new Int32Array(FIRST_PLACES),
    lows: new Uint32Array(FIRST_PLACES),
    /** NOBODY: no second one; CHAINED. */
    accounts2: new Int32Array(FIRST_PLACES),
    highs2: new Int32Array(FIRST_PLACES),
    lows2: new Uint32Array(FIRST_PLACES),
    holders: new Int32Array(FIRST_PLACES),
  };
  #gone = 0;

  /**
   * At its end.
   * @param debits none while it looks for its mirror
   * @param isChained whether it is a leg of a complete chain
   */
  add(payment: Payment, debits: readonly Debit[], isChained = false): void {
    const place = this.#payments.length;
    if (place === this.#of.accounts.length) double(this.#of);
    payment.place = place;
    this.#payments.push(payment);
    const of = this.#of;
    const first = debits[0];
    const second = debits[1];
    of.accounts[place] = first ? first.account : LOOKING;
    of.highs[place] = first ? first.high : 0;
    of.lows[place] = first ? first.low : 0;
    of.accounts2[place] = second ? second.account : isChained ? CHAINED : NOBODY;
    of.highs2[place] = second ? second.high : 0;
    of.lows2[place] = second ? second.low : 0;
    of.holders[place] = payment.holder;
  }

  remove(place: number): void {
    this.#payments[place] = null;
    this.#of.accounts[place] = GONE;
    this.#gone += 1;
    if (this.#gone > FIRST_PLACES && 2 * this.#gone > this.#payments.length) this.#closeUp();
  }

  *all(): Generator<Payment, void> {
    for (const payment of this.#payments) if (payment) yield payment;
  }

  /** Looks at all in their order, and tells which are held up by another now. */
  look(
    accounts: DebitedAccounts,
    judge: Judge<Payment>,
    changed: (payment: Payment, holder: number) => void,
  ): void {
    const { first } = accounts;
    for (let place = 0; place < this.#payments.length; place++) {
      const account = this.#of.accounts[place] as number;
      if (account < 0) continue;
      const holder = this.#holderAt(place, accounts, judge);
      if (holder !== this.#of.holders[place]) {
        this.#of.holders[place] = holder;
        changed(this.#payments[place] as Payment, holder);
      }
      if (first[account] === NOBODY) first[account] = holder;
      const account2 = this.#of.accounts2[place] as number;
      if (account2 >= 0 && first[account2] === NOBODY) first[account2] = holder;
    }
  }

  /** What holds one of them up now. */
  lookAt(place: number, accounts: DebitedAccounts, judge: Judge<Payment>): number {
    const holder = this.#holderAt(place, accounts, judge);
    this.#of.holders[place] = holder;
    return holder;
  }

  #holderAt(place: number, accounts: DebitedAccounts, judge: Judge<Payment>): number {
    const account = this.#of.accounts[place] as number;
    const account2 = this.#of.accounts2[place] as number;
    if (account2 === CHAINED) return judge.holderOfChain(this.#payments[place] as Payment);
    const isAlone = account2 === NOBODY;
    if (!accounts.isOpen[account] || !(isAlone || accounts.isOpen[account2])) return CLOSED;
    if (accounts.isShort(account, this.#of.highs[place] as number, this.#of.lows[place] as number))
      return byFunds(account);
    if (!isAlone) {
      const high = this.#of.highs2[place] as number;
      if (accounts.isShort(account2, high, this.#of.lows2[place] as number))
        return byFunds(account2);
    }
    if (judge.hasLimits) {
      const exceeded = judge.exceedsLimit(this.#payments[place] as Payment);
      if (exceeded !== null) return byLimit(exceeded);
    }
    if (accounts.first[account] !== NOBODY) return accounts.first[account] as number;
    if (!isAlone && accounts.first[account2] !== NOBODY) return accounts.first[account2] as number;
    return RULES;
  }

  /** Where more than half are gone. */
  #closeUp(): void {
    let next = 0;
    const from = new Uint32Array(this.#payments.length);
    for (let place = 0; place < this.#payments.length; place++) {
      const payment = this.#payments[place];
      if (!payment) continue;
      this.#payments[next] = payment;
      from[next] = place;
      payment.place = next++;
    }
    this.#payments.length = next;
    for (const column of Object.values(this.#of))
      for (let place = 0; place < next; place++)
        column[place] = column[from[place] as number] as number;
    this.#gone = 0;
  }
}

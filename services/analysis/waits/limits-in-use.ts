import type { EventOf } from '../../core/settlement/settlement-event.ts';
import { type AccountKey, accountKey } from '../ledger.ts';

interface Limit {
  limit: bigint;
  position: bigint;
}

/** Multilateral: against all without a bilateral one. */
const ALL = -1;

/**
 * The limits and reservations of accounts, and what has been used of them: from the events alone.
 * What deferred net settlement books uses neither.
 */
export class LimitsInUse {
  readonly #limits = new Map<AccountKey, Map<number, Limit>>();
  readonly #reserved = new Map<AccountKey, [bigint, bigint]>();
  /** What each leg that is set aside was counted on, by the position of its record. */
  readonly #countedOn = new Map<number, Limit>();

  /** Whether the account has any. */
  bounds(account: AccountKey): boolean {
    return this.#limits.has(account) || this.#reserved.has(account);
  }

  set({ participant, currency, counterparty, limit }: EventOf<'limitSet'>): void {
    const key = accountKey(participant, currency);
    const own = this.#limits.get(key) ?? new Map<number, Limit>();
    const against = counterparty ?? ALL;
    const known = own.get(against);
    if (limit === null) own.delete(against);
    else if (known) known.limit = limit;
    else own.set(against, { limit, position: 0n });
    if (own.size > 0) this.#limits.set(key, own);
    else this.#limits.delete(key);
  }

  reserve({ participant, currency, priority, amount }: EventOf<'reservationSet'>): void {
    this.#keep(accountKey(participant, currency), priority, amount);
  }

  #keep(key: AccountKey, priority: number, amount: bigint): void {
    const own = this.#reserved.get(key) ?? [0n, 0n];
    own[priority] = amount;
    if (own[0] + own[1] > 0n) this.#reserved.set(key, own);
    else this.#reserved.delete(key);
  }

  /** A leg of a payment of this class is booked. */
  book(currency: number, debtor: number, creditor: number, amount: bigint, priority: number): void {
    this.#use(currency, debtor, creditor, amount, priority);
    this.#countIn(currency, debtor, creditor, amount);
  }

  /** The money of a leg is set aside: it uses what the debtor's side of a booking uses. */
  setAside(event: EventOf<'earmarked'>): void {
    const { paymentPosition, currency1, debtorAgent, creditorAgent, amount1, priority } = event;
    const limit = this.#use(currency1, debtorAgent, creditorAgent, amount1, priority);
    if (limit) this.#countedOn.set(paymentPosition, limit);
  }

  /** What was set aside is booked: the creditor's limits count it now. */
  bookSetAside(event: EventOf<'settled'>): void {
    this.#countedOn.delete(event.paymentPosition);
    this.#countIn(event.currency1, event.debtorAgent, event.creditorAgent, event.amount1);
  }

  /** What was set aside is free again, on the very limit that counted it; a reservation that it used stays used. */
  release({ paymentPosition, amount1 }: EventOf<'released'>): void {
    const limit = this.#countedOn.get(paymentPosition);
    if (limit) limit.position -= amount1;
    this.#countedOn.delete(paymentPosition);
  }

  #countIn(currency: number, debtor: number, creditor: number, amount: bigint): void {
    if (this.#limits.size === 0) return;
    const into = this.#thatCounts(accountKey(creditor, currency), debtor);
    if (into) into.position -= amount;
  }

  /** What the debtor's side of a booking uses; its limit, if one counts it. */
  #use(
    currency: number,
    debtor: number,
    creditor: number,
    amount: bigint,
    priority: number,
  ): Limit | undefined {
    const account = accountKey(debtor, currency);
    const limit = this.#limits.size > 0 ? this.#thatCounts(account, creditor) : undefined;
    if (limit) limit.position += amount;
    if (priority > 1 || this.#reserved.size === 0) return limit;
    const kept = this.#reserved.get(account)?.[priority as 0 | 1];
    if (kept !== undefined) this.#keep(account, priority, kept > amount ? kept - amount : 0n);
    return limit;
  }

  #thatCounts(account: AccountKey, counterparty: number): Limit | undefined {
    const own = this.#limits.get(account);
    return own?.get(counterparty) ?? own?.get(ALL);
  }

  /** What a payment of this class may not touch. */
  reservedAgainst(account: AccountKey, priority: number): bigint {
    const own = this.#reserved.get(account);
    if (!own || priority === 0) return 0n;
    return priority === 1 ? own[0] : own[0] + own[1];
  }

  /**
   * By how much a debit would exceed the limit that it counts on; null: it does not.
   * @param toCreditor what of it the creditor gets, where others get something too
   */
  excess(
    account: AccountKey,
    creditor: number,
    amount: bigint,
    toCreditor = amount,
  ): { readonly kind: 'bilateralLimit' | 'multilateralLimit'; readonly amount: bigint } | null {
    const own = this.#limits.get(account);
    const bilateral = own?.get(creditor);
    const counts = bilateral ?? own?.get(ALL);
    if (!counts) return null;
    const over = counts.position + (bilateral ? toCreditor : amount) - counts.limit;
    if (over <= 0n) return null;
    return { kind: bilateral ? 'bilateralLimit' : 'multilateralLimit', amount: over };
  }
}

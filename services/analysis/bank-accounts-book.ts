import type { QueueLeg } from '../core/settlement/queue-state.ts';
import type { EventTerms, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { LedgerBook, legsOf } from './credit-and-limits-book.ts';
import { type AccountKey, accountKey } from './ledger.ts';

/** Payments that have not ended, and what they come to. */
export interface Pending {
  readonly count: number;
  readonly amount: bigint;
}

/** One account as its bank sees it, minor units. */
export interface BankAccount {
  readonly participant: number;
  readonly currency: number;
  readonly balance: bigint;
  /** The credit line. */
  readonly creditLine: bigint;
  /** What collateral gives beside it, after its haircut. */
  readonly collateral: bigint;
  /** Kept for urgent, and for urgent and high payments. */
  readonly reservedUrgent: bigint;
  readonly reservedHigh: bigint;
  /** What is set aside of the balance for chains. */
  readonly earmarked: bigint;
  /** Balance and credit less what is set aside and reserved: what a normal payment can be paid with. */
  readonly available: bigint;
  /** Payments that debit or credit the account and wait or are accepted: for funds, an opening, a cycle, ... */
  readonly pendingDebits: Pending;
  readonly pendingCredits: Pending;
}

const NOTHING: Pending = { count: 0, amount: 0n };
const NO_LEGS: readonly QueueLeg[] = [];

/**
 * The accounts of a pool as its banks see them, from its events alone: what the ledger has of each, and what
 * waits to be booked on it.
 */
export class AccountsBook {
  readonly #ledger = new LedgerBook(false);
  /** By the position of the payment's record. */
  readonly #open = new Map<number, readonly QueueLeg[]>();
  readonly #debits = new Map<AccountKey, Pending>();
  readonly #credits = new Map<AccountKey, Pending>();

  take(event: SettlementEvent): void {
    this.#ledger.take(event);
    switch (event.kind) {
      case 'queued':
      case 'accepted':
      case 'matched':
        if (!this.#open.has(event.paymentPosition)) this.#begin(event);
        return;
      case 'settled':
      case 'cancelled':
      case 'unwound':
        if (this.#open.size > 0) this.#end(event.paymentPosition);
    }
  }

  /** Those of a participant, in the order in which they were opened. */
  *of(participant: number): Generator<BankAccount, void> {
    for (const key of this.#ledger.keys()) {
      const account = this.#ledger.account(key);
      if (account?.participant === participant) yield this.#state(key);
    }
  }

  account(participant: number, currency: number): BankAccount | undefined {
    const key = accountKey(participant, currency);
    return this.#ledger.account(key) && this.#state(key);
  }

  #state(key: AccountKey): BankAccount {
    const account = this.#ledger.account(key);
    if (!account) throw new RangeError(`no account was opened as ${key}`);
    const { participant, currency, balance, earmarked, creditLine, collateral } = account;
    const at = (priority: number) => this.#ledger.available(key, priority) as bigint;
    return {
      ...{ participant, currency, balance, earmarked, creditLine, collateral },
      reservedUrgent: at(0) - at(1),
      reservedHigh: at(1) - at(2),
      available: at(2),
      pendingDebits: this.#debits.get(key) ?? NOTHING,
      pendingCredits: this.#credits.get(key) ?? NOTHING,
    };
  }

  #begin(terms: EventTerms & { readonly paymentPosition: number }): void {
    const legs = legsOf(terms);
    this.#open.set(terms.paymentPosition, legs);
    this.#count(legs, 1);
  }

  #end(paymentPosition: number): void {
    const legs = this.#open.get(paymentPosition) ?? NO_LEGS;
    if (legs.length === 0) return;
    this.#open.delete(paymentPosition);
    this.#count(legs, -1);
  }

  #count(legs: readonly QueueLeg[], by: 1 | -1): void {
    for (const { debtor, creditor, currency, amount } of legs) {
      const signed = by === 1 ? amount : -amount;
      add(this.#debits, accountKey(debtor, currency), by, signed);
      add(this.#credits, accountKey(creditor, currency), by, signed);
    }
  }
}

function add(
  pending: Map<AccountKey, Pending>,
  key: AccountKey,
  count: number,
  amount: bigint,
): void {
  const before = pending.get(key) ?? NOTHING;
  pending.set(key, { count: before.count + count, amount: before.amount + amount });
}

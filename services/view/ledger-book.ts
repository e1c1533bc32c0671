import type { Shortage } from '../analysis/queues/queue-set.ts';
import type { EventView } from '../core/settlement/event-reader.ts';
import { NO_CURRENCY } from '../core/settlement/events.ts';
import type { QueueAccount, QueueLeg, QueueLimit } from '../core/settlement/queue-state.ts';
import { NONE32 } from '../core/settlement/records.ts';

/** An account's name by handles; currencies have 16 bits. */
export type AccountKey = number;
export const accountKey = (participant: number, currency: number): AccountKey =>
  participant * 0x10000 + currency;

export interface Account {
  readonly participant: number;
  readonly currency: number;
  balance: bigint;
  /** The highest that it was. */
  peak: bigint;
  line: bigint;
  /** Capacity beside the line: of collateral after its haircut. */
  collateral: bigint;
  /** For the urgent and for the high class. */
  reserved: [bigint, bigint];
}

interface Limit {
  readonly participant: number;
  readonly currency: number;
  readonly counterparty: number | null;
  limit: bigint;
  position: bigint;
}

/**
 * Accounts, credit, reservations and limits of one pool, from the events alone: definitions in
 * docs/settlement.md. Balances are those that events state; between two messages of events they
 * add up, in each currency, to what was put in.
 */
export class LedgerBook {
  readonly #accounts = new Map<AccountKey, Account>();
  readonly #limits = new Map<string, Limit>();
  /** By currency: sum of the balances, and of what was opened and issued less what was redeemed. */
  readonly #held = new Map<number, bigint>();
  readonly #putIn = new Map<number, bigint>();
  /** Accounts that changed since they were last asked for. */
  readonly changed = new Set<AccountKey>();

  keys(): IterableIterator<AccountKey> {
    return this.#accounts.keys();
  }

  account(key: AccountKey): Account | undefined {
    return this.#accounts.get(key);
  }

  isConserved(currency: number): boolean {
    return (this.#held.get(currency) ?? 0n) === (this.#putIn.get(currency) ?? 0n);
  }

  take(event: EventView): void {
    const { kind, debtorAgent, currency1, amount1, balances } = event;
    switch (kind) {
      case 'accountOpened':
        this.#open(event);
        return;
      case 'creditLineSet':
        this.#at(debtorAgent, currency1).line = amount1;
        return;
      case 'collateralSet': {
        const account = this.#at(debtorAgent, currency1);
        account.collateral = balances[1] - account.line;
        return;
      }
      case 'issued':
      case 'redeemed':
        this.#put(currency1, kind === 'issued' ? amount1 : -amount1);
        this.#state(debtorAgent, currency1, balances[0]);
        return;
      case 'netted':
      case 'lossShared':
      case 'defaulted':
        this.#state(debtorAgent, currency1, balances[0]);
        return;
      case 'limitSet':
        this.#limit(event);
        return;
      case 'reservationSet':
        this.#at(debtorAgent, currency1).reserved[event.priority === 0 ? 0 : 1] = amount1;
        return;
      case 'settled':
        this.#settled(event);
    }
  }

  #open({ debtorAgent, currency1, amount1, amount2, balances }: EventView): void {
    const account = this.#at(debtorAgent, currency1);
    account.line = amount2;
    this.#put(currency1, amount1);
    this.#state(debtorAgent, currency1, balances[0]);
  }

  #at(participant: number, currency: number): Account {
    const key = accountKey(participant, currency);
    let account = this.#accounts.get(key);
    if (!account) {
      account = {
        ...{ participant, currency, balance: 0n, peak: 0n, line: 0n, collateral: 0n },
        reserved: [0n, 0n],
      };
      this.#accounts.set(key, account);
    }
    this.changed.add(key);
    return account;
  }

  #put(currency: number, amount: bigint): void {
    this.#putIn.set(currency, (this.#putIn.get(currency) ?? 0n) + amount);
  }

  #state(participant: number, currency: number, balance: bigint): void {
    const account = this.#at(participant, currency);
    this.#held.set(currency, (this.#held.get(currency) ?? 0n) + balance - account.balance);
    account.balance = balance;
    if (balance > account.peak) account.peak = balance;
  }

  #settled(event: EventView): void {
    const { debtorAgent, creditorAgent, dealer, currency1, currency2, balances } = event;
    this.#state(debtorAgent, currency1, balances[0]);
    if (currency2 === NO_CURRENCY) this.#state(creditorAgent, currency1, balances[1]);
    else {
      this.#state(creditorAgent, currency2, balances[1]);
      this.#state(dealer, currency1, balances[2]);
      this.#state(dealer, currency2, balances[3]);
    }
    // Reservations and limits bind the gross stream alone.
    if (event.mechanism === 'deferredNet') return;
    for (const leg of legsOf(event)) {
      this.#use(leg, event.priority);
      if (this.#limits.size > 0) this.#count(leg);
    }
  }

  #use({ debtor, currency, amount }: QueueLeg, priority: number): void {
    if (priority > 1) return;
    const { reserved } = this.#at(debtor, currency);
    const own = priority === 0 ? 0 : 1;
    reserved[own] = reserved[own] > amount ? reserved[own] - amount : 0n;
  }

  /** A leg counts out for its debtor and in for its creditor, on the limits that are there now. */
  #count({ debtor, creditor, currency, amount }: QueueLeg): void {
    const out = this.#limitOn(debtor, currency, creditor);
    const back = this.#limitOn(creditor, currency, debtor);
    if (out) out.position += amount;
    if (back) back.position -= amount;
  }

  #limitOn(owner: number, currency: number, other: number): Limit | undefined {
    return (
      this.#limits.get(`${owner}/${currency}/${other}`) ??
      this.#limits.get(`${owner}/${currency}/all`)
    );
  }

  /** By how much a leg exceeds the limit that it counts on. */
  limitShortage({ debtor, creditor, currency, amount }: QueueLeg): Shortage | null {
    const limit = this.#limitOn(debtor, currency, creditor);
    if (!limit || limit.position + amount <= limit.limit) return null;
    const { counterparty } = limit;
    const by = counterparty === null ? 'multilateralLimit' : 'bilateralLimit';
    const short = limit.position + amount - limit.limit;
    return { by, participant: debtor, currency, counterparty, amount: short };
  }

  /** By how much a leg of this class is more than its debtor can pay now. */
  balanceShortage({ debtor, currency, amount }: QueueLeg, priority: number): Shortage | null {
    const account = this.#accounts.get(accountKey(debtor, currency));
    if (!account) return null;
    const { balance, line, collateral, reserved } = account;
    const kept = (priority > 0 ? reserved[0] : 0n) + (priority > 1 ? reserved[1] : 0n);
    const short = amount - (balance + line + collateral - kept);
    if (short <= 0n) return null;
    return { by: 'balance', participant: debtor, currency, counterparty: null, amount: short };
  }

  #limit({ debtorAgent, creditorAgent, currency1, amount1 }: EventView): void {
    const counterparty = creditorAgent === NONE32 ? null : creditorAgent;
    const name = `${debtorAgent}/${currency1}/${counterparty ?? 'all'}`;
    const known = this.#limits.get(name);
    this.changed.add(accountKey(debtorAgent, currency1));
    if (amount1 < 0n) this.#limits.delete(name);
    else if (known) known.limit = amount1;
    else
      this.#limits.set(name, {
        ...{ participant: debtorAgent, currency: currency1, counterparty },
        ...{ limit: amount1, position: 0n },
      });
  }

  /** As services/core reads them out of a core. */
  queueAccounts(): QueueAccount[] {
    return [...this.#accounts.values()].map((account) => ({
      participant: account.participant,
      currency: account.currency,
      balance: account.balance,
      creditLine: account.line + account.collateral,
      reserved: [...account.reserved],
    }));
  }

  queueLimits(): QueueLimit[] {
    return [...this.#limits.values()].map((limit) => ({ ...limit }));
  }
}

/** What a settlement debits and credits. */
export function legsOf(
  event: Pick<
    EventView,
    'debtorAgent' | 'creditorAgent' | 'dealer' | 'currency1' | 'currency2' | 'amount1' | 'amount2'
  >,
): QueueLeg[] {
  const { debtorAgent, creditorAgent, dealer, currency1, currency2, amount1, amount2 } = event;
  if (currency2 === NO_CURRENCY)
    return [{ debtor: debtorAgent, creditor: creditorAgent, currency: currency1, amount: amount1 }];
  return [
    { debtor: debtorAgent, creditor: dealer, currency: currency1, amount: amount1 },
    { debtor: dealer, creditor: creditorAgent, currency: currency2, amount: amount2 },
  ];
}

import type { HeldUpBy } from '../../core/settlement/events.ts';
import type {
  QueueAccount,
  QueuedPayment,
  QueueLeg,
  QueueLimit,
  QueueState,
} from '../../core/settlement/queue-state.ts';
import { type AccountKey, accountKey } from '../ledger.ts';
import { accountAcross, excessAcross } from './cross-currency-limits.ts';

/** A balance, or a limit, that a set of payments leaves worse off than is allowed. */
export interface Shortage {
  readonly by: Exclude<HeldUpBy, 'none'>;
  readonly participant: number;
  readonly currency: number;
  /** Of a bilateral limit. */
  readonly counterparty: number | null;
  /** In minor units, above 0. */
  readonly amount: bigint;
}

export type AccountName = `${number}/${number}`;
export const nameOf = (participant: number, currency: number): AccountName =>
  `${participant}/${currency}`;

/** By class, in each of them in the order in which they came in. */
export const byClass = (payments: readonly QueuedPayment[]): QueuedPayment[] =>
  [0, 1, 2].flatMap((priority) => payments.filter((payment) => payment.priority === priority));

class Standing {
  readonly account: QueueAccount;
  /** Its queue, by class and entry. */
  readonly queue: QueuedPayment[] = [];
  net = 0n;
  /** What its payments in the set take, by class, and how many there are. */
  readonly taken: [bigint, bigint, bigint] = [0n, 0n, 0n];
  readonly count: [number, number, number] = [0, 0, 0];

  constructor(account: QueueAccount) {
    this.account = account;
  }
}

/**
 * A set of queued payments and what it would do to accounts and limits, kept up as payments come in
 * and go out. Definitions: docs/settlement.md, "Gridlock resolution".
 */
export class QueueSet {
  readonly members = new Set<QueuedPayment>();
  /** By the place of the account among the state's, by which what follows names it. */
  readonly #standings: readonly Standing[];
  readonly #places = new Map<AccountKey, number>();
  readonly #limits = new Map<string, { readonly limit: QueueLimit; moved: bigint }>();
  readonly #state: QueueState;

  constructor(state: QueueState) {
    this.#state = state;
    this.#standings = state.accounts.map((account, place) => {
      this.#places.set(accountKey(account.participant, account.currency), place);
      return new Standing(account);
    });
    for (const limit of state.limits)
      this.#limits.set(`${limit.participant}/${limit.currency}/${limit.counterparty ?? 'all'}`, {
        limit,
        moved: 0n,
      });
    for (const payment of byClass(state.payments))
      for (const leg of payment.legs) this.#debit(leg).queue.push(payment);
  }

  /** Of an account among all of them. */
  placeOf(participant: number, currency: number): number {
    const place = this.#places.get(accountKey(participant, currency));
    if (place === undefined) throw new Error(`no account ${participant}/${currency}`);
    return place;
  }

  #at(participant: number, currency: number): Standing {
    return this.#standings[this.placeOf(participant, currency)] as Standing;
  }

  #debit(leg: QueueLeg): Standing {
    return this.#at(leg.debtor, leg.currency);
  }

  queueOf(leg: QueueLeg): readonly QueuedPayment[] {
    return this.#debit(leg).queue;
  }

  queueAt(place: number): readonly QueuedPayment[] {
    return (this.#standings[place] as Standing).queue;
  }

  /** How many places of an account's queue the set's members have. */
  membersAt(place: number): number {
    const [urgent, high, normal] = (this.#standings[place] as Standing).count;
    return urgent + high + normal;
  }

  #limitOf(owner: number, currency: number, other: number) {
    if (this.#limits.size === 0) return undefined;
    return (
      this.#limits.get(`${owner}/${currency}/${other}`) ??
      this.#limits.get(`${owner}/${currency}/all`)
    );
  }

  #move(payment: QueuedPayment, sign: 1 | -1): void {
    for (const leg of payment.legs) {
      const amount = sign === 1 ? leg.amount : -leg.amount;
      const debit = this.#debit(leg);
      const priority = payment.priority as 0 | 1 | 2;
      debit.net -= amount;
      debit.taken[priority] += amount;
      debit.count[priority] += sign;
      this.#at(leg.creditor, leg.currency).net += amount;
      const out = this.#limitOf(leg.debtor, leg.currency, leg.creditor);
      const back = this.#limitOf(leg.creditor, leg.currency, leg.debtor);
      if (out !== undefined) out.moved += amount;
      if (back !== undefined) back.moved -= amount;
    }
  }

  add(payment: QueuedPayment): void {
    if (this.members.has(payment)) return;
    this.members.add(payment);
    this.#move(payment, 1);
  }

  remove(payment: QueuedPayment): void {
    if (this.members.delete(payment)) this.#move(payment, -1);
  }

  /** Everything that the set leaves short in an account, `injection` being added to its balance. */
  shortages(place: number, injection = 0n): Shortage[] {
    const { account, net, taken, count } = this.#standings[place] as Standing;
    const { participant, currency } = account;
    const found: Shortage[] = [];
    const lowest = count[2] > 0 ? 2 : count[1] > 0 ? 1 : 0;
    let threshold = -account.creditLine;
    for (let priority = 0; priority < lowest; priority += 1) {
      const left = (account.reserved[priority] as bigint) - (taken[priority] as bigint);
      if (left > 0n) threshold += left;
    }
    const missing = threshold - (account.balance + injection + net);
    if (net < 0n && missing > 0n)
      found.push({ by: 'balance', participant, currency, counterparty: null, amount: missing });
    if (this.#limits.size > 0) found.push(...this.#exceeded(participant, currency));
    return found;
  }

  /** What the set leaves some participants short of across their currencies. */
  shortagesAcross(of: ReadonlySet<number>): Shortage[] {
    return this.#state.crossLimits.flatMap((limit) => {
      if (!of.has(limit.participant)) return [];
      const before = accountAcross();
      const after = accountAcross();
      for (let currency = 0; currency < this.#state.mechanisms.length; currency += 1) {
        const place = this.#places.get(accountKey(limit.participant, currency));
        if (place === undefined) continue;
        const { account, net } = this.#standings[place] as Standing;
        const valuation = this.#state.valuations[account.currency];
        before.add(account.balance, valuation);
        after.add(account.balance + net, valuation);
      }
      const { participant, currency } = limit;
      const unit = this.#state.valuations[currency]?.weight ?? 0n;
      return excessAcross(limit, unit, before, after).map(({ by, amount }) => ({
        ...{ by, participant, currency, counterparty: null, amount },
      }));
    });
  }

  #exceeded(participant: number, currency: number): Shortage[] {
    const prefix = `${participant}/${currency}/`;
    return [...this.#limitsOf(prefix)].flatMap(({ limit, moved }): Shortage[] => {
      const amount = limit.position + moved - limit.limit;
      if (moved <= 0n || amount <= 0n) return [];
      const { counterparty } = limit;
      const by = counterparty === null ? 'multilateralLimit' : 'bilateralLimit';
      return [{ by, participant, currency, counterparty, amount }];
    });
  }

  #byAccount: Map<string, { readonly limit: QueueLimit; moved: bigint }[]> | undefined;

  #limitsOf(prefix: string): readonly { readonly limit: QueueLimit; moved: bigint }[] {
    if (this.#byAccount === undefined) {
      this.#byAccount = new Map();
      for (const entry of this.#limits.values()) {
        const key = `${entry.limit.participant}/${entry.limit.currency}/`;
        const own = this.#byAccount.get(key);
        if (own === undefined) this.#byAccount.set(key, [entry]);
        else own.push(entry);
      }
    }
    return this.#byAccount.get(prefix) ?? [];
  }
}

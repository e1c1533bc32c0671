import type { QueuedPayment, QueueLimit, QueueState } from '../../core/settlement/queue-state.ts';

const accountKey = (participant: number, currency: number): string => `${participant}/${currency}`;
const limitKey = (owner: number, currency: number, counterparty: number | null): string =>
  `${owner}/${currency}/${counterparty ?? 'all'}`;

interface Moved {
  net: bigint;
  readonly used: [bigint, bigint, bigint];
}

/** What a set does to accounts and limits. */
class Movements {
  readonly #accounts = new Map<string, Moved>();
  readonly #limits = new Map<string, bigint>();
  readonly #named: ReadonlySet<string>;

  constructor(state: QueueState) {
    this.#named = new Set(
      state.limits.map((l) => limitKey(l.participant, l.currency, l.counterparty)),
    );
  }

  at(participant: number, currency: number): Moved {
    const key = accountKey(participant, currency);
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const fresh: Moved = { net: 0n, used: [0n, 0n, 0n] };
    this.#accounts.set(key, fresh);
    return fresh;
  }

  #count(owner: number, currency: number, other: number, amount: bigint): void {
    const bilateral = limitKey(owner, currency, other);
    const key = this.#named.has(bilateral) ? bilateral : limitKey(owner, currency, null);
    this.#limits.set(key, (this.#limits.get(key) ?? 0n) + amount);
  }

  settle({ priority, legs }: QueuedPayment): void {
    for (const { debtor, creditor, currency, amount } of legs) {
      const debit = this.at(debtor, currency);
      debit.net -= amount;
      debit.used[priority as 0 | 1 | 2] += amount;
      this.at(creditor, currency).net += amount;
      this.#count(debtor, currency, creditor, amount);
      this.#count(creditor, currency, debtor, -amount);
    }
  }

  onLimit({ participant, currency, counterparty }: QueueLimit): bigint {
    return this.#limits.get(limitKey(participant, currency, counterparty)) ?? 0n;
  }
}

/** The state once some of its payments, by position, have settled together. */
export function afterSettling(state: QueueState, settled: ReadonlySet<number>): QueueState {
  if (settled.size === 0) return state;
  const movements = new Movements(state);
  for (const payment of state.payments)
    if (settled.has(payment.position)) movements.settle(payment);
  const rest = (reserved: bigint, used: bigint): bigint => (reserved > used ? reserved - used : 0n);
  return {
    ...state,
    payments: state.payments.filter((p) => !settled.has(p.position)),
    limits: state.limits.map((l) => ({ ...l, position: l.position + movements.onLimit(l) })),
    accounts: state.accounts.map((account) => {
      const { net, used } = movements.at(account.participant, account.currency);
      const [urgent, high] = account.reserved;
      return {
        ...account,
        balance: account.balance + net,
        reserved: [rest(urgent, used[0]), rest(high, used[1])] as const,
      };
    }),
  };
}

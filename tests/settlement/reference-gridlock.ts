import { capacityOf, freeOf, limitBetween } from './reference-credit-and-reservations.ts';
import { keepsLimits, missingAcross, mostDrawn } from './reference-cross-limits.ts';
import {
  accountsOf,
  countOf,
  isChainLeg,
  type LivePayment,
  noteChain,
  queuedInEntryOrder,
  queueOf,
  type ReferenceAccount,
  type ReferenceLimit,
  type ReferenceState,
} from './reference-state.ts';

export type PaymentSet = ReadonlySet<LivePayment>;

/** The accounts of some currencies, by currency and participant. */
export function accountsIn(
  state: ReferenceState,
  currencies: readonly number[],
): ReferenceAccount[] {
  return [...state.accounts.values()]
    .filter((a) => currencies.includes(a.currency))
    .sort((a, b) => a.currency - b.currency || a.participant - b.participant);
}

/** What a set brings an account less what it takes. */
export function netOf(set: PaymentSet, account: ReferenceAccount): bigint {
  let net = 0n;
  for (const payment of set) {
    for (const leg of payment.legs) {
      if (leg.credit === account) net += leg.amount;
      if (leg.debit === account) net -= leg.amount;
    }
  }
  return net;
}

function takenBy(set: PaymentSet, account: ReferenceAccount, priority: number): bigint {
  let sum = 0n;
  for (const { record, legs } of set)
    if (record.priority === priority)
      for (const leg of legs) if (leg.debit === account) sum += leg.amount;
  return sum;
}

/** What a set may not touch: what its classes leave of the reservations above its lowest class. */
function reservedAfter(set: PaymentSet, account: ReferenceAccount): bigint {
  const classes = [...set]
    .filter((p) => p.legs.some((leg) => leg.debit === account))
    .map((p) => p.record.priority);
  const lowest = Math.max(0, ...classes);
  return account.reserved.slice(0, lowest).reduce((sum, amount, priority) => {
    const left = amount - takenBy(set, account, priority);
    return sum + (left > 0n ? left : 0n);
  }, 0n);
}

/** What an account misses if a set is booked: 0 or less where it misses nothing. */
export function missingOf(set: PaymentSet, account: ReferenceAccount): bigint {
  const net = netOf(set, account);
  if (net >= 0n) return 0n;
  return reservedAfter(set, account) - capacityOf(account) - (freeOf(account) + net);
}

/** The limits of an account that a set would exceed, and by how much, by counterparty. */
export function exceededBy(
  state: ReferenceState,
  set: PaymentSet,
  account: ReferenceAccount,
): { counterparty: number; limit: ReferenceLimit; excess: bigint }[] {
  const moved = new Map<ReferenceLimit, bigint>();
  for (const { legs } of set) {
    for (const { debit, credit, amount } of legs) {
      const out = debit === account ? limitBetween(state, debit, credit) : undefined;
      const back = credit === account ? limitBetween(state, credit, debit) : undefined;
      if (out !== undefined) moved.set(out, (moved.get(out) ?? 0n) + amount);
      if (back !== undefined) moved.set(back, (moved.get(back) ?? 0n) - amount);
    }
  }
  const name = `${account.participant}/${account.currency}/`;
  return [...state.limits]
    .filter(([key]) => key.startsWith(name))
    .map(([key, limit]) => {
      const movement = moved.get(limit) ?? 0n;
      const excess = movement > 0n ? limit.position + movement - limit.value : 0n;
      return { counterparty: Number(key.slice(name.length)), limit, excess };
    })
    .filter(({ excess }) => excess > 0n)
    .sort((a, b) => a.counterparty - b.counterparty);
}

/** Whether an account is short within its currency. */
function isShortAlone(state: ReferenceState, set: PaymentSet, account: ReferenceAccount): boolean {
  return missingOf(set, account) > 0n || exceededBy(state, set, account).length > 0;
}

/** Of a set in one currency: whether an account, or its participant across currencies, is short. */
export function isShort(
  state: ReferenceState,
  set: PaymentSet,
  account: ReferenceAccount,
): boolean {
  return (
    isShortAlone(state, set, account) ||
    missingAcross(state, account, freeOf(account) + netOf(set, account)) > 0n
  );
}

/** The queued payments with a leg in some of these currencies, in entry order. */
export function queuedIn(state: ReferenceState, currencies: readonly number[]): LivePayment[] {
  return queuedInEntryOrder(state).filter((p) =>
    p.legs.some((leg) => currencies.includes(leg.debit.currency)),
  );
}

/** Takes a payment and what stands behind it in each queue of these currencies out of a set. */
function dropWithFollowers(
  state: ReferenceState,
  set: Set<LivePayment>,
  currencies: readonly number[],
  payment: LivePayment,
): void {
  if (!set.delete(payment)) return;
  for (const { debit } of payment.legs) {
    if (!currencies.includes(debit.currency)) continue;
    const queue = queueOf(state, debit);
    for (const behind of queue.slice(queue.indexOf(payment) + 1))
      dropWithFollowers(state, set, currencies, behind);
  }
}

/**
 * All that is queued in these currencies, but for what is held by a leg elsewhere or waits to be earmarked, and what follows.
 * @param holdsChains whether chains are held as well, wherever their legs are
 */
export function unheld(
  state: ReferenceState,
  currencies: readonly number[],
  holdsChains = false,
): Set<LivePayment> {
  const queued = queuedIn(state, currencies);
  const set = new Set(queued);
  const isElsewhere = ({ legs }: LivePayment): boolean =>
    legs.some((leg) => !currencies.includes(leg.debit.currency));
  for (const payment of queued)
    if (
      payment.isByItself === true ||
      isElsewhere(payment) ||
      (holdsChains && isChainLeg(payment.record))
    ) {
      const how = isElsewhere(payment) ? 'by a leg elsewhere' : 'as chains are';
      noteChain(state, payment, `held ${payment.isByItself === true ? 'as a leg by itself' : how}`);
      dropWithFollowers(state, set, currencies, payment);
    }
  return set;
}

/** The largest set that respects the order: while an account is short, its last payment goes. */
export function resolveGridlock(
  state: ReferenceState,
  currencies: readonly number[],
  holdsChains = false,
): Set<LivePayment> {
  const set = unheld(state, currencies, holdsChains);
  cutWhile(state, set, currencies, isShort);
  return set;
}

function cutWhile(
  state: ReferenceState,
  set: Set<LivePayment>,
  currencies: readonly number[],
  isCut: typeof isShort,
): void {
  const accounts = accountsIn(state, currencies);
  const worst = (): ReferenceAccount | undefined => {
    const short = accounts.filter((a) => isCut(state, set, a));
    // As TARGET2 does it: the highest uncovered position first.
    return short.sort((a, b) => Number(missingOf(set, b) > missingOf(set, a)) * 2 - 1)[0];
  };
  for (let account = worst(); account !== undefined; account = worst()) {
    const last = queueOf(state, account).findLast((p) => set.has(p));
    if (last === undefined) throw new Error('an account is short without paying anything');
    dropWithFollowers(state, set, currencies, last);
  }
}

/**
 * The same over several currencies at once, where limits across them are kept by a heuristic: while a
 * participant breaks one, the last payment goes of its account that falls most in value.
 * @returns the set, and how many payments the heuristic dropped
 */
export function resolveJointly(
  state: ReferenceState,
  currencies: readonly number[],
): { set: Set<LivePayment>; dropped: number } {
  const set = unheld(state, currencies);
  cutWhile(state, set, currencies, isShortAlone);
  const optimum = countOf(set);
  const after = (account: ReferenceAccount): bigint => freeOf(account) + netOf(set, account);
  const limited = [...state.crossLimits.keys()].sort((a, b) => a - b);
  for (let before = -1; before !== set.size; ) {
    before = set.size;
    for (const participant of limited) {
      while (!keepsLimits(state, participant, after)) {
        const own = accountsOf(state, participant).filter((a) => currencies.includes(a.currency));
        const last = queueOf(state, mostDrawn(state, own, after)).findLast((p) => set.has(p));
        if (last === undefined) throw new Error('a limit is broken without paying anything');
        dropWithFollowers(state, set, currencies, last);
        cutWhile(state, set, currencies, isShortAlone);
      }
    }
  }
  return { set, dropped: optimum - countOf(set) };
}

import type { CertifiedShortage } from '../analysis/certificates/certificate-format.ts';
import { certifiedShortage } from '../analysis/certificates/gridlock-certificate.ts';
import { mustGoFirst, resolve, shortagesOf } from '../analysis/queues/gridlock-resolution.ts';
import {
  keepsOrder,
  leastBetween,
  leastPossible,
  moreThanEnough,
  smallestInjection,
} from '../analysis/queues/money-to-release.ts';
import { nameOf } from '../analysis/queues/queue-set.ts';
import type { QueuedPayment, QueueLeg, QueueState } from '../core/settlement/queue-state.ts';
import type { PoolState } from '../replay/replayed-state-and-names.ts';

/** Money into one of the accounts that a payment debits. */
export interface Release {
  readonly participant: string;
  readonly currency: string;
  /** Minor units; null: no amount into this account alone releases the payment. */
  readonly amount: bigint | null;
  /**
   * What would release it, or where that is not `isSmallest` at least would have to, where that is more
   * than the core counts in the currency; else null. Then `amount` is null: nobody could bring so much in.
   */
  readonly beyond: bigint | null;
  /**
   * Whether it is proven that nothing smaller does. Else `amount` was found by halving: one minor unit less
   * does not release, but under these rules a still smaller amount might.
   */
  readonly isSmallest: boolean;
}

/** What holds a queued payment. */
export interface Hold {
  readonly payment: QueuedPayment;
  /** Payments that must settle with it or before it, itself not counted. */
  readonly others: number;
  /** What it and these leave short. */
  readonly shortages: readonly CertifiedShortage[];
  /** For its own bank's account first, then for another that it debits. */
  readonly releases: readonly Release[];
  /** It could settle together with others that are queued, without any money, if queues only keep their order. */
  readonly isGridlock: boolean;
  /** How many payments could so. */
  readonly couldSettle: number;
  /** How many a cycle of all currencies settles in the core at that moment, a pair as one. */
  readonly cycleSettles: number;
  /** How many of them had been accepted for net settlement. */
  readonly cycleNets: number;
  /** Mechanisms that do not keep the order of the queues, of all currencies. */
  readonly unordered: readonly string[];
  /** The pool has limits, or reservations: what waits may wait for them too. */
  readonly hasLimits: boolean;
  readonly hasReservations: boolean;
  /** It is normal and a queue in which it stands may be passed. */
  readonly mayPass: boolean;
  /** What the cycles of its currencies do. */
  readonly mechanisms: readonly string[];
}

/** @param payer the handle of the bank that asks: its account comes first */
export function analyse(pool: PoolState, payment: QueuedPayment, payer: number): Hold {
  const state = pool.queues();
  const names = pool.names();
  const everywhere = state.mechanisms.map((_, currency) => currency);
  const { settled } = resolve(state, everywhere);
  const debits = [...payment.legs].sort(
    (a, b) => Number(b.debtor === payer) - Number(a.debtor === payer),
  );
  const trial = pool.trial();
  const [someAccount] = debits as [QueueLeg, ...QueueLeg[]];
  const cycle = trial(someAccount.debtor, someAccount.currency, 0n);
  const own = state.payments.find((p) => p.position === payment.position) as QueuedPayment;
  const first = mustGoFirst(state, own);
  return {
    payment,
    others: first.size - 1,
    shortages: shortagesOf(state, own, first).map((s) => certifiedShortage(s, names)),
    releases: debits.map((leg) => releaseBy(pool, state, trial, own, leg)),
    // With limits across currencies the largest set is only what could settle at most.
    isGridlock: settled.has(own) && state.crossLimits.length === 0,
    mayPass: own.priority === 2 && own.legs.some((leg) => state.bypasses[leg.currency]),
    couldSettle: settled.size,
    ...cycleCounts(pool, state, cycle ?? new Set()),
    unordered: unorderedIn(state),
    hasLimits: state.limits.length + state.crossLimits.length > 0,
    hasReservations: state.accounts.some(({ reserved }) => reserved[0] + reserved[1] > 0n),
    mechanisms: payment.legs.map((leg) => state.mechanisms[leg.currency] as string),
  };
}

/** The second leg of a matched pair is no payment of its own. */
function cycleCounts(
  { mates }: PoolState,
  { payments }: QueueState,
  settled: ReadonlySet<number>,
): Pick<Hold, 'cycleSettles' | 'cycleNets'> {
  const queued = payments.filter((p) => settled.has(p.position));
  const inQueues = new Set(queued.flatMap((p) => [p.position, mates.get(p.position)?.position]));
  const netted = [...settled].filter((position) => !inQueues.has(position));
  return { cycleSettles: queued.length + netted.length, cycleNets: netted.length };
}

/** They choose among payments of all places in the queues (docs/settlement.md). */
const UNORDERED: readonly string[] = ['multiple', 'bankClearing', 'proposed'];

/** Offsetting passes over payments to others only where normal ones may pass each other. */
function unorderedIn({ mechanisms, offsets, bypasses }: QueueState): string[] {
  const chosen = [...new Set(mechanisms)].filter((m) => UNORDERED.includes(m));
  return offsets.some((does, currency) => does && bypasses[currency])
    ? [...chosen, 'bilateral offsetting']
    : chosen;
}

/** Nothing queued can settle, now or in a cycle; null: it may yet, without the order of the queues. */
export const isDeadlock = ({ couldSettle, cycleSettles, unordered }: Hold): boolean | null => {
  if (couldSettle > 0 || cycleSettles > 0) return false;
  return unordered.length > 0 ? null : true;
};

/**
 * Every amount that is named was tried in the core: it releases, and one minor unit less does not. Of
 * more than the core counts in a currency, the most that it does was tried: it does not release.
 */
function releaseBy(
  pool: PoolState,
  state: QueueState,
  trial: ReturnType<PoolState['trial']>,
  payment: QueuedPayment,
  { debtor, currency }: QueueLeg,
): Release {
  const inCore: Trial = (amount) => {
    const settled = trial(debtor, currency, amount);
    return settled === null ? 'refused' : settled.has(payment.position) ? 'settles' : 'waits';
  };
  const account = nameOf(debtor, currency);
  const found = smallestInjection(state, payment, account);
  const isKnown = found.kind !== 'unknown';
  // Where only the core can work the rules out: what cannot release it at all, if queues keep their order.
  const bound = isKnown || !keepsOrder(state) ? null : leastPossible(state, payment, account);
  const least = found.kind === 'releases' ? found.amount : (bound?.amount ?? 0n);
  const enough = found.kind === 'releases' ? least : moreThanEnough(state, account);
  const most = inCore(enough) === 'refused' ? mostTaken(inCore, enough) : enough;
  const isBeyond = least > most;
  const isNone = found.kind === 'none' || bound === undefined || isBeyond;
  const amount = isNone ? null : isKnown ? most : halve(inCore, least, most);
  const isAsInCore =
    amount === null
      ? inCore(most) === 'waits'
      : inCore(amount) === 'settles' && (amount === 0n || inCore(amount - 1n) === 'waits');
  if (!isAsInCore)
    throw new Error(`the core does not release payment ${payment.position} as was worked out`);
  return {
    participant: pool.directory.bic(debtor),
    currency: pool.directory.currency(currency).currency,
    amount,
    beyond: isBeyond ? least : null,
    isSmallest: isKnown || bound === undefined || (bound !== null && amount === bound.amount),
  };
}

type Trial = (amount: bigint) => 'settles' | 'waits' | 'refused';

/** The largest amount that the core takes, below one that it refuses. */
const mostTaken = (inCore: Trial, refused: bigint): bigint =>
  leastBetween(0n, refused, (amount) => inCore(amount) === 'refused') - 1n;

/** For rules that only the core can work out; less than `least` is known to release nothing. */
function halve(inCore: Trial, least: bigint, most: bigint): bigint | null {
  if (inCore(least) === 'settles') return least;
  if (inCore(most) !== 'settles') return null;
  return leastBetween(least, most, (amount) => inCore(amount) === 'settles');
}

import { mayLeave } from './reference-credit-and-reservations.ts';
import { legsKeepLimits } from './reference-cross-limits.ts';
import {
  type Leg,
  type LivePayment,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
} from './reference-state.ts';

const NORMAL = 2;

export function isBypass(state: ReferenceState, { currency }: ReferenceAccount): boolean {
  return state.currencies[currency]?.rules.queueRule === 1;
}

/** Nothing that has to go first stands among these payments in the account's queue. */
export function nothingFirst(
  state: ReferenceState,
  account: ReferenceAccount,
  priority: number,
  before: LivePayment[],
): boolean {
  const mayPass = isBypass(state, account) && priority === NORMAL;
  return before.every((p) => mayPass && p.record.priority === NORMAL);
}

/** Whether a payment is next in an account's queue. */
export function isNextIn(
  state: ReferenceState,
  payment: LivePayment,
  account: ReferenceAccount,
): boolean {
  const queue = queueOf(state, account);
  const before = queue.slice(0, queue.indexOf(payment));
  return nothingFirst(state, account, payment.record.priority, before);
}

/** Whether what arrives would be next in each of its queues. */
export function comesNext(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return legs.every(({ debit }) =>
    nothingFirst(
      state,
      debit,
      priority,
      queueOf(state, debit).filter((p) => p.record.priority <= priority),
    ),
  );
}

/** Leg by leg, not counting what one leg brings to another's account. */
export function areAffordable(
  state: ReferenceState,
  priority: number,
  legs: readonly Leg[],
): boolean {
  return legs.every((leg) => mayLeave(state, priority, leg)) && legsKeepLimits(state, legs);
}

/** Whether a payment may settle as it arrives. */
export function mayEnter(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return areAffordable(state, priority, legs) && comesNext(state, priority, legs);
}

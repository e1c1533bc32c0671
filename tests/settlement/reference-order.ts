import {
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

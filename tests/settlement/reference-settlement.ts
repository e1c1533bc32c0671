import { MECHANISMS, type Mechanism } from '../../services/core/settlement/events.ts';
import { judgeCaps } from './reference-caps.ts';
import { legsKeepLimits } from './reference-cross-limits.ts';
import { cancel } from './reference-instructions.ts';
import { bookLeg, mayLeave } from './reference-liquidity.ts';
import { admit, isDeferred } from './reference-netting.ts';
import { offsetEntry } from './reference-offsetting.ts';
import {
  accountsOf,
  balanceFields,
  type Leg,
  type LivePayment,
  paymentFields,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

const NORMAL = 2;

export function isBypass(state: ReferenceState, { currency }: ReferenceAccount): boolean {
  return state.currencies[currency]?.rules.queueRule === 1;
}

/** Nothing that has to go first stands among these payments in the account's queue. */
function nothingFirst(
  state: ReferenceState,
  account: ReferenceAccount,
  priority: number,
  before: LivePayment[],
): boolean {
  const mayPass = isBypass(state, account) && priority === NORMAL;
  return before.every((p) => mayPass && p.record.priority === NORMAL);
}

/** Whether a payment may settle as it arrives. */
export function mayEnter(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return (
    legs.every((leg) => mayLeave(state, priority, leg)) &&
    legsKeepLimits(state, legs) &&
    legs.every(({ debit }) =>
      nothingFirst(
        state,
        debit,
        priority,
        queueOf(state, debit).filter((p) => p.record.priority <= priority),
      ),
    )
  );
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

/** Whether a payment that arrives settles at once together with payments that its creditor owes. */
export function mayOffset(state: ReferenceState, payment: LivePayment): boolean {
  const { record, legs } = payment;
  const comesNext = legs.every(({ debit }) =>
    nothingFirst(
      state,
      debit,
      record.priority,
      queueOf(state, debit).filter((p) => p.record.priority <= record.priority),
    ),
  );
  return comesNext && offsetEntry(state, payment);
}

function maySettle(state: ReferenceState, payment: LivePayment): boolean {
  return (
    payment.legs.every((leg) => mayLeave(state, payment.record.priority, leg)) &&
    legsKeepLimits(state, payment.legs) &&
    payment.legs.every(({ debit }) => isNextIn(state, payment, debit))
  );
}

/** With limits across currencies, all accounts of the participant go together. */
export function putOnWorklist(state: ReferenceState, account: ReferenceAccount): void {
  const together = state.crossLimits.has(account.participant)
    ? accountsOf(state, account.participant)
    : [account];
  for (const one of together) if (!state.worklist.includes(one)) state.worklist.push(one);
}

export function bookLegs(state: ReferenceState, priority: number, legs: readonly Leg[]): void {
  for (const leg of legs) bookLeg(state, priority, leg);
  for (const { credit } of legs) putOnWorklist(state, credit);
}

export function finishSettled(
  state: ReferenceState,
  payment: LivePayment,
  mechanism: Mechanism,
  cycle: number,
): void {
  const { mate } = payment;
  state.live = state.live.filter((p) => p !== payment && p !== mate);
  const tell = ({ record, identity }: LivePayment, legs: readonly Leg[]): void => {
    write(state, 'settled', {
      ...paymentFields(record),
      ...balanceFields(legs),
      paymentPosition: record.position,
      mechanism: MECHANISMS.indexOf(mechanism),
      cycle,
    });
    identity.outcome = { kind: 'settled', reason: 'none' };
  };
  if (mate === undefined) {
    tell(payment, payment.legs);
  } else {
    tell(payment, payment.legs.slice(0, 1));
    tell(mate, payment.legs.slice(1));
  }
}

/** Lets a payment that waited come in: it settles at once, or it queues, or it is netted. */
export function enter(state: ReferenceState, payment: LivePayment): void {
  const { record, legs } = payment;
  if (isDeferred(state, record.priority, legs)) {
    const reason = judgeCaps(state, legs);
    if (reason === 'none') admit(state, payment);
    else cancel(state, payment, reason);
  } else if (mayEnter(state, record.priority, legs)) {
    bookLegs(state, record.priority, legs);
    finishSettled(state, payment, 'entry', 0);
  } else if (!mayOffset(state, payment)) {
    queue(state, payment);
  }
}

/** Puts a payment at the end of its class in its queues. */
export function queue(state: ReferenceState, payment: LivePayment): void {
  state.orders += 1;
  state.joined += 1;
  payment.state = 'queued';
  payment.queuedMs = state.timeMs;
  payment.order = state.orders;
}

/** Scans one queue from its head; goes past what does not fit only where bypass allows it. */
function scan(state: ReferenceState, account: ReferenceAccount): void {
  for (const payment of queueOf(state, account)) {
    if (maySettle(state, payment)) {
      const other = payment.legs.map((leg) => leg.debit).find((debit) => debit !== account);
      const wasHead = other !== undefined && queueOf(state, other)[0] === payment;
      bookLegs(state, payment.record.priority, payment.legs);
      if (wasHead) putOnWorklist(state, other);
      finishSettled(state, payment, 'queue', 0);
    } else if (!isBypass(state, account) || payment.record.priority !== NORMAL) return;
  }
}

export function rescan(state: ReferenceState): void {
  for (let next = state.worklist.shift(); next !== undefined; next = state.worklist.shift())
    scan(state, next);
}

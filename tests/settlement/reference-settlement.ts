/** Settling, of the slow reference (reference.ts): who may leave the queue, and what is booked. */
import { bookLegs, finishSettled, putOnWorklist } from './reference-booking.ts';
import { judgeCaps } from './reference-caps.ts';
import { isAllowedAlone, noteAlone } from './reference-chain-alone.ts';
import { legsKeepLimits } from './reference-cross-limits.ts';
import { cancel } from './reference-endings.ts';
import { mayLeave } from './reference-liquidity.ts';
import { admit, isDeferred } from './reference-netting.ts';
import { offsetEntry } from './reference-offsetting.ts';
import { isBypass, isNextIn, nothingFirst } from './reference-order.ts';
import {
  countOf,
  isChainLeg,
  type Leg,
  type LivePayment,
  noteChain,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
} from './reference-state.ts';

const NORMAL = 2;

/** Whether what arrives would be next in each of its queues. */
function comesNext(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
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
function areAffordable(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return legs.every((leg) => mayLeave(state, priority, leg)) && legsKeepLimits(state, legs);
}

/** Whether a payment may settle as it arrives. */
export function mayEnter(state: ReferenceState, priority: number, legs: readonly Leg[]): boolean {
  return areAffordable(state, priority, legs) && comesNext(state, priority, legs);
}

/** Whether a payment that arrives settles at once together with payments that its creditor owes. */
export function mayOffset(state: ReferenceState, payment: LivePayment): boolean {
  return comesNext(state, payment.record.priority, payment.legs) && offsetEntry(state, payment);
}

/** Whether a payment can leave alone as far as money and limits go; of a chain the net counts. */
function canLeave(state: ReferenceState, payment: LivePayment): boolean {
  if (isChainLeg(payment.record)) return isAllowedAlone(state, payment);
  return areAffordable(state, payment.record.priority, payment.legs);
}

function maySettle(state: ReferenceState, payment: LivePayment): boolean {
  return (
    canLeave(state, payment) && payment.legs.every(({ debit }) => isNextIn(state, payment, debit))
  );
}

/** Lets a payment that waited come in: it settles at once, or it queues, or it is netted. */
export function enter(state: ReferenceState, payment: LivePayment): void {
  const { record, legs } = payment;
  if (isDeferred(state, record.priority, legs)) {
    const reason = judgeCaps(state, legs);
    if (reason === 'none') admit(state, payment);
    else cancel(state, payment, reason);
  } else if (canLeave(state, payment) && comesNext(state, record.priority, legs)) {
    noteAlone(state, payment);
    bookLegs(state, record.priority, legs);
    finishSettled(state, payment, 'entry', 0);
  } else if (!mayOffset(state, payment)) {
    queue(state, payment);
  }
}

/** Puts a payment at the end of its class in its queues. */
export function queue(state: ReferenceState, payment: LivePayment): void {
  state.orders += 1;
  state.joined += countOf([payment]);
  payment.state = 'queued';
  payment.queuedMs = state.timeMs;
  payment.order = state.orders;
}

/** Scans one queue from its head; goes past what does not fit only where bypass allows it. */
function scan(state: ReferenceState, account: ReferenceAccount): void {
  for (const payment of queueOf(state, account)) {
    if (maySettle(state, payment)) {
      const others = payment.legs.map((leg) => leg.debit).filter((debit) => debit !== account);
      const headed = others.filter((other) => queueOf(state, other)[0] === payment);
      noteAlone(state, payment);
      bookLegs(state, payment.record.priority, payment.legs);
      for (const other of headed) putOnWorklist(state, other);
      if (state.worklist.includes(account)) noteChain(state, payment, 'brings what is scanned');
      finishSettled(state, payment, 'queue', 0);
    } else if (!isBypass(state, account) || payment.record.priority !== NORMAL) return;
  }
}

export function rescan(state: ReferenceState): void {
  for (let next = state.worklist.shift(); next !== undefined; next = state.worklist.shift())
    scan(state, next);
}

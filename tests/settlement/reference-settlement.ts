/** Settling, of the slow reference (reference.ts): who may leave the queue, and what is booked. */
import type { Reason } from '../../services/core/settlement/reasons.ts';
import { bookLegs, finishSettled, putOnWorklist } from './reference-booking.ts';
import { judgeCaps } from './reference-caps.ts';
import { isAllowedAlone, noteAlone } from './reference-chain-alone.ts';
import { mayUse } from './reference-earmark-cap.ts';
import { earmark, release, settleIfFunded, tellNotEarmarked } from './reference-earmarks.ts';
import { cancel } from './reference-endings.ts';
import { admit, isDeferred } from './reference-netting.ts';
import { offsetEntry } from './reference-offsetting.ts';
import {
  countOf,
  type Earmarks,
  instantOf,
  isChainLeg,
  type LivePayment,
  leadOf,
  noteChain,
  queueOf,
  type ReferenceAccount,
  type ReferenceState,
  waitOutside,
} from './reference-state.ts';
import {
  areAffordable,
  comesNext,
  isBypass,
  isNextIn,
  mayEnter,
} from './reference-who-may-pass-whom.ts';

const NORMAL = 2;

/** Whether a payment that arrives settles at once together with payments that its creditor owes. */
export function mayOffset(state: ReferenceState, payment: LivePayment): boolean {
  return comesNext(state, payment.record.priority, payment.legs) && offsetEntry(state, payment);
}

/** Whether a payment can leave alone as far as money and limits go; of a chain the net counts. */
function canLeave(state: ReferenceState, payment: LivePayment): boolean {
  if (isChainLeg(payment.record) && payment.isByItself !== true)
    return isAllowedAlone(state, payment);
  return areAffordable(state, payment.record.priority, payment.legs);
}

function maySettle(state: ReferenceState, payment: LivePayment): boolean {
  return (
    canLeave(state, payment) && payment.legs.every(({ debit }) => isNextIn(state, payment, debit))
  );
}

/** Lets a payment that waited come in: it settles at once, or it queues, or it is netted. */
export function enter(state: ReferenceState, payment: LivePayment): void {
  const { record, legs, earmarks } = payment;
  if (earmarks !== undefined) {
    const isOver = earmarks.expiry !== 0 && instantOf(record, earmarks.expiry) <= state.timeMs;
    const isFunded = !isOver && mayUse(state, payment, earmarks);
    if (isFunded) fundChain(state, payment);
    else endEarmarks(state, payment, earmarks, isOver ? 'earmarkExpired' : 'earmarkCapReached');
  } else if (isDeferred(state, payment)) {
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

/** Nothing can be set aside for a chain that stands nowhere: it ends, or goes on as a chain without earmarks. */
function endEarmarks(
  state: ReferenceState,
  chain: LivePayment,
  { goesOn }: Earmarks,
  reason: Reason,
): void {
  noteChain(state, chain, `${reason}, ${goesOn ? 'goes on' : 'ends'}`);
  if (!goesOn) {
    cancel(state, chain, reason, () => reason);
    return;
  }
  if (reason === 'earmarkCapReached') tellNotEarmarked(state, chain);
  chain.earmarks = undefined;
  if (chain.condition?.isMet === false) waitOutside(state, chain);
  else enter(state, chain);
  if (chain.state === 'accepted') noteChain(state, chain, 'accepted once its earmarks are over');
}

/** The earmarks of a chain that is being funded end before it settled. */
export function expire(state: ReferenceState, chain: LivePayment): void {
  release(state, chain, 'earmarkExpired');
  endEarmarks(state, chain, chain.earmarks as Earmarks, 'earmarkExpired');
}

/** Begins to set aside the money of a chain that stands nowhere, leg by leg. */
function fundChain(state: ReferenceState, chain: LivePayment): void {
  const legs = chain.partners ?? [];
  chain.legs = chain.legs.slice(0, 1);
  for (const leg of legs) {
    leg.isByItself = true;
    leg.state = 'matched';
  }
  for (const leg of legs) {
    if (mayEnter(state, leg.record.priority, leg.legs)) earmark(state, leg);
    else queue(state, leg);
  }
  settleIfFunded(state, chain);
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
    if (maySettle(state, payment) && payment.isByItself === true) {
      earmark(state, payment);
      settleIfFunded(state, leadOf(payment));
    } else if (maySettle(state, payment)) {
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

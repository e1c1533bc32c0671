// How a live payment ends unsettled: it leaves where it stands, and its event and outcome say why.
//
// Invariants
// - A matched pair ends whole: both legs in one go, each with a reason of its own.
// - What stood in queues leaves accounts whose queues may move now: they go on the worklist.
import { writeOfPayment } from './events';
import { setOutcome } from './identities';
import { leaveUnmatched } from './matching';
import {
  AMOUNT_1,
  DEBIT_1,
  DEBIT_2,
  freeCompanion,
  freePayment,
  IDENTITY,
  isLeg,
  isQueued,
  isUnmatched,
  leaveQueues,
  leaveWaiting,
  otherLeg,
  QUOTE,
  QUOTE_SERIAL,
} from './queue';
import { returnQuote } from './quotes';
import { EVENT_CANCELLED, REASON_MATCH_CANCELLED } from './records';
import { pushWork } from './rtgs';

/** Takes a payment out of its queues, or from where it waits. */
export function leavePlace(payment: usize): void {
  if (isUnmatched(payment)) {
    leaveUnmatched(payment);
  } else if (isQueued(payment)) {
    leaveQueues(payment);
    const debit2 = <usize>load<u32>(payment, DEBIT_2);
    pushWork(load<u32>(payment, DEBIT_1));
    if (debit2 != 0) pushWork(debit2);
  } else {
    leaveWaiting(payment);
  }
}

function tell(payment: usize, reason: i32): void {
  writeOfPayment(EVENT_CANCELLED, reason, payment);
  setOutcome(load<u64>(payment, IDENTITY), EVENT_CANCELLED, reason);
}

/** The events of one that has left its place; a pair's two legs may have two reasons. */
export function tellCancelled(payment: usize, reason: i32, otherReason: i32): void {
  tell(payment, reason);
  if (isLeg(payment)) {
    const other = otherLeg(payment);
    if (other != 0) {
      tell(other, otherReason);
      freeCompanion(other);
    }
  } else {
    const quote = <usize>load<u32>(payment, QUOTE);
    if (quote != 0)
      returnQuote(quote, load<u32>(payment, QUOTE_SERIAL), load<i64>(payment, AMOUNT_1));
  }
  freePayment(payment);
}

/** Cancels a live payment that is not accepted; the other leg of a pair ends for that. */
export function endPayment(payment: usize, reason: i32): void {
  leavePlace(payment);
  tellCancelled(payment, reason, REASON_MATCH_CANCELLED);
}

/** Cancels a pair, given by the leg that stands in the queues. */
export function endPair(payment: usize, reason: i32, otherReason: i32): void {
  leavePlace(payment);
  tellCancelled(payment, reason, otherReason);
}

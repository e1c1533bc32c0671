// How a live payment ends or leaves where it stands.
//
// Invariant: a payment that ends gives back what it holds: its place, its timer, its slot, and where
// it is cancelled its part of the dealer's quote.
import { writeOfPayment } from './events';
import { setFinalOutcome } from './identities';
import { leaveUnmatched } from './matching';
import { dissolve, isLeg, isUnmatched, leadOf, otherLeg } from './pairs';
import {
  AMOUNT_1,
  DEBIT_1,
  DEBIT_2,
  freePayment,
  isQueued,
  leaveQueues,
  QUOTE,
  QUOTE_SERIAL,
} from './queue';
import { returnQuote } from './quotes';
import { EVENT_CANCELLED, REASON_MATCH_CANCELLED } from './records';
import { clearTimer } from './timers';
import { leaveWaiting } from './waiting';
import { pushWork } from './worklist';

/** Ends a payment that stands nowhere any more. */
export function endPayment(payment: usize, kind: i32, reason: i32): void {
  setFinalOutcome(payment, kind, reason);
  clearTimer(payment);
  freePayment(payment);
}

/** Cancels a payment that stands nowhere any more, and with it the other leg of a pair. */
export function cancelPayment(payment: usize, reason: i32): void {
  cancelBoth(payment, reason, REASON_MATCH_CANCELLED);
}

/** The same, where the other leg of a pair has a reason of its own: one event, or two for a pair. */
export function cancelBoth(payment: usize, reason: i32, otherReason: i32): void {
  const other = otherLeg(payment);
  writeOfPayment(EVENT_CANCELLED, reason, payment);
  if (other != 0) {
    writeOfPayment(EVENT_CANCELLED, otherReason, other);
    endPayment(other, EVENT_CANCELLED, otherReason);
    dissolve();
  } else if (!isLeg(payment)) {
    const quote = <usize>load<u32>(payment, QUOTE);
    if (quote != 0)
      returnQuote(quote, load<u32>(payment, QUOTE_SERIAL), load<i64>(payment, AMOUNT_1));
  }
  endPayment(payment, EVENT_CANCELLED, reason);
}

/** The accounts that a payment debits are scanned next, leg 1 then leg 2. */
export function rescanDebits(payment: usize): void {
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  pushWork(load<u32>(payment, DEBIT_1));
  if (debit2 != 0) pushWork(debit2);
}

/** Takes a payment from where it stands; the queues that it leaves are scanned next. */
export function withdraw(payment: usize): void {
  if (isUnmatched(payment)) return leaveUnmatched(payment);
  const lead = leadOf(payment);
  if (!isQueued(lead)) return leaveWaiting(lead);
  leaveQueues(lead);
  rescanDebits(lead);
}

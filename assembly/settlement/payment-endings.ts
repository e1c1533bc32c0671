// How a live payment ends or leaves where it stands.
//
// Invariant: a payment that ends gives back what it holds: its place, its timer, its slot, and where
// it is cancelled its part of the dealer's quote, of a corridor's limit, or of what it was to return.

import { pushWork } from './accounts-to-rescan';
import { leaveCondition } from './attestor-thresholds';
import { scanDebits } from './chain-legs';
import { leaveTerms } from './chain-terms';
import { endLiving } from './corridor-limits';
import { release } from './earmarks';
import { addSettlement, writeOfPayment } from './event-output';
import { setFinalOutcome } from './identity-table';
import {
  AMOUNT_1,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  isByItself,
  isChainLeg,
  nextLeg,
} from './live-payment';
import { leaveWaiting } from './not-yet-queued';
import { dissolve, isLeg, isUnmatched, leadOf, otherLeg } from './pair-state';
import { leaveUnmatched } from './pvp-matching';
import { freeLegs, freePayment, isQueued, leaveQueues } from './queue-places';
import { giveBackToQuote } from './quote-intake-uses-and-end';
import {
  EVENT_CANCELLED,
  EVENT_SETTLED,
  REASON_MATCH_CANCELLED,
  REASON_NONE,
} from './record-numbers';
import { endReturn, isReturn } from './returns';
import { clearTimer } from './timers';

/** Ends a payment that stands nowhere any more, but for its slot. */
function giveUp(payment: usize, kind: i32, reason: i32): void {
  setFinalOutcome(payment, kind, reason);
  endLiving(payment, kind == EVENT_SETTLED);
  if (isReturn(payment)) endReturn(payment, kind == EVENT_SETTLED);
  if (isChainLeg(payment)) leaveCondition(payment);
  clearTimer(payment);
}

/** Ends a payment that stands nowhere any more. */
export function endPayment(payment: usize, kind: i32, reason: i32): void {
  giveUp(payment, kind, reason);
  freePayment(payment);
}

/** Cancels one leg of a chain that stands nowhere any more, with one event; the others are to follow. */
export function cancelLeg(leg: usize, reason: i32): void {
  writeOfPayment(EVENT_CANCELLED, reason, leg);
  if (leadOf(leg) == leg) leaveTerms(leg);
  endPayment(leg, EVENT_CANCELLED, reason);
}

/** The leg of a chain that ends it first, then the others in leg order. */
function cancelChain(first: usize, reason: i32, otherReason: i32): void {
  const lead = leadOf(first);
  cancelLeg(first, reason);
  let leg = lead;
  do {
    // What is freed keeps its place in the ring until the slot is taken anew.
    const next = nextLeg(leg);
    if (leg != first) cancelLeg(leg, otherReason);
    leg = next;
  } while (leg != lead);
}

/** Cancels a payment that stands nowhere any more, and with it the other leg of a pair, or all of its chain. */
export function cancelPayment(payment: usize, reason: i32): void {
  cancelBoth(payment, reason, REASON_MATCH_CANCELLED);
}

/** The same, where the other leg of a pair has a reason of its own: one event for each leg. */
export function cancelBoth(payment: usize, reason: i32, otherReason: i32): void {
  if (isChainLeg(payment)) return cancelChain(payment, reason, otherReason);
  const other = otherLeg(payment);
  writeOfPayment(EVENT_CANCELLED, reason, payment);
  if (other != 0) {
    writeOfPayment(EVENT_CANCELLED, otherReason, other);
    endPayment(other, EVENT_CANCELLED, otherReason);
    dissolve();
  } else if (!isLeg(payment) && !isReturn(payment)) {
    giveBackToQuote(payment, load<i64>(payment, AMOUNT_1));
  }
  endPayment(payment, EVENT_CANCELLED, reason);
}

/** The accounts that a payment debits are scanned next, in leg order. */
export function rescanDebits(payment: usize): void {
  if (isChainLeg(payment)) return scanDebits(payment);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  pushWork(load<u32>(payment, DEBIT_1));
  if (debit2 != 0) pushWork(debit2);
}

/**
 * Takes a payment from where it stands, for this reason; the queues that it leaves are scanned next, and the accounts
 * in which a leg of its chain had money set aside: that is released, with an event for each.
 */
export function withdraw(payment: usize, reason: i32): void {
  if (isUnmatched(payment)) return leaveUnmatched(payment);
  const lead = leadOf(payment);
  if (isByItself(lead)) release(lead, reason);
  else if (isQueued(lead)) leaveQueues(lead);
  else return leaveWaiting(lead);
  rescanDebits(lead);
}

/** The same for a chain: an event for each leg, in leg order. */
function finishChain(lead: usize, mechanism: u32, cycle: u32): void {
  leaveTerms(lead);
  let leg = lead;
  do {
    const event = writeOfPayment(EVENT_SETTLED, REASON_NONE, leg);
    addSettlement(event, mechanism, cycle, load<u32>(leg, DEBIT_1), load<u32>(leg, CREDIT_1), 0, 0);
    giveUp(leg, EVENT_SETTLED, REASON_NONE);
    leg = nextLeg(leg);
  } while (leg != lead);
  freeLegs(lead);
}

/** Ends a live payment whose legs are booked: event, outcome, slot; of a pair both legs. */
export function finishSettled(payment: usize, mechanism: u32, cycle: u32): void {
  if (isChainLeg(payment)) return finishChain(payment, mechanism, cycle);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const credit1 = <usize>load<u32>(payment, CREDIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  const credit2 = <usize>load<u32>(payment, CREDIT_2);
  const other = otherLeg(payment);
  const event = writeOfPayment(EVENT_SETTLED, REASON_NONE, payment);
  if (other == 0) {
    addSettlement(event, mechanism, cycle, debit1, credit1, debit2, credit2);
  } else {
    addSettlement(event, mechanism, cycle, debit1, credit1, 0, 0);
    const second = writeOfPayment(EVENT_SETTLED, REASON_NONE, other);
    addSettlement(second, mechanism, cycle, debit2, credit2, 0, 0);
    endPayment(other, EVENT_SETTLED, REASON_NONE);
    dissolve();
  }
  endPayment(payment, EVENT_SETTLED, REASON_NONE);
}

// Opening and closing a currency: what happens to the payments that wait.
//
// Invariants
// - A payment enters the queues when all of its currencies are open for its date, in the order in
//   which it came to wait; each that settles on entry is followed by its rescans before the next.
// - At a close every live payment with a leg in the currency and a date up to the business date is
//   cancelled or carried over: those that wait, those that are queued, those that are earmarked, then
//   unmatched legs, each in order. A carried-over payment waits outside the queues for the next opening, a leg for its mirror.
// - A close counts for the recalls of what its currency credited: each ends behind the close by which it has had its
//   dates.
// - What is promised stays over a close, and settles or ends while its currencies are closed.

import { currencyOf } from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { isPromised } from './attestor-thresholds';
import { armChain, awaitsCondition } from './chain-funding-and-earmark-expiry';
import { scanDebits, slotsOf } from './chain-legs';
import { carriesOver } from './currency-rules';
import { businessDateOf, close, isOpenFor } from './cut-offs-and-cycle-times';
import { firstEarmarked, release } from './earmarks';
import { outputFull, writeEvent, writeOfPayment } from './event-output';
import { enter } from './gross-entry-and-rescan';
import { forget, nextUnanswered, setLiveOutcome, startRecalls } from './identity-table';
import {
  DATE,
  DEBIT_1,
  isByItself,
  isChainLeg,
  nextLeg,
  nextOfChain,
  secondDebit,
} from './live-payment';
import { firstWaiting, joinWaiting, leaveWaiting } from './not-yet-queued';
import { leadOf, otherLeg } from './pair-state';
import { cancelBoth } from './payment-endings';
import { firstUnmatched, leaveUnmatched } from './pvp-matching';
import { firstQueued, isEarly, leaveQueues, nextInChain, nextOfOthers } from './queue-places';
import { recallsEnd, tellRecallEnded } from './recalls-and-replies';
import {
  EVENT_CARRIED_OVER,
  EVENT_CLOSED,
  OUT_AMOUNT_1,
  OUT_COUNT,
  OUT_CURRENCY_1,
  REASON_CANCELLED_AT_CLOSE,
  REASON_NONE,
} from './record-numbers';

// The lists that a close goes through, in this order.
const WAITING: i32 = 0;
const QUEUED: i32 = 1;
const EARMARKED: i32 = 2;
const UNMATCHED: i32 = 3;
/** Behind them, once the currency is told to be closed: recalls that nobody answered. */
const RECALLS: i32 = 4;

let cursor: usize = 0;
let list: i32 = 0;
let currency: u32 = 0;
let removed: u32 = 0;

export function startEntering(): void {
  cursor = firstWaiting();
}

export const ENTERED_ALL: i32 = 0;
export const ENTERED_ONE: i32 = 1;
export const OUTPUT_FULL: i32 = 2;

/** Whether a payment that waits may come into the queues now. */
export function mayStand(payment: usize): bool {
  if (isEarly(payment)) return false;
  if (isChainLeg(payment) && awaitsCondition(payment)) return false;
  return currenciesAreOpen(payment);
}

/** Whether all currencies of a payment, of a chain those of all legs, are open for its date. */
export function currenciesAreOpen(payment: usize): bool {
  const date = load<u32>(payment, DATE);
  const debit2 = secondDebit(payment);
  let leg = payment;
  do {
    if (!isOpenFor(currencyOf(load<u32>(leg, DEBIT_1)), date)) return false;
    leg = nextLeg(leg);
  } while (leg != payment);
  return debit2 == 0 || isOpenFor(currencyOf(debit2), date);
}

/** Lets waiting payments in, up to the first that settles: then the caller rescans and calls again. */
export function enterNext(): i32 {
  while (cursor != 0) {
    const payment = cursor;
    if (!mayStand(payment)) {
      cursor = nextInChain(payment);
      continue;
    }
    if (outputFull()) return OUTPUT_FULL;
    cursor = nextInChain(payment);
    leaveWaiting(payment);
    if (enter(payment)) return ENTERED_ONE;
  }
  return ENTERED_ALL;
}

export function startClosing(closingCurrency: u32): void {
  currency = closingCurrency;
  cursor = firstWaiting();
  list = WAITING;
  removed = 0;
}

function isConcerned(payment: usize): bool {
  if (load<u32>(payment, DATE) > businessDateOf(currency) || isPromised(payment)) return false;
  const debit2 = secondDebit(payment);
  let leg = payment;
  do {
    if (currencyOf(load<u32>(leg, DEBIT_1)) == currency) return true;
    leg = nextOfChain(leg);
  } while (leg != payment);
  return debit2 != 0 && currencyOf(debit2) == currency;
}

function scanIfOpen(debit: usize): void {
  if (debit != 0 && currencyOf(debit) != currency) pushWork(debit);
}

/** Queues of currencies that stay open have lost a payment: they are scanned after the close. */
function leave(payment: usize): void {
  leaveQueues(payment);
  let leg = payment;
  do {
    scanIfOpen(load<u32>(leg, DEBIT_1));
    leg = nextLeg(leg);
  } while (leg != payment);
  scanIfOpen(secondDebit(payment));
}

function tellCarriedOver(payment: usize): void {
  writeOfPayment(EVENT_CARRIED_OVER, REASON_NONE, payment);
  setLiveOutcome(payment, EVENT_CARRIED_OVER);
}

/** A carried-over leg that is unmatched stays where it is. */
function carryOver(payment: usize, other: usize): void {
  if (list == QUEUED || list == EARMARKED) joinWaiting(payment);
  let leg = payment;
  do {
    tellCarriedOver(leg);
    leg = nextLeg(leg);
  } while (leg != payment);
  if (other != 0) tellCarriedOver(other);
}

/** Takes a chain that is being funded out, by any of its legs. */
function removeFunding(leg: usize): void {
  const lead = leadOf(leg);
  const carries = carriesOver(currency);
  release(lead, carries ? REASON_NONE : REASON_CANCELLED_AT_CLOSE);
  scanDebits(lead);
  removed += slotsOf(lead);
  if (!carries) return cancelBoth(lead, REASON_CANCELLED_AT_CLOSE, REASON_CANCELLED_AT_CLOSE);
  armChain(lead);
  carryOver(lead, 0);
}

function remove(payment: usize): void {
  if (isByItself(payment)) return removeFunding(payment);
  const other = otherLeg(payment);
  removed += other == 0 ? slotsOf(payment) : 2;
  if (list == QUEUED) leave(payment);
  if (carriesOver(currency)) return carryOver(payment, other);
  if (list == WAITING) leaveWaiting(payment);
  else if (list == UNMATCHED) leaveUnmatched(payment);
  cancelBoth(payment, REASON_CANCELLED_AT_CLOSE, REASON_CANCELLED_AT_CLOSE);
}

/** Takes the closing currency's payments out, then closes it; false where the output is full. */
export function finishClosing(): bool {
  while (list != RECALLS) {
    if (cursor == 0) {
      if (list == UNMATCHED) break;
      list += 1;
      if (list == QUEUED) cursor = firstQueued();
      else cursor = list == EARMARKED ? firstEarmarked() : firstUnmatched();
      continue;
    }
    const payment = cursor;
    if (isConcerned(payment)) {
      if (outputFull()) return false;
      cursor = nextOfOthers(payment);
      remove(payment);
    } else {
      cursor = nextOfOthers(payment);
    }
  }
  if (outputFull()) return false;
  if (list != RECALLS) tellClosed();
  while (recallsEnd()) {
    const unanswered = nextUnanswered(currency, !outputFull());
    if (unanswered == 0) break;
    if (outputFull()) return false;
    tellRecallEnded(unanswered);
  }
  forget(close(currency));
  return true;
}

function tellClosed(): void {
  const event = writeEvent(EVENT_CLOSED, REASON_NONE);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<u32>(event, businessDateOf(currency), OUT_COUNT);
  store<i64>(event, removed, OUT_AMOUNT_1);
  list = RECALLS;
  if (recallsEnd()) startRecalls(currency);
}

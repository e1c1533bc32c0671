// Earliest and latest times of payments (as in T2: from, till), and what happens when they come.
//
// Invariants
// - A time is a number of whole seconds after 00:00 UTC of the day before the settlement date.
// - A payment whose earliest time lies ahead waits outside the queues; it is not settled before.
// - A payment that lives at its latest time is cancelled then. What falls due at that instant for
//   messages that arrived before it comes first, and may settle it still.

import { raiseFault } from './accounts-and-conservation';
import { passDeadline } from './attestations-and-deadline';
import { isConditionMet } from './attestor-thresholds';
import { armChain, expiryHasCome } from './chain-funding-and-earmark-expiry';
import { deadlineHasCome } from './condition-deadline';
import { now } from './cut-offs-and-cycle-times';
import { dropEarmarks, goesOnWithout } from './earmark-terms';
import { enter } from './gross-entry-and-rescan';
import { DATE, IDENTITY, isChainLeg, LATEST, nextOfChain } from './live-payment';
import { joinWaiting, leaveWaiting } from './not-yet-queued';
import { mayStand } from './opening-and-closing';
import { isUnmatched } from './pair-state';
import { cancelBoth, cancelPayment, withdraw } from './payment-endings';
import { isEarly, setEarly } from './queue-places';
import {
  IN_DATE,
  IN_EARLIEST,
  IN_LATEST,
  REASON_EARMARK_EXPIRED,
  REASON_LATEST_TIME_PASSED,
  REASON_NONE,
  REASON_TIMES_INVALID,
  REASON_UNMATCHED,
} from './record-numbers';
import { instantOf, secondsAt } from './seconds-to-instants';
import { setTimer, takeTimer } from './timers';

/** Whether a record has a time at all: most have none. */
function hasTimes(record: usize): bool {
  return (load<u32>(record, IN_EARLIEST) | <u32>load<u16>(record, IN_LATEST + 1)) != 0;
}

/** Whether a record's earliest time lies ahead. */
export function comesEarly(record: usize): bool {
  if (!hasTimes(record)) return false;
  const earliest = secondsAt(record + IN_EARLIEST);
  return earliest != 0 && instantOf(load<u32>(record, IN_DATE), earliest) > now();
}

/** A latest time that is not after the earliest, or not ahead, can never be kept. */
export function judgeTimes(record: usize): i32 {
  if (!hasTimes(record)) return REASON_NONE;
  const earliest = secondsAt(record + IN_EARLIEST);
  const latest = secondsAt(record + IN_LATEST);
  if (latest == 0) return REASON_NONE;
  if (latest <= earliest) return REASON_TIMES_INVALID;
  return instantOf(load<u32>(record, IN_DATE), latest) > now() ? REASON_NONE : REASON_TIMES_INVALID;
}

/** Arms a payment's latest time, if it has one. */
export function awaitLatest(payment: usize): void {
  const latest = secondsAt(payment + LATEST);
  if (latest != 0) setTimer(payment, instantOf(load<u32>(payment, DATE), latest));
}

/** Only of a pair, whose legs have their own times, can that be before the earliest. */
function latestHasCome(payment: usize): bool {
  const latest = secondsAt(payment + LATEST);
  return latest != 0 && instantOf(load<u32>(payment, DATE), latest) <= now();
}

/** Notes the times of a payment that becomes live, and arms the first that lies ahead. */
export function startTimes(payment: usize, record: usize): void {
  store<u16>(payment, load<u16>(record, IN_LATEST), LATEST);
  store<u8>(payment, load<u8>(record, IN_LATEST + 2), LATEST + 2);
  const early = comesEarly(record);
  setEarly(payment, early);
  if (early)
    setTimer(payment, instantOf(load<u32>(record, IN_DATE), secondsAt(record + IN_EARLIEST)));
  else awaitLatest(payment);
}

/** The earmarks of a chain end before it settled. */
function expire(lead: usize): void {
  withdraw(lead, REASON_EARMARK_EXPIRED);
  if (!goesOnWithout(lead)) return cancelBoth(lead, REASON_EARMARK_EXPIRED, REASON_EARMARK_EXPIRED);
  dropEarmarks(lead);
  armChain(lead);
  if (isConditionMet(lead)) enter(lead);
  else joinWaiting(lead);
}

/** Of the other legs of a chain whose latest time has come the one whose message came first; 0: none. */
function firstLate(lead: usize): usize {
  let first: usize = 0;
  for (let leg = nextOfChain(lead); leg != lead; leg = nextOfChain(leg)) {
    if (!latestHasCome(leg)) continue;
    if (first == 0 || load<u64>(leg, IDENTITY) < load<u64>(first, IDENTITY)) first = leg;
  }
  return first;
}

/** The expiry of a chain's earmarks or the deadline of its condition has come; a latest time of any leg comes before. */
function endWait(lead: usize): void {
  const late = firstLate(lead);
  if (late != 0) {
    withdraw(late, REASON_LATEST_TIME_PASSED);
    cancelPayment(late, REASON_LATEST_TIME_PASSED);
  } else if (expiryHasCome(lead)) expire(lead);
  else passDeadline(lead);
}

/** What falls due first happens: at most one event, of a pair two. */
export function fireTimer(): void {
  const payment = takeTimer();
  if (isUnmatched(payment)) {
    withdraw(payment, REASON_UNMATCHED);
    cancelPayment(payment, REASON_UNMATCHED);
  } else if (latestHasCome(payment)) {
    withdraw(payment, REASON_LATEST_TIME_PASSED);
    cancelPayment(payment, REASON_LATEST_TIME_PASSED);
  } else if (isChainLeg(payment) && (expiryHasCome(payment) || deadlineHasCome(payment))) {
    endWait(payment);
  } else if (isEarly(payment)) {
    setEarly(payment, false);
    if (isChainLeg(payment)) armChain(payment);
    else awaitLatest(payment);
    if (!mayStand(payment)) return;
    leaveWaiting(payment);
    enter(payment);
  } else raiseFault();
}

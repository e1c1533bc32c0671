// When a chain whose terms ask for earmarks (earmarks.ts) is funded, settles, and what its expiry does.
//
// Invariants
// - Funding begins where a chain without earmarks would come into the queues: complete, its earliest time passed, all
//   currencies open; and, where the terms say so, its condition met.
// - An expiry that has come when funding would begin, and one that comes before the chain settles, ends it, or the
//   chain goes on without earmarks: as its terms say. So does a cap that funding would pass (earmark-cap.ts).
// - A chain whose terms promise is promised with the record with which all of it is set aside and all groups of its
//   condition hold but the last. From then on it has no timer, and ends by what that group attests alone.

import {
  conditionOf,
  isConditionMet,
  isPromised,
  isToBePromised,
  setPromised,
} from './attestor-thresholds';
import { deadlineOf } from './condition-deadline';
import { now } from './cut-offs-and-cycle-times';
import { useUntil } from './earmark-cap';
import { dropEarmarks, earmarkModeOf, expiryOf, goesOnWithout } from './earmark-terms';
import {
  bookEarmarked,
  earmarkFromQueue,
  isFunded,
  startFunding,
  tellNotEarmarked,
  tellPromised,
} from './earmarks';
import { DATE, EARLIEST, isByItself, nextOfChain } from './live-payment';
import { leadOf } from './pair-state';
import { cancelBoth, finishSettled } from './payment-endings';
import { isEarly } from './queue-places';
import {
  MECHANISM_EARMARK,
  REASON_EARMARK_CAP_REACHED,
  REASON_EARMARK_EXPIRED,
  REASON_NONE,
} from './record-numbers';
import { instantOf, latestOf } from './seconds-to-instants';
import { clearTimer, setTimer } from './timers';

const EARMARK_AT_ACCEPTANCE: u32 = 1;

/** Whether a chain that stands nowhere is to be funded before it settles. */
export function isToBeEarmarked(lead: usize): bool {
  return earmarkModeOf(lead) != 0;
}

/** Whether a chain that waits is to wait on: for its condition, and what it sets aside before is no matter of that. */
export function awaitsCondition(lead: usize): bool {
  return !isConditionMet(lead) && earmarkModeOf(lead) != EARMARK_AT_ACCEPTANCE;
}

/** Whether the earmarks of a chain that is being funded have come to their end. */
export function expiryHasCome(lead: usize): bool {
  return isByItself(lead) && expiryOf(lead) <= now();
}

/** Arms the timer of leg 1 anew, whose earliest time is the chain's. */
export function armChain(lead: usize): void {
  clearTimer(lead);
  if (isPromised(lead)) return;
  let timerMs = min(latestOf(lead), deadlineOf(lead));
  if (isByItself(lead)) timerMs = min(timerMs, expiryOf(lead));
  if (isEarly(lead))
    timerMs = min(timerMs, instantOf(load<u32>(lead, DATE), load<u32>(lead, EARLIEST)));
  if (timerMs != i64.MAX_VALUE) setTimer(lead, timerMs);
}

/** Why nothing can be set aside for a chain that would begin to be funded, or none: then it counts until its expiry. */
function judgeFunding(lead: usize): i32 {
  const expiry = expiryOf(lead);
  if (expiry <= now()) return REASON_EARMARK_EXPIRED;
  return useUntil(lead, expiry) ? REASON_NONE : REASON_EARMARK_CAP_REACHED;
}

/** Whether a chain that stands nowhere ends as nothing can be set aside, or it goes on without earmarks: with an event for each leg where it ends, or a cap is why. */
export function endsUnfunded(lead: usize): bool {
  const reason = judgeFunding(lead);
  if (reason == REASON_NONE) return false;
  if (goesOnWithout(lead)) {
    // Of an expiry that has come its terms tell; of the cap nothing would.
    if (reason == REASON_EARMARK_CAP_REACHED) tellNotEarmarked(lead);
    dropEarmarks(lead);
    return false;
  }
  cancelBoth(lead, reason, reason);
  return true;
}

/** Lets a chain in that `isToBeEarmarked` and stands nowhere: whether it settled. */
export function enterToFund(lead: usize): bool {
  startFunding(lead);
  armChain(lead);
  return settleIfFunded(lead);
}

/** Promises a chain whose terms do, if all of it is set aside and it waits for its decision alone. Up to 16 events. */
export function promiseIfDue(lead: usize): void {
  if (!isToBePromised(conditionOf(lead)) || !isByItself(lead) || !isFunded(lead)) return;
  setPromised(conditionOf(lead));
  let leg = lead;
  do {
    clearTimer(leg);
    leg = nextOfChain(leg);
  } while (leg != lead);
  tellPromised(lead);
}

/** Settles a chain that is being funded if all of it is and its condition is met; where it is not, it may be promised. */
export function settleIfFunded(lead: usize): bool {
  if (!isConditionMet(lead)) {
    promiseIfDue(lead);
    return false;
  }
  if (!isFunded(lead)) return false;
  bookEarmarked(lead);
  finishSettled(lead, MECHANISM_EARMARK, 0);
  return true;
}

/** Earmarks a leg that is next in its queue, and settles its chain if it was the last. */
export function fund(leg: usize): void {
  earmarkFromQueue(leg);
  settleIfFunded(leadOf(leg));
}

// When a chain whose terms ask for earmarks (earmarks.ts) is funded, settles, and what its expiry does.
//
// Invariants
// - Funding begins where a chain without earmarks would come into the queues: complete, its earliest time passed, all
//   currencies open; and, where the terms say so, its condition met.
// - An expiry that has come when funding would begin, and one that comes before the chain settles, ends it, or the
//   chain goes on without earmarks: as its terms say.
import { now } from './calendar';
import {
  dropEarmarks,
  earmarkModeOf,
  expirySecondsOf,
  goesOnWithout,
  isConditionMet,
} from './earmark-terms';
import { bookEarmarked, earmarkFromQueue, isFunded, startFunding } from './earmarks';
import { cancelBoth, finishSettled } from './endings';
import { instantOf, latestOf } from './instants';
import { DATE, isByItself } from './live-payment';
import { leadOf } from './pair-state';
import { MECHANISM_EARMARK, REASON_EARMARK_EXPIRED } from './records';
import { clearTimer, setTimer } from './timers';

/** When the earmarks of a chain end; the largest number where they do not. */
function expiryOf(lead: usize): i64 {
  const seconds = expirySecondsOf(lead);
  return seconds == 0 ? i64.MAX_VALUE : instantOf(load<u32>(lead, DATE), seconds);
}

/** Whether a chain that stands nowhere is to be funded before it settles. */
export function isToBeEarmarked(lead: usize): bool {
  return earmarkModeOf(lead) != 0;
}

/** Arms the timer of leg 1 anew. */
export function armChain(lead: usize): void {
  clearTimer(lead);
  const expiryMs = isByItself(lead) ? expiryOf(lead) : i64.MAX_VALUE;
  const timerMs = min(expiryMs, latestOf(lead));
  if (timerMs != i64.MAX_VALUE) setTimer(lead, timerMs);
}

/** Whether a chain that stands nowhere ends as its expiry has come, with an event for each leg; or it goes on without earmarks. */
export function endsByExpiry(lead: usize): bool {
  if (expiryOf(lead) > now()) return false;
  if (goesOnWithout(lead)) {
    dropEarmarks(lead);
    return false;
  }
  cancelBoth(lead, REASON_EARMARK_EXPIRED, REASON_EARMARK_EXPIRED);
  return true;
}

/** Lets a chain in that `isToBeEarmarked` and stands nowhere: whether it settled. */
export function enterToFund(lead: usize): bool {
  startFunding(lead);
  armChain(lead);
  return settleIfFunded(lead);
}

/** Settles a chain that is being funded if all of it is and its condition is met. */
export function settleIfFunded(lead: usize): bool {
  if (!isConditionMet(lead) || !isFunded(lead)) return false;
  bookEarmarked(lead);
  finishSettled(lead, MECHANISM_EARMARK, 0);
  return true;
}

/** Earmarks a leg that is next in its queue, and settles its chain if it was the last. */
export function fund(leg: usize): void {
  earmarkFromQueue(leg);
  settleIfFunded(leadOf(leg));
}

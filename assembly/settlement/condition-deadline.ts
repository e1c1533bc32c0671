// Until when the condition of a chain can be met. What follows where it is not: `passDeadline` in attestations-and-deadline.ts.

import { conditionOf, deadlineSecondsOf, isConditionMet } from './attestor-thresholds';
import { now } from './cut-offs-and-cycle-times';
import { furtherTermsOf } from './further-terms';
import { DATE } from './live-payment';
import { IN_DATE, IN_DEADLINE, REASON_NONE, REASON_TIMES_INVALID } from './record-numbers';
import { instantOf, instantOrNever, secondsAt } from './seconds-to-instants';

/** A deadline that is not ahead can never be kept. */
export function judgeDeadline(record: usize): i32 {
  const terms = furtherTermsOf(record);
  const deadline: u32 = terms == 0 ? 0 : secondsAt(terms + IN_DEADLINE);
  if (deadline == 0) return REASON_NONE;
  const isAhead = instantOf(load<u32>(record, IN_DATE), deadline) > now();
  return isAhead ? REASON_NONE : REASON_TIMES_INVALID;
}

/** Until when a condition that is not met can be; the largest number where there is none, or no end. */
export function deadlineOf(lead: usize): i64 {
  if (isConditionMet(lead)) return i64.MAX_VALUE;
  return instantOrNever(load<u32>(lead, DATE), deadlineSecondsOf(conditionOf(lead)));
}

/** Whether the deadline of a condition that is not met has come. */
export function deadlineHasCome(lead: usize): bool {
  return deadlineOf(lead) <= now();
}

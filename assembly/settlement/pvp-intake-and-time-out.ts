// Payment versus payment between two banks: each instructs its own leg (a security in place of one
// currency makes it delivery versus payment). Here single legs are taken in; that both of a matched pair
// book or neither: may-settle-and-book-both-or-neither.ts.
//
// Invariants
// - A leg that finds no mirror waits, locks nothing, and ends unmatched after pvpTimeoutMs or at its
//   latest time. Which legs mirror each other: pvp-matching.ts. Where time-outs and latest times differ,
//   whatever comes first ends it.
// - A matched pair is one linked payment (pair-state.ts): it comes in when both currencies are open and
//   both earliest times have come, and ends when the first of the two latest times does.

import { accountOf, currencyOf } from './accounts-and-conservation';
import { keepsCorridorLimits, useLiving } from './corridor-limits';
import { isOpenFor, judgeDates, now, today } from './cut-offs-and-cycle-times';
import { awaitLatest, judgeTimes } from './earliest-and-latest-times';
import { writeOfPayment } from './event-output';
import { fill } from './fill-live-payment';
import { enter } from './gross-entry-and-rescan';
import { setDay, setLiveOutcome } from './identity-table';
import {
  AMOUNT_1,
  AMOUNT_2,
  CREDIT_1,
  CREDIT_2,
  DATE,
  DEBIT_1,
  DEBIT_2,
  EARLIEST,
  LATEST,
  MATCH_KEY,
  POSITION,
  PRIORITY,
} from './live-payment';
import { joinWaiting } from './not-yet-queued';
import { markLeg, pairLegs } from './pair-state';
import { debitsDefaulted } from './participant-default';
import { findMirror, joinUnmatched, leaveUnmatched } from './pvp-matching';
import { nextSlot, setEarly, takeSlot } from './queue-places';
import {
  EVENT_MATCHED,
  EVENT_QUEUED,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DATE,
  IN_DEBTOR_AGENT,
  IN_EARLIEST,
  IN_LATEST,
  IN_MATCH_KEY,
  IN_PARTICIPANT,
  IN_PRIORITY,
  NONE16,
  OUT_BALANCE_1,
  PRIORITY_NORMAL,
  REASON_ACCOUNT_MISSING,
  REASON_AMOUNT_NOT_POSITIVE,
  REASON_CORRIDOR_LIMIT_REACHED,
  REASON_FORMAT_INVALID,
  REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_PARTICIPANT_DEFAULTED,
  REASON_SAME_AGENT,
} from './record-numbers';
import { instantOf, latestOf, secondsAt } from './seconds-to-instants';
import { clearTimer, setTimer } from './timers';

let timeoutMs: i64 = 0;

/** After how long an unmatched leg ends; 0: never. */
export function setPvpTimeout(ms: u32): void {
  timeoutMs = ms;
}

// The leg being judged: what it delivers and what it receives.
let debit1: usize = 0;
let credit1: usize = 0;
let debit2: usize = 0;
let credit2: usize = 0;

function judgeParties(record: usize): i32 {
  const own = load<u32>(record, IN_DEBTOR_AGENT);
  const other = load<u32>(record, IN_CREDITOR_AGENT);
  const currency1 = <u32>load<u16>(record, IN_CURRENCY_1);
  const currency2 = <u32>load<u16>(record, IN_CURRENCY_2);
  if (<i32>load<u8>(record, IN_PRIORITY) > PRIORITY_NORMAL) return REASON_FORMAT_INVALID;
  if (currency2 == currency1 || currency2 == <u32>NONE16) return REASON_FORMAT_INVALID;
  if (load<u32>(record, IN_PARTICIPANT) != own) return REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT;
  debit1 = accountOf(own, currency1);
  credit1 = accountOf(other, currency1);
  debit2 = accountOf(other, currency2);
  credit2 = accountOf(own, currency2);
  if (debit1 == 0 || credit1 == 0 || debit2 == 0 || credit2 == 0) return REASON_ACCOUNT_MISSING;
  if (own == other) return REASON_SAME_AGENT;
  if (load<i64>(record, IN_AMOUNT_1) <= 0 || load<i64>(record, IN_AMOUNT_2) <= 0)
    return REASON_AMOUNT_NOT_POSITIVE;
  return debitsDefaulted(debit1, debit2) ? REASON_PARTICIPANT_DEFAULTED : REASON_NONE;
}

/** Takes a leg in: it waits for its mirror, or is matched and comes in with it. Up to four events. */
export function acceptLeg(record: usize, serial: u64): i32 {
  let reason = judgeParties(record);
  if (reason == REASON_NONE) reason = judgeDates(record, true);
  if (reason == REASON_NONE) reason = judgeTimes(record);
  if (reason != REASON_NONE) return reason;
  // What it receives is the other bank's leg, which counts it.
  if (!keepsCorridorLimits(debit1, credit1, load<i64>(record, IN_AMOUNT_1), 0, 0, 0))
    return REASON_CORRIDOR_LIMIT_REACHED;
  const date = load<u32>(record, IN_DATE);
  const key = load<u64>(record, IN_MATCH_KEY);
  const amount1 = load<i64>(record, IN_AMOUNT_1);
  const amount2 = load<i64>(record, IN_AMOUNT_2);
  const mirror = findMirror(key, date, debit1, amount1, debit2, amount2);
  const leg = nextSlot();
  if (!takeSlot()) return REASON_LIMIT_REACHED;
  fillLeg(leg, record, serial);
  useLiving(leg);
  setDay(serial, max(today(), date));
  if (mirror == 0) {
    joinUnmatched(leg);
    awaitOthers(leg);
  } else match(mirror, leg);
  return REASON_NONE;
}

function fillLeg(leg: usize, record: usize, serial: u64): void {
  fill(leg, record, serial, 0);
  store<i64>(leg, load<i64>(record, IN_AMOUNT_1), AMOUNT_1);
  store<i64>(leg, load<i64>(record, IN_AMOUNT_2), AMOUNT_2);
  store<u32>(leg, debit1, DEBIT_1);
  store<u32>(leg, credit1, CREDIT_1);
  store<u32>(leg, debit2, DEBIT_2);
  store<u32>(leg, credit2, CREDIT_2);
  store<u8>(leg, load<u8>(record, IN_PRIORITY), PRIORITY);
  store<u64>(leg, load<u64>(record, IN_MATCH_KEY), MATCH_KEY);
  noteTimes(leg, record);
  markLeg(leg, true);
}

/** Notes the two times of a leg that may wait for others. */
export function noteTimes(leg: usize, record: usize): void {
  store<u16>(leg, load<u16>(record, IN_LATEST), LATEST);
  store<u8>(leg, load<u8>(record, IN_LATEST + 2), LATEST + 2);
  store<u32>(leg, secondsAt(record + IN_EARLIEST), EARLIEST);
}

/** Lets a leg that is listed as unmatched wait, until it ends; its event. */
export function awaitOthers(leg: usize): usize {
  const end = timeoutMs == 0 ? i64.MAX_VALUE : now() + timeoutMs;
  const endMs = min(end, latestOf(leg));
  if (endMs != i64.MAX_VALUE) setTimer(leg, endMs);
  setLiveOutcome(leg, EVENT_QUEUED);
  return writeOfPayment(EVENT_QUEUED, REASON_NONE, leg);
}

/** The later of two earliest times; it may have passed. */
function earliestOf(first: usize, second: usize): i64 {
  const seconds = max(load<u32>(first, EARLIEST), load<u32>(second, EARLIEST));
  return seconds == 0 ? 0 : instantOf(load<u32>(first, DATE), seconds);
}

function tellMatched(leg: usize, other: usize): void {
  const event = writeOfPayment(EVENT_MATCHED, REASON_NONE, leg);
  store<u64>(event, load<u64>(other, POSITION), OUT_BALANCE_1);
  setLiveOutcome(leg, EVENT_MATCHED);
}

function match(first: usize, second: usize): void {
  const earliestMs = earliestOf(first, second);
  clearTimer(first);
  leaveUnmatched(first);
  pairLegs(first, second);
  tellMatched(second, first);
  tellMatched(first, second);
  awaitLatest(second);
  if (earliestMs > now()) {
    setEarly(first, true);
    setTimer(first, min(earliestMs, latestOf(first)));
    return joinWaiting(first);
  }
  awaitLatest(first);
  const date = load<u32>(first, DATE);
  const stands =
    isOpenFor(currencyOf(load<u32>(first, DEBIT_1)), date) &&
    isOpenFor(currencyOf(load<u32>(first, DEBIT_2)), date);
  if (stands) enter(first);
  else joinWaiting(first);
}

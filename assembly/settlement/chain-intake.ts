// Legs of chains as they come in: each is instructed by the bank that it debits.
//
// Invariants
// - A leg waits unmatched, locks nothing and knows nothing of the others, until all legs of its chain are live
//   (chain-terms.ts); it ends unmatched after pvpTimeoutMs or at its latest time, as a PvP leg does.
// - A complete chain comes in when the latest of the legs' earliest times has come and all currencies are open,
//   and ends when the first of the latest times does. Until then it waits at the place of its leg 1.

import { accountOf } from './accounts-and-conservation';
import { meetIfHeld, tellOfLeg } from './attestations-and-deadline';
import {
  bringsCondition,
  conditionIsForm,
  conditionOf,
  hasRoomForCondition,
  joinCondition,
} from './attestor-thresholds';
import { armChain } from './chain-funding-and-earmark-expiry';
import { legIsPlaced, placeInChain } from './chain-legs';
import { findLegs, firstFound, foundLeg, joinTerms, leadTerms, putLeg } from './chain-terms';
import { judgeDeadline } from './condition-deadline';
import { keepsCorridorLimits, useLiving } from './corridor-limits';
import { judgeDates, now, today } from './cut-offs-and-cycle-times';
import { awaitLatest, judgeTimes } from './earliest-and-latest-times';
import { isEarmarkCapped } from './earmark-cap';
import { earmarkIsForm, judgeBound, judgeExpiry, keepEarmarkTerms } from './earmark-terms';
import { fill } from './fill-live-payment';
import { furtherTermsStand } from './further-terms';
import { enter } from './gross-entry-and-rescan';
import { setDay, setLiveOutcome } from './identity-table';
import {
  AMOUNT_1,
  CREDIT_1,
  DATE,
  DEBIT_1,
  EARLIEST,
  LEAD,
  LEG_WISH,
  PRIORITY,
  setNextLeg,
} from './live-payment';
import { joinWaiting } from './not-yet-queued';
import { mayStand } from './opening-and-closing';
import { completeChain, markLeg } from './pair-state';
import { debitsDefaulted } from './participant-default';
import { awaitOthers, noteTimes } from './pvp-intake-and-time-out';
import { leaveUnmatched, listUnmatched } from './pvp-matching';
import { nextSlot, setEarly, takeSlot } from './queue-places';
import {
  EVENT_MATCHED,
  IN_AMOUNT_1,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_DATE,
  IN_DEBTOR_AGENT,
  IN_LEG_COUNT,
  IN_LEG_NUMBER,
  IN_PARTICIPANT,
  IN_PRIORITY,
  OUT_COUNT,
  PRIORITY_NORMAL,
  REASON_ACCOUNT_MISSING,
  REASON_AMOUNT_NOT_POSITIVE,
  REASON_CORRIDOR_LIMIT_REACHED,
  REASON_FORMAT_INVALID,
  REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT,
  REASON_LEG_INSTRUCTED,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_PARTICIPANT_DEFAULTED,
  REASON_SAME_AGENT,
} from './record-numbers';
import { instantOf } from './seconds-to-instants';
import { clearTimer } from './timers';

// The leg being judged.
let debit: usize = 0;
let credit: usize = 0;

function judgeParties(record: usize): i32 {
  const own = load<u32>(record, IN_DEBTOR_AGENT);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  if (<i32>load<u8>(record, IN_PRIORITY) > PRIORITY_NORMAL) return REASON_FORMAT_INVALID;
  if (!furtherTermsStand(record) || !earmarkIsForm(record) || !conditionIsForm(record))
    return REASON_FORMAT_INVALID;
  const legsMin: u32 = bringsCondition(record) ? 1 : 2;
  if (!legIsPlaced(load<u8>(record, IN_LEG_NUMBER), load<u8>(record, IN_LEG_COUNT), legsMin))
    return REASON_FORMAT_INVALID;
  if (load<u32>(record, IN_PARTICIPANT) != own) return REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT;
  debit = accountOf(own, currency);
  credit = accountOf(load<u32>(record, IN_CREDITOR_AGENT), currency);
  if (debit == 0 || credit == 0) return REASON_ACCOUNT_MISSING;
  if (debit == credit) return REASON_SAME_AGENT;
  if (load<i64>(record, IN_AMOUNT_1) <= 0) return REASON_AMOUNT_NOT_POSITIVE;
  return debitsDefaulted(debit, 0) ? REASON_PARTICIPANT_DEFAULTED : REASON_NONE;
}

/** Takes a leg in: it waits for the others, or completes its chain. Up to 64 events. */
export function acceptChainLeg(record: usize, serial: u64): i32 {
  let reason = judgeParties(record);
  if (reason == REASON_NONE) reason = judgeDates(record, false);
  if (reason == REASON_NONE) reason = judgeTimes(record);
  if (reason == REASON_NONE) reason = judgeExpiry(record);
  if (reason == REASON_NONE) reason = judgeDeadline(record);
  if (reason == REASON_NONE && isEarmarkCapped(debit)) reason = judgeBound(record);
  if (reason != REASON_NONE) return reason;
  if (!keepsCorridorLimits(debit, credit, load<i64>(record, IN_AMOUNT_1), 0, 0, 0))
    return REASON_CORRIDOR_LIMIT_REACHED;
  const others = findLegs(record);
  if (foundLeg(load<u8>(record, IN_LEG_NUMBER)) != 0) return REASON_LEG_INSTRUCTED;
  const sharer = firstFound(load<u8>(record, IN_LEG_COUNT));
  if (sharer != 0 && (conditionOf(sharer) != 0) != bringsCondition(record))
    return REASON_FORMAT_INVALID;
  if (sharer == 0 && bringsCondition(record) && !hasRoomForCondition()) return REASON_LIMIT_REACHED;
  const leg = nextSlot();
  if (!takeSlot()) return REASON_LIMIT_REACHED;
  fillLeg(leg, record, serial);
  useLiving(leg);
  joinCondition(leg, record, sharer);
  putLeg(leg);
  setDay(serial, max(today(), load<u32>(record, IN_DATE)));
  const legs = <u32>load<u8>(record, IN_LEG_COUNT);
  if (others + 1 == legs) complete(leg, legs);
  else {
    listUnmatched(leg);
    store<u32>(awaitOthers(leg), placeInChain(leg), OUT_COUNT);
  }
  return REASON_NONE;
}

function fillLeg(leg: usize, record: usize, serial: u64): void {
  fill(leg, record, serial, 0);
  store<i64>(leg, load<i64>(record, IN_AMOUNT_1), AMOUNT_1);
  store<u32>(leg, debit, DEBIT_1);
  store<u32>(leg, credit, CREDIT_1);
  store<u8>(leg, load<u8>(record, IN_PRIORITY), PRIORITY);
  store<u8>(leg, load<u8>(record, IN_PRIORITY), LEG_WISH);
  store<u32>(leg, leg, LEAD);
  setNextLeg(leg, leg);
  noteTimes(leg, record);
  joinTerms(leg, record);
  keepEarmarkTerms(leg, record);
  markLeg(leg, true);
}

/** Makes one ring of the legs that were found; the last of their earliest times, in seconds. */
function link(arrived: usize, legs: u32): u32 {
  let seconds: u32 = 0;
  for (let number: u32 = 1; number <= legs; number++) {
    const leg = foundLeg(number);
    seconds = max(seconds, load<u32>(leg, EARLIEST));
    if (leg != arrived) {
      clearTimer(leg);
      leaveUnmatched(leg);
    }
    setNextLeg(leg, foundLeg(number == legs ? 1 : number + 1));
  }
  leadTerms(foundLeg(1));
  return seconds;
}

function tellMatched(leg: usize, lead: usize): void {
  tellOfLeg(EVENT_MATCHED, leg, lead);
  setLiveOutcome(leg, EVENT_MATCHED);
}

/** All legs are there: the chain comes in, or waits. */
function complete(arrived: usize, legs: u32): void {
  const lead = foundLeg(1);
  const seconds = link(arrived, legs);
  completeChain(lead);
  for (let number: u32 = 1; number <= legs; number++) tellMatched(foundLeg(number), lead);
  for (let number: u32 = 2; number <= legs; number++) awaitLatest(foundLeg(number));
  meetIfHeld(lead);
  store<u32>(lead, seconds, EARLIEST);
  setEarly(lead, seconds != 0 && instantOf(load<u32>(lead, DATE), seconds) > now());
  armChain(lead);
  if (mayStand(lead)) enter(lead);
  else joinWaiting(lead);
}

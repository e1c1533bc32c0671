// Attestations as they come in: what a participant says of a chain, or of a document; and what follows from it.
//
// Invariants
// - A condition is met by the attestation, or the completion of its chain, with which enough have accepted, or at its
//   deadline where silence settles: whatever is said later does not count. A chain whose condition can never be met
//   ends at once, complete or not.
// - How many are enough: attestor-thresholds.ts.
// - Whether the deadline has come (a promised chain has none): condition-deadline.ts; what comes before it at
//   the same instant: earliest-and-latest-times.ts; the money that goes back: earmarks.ts.
// - An attestation that stands alone changes nothing but that it was made, and how far its attestor has counted.

import { countOn } from './attestor-counters';
import {
  attest,
  canBeMet,
  conditionHolds,
  conditionOf,
  holdsBySilence,
  isConditionMet,
  judgePromise,
  names,
  setConditionMet,
  silenceSettles,
} from './attestor-thresholds';
import { writeOfInstruction } from './cancel-reorder-and-limit-intake';
import { armChain, promiseIfDue, settleIfFunded } from './chain-funding-and-earmark-expiry';
import { placeInChain } from './chain-legs';
import { findLegs, firstFound, foundLeg } from './chain-terms';
import { now } from './cut-offs-and-cycle-times';
import { writeOfPayment } from './event-output';
import { enter } from './gross-entry-and-rescan';
import { setOutcome } from './identity-table';
import { isByItself, nextOfChain, POSITION } from './live-payment';
import { leaveWaiting } from './not-yet-queued';
import { mayStand } from './opening-and-closing';
import { isUnmatched, leadOf } from './pair-state';
import { cancelBoth, cancelPayment, withdraw } from './payment-endings';
import {
  EVENT_ATTESTED,
  EVENT_RECORDED,
  EVENT_TRIGGERED,
  IN_CHAIN_POSITION,
  IN_COUNTER,
  IN_DATE,
  IN_LEG_COUNT,
  IN_PARTICIPANT,
  IN_TERMS,
  IN_TERMS_END,
  IN_VALID_UNTIL_MS,
  IN_VERDICT,
  OUT_AMOUNT_1,
  OUT_BALANCE_1,
  OUT_BALANCE_2,
  OUT_COUNT,
  REASON_ATTESTATION_EXPIRED,
  REASON_CHAIN_UNKNOWN,
  REASON_CONDITION_DECIDED,
  REASON_CONDITION_REFUSED,
  REASON_CONDITION_UNMET,
  REASON_COUNTER_ROLLED_BACK,
  REASON_FORMAT_INVALID,
  REASON_NONE,
  REASON_NOT_ATTESTOR,
  VERDICT_RECORDED,
} from './record-numbers';

/** The first 20 bytes of the digest that a record names, into its event. */
function addNamed(event: usize, record: usize): void {
  v128.store(event, v128.load(record, IN_TERMS), OUT_BALANCE_2);
  store<u32>(event, load<u32>(record, IN_TERMS_END), OUT_BALANCE_2 + 16);
}

/** An event about a leg of a chain: which it is, and where its leg 1 stands in the log. */
export function tellOfLeg(kind: i32, leg: usize, lead: usize): void {
  const event = writeOfPayment(kind, REASON_NONE, leg);
  store<u64>(event, load<u64>(lead, POSITION), OUT_BALANCE_1);
  store<u32>(event, placeInChain(leg), OUT_COUNT);
}

/** Marks the condition of a complete chain as met, with an event for each leg. */
function meet(lead: usize): void {
  setConditionMet(conditionOf(lead));
  let leg = lead;
  do {
    tellOfLeg(EVENT_TRIGGERED, leg, lead);
    leg = nextOfChain(leg);
  } while (leg != lead);
}

/** A chain is complete: what it waits for may have been attested already. */
export function meetIfHeld(lead: usize): void {
  if (!isConditionMet(lead) && conditionHolds(conditionOf(lead))) meet(lead);
}

/** The condition of a chain that waits, or is funded, is met: it settles, comes in, or waits for what else it needs. */
function trigger(lead: usize): void {
  meet(lead);
  armChain(lead);
  if (isByItself(lead)) settleIfFunded(lead);
  else if (mayStand(lead)) {
    leaveWaiting(lead);
    enter(lead);
  }
}

/** Ends a complete chain whose condition is not met, all legs for one reason. */
function endUnmet(lead: usize, reason: i32): void {
  withdraw(lead, reason);
  cancelBoth(lead, reason, reason);
}

/** The deadline of a complete chain has come, and its condition is not met. */
export function passDeadline(lead: usize): void {
  const condition = conditionOf(lead);
  if (silenceSettles(condition) && holdsBySilence(condition)) trigger(lead);
  else endUnmet(lead, REASON_CONDITION_UNMET);
}

/** So many have refused that the chain can never settle: whatever of it is live ends. */
function refuseChain(legs: u32): void {
  for (let number: u32 = 1; number <= legs; number++) {
    const leg = foundLeg(number);
    if (leg == 0) continue;
    if (!isUnmatched(leg)) return endUnmet(leadOf(leg), REASON_CONDITION_REFUSED);
    withdraw(leg, REASON_CONDITION_REFUSED);
    cancelPayment(leg, REASON_CONDITION_REFUSED);
  }
}

/** Whether an attestation is of this chain among those with its terms: where it names leg 1, of that record. */
function isMeant(leg: usize, record: usize): bool {
  const position = load<u64>(record, IN_CHAIN_POSITION);
  return position == 0 || position == load<u64>(leadOf(leg), POSITION);
}

/** Counts what is said of a chain, and what follows from it: up to 49 events. */
function acceptOfChain(record: usize, serial: u64): i32 {
  const attestor = load<u32>(record, IN_PARTICIPANT);
  const untilMs = load<i64>(record, IN_VALID_UNTIL_MS);
  const legs = <u32>load<u8>(record, IN_LEG_COUNT);
  findLegs(record);
  const leg = firstFound(legs);
  if (leg == 0 || !isMeant(leg, record)) return REASON_CHAIN_UNKNOWN;
  const condition = conditionOf(leg);
  if (condition == 0 || !names(condition, attestor)) return REASON_NOT_ATTESTOR;
  if (untilMs != 0 && untilMs < now()) return REASON_ATTESTATION_EXPIRED;
  if (isConditionMet(leg)) return REASON_CONDITION_DECIDED;
  const verdict = <u32>load<u8>(record, IN_VERDICT);
  let reason = judgePromise(condition, attestor, verdict);
  if (reason == REASON_NONE) reason = attest(condition, attestor, verdict, untilMs);
  if (reason != REASON_NONE) return reason;
  const event = writeOfInstruction(EVENT_ATTESTED, REASON_NONE, record);
  store<u32>(event, verdict | (legs << 8), OUT_COUNT);
  store<u64>(event, load<u64>(leg, POSITION), OUT_BALANCE_1);
  addNamed(event, record);
  setOutcome(serial, EVENT_ATTESTED, REASON_NONE);
  if (!canBeMet(condition)) refuseChain(legs);
  else if (!isUnmatched(leg)) {
    if (conditionHolds(condition)) trigger(leadOf(leg));
    else promiseIfDue(leadOf(leg));
  }
  return REASON_NONE;
}

/** Counts an attestation, or says why not. */
export function acceptAttestation(record: usize, serial: u64): i32 {
  const verdict = <i32>load<u8>(record, IN_VERDICT);
  if (verdict > VERDICT_RECORDED) return REASON_FORMAT_INVALID;
  if (verdict != VERDICT_RECORDED) return acceptOfChain(record, serial);
  const counter = load<i64>(record, IN_COUNTER);
  if (load<u8>(record, IN_LEG_COUNT) != 0 || load<u32>(record, IN_DATE) != 0 || counter < 0)
    return REASON_FORMAT_INVALID;
  if (counter != 0 && !countOn(load<u32>(record, IN_PARTICIPANT), counter))
    return REASON_COUNTER_ROLLED_BACK;
  const event = writeOfInstruction(EVENT_RECORDED, REASON_NONE, record);
  store<i64>(event, counter, OUT_AMOUNT_1);
  addNamed(event, record);
  setOutcome(serial, EVENT_RECORDED, REASON_NONE);
  return REASON_NONE;
}

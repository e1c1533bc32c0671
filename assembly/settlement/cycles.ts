// Cycles: which mechanisms run over what is queued. When a periodic cycle falls due: cut-offs-and-cycle-times.ts.
//
// A cycle is of one currency or of all. It first offsets bilaterally where a currency's rules say so
// (offsetting.ts); then gridlock resolution runs once, over all currencies whose cycles do it; then,
// in the order of the currencies, what each has accepted is netted and each other mechanism runs. Each
// of these runs has a number, a `cycled` event and its settled events. Every step is followed by its
// rescans, and at the end come the `heldUp` events, where the genesis asks for them (why-queue-heads-are-held-up.ts).
// A proposal is a run of its own, with its rescans and `heldUp` events (proposals.ts).
//
// Invariants
// - A periodic cycle that could not change anything is passed over without a trace.
// - What a currency has accepted is netted at its next cycle whatever its rules say by then.

import { currencyCount } from './accounts-and-conservation';
import { cycleMechanismOf } from './currency-rules';
import { addDigest, lastNumber, writeEvent } from './event-output';
import { droppedAcross, droppedCount, partCount, resolve, takeAll } from './gridlock';
import { clearBanks, matchPairs } from './multiple-optimisation';
import { acceptedCount, acceptedIn } from './netting-accepted';
import { anyGrossCycles, netsDeferred, settlesQueues } from './netting-admission';
import { runNetting } from './netting-cycle-and-its-defaults';
import { finishNetting } from './netting-events';
import { nextOffsettingMs, offsetsIn, startOffsetting } from './offsetting';
import { bookProposal, finishProposal, proposableCount } from './proposals';
import { joinedCount, queuedCount } from './queue-places';
import {
  CYCLE_ALL_OR_NOTHING,
  CYCLE_BANK_CLEARING,
  CYCLE_GRIDLOCK_RESOLUTION,
  CYCLE_MULTIPLE,
  CYCLE_PARTIAL,
  EVENT_CYCLED,
  IN_CURRENCY_1,
  MECHANISM_ALL_OR_NOTHING,
  MECHANISM_BANK_CLEARING,
  MECHANISM_GRIDLOCK_RESOLUTION,
  MECHANISM_MULTIPLE,
  MECHANISM_PARTIAL,
  MECHANISM_PROPOSED,
  NONE16,
  NONE32,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_COUNT,
  OUT_CURRENCY_1,
  OUT_CYCLE,
  OUT_MECHANISM,
  OUT_PRIORITY,
  REASON_NONE,
} from './record-numbers';
import { finishBooking, startBooking } from './set-booking';
import { takeMarks } from './set-members';
import { startHeldUp } from './why-queue-heads-are-held-up';

/** What byte 29 of a `cycled` event says. */
const NOTHING_QUEUED: u32 = 0;
const RESOLVED: u32 = 1;
const DEADLOCK: u32 = 2;
/** Nothing settled, although payments could settle together: not by this mechanism. */
const GRIDLOCK: u32 = 3;
/** Nothing settled by a heuristic, for limits across currencies: something might. */
const UNDECIDED: u32 = 4;

export const STEP_END: i32 = 0;
export const STEP_OFFSETTING: i32 = 1;
export const STEP_RUN: i32 = 2;

let cycle: u32 = 0;
// The steps of the cycle that are still to come: bilateral offsetting, gridlock resolution over all
// currencies that do it, then the currencies from `next` to below `end`.
let scope: u32 = 0;
let offsetting: bool = false;
let joint: bool = false;
let next: u32 = 0;
let end: u32 = 0;
let queues: bool = false;
let evenEmpty: bool = false;
/** The currency at `next` has been looked at for what it nets; the run at hand nets. */
let netted: bool = false;
let nets: bool = false;
// Of a cycle that is a proposal's: its record, until its run is done.
let isProposal: bool = false;
let proposal: usize = 0;
/** Whether the mechanisms run only if bilateral offsetting has settled something. */
let onlyIfOffset: bool = false;
// What has happened in the cycle: events of its own up to `ownEnd`, in so many steps.
let ownEnd: u64 = 0;
let steps: u32 = 0;
let settledAny: bool = false;
let repeatable: bool = false;
// What makes the next one worth running: see `cycleIsUseful`.
let quietNumber: u64 = 0;
let quietJoined: u64 = 0;
let disturbed: bool = false;

export function nextCycleNumber(): u32 {
  cycle += 1;
  return cycle;
}

/** Whether the next step of the cycle at hand offsets bilaterally. */
export function offsetsNext(): bool {
  return offsetting;
}

/** The currency of the cycle at hand; NONE32: of all. */
export function cycleCurrency(): u32 {
  return scope;
}

/** The last one's number. */
export function cycleNumber(): u32 {
  return cycle;
}

function somethingHappened(): bool {
  return lastNumber() != quietNumber || joinedCount() != quietJoined;
}

/** From when on a periodic cycle could be useful if nothing happens. */
export function usefulFromMs(): i64 {
  return queuedCount() > 0 && anyGrossCycles() ? nextOffsettingMs() : i64.MAX_VALUE;
}

/** Plans a cycle of one currency, or of all (NONE32), whether anything can be done or not. */
export function startCycle(currency: u32): void {
  plan(currency, true, true);
  onlyIfOffset = false;
}

/**
 * Plans a periodic cycle at this instant; false where it could not change anything: nothing is
 * accepted, and nothing queued, or since the last cycle there was no event and no payment came into
 * the queues or has been there long enough to be offset.
 */
export function startUsefulCycle(timeMs: i64): bool {
  const happened = somethingHappened();
  const ofQueues =
    queuedCount() > 0 && anyGrossCycles() && (happened || timeMs >= nextOffsettingMs());
  if (!ofQueues && acceptedCount() == 0) return false;
  plan(NONE32, ofQueues, false);
  onlyIfOffset = !happened;
  return true;
}

/** Plans the run of a proposal, which makes sense (proposals.ts), and nothing else. */
export function startProposal(record: usize): void {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  plan(currency == <u32>NONE16 ? NONE32 : currency, true, false);
  isProposal = true;
  proposal = record;
  joint = false;
  offsetting = false;
  onlyIfOffset = false;
  next = end;
}

/** Whether the next step of the cycle at hand is the run of a proposal. */
export function proposalNext(): bool {
  return proposal != 0;
}

function plan(currency: u32, ofQueues: bool, ofNothing: bool): void {
  isProposal = false;
  scope = currency;
  queues = ofQueues;
  evenEmpty = ofNothing;
  netted = false;
  next = currency == NONE32 ? 0 : currency;
  end = currency == NONE32 ? currencyCount() : currency + 1;
  joint = false;
  for (let c = next; c < end; c++)
    if (queues && <i32>cycleMechanismOf(c) == CYCLE_GRIDLOCK_RESOLUTION) joint = true;
  offsetting = queues && offsetsIn(currency);
  ownEnd = lastNumber();
  steps = 0;
  settledAny = false;
  repeatable = false;
}

/** The next run's currency (NONE32: gridlock resolution over all that do it); -1: no more. */
function nextRun(): i64 {
  nets = false;
  if (joint) {
    joint = false;
    return NONE32;
  }
  while (next < end) {
    const currency = next;
    nets = !netted && (acceptedIn(currency) > 0 || (evenEmpty && netsDeferred(currency)));
    netted = nets;
    if (nets) return currency;
    next += 1;
    if (!queues || !settlesQueues(currency)) continue;
    if (<i32>cycleMechanismOf(currency) != CYCLE_GRIDLOCK_RESOLUTION) return currency;
  }
  return -1;
}

/** Starts the next step; the caller knows that there is room for one event. */
export function nextStep(): i32 {
  if (proposal != 0) {
    runProposal(proposal);
    proposal = 0;
    return STEP_RUN;
  }
  if (offsetting) {
    offsetting = false;
    startOffsetting(scope);
    return STEP_OFFSETTING;
  }
  if (onlyIfOffset && !somethingHappened()) {
    queues = false;
    joint = false;
  }
  const currency = nextRun();
  if (currency < 0) return endSteps();
  run(<u32>currency);
  return STEP_RUN;
}

function finishStep(): void {
  steps += 1;
  ownEnd = lastNumber();
}

export function finishOffsetting(): void {
  if (lastNumber() != ownEnd) {
    settledAny = true;
    repeatable = true;
  }
  finishStep();
}

/** Takes what the run settles out of the queues; false where the output is full. */
export function finishRun(): bool {
  if (isProposal) {
    if (!finishProposal(cycle)) return false;
  } else if (nets) return finishNetting();
  else if (!finishBooking()) return false;
  finishStep();
  return true;
}

/**
 * Notes from when on nothing has happened. A cycle that settled something could settle more at once
 * where it took more than one step, or where its mechanism is a heuristic.
 */
export function finishCycle(): void {
  if (isProposal || scope != NONE32 || steps == 0) return;
  quietNumber = disturbed ? u64.MAX_VALUE : lastNumber();
  quietJoined = joinedCount();
}

/**
 * Before the last events of a cycle: whether something happened that it did not do itself or could
 * do again; and whether there is anything to tell.
 */
function endSteps(): i32 {
  disturbed = lastNumber() != ownEnd || (settledAny && (steps > 1 || repeatable));
  if (settledAny || (queues && steps > 0)) startHeldUp();
  return STEP_END;
}

function writeCycled(mechanism: u32, currency: u32, settles: u32, leaves: u32, flag: u32): usize {
  const event = writeEvent(EVENT_CYCLED, REASON_NONE);
  store<u8>(event, <u8>mechanism, OUT_MECHANISM);
  store<u8>(event, <u8>flag, OUT_PRIORITY);
  store<u16>(event, currency == NONE32 ? <u16>NONE16 : <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, leaves, OUT_AMOUNT_1);
  store<u32>(event, cycle, OUT_CYCLE);
  store<u32>(event, settles, OUT_COUNT);
  if (settles > 0) settledAny = true;
  return event;
}

/** Of a set that the core has found. */
function writeFound(mechanism: u32, currency: u32, settles: u32, flag: u32): void {
  const event = writeCycled(mechanism, currency, settles, partCount() - settles, flag);
  store<i64>(event, droppedAcross(), OUT_AMOUNT_2);
}

function flagOf(settles: u32): u32 {
  if (partCount() == 0) return NOTHING_QUEUED;
  return settles > 0 ? RESOLVED : droppedAcross() > 0 ? UNDECIDED : DEADLOCK;
}

/** Finds the set of a run, books it and writes `cycled`. */
function run(only: u32): void {
  const mechanism = only == NONE32 ? CYCLE_GRIDLOCK_RESOLUTION : <i32>cycleMechanismOf(only);
  nextCycleNumber();
  if (nets) runNetting(only, cycle);
  else if (mechanism == CYCLE_ALL_OR_NOTHING) runAllOrNothing(only);
  else if (mechanism == CYCLE_MULTIPLE || mechanism == CYCLE_BANK_CLEARING)
    runSelection(only, mechanism);
  else runResolution(only, mechanism);
}

function runResolution(only: u32, mechanism: i32): void {
  resolve(only);
  const settles = partCount() - droppedCount();
  const by = mechanism == CYCLE_PARTIAL ? MECHANISM_PARTIAL : MECHANISM_GRIDLOCK_RESOLUTION;
  startBooking(by, cycle, settles, true);
  writeFound(by, only, settles, flagOf(settles));
}

function runAllOrNothing(only: u32): void {
  const all = takeAll(only);
  const settles: u32 = all ? partCount() - droppedCount() : 0;
  let flag = flagOf(settles);
  if (flag == DEADLOCK) flag = judgeNothing(only, false);
  startBooking(MECHANISM_ALL_OR_NOTHING, cycle, settles, true);
  writeFound(MECHANISM_ALL_OR_NOTHING, only, settles, flag);
}

function runSelection(only: u32, mechanism: i32): void {
  const isMultiple = mechanism == CYCLE_MULTIPLE;
  if (isMultiple) matchPairs(only);
  else clearBanks(only);
  const settles = partCount() - droppedCount();
  let flag = flagOf(settles);
  if (flag == DEADLOCK && isMultiple) flag = judgeNothing(only, true);
  repeatable = true;
  const by = isMultiple ? MECHANISM_MULTIPLE : MECHANISM_BANK_CLEARING;
  startBooking(by, cycle, settles, false);
  writeFound(by, only, settles, flag);
}

/** Books what can settle of a proposal, and tells of it by the name that its record has. */
function runProposal(record: usize): void {
  nextCycleNumber();
  const settles = bookProposal();
  const left = proposableCount();
  const flag = settles > 0 ? RESOLVED : left > 0 ? UNDECIDED : NOTHING_QUEUED;
  addDigest(writeCycled(MECHANISM_PROPOSED, scope, settles, left, flag), record);
}

/** A mechanism that settles nothing: whether what it does not hold could settle together all the same. */
function judgeNothing(only: u32, holdsChains: bool): u32 {
  takeMarks();
  resolve(only, holdsChains);
  return droppedCount() < partCount() ? GRIDLOCK : DEADLOCK;
}

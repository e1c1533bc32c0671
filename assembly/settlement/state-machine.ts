// The state machine: takes input records one by one and carries each through its stages. It stops
// where the output is full and goes on at the same place when it is called again.
//
//   next -> due <-> running             timers and periodic cycles due at or before its time
//            -> apply -> next           most records: one event, then rescans
//                     -> entering -> next             open: waiting payments come in
//                     -> running -> emptying -> closing -> next   close: the last cycle with its
//                                                     rescans, then the removal of what is left
//                     -> running -> next              cycle, proposal
//                     -> defaulting -> sweeping -> next         default
//   running <-> booking (-> sweeping)   each run of a cycle; where one fails, what debits it goes
//
// Invariants
// - Rescans run to their end between stages, before anything else happens; only while a cycle's
//   set, a closing currency's or a defaulter's payments leave the queues do they wait.
// - Nothing but the records decides what happens: see event-output.ts.

import { reserve } from '../memory';
import { currencyCount } from './accounts-and-conservation';
import { isInstruction } from './cancel-reorder-and-limit-intake';
import { hasChains } from './chain-legs';
import { anyCycles, hasCycles } from './currency-rules';
import {
  advanceTo,
  businessDateOf,
  cycleIsDue,
  isOpen,
  nextCycleInstant,
  skipCycles,
  startPeriodicCycle,
  timeIsValid,
} from './cut-offs-and-cycle-times';
import {
  cycleNumber,
  finishCycle,
  finishOffsetting,
  finishRun,
  nextStep,
  STEP_OFFSETTING,
  STEP_RUN,
  startCycle,
  startProposal,
  startUsefulCycle,
  usefulFromMs,
} from './cycles';
import { applyMessage, senderIsKnown } from './duplicates-and-dispatch';
import { fireTimer } from './earliest-and-latest-times';
import {
  drainOutput,
  outputAddress,
  outputCount,
  outputFull,
  reserveOutput,
  setPosition,
} from './event-output';
import { gatherTerms, hasConditions } from './further-terms';
import { applyControl, applyGenesis, refuse } from './genesis-accounts-credit-issue';
import { rescan } from './gross-entry-and-rescan';
import { AHEAD_RECORDS, lookAhead } from './identity-table';
import { offsetNext, tellGroup } from './offsetting';
import {
  ENTERED_ALL,
  enterNext,
  finishClosing,
  OUTPUT_FULL,
  startClosing,
  startEntering,
} from './opening-and-closing';
import { finishDefault, finishSweep, startDefault, startSweep } from './participant-default';
import { waitsBeforeStep } from './pause-before-cycle';
import { gatherSet, judgeProposal } from './proposals';
import { expireQuote, firstQuoteEndMs } from './quote-intake-uses-and-end';
import {
  IN_CURRENCY_1,
  IN_DATE,
  IN_KIND,
  IN_POSITION,
  IN_TIME_MS,
  NONE16,
  NONE32,
  REASON_NONE,
  REASON_RECORD_INVALID,
  RECORD_ATTESTATION,
  RECORD_BYTES,
  RECORD_CHAIN_LEG,
  RECORD_CHAIN_TERMS,
  RECORD_CLOSE,
  RECORD_CYCLE,
  RECORD_DEFAULT,
  RECORD_GENESIS,
  RECORD_OPEN,
  RECORD_PAYMENT,
  RECORD_PROPOSAL,
  RECORD_PROPOSED_SET,
  RECORD_PVP_LEG,
  RECORD_QUOTE,
  RECORD_RETURN,
} from './record-numbers';
import { firstTimerMs } from './timers';
import { finishHeldUp } from './why-queue-heads-are-held-up';

const INPUT_RECORDS_MAX: u32 = 4096;

const NEXT: i32 = 0;
const DUE: i32 = 1;
const BOOKING: i32 = 2;
const APPLY: i32 = 3;
const ENTERING: i32 = 4;
const EMPTYING: i32 = 5;
const CLOSING: i32 = 6;
const RUNNING: i32 = 7;
const SWEEPING: i32 = 8;
const DEFAULTING: i32 = 9;
const OFFSETTING: i32 = 10;
const HOLDING_UP: i32 = 11;

let input: usize = 0;
let count: u32 = 0;
let taken: u32 = 0;
let record: usize = 0;
let stage: i32 = NEXT;
let afterCycle: i32 = NEXT;
let afterSweep: i32 = NEXT;
let started: bool = false;

/**
 * Reserves the buffers, the output's for at least one event; the address of the input, or 0 where
 * memory is short. Call once, first.
 */
export function settlementStart(outputEventsMax: u32): usize {
  input = reserve(<u64>INPUT_RECORDS_MAX * RECORD_BYTES);
  return reserveOutput(outputEventsMax) ? input : 0;
}

export function settlementInputMax(): u32 {
  return INPUT_RECORDS_MAX;
}

export function settlementOutput(): usize {
  return outputAddress();
}

/** Says how many records the host has put into the input; the ones before must have been taken. */
export function settlementPut(records: u32): void {
  assert(taken == count && stage == NEXT && records <= INPUT_RECORDS_MAX);
  taken = 0;
  count = records;
}

/**
 * Goes on until the records are taken or the output is full; returns the number of events in the
 * output, which the next call overwrites. `settlementDone` says which of the two it was.
 */
export function settlementStep(): u32 {
  drainOutput();
  while (true) {
    if (!tellGroup() || (!holdsRescans() && !rescan())) break;
    if (stage == NEXT) {
      if (taken == count) break;
      take();
    } else if (!advance()) break;
  }
  return outputCount();
}

export function settlementDone(): bool {
  return taken == count && stage == NEXT && !outputFull();
}

function holdsRescans(): bool {
  return stage == BOOKING || stage == CLOSING || (stage >= SWEEPING && stage <= OFFSETTING);
}

function take(): void {
  record = input + <usize>taken * RECORD_BYTES;
  if (started && taken % AHEAD_RECORDS == 0) lookAhead(record, count - taken);
  taken += 1;
  setPosition(load<u64>(record, IN_POSITION));
  stage = started && timeIsValid(load<i64>(record, IN_TIME_MS)) ? DUE : APPLY;
}

/** One step of the record's stage; false where the output is full. */
function advance(): bool {
  if (stage == DUE) return settleDue();
  if (stage == RUNNING) {
    if (outputFull() || waitsBeforeStep()) return false;
    const step = nextStep();
    if (step == STEP_RUN) stage = BOOKING;
    else stage = step == STEP_OFFSETTING ? OFFSETTING : HOLDING_UP;
    return true;
  }
  if (stage == OFFSETTING) {
    if (!offsetNext()) {
      finishOffsetting();
      stage = RUNNING;
    }
    return true;
  }
  if (stage == HOLDING_UP) {
    if (!finishHeldUp(cycleNumber())) return false;
    finishCycle();
    stage = afterCycle;
    return true;
  }
  if (stage == BOOKING) {
    if (!finishRun()) return false;
    sweepThen(RUNNING);
    return true;
  }
  if (stage == DEFAULTING) {
    if (!finishDefault()) return false;
    sweepThen(NEXT);
    return true;
  }
  if (stage == SWEEPING) {
    if (!finishSweep()) return false;
    stage = afterSweep;
    return true;
  }
  if (stage == ENTERING) {
    const entered = enterNext();
    if (entered == ENTERED_ALL) stage = NEXT;
    return entered != OUTPUT_FULL;
  }
  if (stage == EMPTYING) {
    startClosing(load<u16>(record, IN_CURRENCY_1));
    stage = CLOSING;
    return true;
  }
  if (stage == CLOSING) {
    if (!finishClosing()) return false;
    stage = NEXT;
    return true;
  }
  if (outputFull()) return false;
  stage = NEXT;
  apply();
  return true;
}

/** Where an account has defaulted, what debits it is swept out before anything else. */
function sweepThen(next: i32): void {
  afterSweep = next;
  stage = startSweep() ? SWEEPING : next;
}

function runCycle(currency: u32, after: i32): void {
  startCycle(currency);
  stage = RUNNING;
  afterCycle = after;
}

/**
 * Ends of quotes, timers and periodic cycles due at or before the record's time, each at its own instant; at
 * equal instants in this order.
 */
function settleDue(): bool {
  const timeMs = load<i64>(record, IN_TIME_MS);
  const endMs = firstQuoteEndMs();
  const timerMs = min(firstTimerMs(), endMs);
  const cyclesUntil = timerMs <= timeMs ? timerMs - 1 : timeMs;
  const due = cycleIsDue(cyclesUntil);
  if (due && startUsefulCycle(nextCycleInstant())) {
    startPeriodicCycle();
    stage = RUNNING;
    afterCycle = DUE;
    return true;
  }
  if (due) {
    const quietUntil = min(cyclesUntil, usefulFromMs() - 1);
    skipCycles(quietUntil);
    if (quietUntil < cyclesUntil) return true;
  }
  if (timerMs <= timeMs) {
    if (outputFull()) return false;
    advanceTo(timerMs);
    // What can be used until an instant gets nothing back from what ends at the next.
    if (endMs == timerMs) expireQuote();
    else fireTimer();
    return true;
  }
  advanceTo(timeMs);
  stage = APPLY;
  return true;
}

function isMessage(kind: i32): bool {
  const isLeg = kind == RECORD_PVP_LEG || (kind == RECORD_CHAIN_LEG && hasChains());
  const isPayment = kind == RECORD_PAYMENT || isLeg || kind == RECORD_RETURN;
  const isAttestation = kind == RECORD_ATTESTATION && hasConditions();
  return isPayment || kind == RECORD_QUOTE || isInstruction(kind) || isAttestation;
}

/** Applies the record at its own time; there is room for one event (of a message, for its few). */
function apply(): void {
  const kind = <i32>load<u16>(record, IN_KIND);
  const timeMs = load<i64>(record, IN_TIME_MS);
  if (!timeIsValid(timeMs) || started == (kind == RECORD_GENESIS)) {
    refuse(record, REASON_RECORD_INVALID);
  } else if (kind == RECORD_GENESIS) {
    advanceTo(timeMs);
    started = applyGenesis(record);
  } else if (isMessage(kind)) {
    if (senderIsKnown(record)) applyMessage(record);
    else refuse(record, REASON_RECORD_INVALID);
  } else if (kind == RECORD_CLOSE) {
    applyClose();
  } else if (kind == RECORD_CYCLE) {
    applyCycle();
  } else if (kind == RECORD_DEFAULT) {
    const reason = startDefault(record);
    if (reason == REASON_NONE) stage = DEFAULTING;
    else refuse(record, reason);
  } else if (kind == RECORD_PROPOSED_SET) {
    gatherSet(record);
  } else if (kind == RECORD_CHAIN_TERMS && hasConditions()) {
    gatherTerms(record);
  } else if (kind == RECORD_PROPOSAL) {
    applyProposal();
  } else {
    applyControl(record);
    if (kind == RECORD_OPEN) {
      // A refused opening lets nothing in: what could enter has entered before.
      startEntering();
      stage = ENTERING;
    }
  }
}

/** A cycle on request, of one currency or of all; refused where there is none that has any. */
function applyCycle(): void {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const all = currency == <u32>NONE16;
  if (all ? anyCycles() : currency < currencyCount() && hasCycles(currency))
    runCycle(all ? NONE32 : currency, NEXT);
  else refuse(record, REASON_RECORD_INVALID);
}

function applyProposal(): void {
  const reason = judgeProposal(record);
  if (reason != REASON_NONE) return refuse(record, reason);
  startProposal(record);
  stage = RUNNING;
  afterCycle = NEXT;
}

function applyClose(): void {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  if (
    currency >= currencyCount() ||
    !isOpen(currency) ||
    load<u32>(record, IN_DATE) != businessDateOf(currency)
  )
    return refuse(record, REASON_RECORD_INVALID);
  runCycle(currency, EMPTYING);
}

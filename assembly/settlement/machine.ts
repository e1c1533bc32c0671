// The state machine: takes input records one by one and carries each through its stages. It stops
// where the output is full and goes on at the same place when it is called again.
//
//   next -> due <-> cycle               timers and periodic cycles due at or before its time
//            -> apply -> next           most records: one event, then rescans
//                     -> entering -> next             open: waiting payments come in
//                     -> cycle -> emptying -> closing -> next   close: the last cycle with its
//                                                     rescans, then the removal of what is left
//                     -> cycle -> next                cycle
//                     -> defaulting -> sweeping -> next         default
//   cycle: netting <-> telling (-> sweeping)      each currency that nets, with its rescans
//           -> gross -> booking                   then what the queues' cycles settle
//
// Invariants
// - Rescans run to their end between stages, before anything else happens; only while a cycle's
//   set or a closing currency's payments leave the queues do they wait.
// - Nothing but the records decides what happens: see events.ts.
import { reserve } from '../memory';
import { acceptedCount, acceptedIn } from './accepted';
import {
  advanceTo,
  businessDateOf,
  cycleIsDue,
  isOpen,
  skipCycles,
  startCycle,
  timeIsValid,
} from './calendar';
import {
  ENTERED_ALL,
  enterNext,
  finishClosing,
  OUTPUT_FULL,
  startClosing,
  startEntering,
} from './closing';
import { applyControl, applyGenesis, refuse } from './controls';
import { finishDefault, finishSweep, startDefault, startSweep } from './defaults';
import {
  anyGrossCycles,
  hasGrossCycles,
  NETTED_ALL,
  NETTED_ONE,
  NO_ROOM,
  netNext,
  netsDeferred,
  startNettings,
} from './deferred';
import {
  drainOutput,
  outputAddress,
  outputCount,
  outputFull,
  reserveOutput,
  setPosition,
} from './events';
import { cycleIsUseful, finishCycle, runCycle } from './gridlock';
import { AHEAD_RECORDS, lookAhead } from './identities';
import { isInstruction } from './instructions';
import { currencyCount } from './ledger';
import { finishNetting } from './netting';
import { applyMessage, senderIsKnown } from './payments';
import {
  IN_CURRENCY_1,
  IN_DATE,
  IN_KIND,
  IN_POSITION,
  IN_TIME_MS,
  NONE16,
  REASON_NONE,
  REASON_RECORD_INVALID,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_CYCLE,
  RECORD_DEFAULT,
  RECORD_GENESIS,
  RECORD_OPEN,
  RECORD_PAYMENT,
  RECORD_PVP_LEG,
  RECORD_QUOTE,
} from './records';
import { rescan } from './rtgs';
import { firstTimerMs } from './timers';
import { fireTimer } from './times';

const INPUT_RECORDS_MAX: u32 = 4096;

const NEXT: i32 = 0;
const DUE: i32 = 1;
const BOOKING: i32 = 2;
const APPLY: i32 = 3;
const ENTERING: i32 = 4;
const EMPTYING: i32 = 5;
const CLOSING: i32 = 6;
const NETTING: i32 = 7;
const TELLING: i32 = 8;
const SWEEPING: i32 = 9;
const GROSS: i32 = 10;
const DEFAULTING: i32 = 11;

/** Whether the queues' cycle is part of the cycle at hand. */
const GROSS_NEVER: i32 = 0;
const GROSS_IF_USEFUL: i32 = 1;
const GROSS_ALWAYS: i32 = 2;

let input: usize = 0;
let count: u32 = 0;
let taken: u32 = 0;
let record: usize = 0;
let stage: i32 = NEXT;
let afterCycle: i32 = NEXT;
let afterSweep: i32 = NEXT;
let gross: i32 = GROSS_NEVER;
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
    if (!holdsRescans() && !rescan()) break;
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
  return (
    stage == BOOKING ||
    stage == CLOSING ||
    stage == TELLING ||
    stage == SWEEPING ||
    stage == DEFAULTING
  );
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
  if (stage == BOOKING) {
    if (!finishCycle()) return false;
    stage = afterCycle;
    return true;
  }
  if (stage >= NETTING) return advanceCycle();
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

/** The stages of a cycle and of a default; false where the output is full. */
function advanceCycle(): bool {
  if (stage == NETTING) {
    const netted = netNext();
    if (netted == NETTED_ONE) stage = TELLING;
    else if (netted == NETTED_ALL) stage = GROSS;
    return netted != NO_ROOM;
  }
  if (stage == GROSS) {
    const isWanted =
      gross == GROSS_ALWAYS || (gross == GROSS_IF_USEFUL && anyGrossCycles() && cycleIsUseful());
    if (isWanted && outputFull()) return false;
    if (isWanted) runCycle();
    stage = isWanted ? BOOKING : afterCycle;
    return true;
  }
  if (stage == SWEEPING) {
    if (!finishSweep()) return false;
    stage = afterSweep;
    return true;
  }
  if (stage == TELLING ? !finishNetting() : !finishDefault()) return false;
  afterSweep = stage == TELLING ? NETTING : NEXT;
  stage = startSweep() ? SWEEPING : afterSweep;
  return true;
}

/** A cycle of the currencies from one to before another, then of the queues; then a stage. */
function beginCycle(first: u32, before: u32, evenEmpty: bool, queues: i32, then: i32): void {
  startNettings(first, before, evenEmpty);
  gross = queues;
  afterCycle = then;
  stage = NETTING;
}

/**
 * Timers and periodic cycles due at or before the record's time, each at its own instant; at equal
 * instants the timers come first.
 */
function settleDue(): bool {
  const timeMs = load<i64>(record, IN_TIME_MS);
  const timerMs = firstTimerMs();
  const cyclesUntil = timerMs <= timeMs ? timerMs - 1 : timeMs;
  const isUseful = acceptedCount() > 0 || (anyGrossCycles() && cycleIsUseful());
  if (cycleIsDue(cyclesUntil) && isUseful) {
    startCycle();
    beginCycle(0, currencyCount(), false, GROSS_IF_USEFUL, DUE);
    return true;
  }
  if (cycleIsDue(cyclesUntil)) skipCycles(cyclesUntil);
  if (timerMs <= timeMs) {
    if (outputFull()) return false;
    advanceTo(timerMs);
    fireTimer();
    return true;
  }
  advanceTo(timeMs);
  stage = APPLY;
  return true;
}

function isMessage(kind: i32): bool {
  const isPayment = kind == RECORD_PAYMENT || kind == RECORD_PVP_LEG;
  return isPayment || kind == RECORD_QUOTE || isInstruction(kind);
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
  } else {
    applyControl(record);
    if (kind == RECORD_OPEN) {
      // A refused opening lets nothing in: what could enter has entered before.
      startEntering();
      stage = ENTERING;
    }
  }
}

function applyClose(): void {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  if (
    currency >= currencyCount() ||
    !isOpen(currency) ||
    load<u32>(record, IN_DATE) != businessDateOf(currency)
  )
    return refuse(record, REASON_RECORD_INVALID);
  const queues = hasGrossCycles(currency) ? GROSS_ALWAYS : GROSS_NEVER;
  beginCycle(currency, currency + 1, true, queues, EMPTYING);
}

/** A cycle now: of one open currency that has cycles, or of all that are and have. */
function applyCycle(): void {
  const named = <u32>load<u16>(record, IN_CURRENCY_1);
  const first: u32 = named == <u32>NONE16 ? 0 : named;
  const before = named == <u32>NONE16 ? currencyCount() : min(named + 1, currencyCount());
  let any = false;
  let queues = GROSS_NEVER;
  for (let c = first; c < before; c++) {
    if (!isOpen(c)) continue;
    if (hasGrossCycles(c)) queues = GROSS_ALWAYS;
    any = any || hasGrossCycles(c) || netsDeferred(c) || acceptedIn(c) > 0;
  }
  if (any) beginCycle(first, before, true, queues, NEXT);
  else refuse(record, REASON_RECORD_INVALID);
}

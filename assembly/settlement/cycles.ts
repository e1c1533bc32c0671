// Cycles: which mechanisms run over what is queued.
//
// A cycle is of one currency or of all. Gridlock resolution runs once, over all currencies whose
// cycles do it; then, in the order of the currencies, what each has accepted is netted and each
// other mechanism runs. Each of these runs has a number, a `cycled` event and its settled events, and
// is followed by its rescans.
//
// Invariants
// - A periodic cycle that could not change anything is passed over without a trace.
// - What a currency has accepted is netted at its next cycle whatever its rules say by then.
import { acceptedCount, acceptedIn } from './accepted';
import { finishBooking, startBooking } from './booking';
import { anyGrossCycles, hasGrossCycles, netsDeferred } from './deferred';
import { lastNumber, writeEvent } from './events';
import { cleanSet, droppedCount, partCount, resolve, takeAll } from './gridlock';
import { currencyCount } from './ledger';
import { runNetting } from './netting';
import { finishNetting } from './netting-events';
import { joinedCount, queuedCount } from './queue';
import {
  CYCLE_ALL_OR_NOTHING,
  CYCLE_GRIDLOCK_RESOLUTION,
  CYCLE_PARTIAL,
  EVENT_CYCLED,
  MECHANISM_ALL_OR_NOTHING,
  MECHANISM_GRIDLOCK_RESOLUTION,
  MECHANISM_PARTIAL,
  NONE16,
  NONE32,
  OUT_AMOUNT_1,
  OUT_COUNT,
  OUT_CURRENCY_1,
  OUT_CYCLE,
  OUT_MECHANISM,
  OUT_PRIORITY,
  REASON_NONE,
} from './records';
import { cycleMechanismOf } from './rules';

/** What byte 29 of a `cycled` event says. */
const NOTHING_QUEUED: u32 = 0;
const RESOLVED: u32 = 1;
const DEADLOCK: u32 = 2;
/** Nothing settled, although payments could settle together: not by this mechanism. */
const GRIDLOCK: u32 = 3;

let cycle: u32 = 0;
// The runs of the cycle that are still to come: currencies from `next` to below `end`.
let joint: bool = false;
let next: u32 = 0;
let end: u32 = 0;
let queues: bool = false;
let evenEmpty: bool = false;
/** The currency at `next` has been looked at for what it nets; the run at hand nets. */
let netted: bool = false;
let nets: bool = false;
// What makes a cycle worth running: see `cycleIsUseful`.
let quietNumber: u64 = 0;
let quietJoined: u64 = 0;

export function nextCycleNumber(): u32 {
  cycle += 1;
  return cycle;
}

/**
 * Whether a periodic cycle has anything to look at: payments queued, and since the last cycle an
 * event, or a payment that came into the queues without one.
 */
export function cycleIsUseful(): bool {
  return queuedCount() > 0 && (lastNumber() != quietNumber || joinedCount() != quietJoined);
}

/** Plans the runs of a cycle of one currency, or of all (NONE32), whether anything can be done or not. */
export function startCycle(currency: u32): void {
  plan(currency, true, true);
}

/** Plans the runs of a periodic cycle that can change something; false where there is no such run. */
export function startUsefulCycle(): bool {
  const useful = cycleIsUseful() && anyGrossCycles();
  if (!useful && acceptedCount() == 0) return false;
  plan(NONE32, useful, false);
  return true;
}

function plan(currency: u32, ofQueues: bool, ofNothing: bool): void {
  queues = ofQueues;
  evenEmpty = ofNothing;
  netted = false;
  next = currency == NONE32 ? 0 : currency;
  end = currency == NONE32 ? currencyCount() : currency + 1;
  joint = false;
  for (let c = next; c < end; c++)
    if (queues && <i32>cycleMechanismOf(c) == CYCLE_GRIDLOCK_RESOLUTION) joint = true;
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
    if (!queues || !hasGrossCycles(currency)) continue;
    if (<i32>cycleMechanismOf(currency) != CYCLE_GRIDLOCK_RESOLUTION) return currency;
  }
  return -1;
}

function writeCycled(mechanism: u32, currency: u32, settles: u32, flag: u32): void {
  const event = writeEvent(EVENT_CYCLED, REASON_NONE);
  store<u8>(event, <u8>mechanism, OUT_MECHANISM);
  store<u8>(event, <u8>flag, OUT_PRIORITY);
  store<u16>(event, currency == NONE32 ? <u16>NONE16 : <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, partCount() - settles, OUT_AMOUNT_1);
  store<u32>(event, cycle, OUT_CYCLE);
  store<u32>(event, settles, OUT_COUNT);
}

function flagOf(settles: u32): u32 {
  return partCount() == 0 ? NOTHING_QUEUED : settles > 0 ? RESOLVED : DEADLOCK;
}

/** Finds the set of the next run, books it and writes `cycled`; false where no run is left. */
export function run(): bool {
  const currency = nextRun();
  if (currency < 0) return false;
  const only = <u32>currency;
  const mechanism = only == NONE32 ? CYCLE_GRIDLOCK_RESOLUTION : <i32>cycleMechanismOf(only);
  nextCycleNumber();
  if (nets) runNetting(only, cycle);
  else if (mechanism == CYCLE_ALL_OR_NOTHING) runAllOrNothing(only);
  else runResolution(only, mechanism);
  return true;
}

function runResolution(only: u32, mechanism: i32): void {
  resolve(only);
  const settles = partCount() - droppedCount();
  const by = mechanism == CYCLE_PARTIAL ? MECHANISM_PARTIAL : MECHANISM_GRIDLOCK_RESOLUTION;
  startBooking(by, cycle, settles, true);
  writeCycled(by, only, settles, flagOf(settles));
}

function runAllOrNothing(only: u32): void {
  const all = takeAll(only);
  let settles: u32 = all ? partCount() - droppedCount() : 0;
  let flag = flagOf(settles);
  if (!all && queuedCount() > 0) {
    cleanSet();
    resolve(only);
    if (droppedCount() < partCount()) flag = GRIDLOCK;
  }
  startBooking(MECHANISM_ALL_OR_NOTHING, cycle, settles, true);
  writeCycled(MECHANISM_ALL_OR_NOTHING, only, settles, flag);
}

/** Tells what the run settles, and takes it out of the queues; false where the output is full. */
export function finishRun(): bool {
  if (nets) return finishNetting();
  if (!finishBooking()) return false;
  quietNumber = lastNumber();
  quietJoined = joinedCount();
  return true;
}

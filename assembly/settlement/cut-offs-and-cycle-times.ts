// State time, the currencies' business days, and when periodic cycles fall due.
//
// Invariants
// - State time is the largest time seen; it never goes back.
// - A currency is open or closed, and its business dates only rise.
// - `horizon` is the last day whose identities have been forgotten; it only rises, and nothing
//   dated on or before it is accepted. So a forgotten message cannot be accepted a second time.
// - While at least one currency is open, cycles fall due at the first opening's time plus k
//   intervals, k = 1, 2, ...
import { reserve } from '../memory';
import {
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DATE,
  REASON_AFTER_CUT_OFF,
  REASON_NONE,
  REASON_SETTLEMENT_DATE_INVALID,
} from './record-numbers';

// A currency's calendar, 16 bytes: u32 minor units, u32 business date, u8 open, u8 known (opened once).
const CALENDAR_BYTES: u64 = 16;
const MINOR_UNITS: usize = 0;
const BUSINESS_DATE: usize = 4;
const OPEN: usize = 8;
const KNOWN: usize = 9;

const DAY_MS: i64 = 86_400_000;
/** The last instant that ECMAScript's Date can express (ECMA-262, Time Values). */
const TIME_MAX_MS: i64 = 8_640_000_000_000_000;

let calendars: usize = 0;
let stateTimeMs: i64 = 0;
let openCount: u32 = 0;
let anyKnown: bool = false;
let latestDate: u32 = 0;
let horizon: i64 = -1;
let identityDays: i64 = 0;
let intervalMs: i64 = 0;
let nextCycleMs: i64 = 0;

export function calendarBytes(currenciesMax: u32): u64 {
  return <u64>currenciesMax * CALENDAR_BYTES;
}

export function reserveCalendar(currenciesMax: u32, days: u32, cycleIntervalMs: u32): bool {
  identityDays = days;
  intervalMs = cycleIntervalMs;
  calendars = reserve(calendarBytes(currenciesMax));
  return calendars != 0;
}

function at(currency: u32): usize {
  return calendars + <usize>currency * <usize>CALENDAR_BYTES;
}

export function timeIsValid(timeMs: i64): bool {
  return timeMs >= 0 && timeMs <= TIME_MAX_MS;
}

export function advanceTo(timeMs: i64): void {
  stateTimeMs = max(stateTimeMs, timeMs);
}

export function now(): i64 {
  return stateTimeMs;
}

export function setMinorUnits(currency: u32, minorUnits: u32): void {
  store<u32>(at(currency), minorUnits, MINOR_UNITS);
}

export function minorUnitsOf(currency: u32): u32 {
  return load<u32>(at(currency), MINOR_UNITS);
}

export function isOpen(currency: u32): bool {
  return load<u8>(at(currency), OPEN) != 0;
}

/** Whether a payment with this date may stand in the currency's queues now. */
export function isOpenFor(currency: u32, date: u32): bool {
  return isOpen(currency) && date <= businessDateOf(currency);
}

export function businessDateOf(currency: u32): u32 {
  return load<u32>(at(currency), BUSINESS_DATE);
}

/** False where it is open already or the date is not later than its last. */
export function open(currency: u32, businessDate: u32): bool {
  const calendar = at(currency);
  if (isOpen(currency)) return false;
  if (load<u8>(calendar, KNOWN) && businessDate <= businessDateOf(currency)) return false;
  if (openCount == 0) nextCycleMs = stateTimeMs + intervalMs;
  openCount += 1;
  store<u32>(calendar, businessDate, BUSINESS_DATE);
  store<u8>(calendar, 1, OPEN);
  store<u8>(calendar, 1, KNOWN);
  latestDate = max(latestDate, businessDate);
  anyKnown = true;
  return true;
}

/** Closes an open currency and returns the new horizon: identities up to it may be forgotten. */
export function close(currency: u32): i64 {
  store<u8>(at(currency), 0, OPEN);
  openCount -= 1;
  horizon = max(horizon, <i64>businessDateOf(currency) - identityDays);
  return horizon;
}

/** The UTC day of an instant, days since 1970. */
function dayOf(timeMs: i64): i64 {
  return timeMs / DAY_MS;
}

/** The day up to which a message that is not accepted is remembered at least. */
export function today(): u32 {
  return anyKnown ? latestDate : <u32>dayOf(stateTimeMs);
}

/**
 * What a currency's calendar says of a settlement date, n being identityDays and B the business date:
 * open: (B - n, B]; closed: (B - n, max(B, UTC day) + n], those up to B after cut-off, the others
 * for an opening to come; never opened: less than n days before the UTC day and at most n after.
 */
function judgeDate(currency: u32, date: u32): i32 {
  const day = <i64>date;
  const utc = dayOf(stateTimeMs);
  const known = load<u8>(at(currency), KNOWN) != 0;
  const business = <i64>businessDateOf(currency);
  const first = (known ? business : utc) - identityDays;
  let last = business;
  if (!isOpen(currency)) last = (known ? max(business, utc) : utc) + identityDays;
  if (day <= first || day > last || day <= horizon) return REASON_SETTLEMENT_DATE_INVALID;
  return known && !isOpen(currency) && day <= business ? REASON_AFTER_CUT_OFF : REASON_NONE;
}

/** A date that one of the currencies cannot settle comes before a currency that has closed for it. */
export function judgeDates(record: usize, linked: bool): i32 {
  const date = load<u32>(record, IN_DATE);
  const first = judgeDate(load<u16>(record, IN_CURRENCY_1), date);
  if (!linked || first == REASON_SETTLEMENT_DATE_INVALID) return first;
  const second = judgeDate(load<u16>(record, IN_CURRENCY_2), date);
  return second != REASON_NONE ? second : first;
}

/** A quote is dated by the UTC day on which its validity ends; -1 where it is not valid now. */
export function quoteDay(validUntilMs: i64): i64 {
  if (validUntilMs < stateTimeMs || validUntilMs > TIME_MAX_MS) return -1;
  const day = dayOf(validUntilMs);
  const latest = max(<i64>today(), dayOf(stateTimeMs)) + identityDays;
  return day <= horizon || day > latest ? -1 : day;
}

/** Whether a periodic cycle is due at or before the time. */
export function cycleIsDue(timeMs: i64): bool {
  return intervalMs > 0 && openCount > 0 && nextCycleMs <= timeMs;
}

/** When the next periodic cycle falls due, or state time where that is later already. */
export function nextCycleInstant(): i64 {
  return max(nextCycleMs, stateTimeMs);
}

/** Moves state time to the due cycle's instant, and the next cycle to its own. */
export function startPeriodicCycle(): void {
  advanceTo(nextCycleMs);
  nextCycleMs += intervalMs;
}

/** Passes over every cycle that is due at or before the time, without counting through them. */
export function skipCycles(timeMs: i64): void {
  if (nextCycleMs > timeMs) return;
  nextCycleMs += ((timeMs - nextCycleMs) / intervalMs + 1) * intervalMs;
}

// What the terms of a chain say of earmarks (earmarks.ts), of each live leg.
//
// Invariant: the record of a leg whose terms go further stands directly behind that of those terms, at one position.
import { reserve } from '../memory';
import { now } from './calendar';
import { instantOf, secondsAt } from './instants';
import { slotNumber } from './queue';
import {
  IN_DATE,
  IN_EARLIEST,
  IN_EXPIRY,
  IN_FURTHER_TERMS,
  IN_POSITION,
  REASON_FORMAT_INVALID,
  REASON_NONE,
  REASON_TIMES_INVALID,
  RECORD_BYTES,
} from './records';

// Of a live payment's slot, a u32: bits 0..23 the expiry, 24..25 when money is set aside (0: as the chain settles,
// 1: as it comes in, 2: once its condition is met), 27 whether it goes on without after the expiry.
const MODE_SHIFT: u32 = 24;
const GOES_ON: u32 = 8;
const EXPIRY: u32 = 0xffffff;

/** The last record of further terms. */
const gathered: usize = memory.data(128, 16);

let table: usize = 0;

/** A network whose chains have no conditions keeps none. */
export function earmarkTermsBytes(livePaymentsMax: u32, conditions: u32): u64 {
  return conditions == 0 ? 0 : (<u64>livePaymentsMax) << 2;
}

export function reserveEarmarkTerms(livePaymentsMax: u32, conditions: u32): bool {
  const bytes = earmarkTermsBytes(livePaymentsMax, conditions);
  if (bytes == 0) return true;
  table = reserve(bytes);
  return table != 0;
}

/** Takes the further terms of the leg that is to follow at the same position. */
export function gatherTerms(record: usize): void {
  memory.copy(gathered, record, RECORD_BYTES);
}

/** The further terms of the leg at hand, where it has any. */
export function gatheredTerms(): usize {
  return gathered;
}

export function hasFurtherTerms(record: usize): bool {
  return load<u8>(record, IN_FURTHER_TERMS) != 0;
}

/** Whether the further terms of a leg are there, and ones that there can be. */
export function judgeEarmarkForm(record: usize): i32 {
  if (!hasFurtherTerms(record)) return REASON_NONE;
  if (table == 0 || load<u64>(gathered, IN_POSITION) != load<u64>(record, IN_POSITION))
    return REASON_FORMAT_INVALID;
  const flags = <u32>load<u8>(gathered, IN_FURTHER_TERMS);
  const expiry = secondsAt(gathered + IN_EXPIRY);
  const mode = flags & 3;
  const goesOn = (flags & GOES_ON) != 0;
  const isForm = mode != 3 && (mode != 0 || expiry == 0) && (expiry != 0 || !goesOn);
  return isForm ? REASON_NONE : REASON_FORMAT_INVALID;
}

/** An expiry that is not after the earliest time, or not ahead, can never be kept. */
export function judgeExpiry(record: usize): i32 {
  const expiry = hasFurtherTerms(record) ? secondsAt(gathered + IN_EXPIRY) : 0;
  if (expiry == 0) return REASON_NONE;
  const isAhead = instantOf(load<u32>(record, IN_DATE), expiry) > now();
  return isAhead && expiry > secondsAt(record + IN_EARLIEST) ? REASON_NONE : REASON_TIMES_INVALID;
}

function own(leg: usize): usize {
  return table + ((<usize>slotNumber(leg)) << 2);
}

/** Keeps what the terms of a leg that becomes live say. */
export function keepEarmarkTerms(leg: usize, record: usize): void {
  if (table == 0) return;
  const flags = <u32>load<u8>(gathered, IN_FURTHER_TERMS) & (3 | GOES_ON);
  const packed = secondsAt(gathered + IN_EXPIRY) | (flags << MODE_SHIFT);
  store<u32>(own(leg), hasFurtherTerms(record) ? packed : 0);
}

/** When the money of a chain's legs is set aside: 0 as it settles, 1 as it comes in, 2 once its condition is met. */
export function earmarkModeOf(lead: usize): u32 {
  return table == 0 ? 0 : (load<u32>(own(lead)) >> MODE_SHIFT) & 3;
}

/** Until when, in the seconds of a payment's times; 0: as long as the chain lives. */
export function expirySecondsOf(lead: usize): u32 {
  return load<u32>(own(lead)) & EXPIRY;
}

/** Whether the chain goes on without earmarks after their expiry; else it ends. */
export function goesOnWithout(lead: usize): bool {
  return ((load<u32>(own(lead)) >> MODE_SHIFT) & GOES_ON) != 0;
}

/** From now on nothing is set aside for the chain. */
export function dropEarmarks(lead: usize): void {
  store<u32>(own(lead), 0);
}

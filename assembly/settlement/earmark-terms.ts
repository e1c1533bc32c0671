// What the terms of a chain say of earmarks (earmarks.ts), of each live leg.
import { reserve } from '../memory';
import { now } from './cut-offs-and-cycle-times';
import { furtherTermsOf } from './further-terms';
import { DATE } from './live-payment';
import { slotNumber } from './queue-places';
import {
  IN_DATE,
  IN_EARLIEST,
  IN_EXPIRY,
  IN_FURTHER_TERMS,
  REASON_EARMARK_CAP_REACHED,
  REASON_NONE,
  REASON_TIMES_INVALID,
} from './record-numbers';
import { instantOf, instantOrNever, secondsAt } from './seconds-to-instants';

// Of a live payment's slot, a u32: bits 0..23 the expiry, 24..25 when money is set aside (0: as the chain settles,
// 1: as it comes in, 2: once its condition is met), 27 whether it goes on without after the expiry.
const MODE_SHIFT: u32 = 24;
const GOES_ON: u32 = 8;
const EXPIRY: u32 = 0xffffff;

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

/** Whether what the terms of a leg say of earmarks is what there can be. */
export function earmarkIsForm(record: usize): bool {
  const terms = furtherTermsOf(record);
  if (terms == 0) return true;
  const flags = <u32>load<u8>(terms, IN_FURTHER_TERMS);
  const expiry = secondsAt(terms + IN_EXPIRY);
  const mode = flags & 3;
  const goesOn = (flags & GOES_ON) != 0;
  return mode != 3 && (mode != 0 || expiry == 0) && (expiry != 0 || !goesOn);
}

/** An expiry that is not after the earliest time, or not ahead, can never be kept. */
export function judgeExpiry(record: usize): i32 {
  const terms = furtherTermsOf(record);
  const expiry: u32 = terms == 0 ? 0 : secondsAt(terms + IN_EXPIRY);
  if (expiry == 0) return REASON_NONE;
  const isAhead = instantOf(load<u32>(record, IN_DATE), expiry) > now();
  return isAhead && expiry > secondsAt(record + IN_EARLIEST) ? REASON_NONE : REASON_TIMES_INVALID;
}

/** Where a cap is on amount x time an earmark without an expiry is beyond any. */
export function judgeBound(record: usize): i32 {
  const terms = furtherTermsOf(record);
  if (terms == 0 || (<u32>load<u8>(terms, IN_FURTHER_TERMS) & 3) == 0) return REASON_NONE;
  return secondsAt(terms + IN_EXPIRY) == 0 ? REASON_EARMARK_CAP_REACHED : REASON_NONE;
}

function own(leg: usize): usize {
  return table + ((<usize>slotNumber(leg)) << 2);
}

/** Keeps what the terms of a leg that becomes live say. */
export function keepEarmarkTerms(leg: usize, record: usize): void {
  if (table == 0) return;
  const terms = furtherTermsOf(record);
  if (terms == 0) return store<u32>(own(leg), 0);
  const flags = <u32>load<u8>(terms, IN_FURTHER_TERMS) & (3 | GOES_ON);
  store<u32>(own(leg), secondsAt(terms + IN_EXPIRY) | (flags << MODE_SHIFT));
}

/** When the money of a chain's legs is set aside: 0 as it settles, 1 as it comes in, 2 once its condition is met. */
export function earmarkModeOf(lead: usize): u32 {
  return table == 0 ? 0 : (load<u32>(own(lead)) >> MODE_SHIFT) & 3;
}

/** When the earmarks of a chain end; the largest number where they do not. */
export function expiryOf(lead: usize): i64 {
  return instantOrNever(load<u32>(lead, DATE), load<u32>(own(lead)) & EXPIRY);
}

/** Whether the chain goes on without earmarks after their expiry; else it ends. */
export function goesOnWithout(lead: usize): bool {
  return ((load<u32>(own(lead)) >> MODE_SHIFT) & GOES_ON) != 0;
}

/** From now on nothing is set aside for the chain. */
export function dropEarmarks(lead: usize): void {
  store<u32>(own(lead), 0);
}

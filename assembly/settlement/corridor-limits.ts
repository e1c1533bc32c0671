// How much may go out of a country into another in a currency on a business date (docs/settlement.md, Corridor limits).
//
// Invariants
// - A leg counts on the corridor of its currency and of the countries of the participants that it debits and credits, if
//   that has a limit as the leg is accepted. A return counts on none.
// - Of a corridor is used what settled since its currency opened last, and all that is accepted and lives: 0 at least, and
//   at most the highest limit that it has had. So sums fit 64 bits, and whatever settles, by whatever mechanism, keeps it.
// - What ends unsettled gives its part back. An opening takes off what had settled.
// - A corridor that has had a limit keeps its place.
import { reserve } from '../memory';
import { currencyOf, participantOf } from './accounts-and-conservation';
import { AMOUNT_1, AMOUNT_2 } from './live-payment';
import { slotNumber } from './queue-places';

// A corridor, 32 bytes: u32 countries, from in the low half; 4 u16 currency; 6 u16 1 (0: free); 8 i64 limit; 16 i64 what
// lives; 24 i64 what settled. Linear probing, at most half full. Only an operator's records make corridors, so the mix is
// plain.
const CORRIDOR_BYTES: usize = 32;
const CURRENCY: usize = 4;
const IS_USED: usize = 6;
const LIMIT: usize = 8;
const LIVING: usize = 16;
const SETTLED: usize = 24;

let corridors: usize = 0;
let mask: u32 = 0;
let corridorsMax: u32 = 0;
let corridorCount: u32 = 0;
/** Of a participant, a u16: its country. */
let countries: usize = 0;
/** Of a live payment's slot, two u32: the corridors on which its legs count, or 0. */
let ofSlots: usize = 0;

// The corridors of the payment that was judged last.
let first: usize = 0;
let second: usize = 0;

function placeCount(max: u32): u64 {
  return (<u64>2) << (32 - clz<u32>(max));
}

/** A network without such limits keeps nothing. */
export function corridorLimitBytes(max: u32, participants: u32, livePaymentsMax: u32): u64 {
  if (max == 0) return 0;
  const ofPayments = (<u64>livePaymentsMax) << 3;
  return placeCount(max) * <u64>CORRIDOR_BYTES + ((<u64>participants) << 1) + ofPayments;
}

export function reserveCorridorLimits(max: u32, participants: u32, livePaymentsMax: u32): bool {
  if (max == 0) return true;
  corridorsMax = max;
  mask = <u32>(placeCount(max) - 1);
  corridors = reserve(placeCount(max) * <u64>CORRIDOR_BYTES);
  countries = reserve((<u64>participants) << 1);
  ofSlots = reserve((<u64>livePaymentsMax) << 3);
  return corridors != 0 && countries != 0 && ofSlots != 0;
}

/** Notes the country of a participant that was just added: two letters, or any other number. */
export function noteCountry(participant: u32, country: u16): void {
  if (countries != 0) store<u16>(countries + ((<usize>participant) << 1), country);
}

/** Where a corridor is, or the free place where it would go. */
function placeOf(currency: u32, between: u32): usize {
  let hash = ((<u64>currency) << 32) | <u64>between;
  hash *= 0x9e3779b97f4a7c15;
  let place = <u32>((hash ^ (hash >> 29)) >> 32) & mask;
  while (true) {
    const corridor = corridors + <usize>place * CORRIDOR_BYTES;
    if (load<u16>(corridor, IS_USED) == 0) return corridor;
    if (load<u32>(corridor) == between && <u32>load<u16>(corridor, CURRENCY) == currency)
      return corridor;
    place = (place + 1) & mask;
  }
}

/** Sets what may be used of a corridor in a business date, 0 or more; the corridor, or 0 where there is no room for it. */
export function setCorridorLimit(currency: u32, from: u16, to: u16, limit: i64): usize {
  if (corridorsMax == 0) return 0;
  const between = <u32>from | ((<u32>to) << 16);
  const corridor = placeOf(currency, between);
  if (load<u16>(corridor, IS_USED) == 0) {
    if (corridorCount == corridorsMax) return 0;
    corridorCount += 1;
    store<u32>(corridor, between);
    store<u16>(corridor, <u16>currency, CURRENCY);
    store<u16>(corridor, 1, IS_USED);
  }
  store<i64>(corridor, limit, LIMIT);
  return corridor;
}

/** What is used of a corridor. */
export function usedOf(corridor: usize): i64 {
  return load<i64>(corridor, LIVING) + load<i64>(corridor, SETTLED);
}

function countryOf(account: usize): u32 {
  return load<u16>(countries + ((<usize>participantOf(account)) << 1));
}

/** The corridor of a leg that has a limit, or 0. */
function corridorOf(debit: usize, credit: usize): usize {
  const corridor = placeOf(currencyOf(debit), countryOf(debit) | (countryOf(credit) << 16));
  return load<u16>(corridor, IS_USED) == 0 ? 0 : corridor;
}

function hasRoom(corridor: usize, amount: i64): bool {
  if (corridor == 0) return true;
  const limit = load<i64>(corridor, LIMIT);
  return amount <= limit && usedOf(corridor) <= limit - amount;
}

/** Whether any corridor has a limit. */
export function limitsCorridors(): bool {
  return corridorCount != 0;
}

/** A payment that counts on no corridor is judged. */
export function passCorridors(): void {
  first = 0;
  second = 0;
}

/** Whether a payment of one leg, or two in different currencies (debit2 0: one), keeps the limits of its corridors. */
export function keepsCorridorLimits(
  debit1: usize,
  credit1: usize,
  amount1: i64,
  debit2: usize,
  credit2: usize,
  amount2: i64,
): bool {
  passCorridors();
  if (!limitsCorridors()) return true;
  first = corridorOf(debit1, credit1);
  if (debit2 != 0) second = corridorOf(debit2, credit2);
  return hasRoom(first, amount1) && hasRoom(second, amount2);
}

function add(corridor: usize, at: usize, amount: i64): void {
  if (corridor != 0) store<i64>(corridor + at, load<i64>(corridor + at) + amount);
}

/** The payment that was judged last settles as it comes in. */
export function useSettled(payment: usize): void {
  if (first == 0 && second == 0) return;
  add(first, SETTLED, load<i64>(payment, AMOUNT_1));
  add(second, SETTLED, load<i64>(payment, AMOUNT_2));
}

/** The payment that was judged last is live from now on. */
export function useLiving(payment: usize): void {
  if (first == 0 && second == 0) return;
  const own = ofSlots + ((<usize>slotNumber(payment)) << 3);
  store<u32>(own, first);
  store<u32>(own, second, 4);
  add(first, LIVING, load<i64>(payment, AMOUNT_1));
  add(second, LIVING, load<i64>(payment, AMOUNT_2));
}

/** A live payment ends: what settled stays used until the next opening. */
export function endLiving(payment: usize, isSettled: bool): void {
  if (ofSlots == 0) return;
  const own = ofSlots + ((<usize>slotNumber(payment)) << 3);
  if (load<u64>(own) == 0) return;
  const corridor1 = <usize>load<u32>(own);
  const corridor2 = <usize>load<u32>(own, 4);
  store<u64>(own, 0);
  add(corridor1, LIVING, -load<i64>(payment, AMOUNT_1));
  add(corridor2, LIVING, -load<i64>(payment, AMOUNT_2));
  if (!isSettled) return;
  add(corridor1, SETTLED, load<i64>(payment, AMOUNT_1));
  add(corridor2, SETTLED, load<i64>(payment, AMOUNT_2));
}

/** A currency opens: nothing has settled on its date. */
export function forgetSettled(currency: u32): void {
  if (!limitsCorridors()) return;
  for (let place: u32 = 0; place <= mask; place++) {
    const corridor = corridors + <usize>place * CORRIDOR_BYTES;
    if (<u32>load<u16>(corridor, CURRENCY) == currency) store<i64>(corridor, 0, SETTLED);
  }
}

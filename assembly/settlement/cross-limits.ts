// Limits across currencies: what a participant may owe in all of its currencies together, after CLS's
// tests of an account (aggregate short position limit, positive adjusted balance; docs/settlement.md).
//
// Invariants
// - A currency has a weight, the value of one minor unit, and a haircut. Of a participant with limits
//   the aggregate short position is the sum of weight x what its balances are below zero; its worth is
//   the sum of weight x balance, long ones cut by the haircut and short ones raised by it.
// - A balance counts with what is free of it: what is earmarked (earmarks.ts) is owed already.
// - No booking but a netting cycle's takes the aggregate above max(limit, aggregate before) or the
//   worth below min(-pooled collateral, worth before). A breach is a fault (accounts-and-conservation.ts).
// - The weights of all currencies add up to less than 2^48, so every sum fits 128 bits.
// - Accounts of a participant without such limits have no FLAG_CROSS_LIMITS and are looked at no further.
import { reserve } from '../memory';
import {
  accountOf,
  balanceOf,
  currencyCount,
  currencyOf,
  earmarkedOf,
  FLAG_CROSS_LIMITS,
  flagsOf,
  freeOf,
  participantOf,
  setFlag,
} from './accounts-and-conservation';
import { HAIRCUT_MAX_BPS } from './credit-and-reservations';
import { AMOUNT_1, AMOUNT_2, CREDIT_1, CREDIT_2, DEBIT_1, DEBIT_2 } from './live-payment';
import { NONE32 } from './record-numbers';
import { AT, takesPart } from './set-members';
import {
  addProduct,
  clamped,
  clearSum,
  isBelow,
  negate,
  quotientDown,
  quotientUp,
  sumIsLess,
  takeProduct,
} from './wide-sums';

// A currency's valuation, 16 bytes: i64 weight, u32 haircut in basis points.
const VALUATION_BYTES: u64 = 16;
const HAIRCUT: usize = 8;
/** The weights of all currencies stay below this in sum. */
const WEIGHTS_BELOW: u64 = (<u64>1) << 48;

// A participant's limits, 24 bytes: u64 aggregate short limit + 1, u64 pooled collateral + 1 (0: none),
// both in minor units of the currency u16 at 16.
const LIMITS_BYTES: u64 = 24;
const POOLED: usize = 8;
const CURRENCY: usize = 16;

let valuations: usize = 0;
let limits: usize = 0;
let weights: u64 = 0;

// What the participant at hand owes and is worth, before and after.
const shortBefore: usize = memory.data(16, 16);
const shortAfter: usize = memory.data(16, 16);
const worthBefore: usize = memory.data(16, 16);
const worthAfter: usize = memory.data(16, 16);
const room: usize = memory.data(16, 16);

// The accounts that the legs at hand move, with their balances after: u32 account, i64 balance.
const MOVED_BYTES: usize = 16;
const moved: usize = memory.data(4 * 16, 16);
let movedCount: usize = 0;
/** Whether the balances after are those of the set that a cycle has found (gridlock.ts). */
let ofSet: bool = false;

export function crossLimitBytes(participants: u32, currencies: u32): u64 {
  return <u64>participants * LIMITS_BYTES + <u64>currencies * VALUATION_BYTES;
}

export function reserveCrossLimits(participants: u32, currencies: u32): bool {
  limits = reserve(<u64>participants * LIMITS_BYTES);
  valuations = reserve(<u64>currencies * VALUATION_BYTES);
  return limits != 0 && valuations != 0;
}

function valuationOf(currency: u32): usize {
  return valuations + ((<usize>currency) << 4);
}

function weightOf(currency: u32): u64 {
  return load<u64>(valuationOf(currency));
}

/** The value of one minor unit of a currency. */
export function currencyWeight(currency: u32): u64 {
  return weightOf(currency);
}

/** In basis points. */
export function currencyHaircut(currency: u32): u32 {
  return load<u32>(valuationOf(currency), HAIRCUT);
}

/** A participant's aggregate short limit in minor units, or -1. */
export function aggregateShortLimit(participant: u32): i64 {
  return load<i64>(limitsOf(participant)) - 1;
}

/** A participant's pooled collateral in minor units, or -1. */
export function pooledCollateral(participant: u32): i64 {
  return load<i64>(limitsOf(participant), POOLED) - 1;
}

/** The currency in whose minor units a participant's limits are given. */
export function crossCurrency(participant: u32): u32 {
  return load<u32>(limitsOf(participant), CURRENCY);
}

function limitsOf(participant: u32): usize {
  return limits + <usize>participant * <usize>LIMITS_BYTES;
}

/** Values a currency; false where the weight or the haircut is none that there can be. */
export function setValuation(currency: u32, weight: i64, haircutBps: u32): bool {
  const others = weights - weightOf(currency);
  if (weight < 0 || haircutBps > HAIRCUT_MAX_BPS || <u64>weight >= WEIGHTS_BELOW - others)
    return false;
  weights = others + <u64>weight;
  store<i64>(valuationOf(currency), weight);
  store<u32>(valuationOf(currency), haircutBps, HAIRCUT);
  return true;
}

export function hasCrossLimits(participant: u32): bool {
  const own = limitsOf(participant);
  return (load<u64>(own) | load<u64>(own, POOLED)) != 0;
}

/**
 * Sets a participant's aggregate short limit and pooled collateral, each 0 or more or -1 for none, in
 * minor units of a currency in which it has an account.
 */
export function setCrossLimits(participant: u32, currency: u32, aggregate: i64, pooled: i64): void {
  const own = limitsOf(participant);
  store<u64>(own, <u64>aggregate + 1);
  store<u64>(own, <u64>pooled + 1, POOLED);
  store<u32>(own, currency, CURRENCY);
  for (let c: u32 = 0; c < currencyCount(); c++) {
    const account = accountOf(participant, c);
    if (account != 0) markAccount(account);
  }
}

/** Notes on an account whether its participant has such limits. */
export function markAccount(account: usize): void {
  setFlag(account, FLAG_CROSS_LIMITS, hasCrossLimits(participantOf(account)));
}

export function isCrossLimited(account: usize): bool {
  return (flagsOf(account) & FLAG_CROSS_LIMITS) != 0;
}

/** Counts a balance in a currency into what is owed and what it is worth. */
function count(short: usize, worth: usize, currency: u32, balance: i64): void {
  const weight = weightOf(currency);
  const haircut = <u64>load<u32>(valuationOf(currency), HAIRCUT);
  if (balance < 0) {
    addProduct(short, <u64>-balance, weight);
    takeProduct(worth, <u64>-balance, weight * (HAIRCUT_MAX_BPS + haircut));
  } else addProduct(worth, <u64>balance, weight * (HAIRCUT_MAX_BPS - haircut));
}

function balanceAfter(account: usize): i64 {
  if (ofSet)
    return takesPart(account) ? clamped(account + AT) - earmarkedOf(account) : freeOf(account);
  for (let i: usize = 0; i < movedCount; i++) {
    const entry = moved + i * MOVED_BYTES;
    if (<usize>load<u32>(entry) == account) return load<i64>(entry, 8);
  }
  return freeOf(account);
}

/** Adds up what a participant owes and is worth; `except` in one currency, or NONE32. */
function addUp(participant: u32, except: u32): void {
  clearSum(shortBefore);
  clearSum(shortAfter);
  clearSum(worthBefore);
  clearSum(worthAfter);
  for (let c: u32 = 0; c < currencyCount(); c++) {
    const account = accountOf(participant, c);
    if (account == 0 || c == except) continue;
    count(shortBefore, worthBefore, c, freeOf(account));
    count(shortAfter, worthAfter, c, balanceAfter(account));
  }
}

/** The value of a minor unit in which a participant's limits are given. */
function unitOf(participant: u32): u64 {
  return weightOf(load<u32>(limitsOf(participant), CURRENCY));
}

/** Sets `room` to what may still be owed; false where nothing bounds it. */
function roomToOwe(participant: u32): bool {
  const limit = load<u64>(limitsOf(participant));
  if (limit == 0) return false;
  negate(room, shortAfter);
  addProduct(room, limit - 1, unitOf(participant));
  return true;
}

/** Sets `room` to worth and pooled collateral; false where no worth is asked for. */
function roomOfWorth(participant: u32): bool {
  const pooled = load<u64>(limitsOf(participant), POOLED);
  if (pooled == 0) return false;
  v128.store(room, v128.load(worthAfter));
  addProduct(room, pooled - 1, unitOf(participant) * HAIRCUT_MAX_BPS);
  return true;
}

function owesTooMuch(participant: u32): bool {
  return roomToOwe(participant) && isBelow(room, 0) && sumIsLess(shortBefore, shortAfter);
}

function isWorthTooLittle(participant: u32): bool {
  return roomOfWorth(participant) && isBelow(room, 0) && sumIsLess(worthAfter, worthBefore);
}

function holds(participant: u32): bool {
  addUp(participant, NONE32);
  return !owesTooMuch(participant) && !isWorthTooLittle(participant);
}

/** Whether the set that a cycle has found keeps a participant's limits. */
export function setHolds(participant: u32): bool {
  ofSet = true;
  const all = holds(participant);
  ofSet = false;
  return all;
}

function move(account: usize, amount: i64): void {
  const entry = moved + movedCount * MOVED_BYTES;
  movedCount += 1;
  store<u32>(entry, account);
  store<i64>(entry, freeOf(account) + amount, 8);
}

/** Whether a payment, of one leg or two, whose legs its accounts can pay keeps the limits of those that it debits. */
export function paymentHolds(payment: usize): bool {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  const first = isCrossLimited(debit1);
  const second = debit2 != 0 && isCrossLimited(debit2);
  if (!first && !second) return true;
  movedCount = 0;
  move(debit1, -load<i64>(payment, AMOUNT_1));
  move(load<u32>(payment, CREDIT_1), load<i64>(payment, AMOUNT_1));
  if (debit2 != 0) {
    move(debit2, -load<i64>(payment, AMOUNT_2));
    move(load<u32>(payment, CREDIT_2), load<i64>(payment, AMOUNT_2));
  }
  if (first && !holds(participantOf(debit1))) return false;
  return !second || holds(participantOf(debit2));
}

/** Whether setting a leg's money aside keeps the limits of the participant whose money it is. */
export function earmarkHolds(leg: usize): bool {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  if (!isCrossLimited(debit)) return true;
  movedCount = 0;
  move(debit, -load<i64>(leg, AMOUNT_1));
  return holds(participantOf(debit));
}

/** What `room` allows of a minor unit's value, as a balance: rounded so that it keeps the limit. */
function lowestBy(short: u64, long: u64): i64 {
  if (!isBelow(room, 0)) return -(<i64>min(quotientDown(room, short), <u64>i64.MAX_VALUE));
  if (long == 0) return 0;
  negate(room, room);
  return <i64>min(quotientUp(room, long), <u64>i64.MAX_VALUE);
}

/**
 * The lowest balance that keeps the participant's limits while its other balances stay as they are:
 * within one currency the limits are a floor like any other.
 */
export function crossFloorOf(account: usize): i64 {
  const lowest = lowestFree(account);
  const earmarked = earmarkedOf(account);
  // Beyond 2^63 - 1 it says no more than that nothing can leave.
  return lowest > i64.MAX_VALUE - earmarked ? i64.MAX_VALUE : lowest + earmarked;
}

/** The same of what is free of the balance. */
function lowestFree(account: usize): i64 {
  const participant = participantOf(account);
  const currency = currencyOf(account);
  const weight = weightOf(currency);
  const haircut = <u64>load<u32>(valuationOf(currency), HAIRCUT);
  if (weight == 0) return i64.MIN_VALUE;
  movedCount = 0;
  addUp(participant, currency);
  let floor = i64.MIN_VALUE;
  // A long position takes nothing off what is owed elsewhere.
  if (roomToOwe(participant)) floor = lowestBy(weight, 0);
  if (!roomOfWorth(participant)) return floor;
  const long = weight * (HAIRCUT_MAX_BPS - haircut);
  return max(floor, lowestBy(weight * (HAIRCUT_MAX_BPS + haircut), long));
}

/**
 * What the set that a cycle has found would owe too much (or, `ofWorth`, be worth too little), in
 * minor units of the limits' currency, rounded up; 0 where it is nothing.
 */
export function crossShortage(participant: u32, ofWorth: bool): u64 {
  ofSet = true;
  addUp(participant, NONE32);
  ofSet = false;
  const fails = ofWorth ? isWorthTooLittle(participant) : owesTooMuch(participant);
  if (!fails) return 0;
  negate(room, room);
  return quotientUp(room, ofWorth ? unitOf(participant) * HAIRCUT_MAX_BPS : unitOf(participant));
}

/** The account in whose currency a participant's limits are given. */
export function crossAccountOf(participant: u32): usize {
  return accountOf(participant, load<u32>(limitsOf(participant), CURRENCY));
}

/**
 * Of a participant's accounts that take part in a cycle, the one whose balance falls most by the set, in
 * value; the first such currency. Where the limits do not hold there is one, and it pays something.
 */
export function mostDrawn(participant: u32): usize {
  let most: usize = 0;
  clearSum(shortAfter);
  for (let c: u32 = 0; c < currencyCount(); c++) {
    const account = accountOf(participant, c);
    if (account == 0 || !takesPart(account)) continue;
    const fall = balanceOf(account) - clamped(account + AT);
    if (fall <= 0) continue;
    clearSum(shortBefore);
    addProduct(shortBefore, <u64>fall, weightOf(c));
    if (!sumIsLess(shortAfter, shortBefore)) continue;
    v128.store(shortAfter, v128.load(shortBefore));
    most = account;
  }
  return most;
}

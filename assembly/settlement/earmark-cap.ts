// How much for how long a bank has of another's money set aside for it, and the cap on that (docs/settlement.md, Earmarks).
//
// Invariants
// - A pair is an account that is debited and a participant for whom its money is set aside. Of a pair is used, in a
//   business date of the currency, the sum of amount x time of its earmarks, in minor units x ms: of those that have
//   ended what they took, of those that last, and of legs that wait to be earmarked, all until their expiry.
// - What is used of a pair is at most the currency's cap at every record. So it is known when a chain begins to be
//   funded, and nothing is ended later.
// - What is promised has used its time until the expiry, whenever it ends: `endUse` is for all else. Nothing else is set
//   aside over a close. So at an opening the pairs of the currency have no use that is to end: they are forgotten.
import { reserve } from '../memory';
import { accountIndex, currencyOf, participantOf, raiseFault } from './accounts-and-conservation';
import { multiplyHigh } from './converted-amounts';
import { now } from './cut-offs-and-cycle-times';
import { AMOUNT_1, CREDIT_1, DEBIT_1, nextOfChain } from './live-payment';
import { slotNumber } from './queue-places';

// A pair, 32 bytes: u32 account (0: free), u32 participant, u32 next in its bucket, or free; 16 u64 used low, 24 u64 high.
const PAIR_BYTES: usize = 32;
const PARTICIPANT: usize = 4;
const NEXT: usize = 8;
const USED_LOW: usize = 16;
const USED_HIGH: usize = 24;

/** Caps are in minor units x seconds. */
const CAP_MS: u64 = 1000;

/** Of a currency, an i64: its cap; 0: none. */
let caps: usize = 0;
/** Of a live payment's slot, an i64: since when it is used for, ms. */
let since: usize = 0;
let pairs: usize = 0;
let buckets: usize = 0;
let bucketShift: u32 = 0;
let pairsMax: u32 = 0;
let drawn: u32 = 0;
let free: usize = 0;
/** A product, in 128 bits. */
let productLow: u64 = 0;
let productHigh: u64 = 0;

function countOfPairs(livePaymentsMax: u32): u32 {
  return (livePaymentsMax >> 2) + 16;
}

function bucketBits(max: u32): u32 {
  return 32 - clz<u32>(max - 1);
}

/** A network whose chains have no earmarks keeps none. */
export function earmarkUseBytes(livePaymentsMax: u32, currencies: u32, conditions: u32): u64 {
  if (conditions == 0) return 0;
  const most = countOfPairs(livePaymentsMax);
  const ofPairs = <u64>most * <u64>PAIR_BYTES + ((<u64>4) << bucketBits(most));
  return ofPairs + ((<u64>livePaymentsMax + <u64>currencies) << 3);
}

export function reserveEarmarkUse(livePaymentsMax: u32, currencies: u32, conditions: u32): bool {
  if (conditions == 0) return true;
  pairsMax = countOfPairs(livePaymentsMax);
  bucketShift = 64 - bucketBits(pairsMax);
  caps = reserve((<u64>currencies) << 3);
  since = reserve((<u64>livePaymentsMax) << 3);
  pairs = reserve(<u64>pairsMax * <u64>PAIR_BYTES);
  buckets = reserve((<u64>4) << bucketBits(pairsMax));
  return caps != 0 && since != 0 && pairs != 0 && buckets != 0;
}

/** What a bank may have set aside of another in a business date of a currency, minor units x seconds; 0: no cap. */
export function setEarmarkCap(currency: u32, cap: i64): void {
  if (caps != 0) store<i64>(caps + ((<usize>currency) << 3), cap);
}

function capOf(account: usize): u64 {
  return caps == 0 ? 0 : load<u64>(caps + ((<usize>currencyOf(account)) << 3));
}

/** Whether what is set aside of an account counts. */
export function isEarmarkCapped(account: usize): bool {
  return capOf(account) != 0;
}

function bucketOf(account: usize, participant: u32): usize {
  const key = ((<u64>accountIndex(account)) << 32) | <u64>participant;
  let hash = key * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
  return buckets + ((<usize>(hash >> bucketShift)) << 2);
}

/** The pair of an account and who has its money set aside, new where there was none; 0: no room for it. */
function pairOf(account: usize, participant: u32): usize {
  const bucket = bucketOf(account, participant);
  for (let pair = <usize>load<u32>(bucket); pair != 0; pair = load<u32>(pair, NEXT))
    if (<usize>load<u32>(pair) == account && load<u32>(pair, PARTICIPANT) == participant)
      return pair;
  let pair = free;
  if (pair != 0) free = load<u32>(pair, NEXT);
  else if (drawn < pairsMax) {
    pair = pairs + <usize>drawn * PAIR_BYTES;
    drawn += 1;
  } else return 0;
  store<u32>(pair, account);
  store<u32>(pair, participant, PARTICIPANT);
  store<u32>(pair, load<u32>(bucket), NEXT);
  store<u64>(pair, 0, USED_LOW);
  store<u64>(pair, 0, USED_HIGH);
  store<u32>(bucket, pair);
  return pair;
}

/** A currency opens: of its accounts nothing is set aside but what is promised, and its date is a new one. */
export function forgetUse(currency: u32): void {
  for (let at: u32 = 0; at < drawn; at++) {
    const pair = pairs + <usize>at * PAIR_BYTES;
    const account = <usize>load<u32>(pair);
    if (account == 0 || currencyOf(account) != currency) continue;
    let link = bucketOf(account, load<u32>(pair, PARTICIPANT));
    while (<usize>load<u32>(link) != pair) link = <usize>load<u32>(link) + NEXT;
    store<u32>(link, load<u32>(pair, NEXT));
    store<u32>(pair, 0);
    store<u32>(pair, free, NEXT);
    free = pair;
  }
}

function multiply(a: u64, b: u64): void {
  productLow = a * b;
  productHigh = multiplyHigh(a, b);
}

function sinceOf(leg: usize): usize {
  return since + ((<usize>slotNumber(leg)) << 3);
}

/** Counts a leg until an instant, from now on; false where that is beyond the cap, and then nothing has changed. */
function use(leg: usize, until: i64): bool {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  const cap = capOf(debit);
  if (cap == 0) return true;
  const pair = pairOf(debit, participantOf(load<u32>(leg, CREDIT_1)));
  if (pair == 0) return false;
  multiply(load<u64>(leg, AMOUNT_1), <u64>(until - now()));
  const low = load<u64>(pair, USED_LOW) + productLow;
  const high = load<u64>(pair, USED_HIGH) + productHigh + <u64>(low < productLow);
  multiply(cap, CAP_MS);
  if (high > productHigh || (high == productHigh && low > productLow)) return false;
  store<u64>(pair, low, USED_LOW);
  store<u64>(pair, high, USED_HIGH);
  store<i64>(sinceOf(leg), now());
  return true;
}

/** Gives back a time of a leg that was counted and is not used. */
function giveBackTime(leg: usize, ms: i64): void {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  if (ms == 0 || capOf(debit) == 0) return;
  const pair = pairOf(debit, participantOf(load<u32>(leg, CREDIT_1)));
  multiply(load<u64>(leg, AMOUNT_1), <u64>ms);
  const low = load<u64>(pair, USED_LOW);
  const high = load<u64>(pair, USED_HIGH);
  const borrow = <u64>(low < productLow);
  if (ms < 0 || high < productHigh || high - productHigh < borrow) raiseFault();
  store<u64>(pair, low - productLow, USED_LOW);
  store<u64>(pair, high - productHigh - borrow, USED_HIGH);
}

/** Counts all legs of a chain until its expiry, from now on; false where one is beyond a cap: then none is. */
export function useUntil(lead: usize, until: i64): bool {
  let leg = lead;
  do {
    if (!use(leg, until)) {
      for (let used = lead; used != leg; used = nextOfChain(used))
        giveBackTime(used, until - now());
      return false;
    }
    leg = nextOfChain(leg);
  } while (leg != lead);
  return true;
}

/** The money of a leg is set aside now: the time that it waited for that was not used. */
export function startUse(leg: usize): void {
  if (!isEarmarkCapped(load<u32>(leg, DEBIT_1))) return;
  giveBackTime(leg, now() - load<i64>(sinceOf(leg)));
  store<i64>(sinceOf(leg), now());
}

/** A leg that was counted until an instant is counted no more; one that waited to be set aside has used nothing. */
export function endUse(leg: usize, until: i64, wasSetAside: bool): void {
  if (!isEarmarkCapped(load<u32>(leg, DEBIT_1))) return;
  giveBackTime(leg, until - (wasSetAside ? now() : load<i64>(sinceOf(leg))));
}

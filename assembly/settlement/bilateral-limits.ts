// Bilateral and multilateral limits: what a participant lets flow out net, by account and counterparty. What it may owe
// between two netting cycles (net debit caps, bilateral caps): net-positions-and-caps.ts.
//
// Invariants
// - A limit belongs to the debtor's account and to one counterparty, or (multilateral) to all those
//   without a bilateral limit. Its position is what was booked out less what was booked in since it
//   was set; a change of the figure keeps the position, taking the limit away forgets it.
// - A booked leg counts once on each side: out on the debtor's bilateral limit against the creditor,
//   else on its multilateral one; in on the creditor's, likewise. Whoever has no limit counts nothing.
// - No booking takes a position above max(limit, position before). A breach is a fault (accounts-and-conservation.ts).
// - A queued payment knows the bilateral limits that its legs count on (queue-places.ts), so no check of one
//   hashes; `fileLimits` finds them as it joins, and setting or taking away a limit corrects those
//   that are queued. The multilateral limit is found through the account.
// - Positions are 128 bits wide: money may go round through others for ever.
import { reserve } from '../memory';
import {
  accountIndex,
  FLAG_BILATERAL_LIMITS,
  FLAG_MULTILATERAL_LIMIT,
  flagsOf,
  raiseFault,
  setFlag,
} from './accounts-and-conservation';
import { NONE32 } from './record-numbers';
import { clearSum } from './wide-sums';

// A limit, 80 bytes.
//   0 i64 limit, 0 or more   8 u64 position low   16 i64 position high   24 u32 account
//  28 u32 counterparty (NONE32: multilateral)   32 u32 next in its bucket, or free   36 u32 serial
//  40..55 what is queued on it (queued-nets.ts)   56..79 its part in a cycle (gridlock.ts)
const LIMIT_BYTES: u64 = 80;
const LIMIT: usize = 0;
/** A sum (wide-sums.ts). */
export const POSITION: usize = 8;
/** What all queued payments that count on it would count out less in (queued-nets.ts): 40 u64 low, 48 i64 high. */
export const LIMIT_NET: usize = 40;
const POSITION_LOW: usize = 8;
const POSITION_HIGH: usize = 16;
const ACCOUNT: usize = 24;
const COUNTERPARTY: usize = 28;
const NEXT: usize = 32;
const SERIAL: usize = 36;

// An account's limits, 16 bytes: u32 the multilateral one, u32 number of bilateral ones, u64 a filter:
// bit (counterparty mod 64) is set where a bilateral one may be against it. Most counterparties have
// none, and the filter spares the look into the buckets.
const OF_ACCOUNT_BYTES: u64 = 16;
const BILATERAL_COUNT: usize = 4;
const FILTER: usize = 8;

let limits: usize = 0;
let buckets: usize = 0;
let ofAccounts: usize = 0;
let limitsMax: u32 = 0;
let bucketShift: u32 = 0;
let drawn: u32 = 0;
let free: usize = 0;
/** Limits set so far, modulo 2^32: by it one that was taken away and set anew is told from what it was. */
let serial: u32 = 0;

function bucketBits(max: u32): u32 {
  return max < 2 ? 1 : 32 - clz<u32>(max - 1);
}

export function limitBytes(max: u32, accountsMax: u64): u64 {
  return <u64>max * LIMIT_BYTES + ((<u64>4) << bucketBits(max)) + accountsMax * OF_ACCOUNT_BYTES;
}

export function reserveLimits(max: u32, accountsMax: u64): bool {
  limitsMax = max;
  bucketShift = 64 - bucketBits(max);
  limits = reserve(<u64>max * LIMIT_BYTES);
  buckets = reserve((<u64>4) << bucketBits(max));
  ofAccounts = reserve(accountsMax * OF_ACCOUNT_BYTES);
  return limits != 0 && buckets != 0 && ofAccounts != 0;
}

function ofAccount(account: usize): usize {
  return ofAccounts + ((<usize>accountIndex(account)) << 4);
}

function filterBit(counterparty: u32): u64 {
  return (<u64>1) << (<u64>counterparty & 63);
}

/** Only participants write here, for their own accounts, so the mix is plain. */
function bucketOf(account: usize, counterparty: u32): usize {
  const key = ((<u64>accountIndex(account)) << 42) | <u64>counterparty;
  let hash = key * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
  return buckets + ((<usize>(hash >> bucketShift)) << 2);
}

/** The account's bilateral limit against a counterparty, or 0. */
export function bilateralLimit(account: usize, counterparty: u32): usize {
  if (!(flagsOf(account) & FLAG_BILATERAL_LIMITS)) return 0;
  if (!(load<u64>(ofAccount(account), FILTER) & filterBit(counterparty))) return 0;
  let limit = <usize>load<u32>(bucketOf(account, counterparty));
  while (limit != 0) {
    if (
      <usize>load<u32>(limit, ACCOUNT) == account &&
      load<u32>(limit, COUNTERPARTY) == counterparty
    )
      return limit;
    limit = load<u32>(limit, NEXT);
  }
  return 0;
}

/** The account's multilateral limit, or 0. */
export function multilateralLimit(account: usize): usize {
  return flagsOf(account) & FLAG_MULTILATERAL_LIMIT ? load<u32>(ofAccount(account)) : 0;
}

/** What a leg of this account counts on, given its bilateral limit or 0; 0: on nothing. */
export function limitThatCounts(account: usize, bilateral: usize): usize {
  return bilateral != 0 ? bilateral : multilateralLimit(account);
}

/** Limits that are or were in use, for those that go through all of them. */
export function drawnLimits(): u32 {
  return drawn;
}

export function limitAt(index: u32): usize {
  return limits + <usize>index * <usize>LIMIT_BYTES;
}

/** The account that the limit is on; 0 where it is not in use. */
export function accountOfLimit(limit: usize): usize {
  return load<u32>(limit, ACCOUNT);
}

export function limitOf(limit: usize): i64 {
  return load<i64>(limit, LIMIT);
}

/** The position, or the nearest number that 64 bits hold. */
export function positionClamped(limit: usize): i64 {
  const low = <i64>load<u64>(limit, POSITION_LOW);
  const high = load<i64>(limit, POSITION_HIGH);
  if (high == low >> 63) return low;
  return high < 0 ? i64.MIN_VALUE : i64.MAX_VALUE;
}

/** What is counted on a limit, address and serial together, counts back only while that very limit stands. */
export function serialOf(limit: usize): u32 {
  return load<u32>(limit, SERIAL);
}

/** Whether a limit is in use and still the one that had this serial. */
export function isSameLimit(limit: usize, ofSerial: u32): bool {
  return load<u32>(limit, ACCOUNT) != 0 && load<u32>(limit, SERIAL) == ofSerial;
}

/** NONE32 where the limit is multilateral. */
export function counterpartyOf(limit: usize): u32 {
  return load<u32>(limit, COUNTERPARTY);
}

/** Whether position + amount is within the limit. */
export function withinLimit(limit: usize, amount: i64): bool {
  const low = load<u64>(limit, POSITION_LOW);
  const sum = low + <u64>amount;
  const high = load<i64>(limit, POSITION_HIGH) + <i64>(sum < low);
  return high < 0 || (high == 0 && sum <= <u64>load<i64>(limit, LIMIT));
}

/** Counts a leg that went out; the caller has asked `withinLimit`. */
export function countOut(limit: usize, amount: i64): void {
  if (!withinLimit(limit, amount)) raiseFault();
  const low = load<u64>(limit, POSITION_LOW);
  const sum = low + <u64>amount;
  store<u64>(limit, sum, POSITION_LOW);
  if (sum < low) store<i64>(limit, load<i64>(limit, POSITION_HIGH) + 1, POSITION_HIGH);
}

/** Counts a leg that came in. */
export function countIn(limit: usize, amount: i64): void {
  const low = load<u64>(limit, POSITION_LOW);
  store<u64>(limit, low - <u64>amount, POSITION_LOW);
  if (low < <u64>amount) store<i64>(limit, load<i64>(limit, POSITION_HIGH) - 1, POSITION_HIGH);
}

/** Whether a position would be above max(limit, position now). */
export function exceedsLimit(limit: usize, low: u64, high: i64): bool {
  const value = <u64>load<i64>(limit, LIMIT);
  if (high < 0 || (high == 0 && low <= value)) return false;
  const before = load<i64>(limit, POSITION_HIGH);
  return high > before || (high == before && low > load<u64>(limit, POSITION_LOW));
}

/** Sets a position that a cycle computed for the whole set that it settles. */
export function setPositionNet(limit: usize, low: u64, high: i64): void {
  if (exceedsLimit(limit, low, high)) raiseFault();
  store<u64>(limit, low, POSITION_LOW);
  store<i64>(limit, high, POSITION_HIGH);
}

function draw(): usize {
  let limit = free;
  if (limit != 0) {
    free = load<u32>(limit, NEXT);
  } else if (drawn < limitsMax) {
    limit = limits + <usize>drawn * <usize>LIMIT_BYTES;
    drawn += 1;
  }
  return limit;
}

function begin(limit: usize, account: usize, counterparty: u32): void {
  store<u64>(limit, 0, POSITION_LOW);
  store<i64>(limit, 0, POSITION_HIGH);
  clearSum(limit + LIMIT_NET);
  store<u32>(limit, account, ACCOUNT);
  store<u32>(limit, counterparty, COUNTERPARTY);
  serial += 1;
  store<u32>(limit, serial, SERIAL);
}

function find(account: usize, counterparty: u32): usize {
  return counterparty == NONE32
    ? multilateralLimit(account)
    : bilateralLimit(account, counterparty);
}

export function hasLimit(account: usize, counterparty: u32): bool {
  return find(account, counterparty) != 0;
}

/** Sets a limit, 0 or more; returns it, or 0 where none is left. What is queued: queued-limits.ts. */
export function storeLimit(account: usize, counterparty: u32, value: i64): usize {
  let limit = find(account, counterparty);
  if (limit == 0) {
    limit = draw();
    if (limit == 0) return 0;
    begin(limit, account, counterparty);
    const own = ofAccount(account);
    if (counterparty == NONE32) {
      store<u32>(own, limit);
      setFlag(account, FLAG_MULTILATERAL_LIMIT, true);
    } else {
      const bucket = bucketOf(account, counterparty);
      store<u32>(limit, load<u32>(bucket), NEXT);
      store<u32>(bucket, limit);
      store<u32>(own, load<u32>(own, BILATERAL_COUNT) + 1, BILATERAL_COUNT);
      store<u64>(own, load<u64>(own, FILTER) | filterBit(counterparty), FILTER);
      setFlag(account, FLAG_BILATERAL_LIMITS, true);
    }
  }
  store<i64>(limit, value, LIMIT);
  return limit;
}

/** Takes a limit away, if there is one. */
export function dropLimit(account: usize, counterparty: u32): void {
  const limit = find(account, counterparty);
  if (limit == 0) return;
  const own = ofAccount(account);
  if (counterparty == NONE32) {
    store<u32>(own, 0);
    setFlag(account, FLAG_MULTILATERAL_LIMIT, false);
  } else {
    let link = bucketOf(account, counterparty);
    while (<usize>load<u32>(link) != limit) link = <usize>load<u32>(link) + NEXT;
    store<u32>(link, load<u32>(limit, NEXT));
    const left = load<u32>(own, BILATERAL_COUNT) - 1;
    store<u32>(own, left, BILATERAL_COUNT);
    if (left == 0) {
      store<u64>(own, 0, FILTER);
      setFlag(account, FLAG_BILATERAL_LIMITS, false);
    }
  }
  store<u32>(limit, 0, ACCOUNT);
  store<u32>(limit, free, NEXT);
  free = limit;
}

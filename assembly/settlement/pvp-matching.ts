// Unmatched legs of payments versus payment: where each looks for the other bank's leg.
//
// Invariants
// - A leg and its mirror have the same match key and settlement date, and each delivers what the
//   other receives: agents, currencies and amounts change places. Among equal legs the first that
//   came matches first.
// - An unmatched leg stands in one bucket (leg-buckets.ts) and in the list of all. It locks nothing.
// - An unmatched leg of a chain stands in that list too; which legs are of one chain: chain-terms.ts.
// - Buckets are chosen by all terms under the genesis key: only legs with equal terms, of which the
//   first is taken, can be made to share one.
import { reserve } from '../memory';
import { keyedHash } from './identity-table';
import { joinBucket, leaveBucket } from './leg-buckets';
import { firstOfList, joinList, leaveList } from './lists-outside-queues';
import {
  AMOUNT_1,
  AMOUNT_2,
  DATE,
  DEBIT_1,
  DEBIT_2,
  isChainLeg,
  MATCH_KEY,
  RING_AFTER,
} from './live-payment';

let buckets: usize = 0;
let bucketShift: u32 = 0;
const unmatched: usize = memory.data(8, 16);
let count: u32 = 0;

function bucketBits(max: u32): u32 {
  return max < 2 ? 1 : 32 - clz<u32>(max - 1);
}

export function matchingBytes(livePaymentsMax: u32): u64 {
  return (<u64>4) << bucketBits(livePaymentsMax);
}

export function reserveMatching(livePaymentsMax: u32): bool {
  bucketShift = 64 - bucketBits(livePaymentsMax);
  buckets = reserve(matchingBytes(livePaymentsMax));
  return buckets != 0;
}

export function firstUnmatched(): usize {
  return firstOfList(unmatched);
}

export function unmatchedCount(): u32 {
  return count;
}

/** The bucket of a leg that takes amount 1 from one account and brings amount 2 to the other. */
function bucketOf(key: u64, date: u32, from: usize, gives: i64, to: usize, takes: i64): usize {
  const accounts = ((<u64>from) << 32) | <u64>to;
  const terms = keyedHash(key, <u64>gives, <u64>takes);
  const hash = keyedHash(terms, accounts, date);
  return buckets + ((<usize>(hash >> bucketShift)) << 2);
}

function ownBucket(leg: usize): usize {
  return bucketOf(
    load<u64>(leg, MATCH_KEY),
    load<u32>(leg, DATE),
    load<u32>(leg, DEBIT_1),
    load<i64>(leg, AMOUNT_1),
    load<u32>(leg, DEBIT_2),
    load<i64>(leg, AMOUNT_2),
  );
}

/** The first unmatched leg that mirrors these terms, or 0. */
export function findMirror(
  key: u64,
  date: u32,
  debit1: usize,
  amount1: i64,
  debit2: usize,
  amount2: i64,
): usize {
  // The mirror takes amount 2 from the account that this leg is paid from, and the other way round.
  const start = <usize>load<u32>(bucketOf(key, date, debit2, amount2, debit1, amount1));
  let leg = start;
  while (leg != 0) {
    if (
      load<u64>(leg, MATCH_KEY) == key &&
      load<u32>(leg, DATE) == date &&
      <usize>load<u32>(leg, DEBIT_1) == debit2 &&
      <usize>load<u32>(leg, DEBIT_2) == debit1 &&
      load<i64>(leg, AMOUNT_1) == amount2 &&
      load<i64>(leg, AMOUNT_2) == amount1
    )
      return leg;
    leg = load<u32>(leg, RING_AFTER);
    if (leg == start) return 0;
  }
  return 0;
}

/** Lets a leg wait for its mirror; its fields are those of a linked payment, and MATCH_KEY. */
export function joinUnmatched(leg: usize): void {
  joinBucket(ownBucket(leg), leg);
  listUnmatched(leg);
}

/** Puts a leg at the end of the list of all: one of a chain is in no bucket here (chain-terms.ts). */
export function listUnmatched(leg: usize): void {
  joinList(unmatched, leg);
  count += 1;
}

export function leaveUnmatched(leg: usize): void {
  if (!isChainLeg(leg)) leaveBucket(ownBucket(leg), leg);
  leaveList(unmatched, leg);
  count -= 1;
}

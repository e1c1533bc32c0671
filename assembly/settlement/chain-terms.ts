// Which legs are live, by the terms of their chain.
//
// Invariants
// - Two legs are of one chain where the digests of their terms, their numbers of legs and their settlement dates
//   are equal. Of a chain at most one leg of each number is live.
// - An unmatched leg stands in one bucket (leg-buckets.ts); of a complete chain leg 1 does, for all of its legs, until
//   it ends, and leg 2, which stands in none, knows which one that is. Buckets are chosen under the genesis key, so
//   that only legs of one chain can be made to share one.
import { reserve } from '../memory';
import { keyedHash } from './identity-table';
import { joinBucket, leaveBucket } from './leg-buckets';
import {
  CHAIN_BUCKET,
  DATE,
  LEG_COUNT,
  LEG_NUMBER,
  nextLeg,
  nextOfChain,
  RING_AFTER,
  RING_BEFORE,
  TERMS_0,
  TERMS_8,
  TERMS_16,
} from './live-payment';
import { matchingBytes } from './pvp-matching';
import { IN_DATE, IN_LEG_COUNT, IN_LEG_NUMBER, IN_TERMS, IN_TERMS_END } from './record-numbers';

let buckets: usize = 0;
let bucketShift: u32 = 0;

/** The bucket of the chain at hand. */
let bucket: usize = 0;
/** Its legs by number, from 1: u32. */
const found: usize = memory.data(4 * 17, 16);

/** A network without chains keeps none. */
export function chainTermsBytes(livePaymentsMax: u32, legsMax: u32): u64 {
  return legsMax == 0 ? 0 : matchingBytes(livePaymentsMax);
}

export function reserveChainTerms(livePaymentsMax: u32, legsMax: u32): bool {
  const bytes = chainTermsBytes(livePaymentsMax, legsMax);
  if (bytes == 0) return true;
  bucketShift = 66 - <u32>ctz<u64>(bytes);
  buckets = reserve(bytes);
  return buckets != 0;
}

function bucketOf(terms0: u64, terms8: u64, terms16: u32, date: u32, count: u32): usize {
  const rest = ((<u64>terms16) << 32) | <u64>(date ^ (count << 24));
  const hash = keyedHash(terms0, terms8, rest);
  return buckets + ((<usize>(hash >> bucketShift)) << 2);
}

function ownBucket(leg: usize): usize {
  return bucketOf(
    load<u64>(leg, TERMS_0),
    load<u64>(leg, TERMS_8),
    load<u32>(leg, TERMS_16),
    load<u32>(leg, DATE),
    load<u8>(leg, LEG_COUNT),
  );
}

/** Finds the live legs of the chain that a record is of; how many of them are unmatched. `foundLeg` has them. */
export function findLegs(record: usize): u32 {
  const terms0 = load<u64>(record, IN_TERMS);
  const terms8 = load<u64>(record, IN_TERMS + 8);
  const terms16 = load<u32>(record, IN_TERMS_END);
  const date = load<u32>(record, IN_DATE);
  const count = load<u8>(record, IN_LEG_COUNT);
  bucket = bucketOf(terms0, terms8, terms16, date, count);
  const start = <usize>load<u32>(bucket);
  memory.fill(found, 0, 4 * 17);
  let legs: u32 = 0;
  let leg = start;
  while (leg != 0) {
    if (
      load<u64>(leg, TERMS_0) == terms0 &&
      load<u64>(leg, TERMS_8) == terms8 &&
      load<u32>(leg, TERMS_16) == terms16 &&
      load<u32>(leg, DATE) == date &&
      load<u8>(leg, LEG_COUNT) == count
    ) {
      legs += 1;
      let ofChain = leg;
      do {
        putLeg(ofChain);
        ofChain = nextOfChain(ofChain);
      } while (ofChain != leg);
    }
    leg = load<u32>(leg, RING_AFTER);
    if (leg == start) break;
  }
  return legs;
}

/** Adds a leg to those that were found. */
export function putLeg(leg: usize): void {
  store<u32>(found + ((<usize>load<u8>(leg, LEG_NUMBER)) << 2), leg);
}

/** The live leg of this number, or 0. */
export function foundLeg(number: u32): usize {
  return load<u32>(found + ((<usize>number) << 2));
}

/** The lowest leg of a chain of so many that was found, or 0. */
export function firstFound(legs: u32): usize {
  for (let number: u32 = 1; number <= min<u32>(legs, 16); number++)
    if (foundLeg(number) != 0) return foundLeg(number);
  return 0;
}

/** Notes a leg that becomes live with its terms, those of the chain at hand. */
export function joinTerms(leg: usize, record: usize): void {
  store<u64>(leg, load<u64>(record, IN_TERMS), TERMS_0);
  store<u64>(leg, load<u64>(record, IN_TERMS + 8), TERMS_8);
  store<u32>(leg, load<u32>(record, IN_TERMS_END), TERMS_16);
  store<u8>(leg, load<u8>(record, IN_LEG_NUMBER), LEG_NUMBER);
  store<u8>(leg, load<u8>(record, IN_LEG_COUNT), LEG_COUNT);
  joinBucket(bucket, leg);
}

/** The chain at hand is complete, and its legs are one ring: leg 1 stands for all of them. */
export function leadTerms(lead: usize): void {
  const second = nextLeg(lead);
  for (let leg = second; leg != lead; leg = nextLeg(leg)) leaveBucket(bucket, leg);
  if (second != lead) store<u32>(second, bucket, CHAIN_BUCKET);
}

/**
 * A leg ends that is unmatched, or leg 1 of its chain. What leg 2 knows is there even where that ended just before:
 * its slot is not taken anew until the chain has ended.
 */
export function leaveTerms(leg: usize): void {
  const next = nextLeg(leg);
  leaveBucket(next == leg ? ownBucket(leg) : <usize>load<u32>(next, CHAIN_BUCKET), leg);
}

/**
 * Loads what `leaveTerms` changes when complete chains end, all at once: one after another, each would wait for memory.
 * Changes nothing that can be observed.
 * @param leads u32: leg 1 of each, then one word that this may overwrite
 */
export function touchTerms(leads: usize, count: u32): void {
  let seen: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const lead = <usize>load<u32>(leads + ((<usize>i) << 2));
    const second = nextLeg(lead);
    if (second == lead) continue;
    seen ^= load<u32>(<usize>load<u32>(second, CHAIN_BUCKET));
    seen ^= load<u32>(<usize>load<u32>(lead, RING_BEFORE), RING_AFTER);
    seen ^= load<u32>(<usize>load<u32>(lead, RING_AFTER), RING_BEFORE);
  }
  // Kept, so that the compiler keeps the loads.
  store<u32>(leads + ((<usize>count) << 2), seen);
}

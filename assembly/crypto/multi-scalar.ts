// Multi-scalar multiplication by Pippenger's buckets, for signed scalars of 128 bits: window by
// window, each point is added to (or, for a negative digit, subtracted from) the bucket of its
// digit's size, and the sum of b times bucket b is the sum of all the suffix sums.

import { copyQuad, QUAD_BYTES } from './field';
import { IDENTITY } from './generated/constants';
import {
  pointAdd,
  pointCache,
  pointDouble,
  pointSubtract,
  pointUncache,
  pointUncacheNegated,
} from './point';

const SCALAR_BITS: i32 = 128;
const BITS_MAX: i32 = 9;

/** Buckets 1 .. 2^(bits-1), at most 1,024, and whether each is in use. */
const BUCKETS: usize = memory.data(164000, 16);
const USED: usize = memory.data(1040, 16);
const SUFFIX: usize = memory.data(160, 16);
/** Where the loads of `fetchAhead` end, so that they are not left out. */
const FETCHED: usize = memory.data(16, 16);
const WINDOW_SUM: usize = memory.data(160, 16);

/** The width of the windows that costs least for so many points (measured: docs/crypto.md). */
export function windowBits(points: u32): i32 {
  if (points < 110) return 5;
  if (points < 240) return 6;
  if (points < 510) return 7;
  if (points < 3000) return 8;
  return BITS_MAX;
}

function windowCount(bits: i32): i32 {
  return (SCALAR_BITS + bits - 1) / bits;
}

/**
 * Writes the signed digits of the 128-bit two's complement integer at `scalar`, one i16 for each window
 * at `to`, `to` + 2 stride, ... They lie in -2^(bits-1) .. 2^(bits-1), the last one included: it
 * is what remains above, with its sign, and at most one more.
 */
export function writeDigits(to: usize, scalar: usize, stride: u32, bits: i32): void {
  let low = load<u64>(scalar);
  let high = load<i64>(scalar, 8);
  const mask: u64 = (1 << bits) - 1;
  const half = 1 << (bits - 1);
  let over = 0;
  for (let j = windowCount(bits) - 1; j > 0; j--) {
    let digit = <i32>(low & mask) + over;
    over = <i32>(digit > half);
    digit -= over << bits;
    store<i16>(to, <i16>digit);
    to += (<usize>stride) << 1;
    low = (low >> bits) | ((<u64>high) << (64 - bits));
    high >>= bits;
  }
  store<i16>(to, <i16>(<i32>low + over));
}

export function emptyBuckets(count: i32): void {
  memory.fill(USED, 0, count + 1);
}

/** Adds `count` cached points to the buckets of their digits, i16 each. */
export function fillBuckets(points: usize, digits: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const digit = <i32>load<i16>(digits + ((<usize>i) << 1));
    if (digit == 0) continue;
    const size = <usize>abs(digit);
    const bucket = BUCKETS + size * QUAD_BYTES;
    if (load<u8>(USED + size) == 0) {
      store<u8>(USED + size, 1);
      if (digit > 0) pointUncache(bucket, points + <usize>i * QUAD_BYTES);
      else pointUncacheNegated(bucket, points + <usize>i * QUAD_BYTES);
    } else if (digit > 0) pointAdd(bucket, bucket, points + <usize>i * QUAD_BYTES);
    else pointSubtract(bucket, bucket, points + <usize>i * QUAD_BYTES);
  }
}

/**
 * Reads a word of each cache line of `count` points: an addition that waits for its operand costs
 * more. All at once, since these loads overlap; one beside each addition, each would be waited for.
 */
export function fetchAhead(points: usize, count: i32): void {
  let sink: u32 = 0;
  const end = points + <usize>count * QUAD_BYTES;
  for (; points < end; points += 64) sink ^= load<u32>(points);
  store<u32>(FETCHED, sink);
}

/**
 * o += sum of b bucket_b, as the sum of all the suffix sums. A suffix is cached once, for both of the
 * additions that it takes part in: the one to the sum, and the one of the next bucket.
 */
export function addBuckets(o: usize, count: i32): void {
  copyQuad(WINDOW_SUM, IDENTITY);
  let empty = true;
  for (let b = count; b > 0; b--) {
    if (load<u8>(USED + <usize>b) != 0) {
      const bucket = BUCKETS + <usize>b * QUAD_BYTES;
      if (empty) pointCache(SUFFIX, bucket);
      else {
        pointAdd(bucket, bucket, SUFFIX);
        pointCache(SUFFIX, bucket);
      }
      empty = false;
    }
    if (!empty) pointAdd(WINDOW_SUM, WINDOW_SUM, SUFFIX);
  }
  pointCache(SUFFIX, WINDOW_SUM);
  pointAdd(o, o, SUFFIX);
}

/** o = sum of scalar_i point_i; digits as writeDigits leaves them, points cached. */
export function multiplyAndSum(
  o: usize,
  points: usize,
  digits: usize,
  stride: u32,
  count: u32,
  bits: i32,
): void {
  const buckets = 1 << (bits - 1);
  copyQuad(o, IDENTITY);
  for (let j = windowCount(bits) - 1; j >= 0; j--) {
    for (let i = 0; i < bits; i++) pointDouble(o, o);
    emptyBuckets(buckets);
    fillBuckets(points, digits + <usize>j * ((<usize>stride) << 1), count);
    addBuckets(o, buckets);
  }
}

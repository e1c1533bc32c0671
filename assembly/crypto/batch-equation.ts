// One equation for a whole batch (Bernstein, Doumen, Lange and Oosterwijk, "Faster batch forgery
// identification", Indocrypt 2012, section 2): with a coefficient z_i for each signature,
//
//   [8] ( sum z_i R_i  +  sum over keys (sum z_i k_i) A  -  (sum z_i S_i) B )  =  neutral point.
//
// It holds if each signature satisfies the cofactored equation; if one does not, it holds for at most
// one in 2^128 choices of z. The z_i are hashed from the batch: whoever made the signatures
// cannot choose them, and the verdict is a pure function of the input.
//
// Work memory, n records and at most n distinct keys: 4n list, 4n keys, 96 (n + 1) accumulators,
// 16n coefficients, 160 (3n + 2) points, 2 (3n + 2) digits for each of at most 26 windows.
import { decompress } from './decompression';
import { copyQuad, QUAD_BYTES } from './field';
import { pointsOf } from './key-registration-and-refused-keys';
import { basePoints, KEY_ACCUMULATOR, KEY_POINT_HIGH, verdicts, work } from './memory-layout';
import {
  addBuckets,
  emptyBuckets,
  fetchAhead,
  fillBuckets,
  multiplyAndSum,
  windowBits,
  writeDigits,
} from './multi-scalar';
import { isIdentityAfter } from './point';
import { SHIFT, SHIFTED, windows } from './precomputed-multiples';
import {
  ACCUMULATOR_BYTES,
  ACCUMULATOR_WORDS,
  accumulate,
  negateScalar,
  reduce,
  startAccumulator,
} from './scalar';
import { sha512Finish, sha512Start, sha512Update } from './sha512';
import { challengeOf, keyOf, markFailed, signatureOf } from './well-formed-records';

/**
 * A batch costs less than an exact verdict each from so many signatures on, and one more for each
 * distinct key among them; from BATCH_ALWAYS on it does with any keys (measured: docs/crypto.md).
 */
const BATCH_MIN: u32 = 17;
const BATCH_ALWAYS: u32 = 80;

/** From so many distinct keys on, their part of the sum is computed by itself (measured). */
const MANY_KEYS: u32 = 160;

const SEED: usize = memory.data(128, 16);
const TOTAL: usize = memory.data(160, 16);
/** Addresses of eight R, and the points that they encode. */
const ENCODED: usize = memory.data(32, 16);
const DECODED: usize = memory.data(1280, 16);

let kept: u32 = 0; // records in the equation
let keyTotal: u32 = 0; // distinct keys among them
let keptList: usize = 0;
let keyList: usize = 0;
let accumulators: usize = 0; // the base point's, then one a key
let coefficients: usize = 0;
let points: usize = 0;
let digits: usize = 0;

export function batchPays(signatures: u32, distinctKeys: u32): bool {
  return signatures >= min(BATCH_MIN + distinctKeys, BATCH_ALWAYS);
}

function aligned(address: usize): usize {
  return (address + 63) & ~63;
}

function layOut(count: usize): void {
  kept = 0;
  keyTotal = 0;
  keptList = work;
  keyList = aligned(keptList + 4 * count);
  accumulators = aligned(keyList + 4 * count);
  coefficients = aligned(accumulators + ACCUMULATOR_BYTES * (count + 1));
  points = aligned(coefficients + 16 * (count + 4));
  digits = aligned(points + QUAD_BYTES * (3 * count + 2));
}

/** Decodes every R. A signature whose R is no point is invalid and stays out of the equation. */
function decodeAll(list: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 8) {
    const left = min<u32>(8, count - i);
    const quads = left > 4 ? 2 : 1;
    for (let lane: u32 = 0; lane < <u32>(4 * quads); lane++) {
      const index = load<u32>(list + ((<usize>(i + min(lane, left - 1))) << 2));
      store<u32>(ENCODED + ((<usize>lane) << 2), <u32>signatureOf(index));
    }
    const ok = decompress(DECODED, ENCODED, quads);
    for (let lane: u32 = 0; lane < left; lane++) {
      const index = load<u32>(list + ((<usize>(i + lane)) << 2));
      if (((ok >> lane) & 1) == 0) {
        store<u8>(verdicts + index, 0);
        continue;
      }
      copyQuad(points + <usize>kept * QUAD_BYTES, DECODED + <usize>lane * QUAD_BYTES);
      store<u32>(keptList + ((<usize>kept) << 2), index);
      kept++;
    }
  }
}

function keptIndex(i: u32): u32 {
  return load<u32>(keptList + ((<usize>i) << 2));
}

/**
 * z_i, four to a hash: SHA-512(seed || counter), where the seed is SHA-512 over all of the batch's
 * (SHA-512(R || A || M), S). The first binds R, A, M and k, and half of it does, since a collision
 * of 256 bits costs 2^128; S completes the equation.
 */
function hashCoefficients(): void {
  sha512Start();
  for (let i: u32 = 0; i < kept; i++) {
    const index = keptIndex(i);
    sha512Update(challengeOf(index), 32);
    sha512Update(signatureOf(index) + 32, 32);
  }
  sha512Finish(SEED);
  for (let i: u32 = 0; i < kept; i += 4) {
    store<u32>(SEED, i, 64);
    sha512Start();
    sha512Update(SEED, 68);
    sha512Finish(coefficients + ((<usize>i) << 4));
  }
}

function accumulatorOf(key: usize): usize {
  let number = load<u32>(key + KEY_ACCUMULATOR);
  if (number == 0) {
    store<u32>(keyList + ((<usize>keyTotal) << 2), <u32>key);
    number = ++keyTotal;
    store<u32>(key + KEY_ACCUMULATOR, number);
    startAccumulator(accumulators + <usize>number * ACCUMULATOR_BYTES);
  }
  return accumulators + <usize>number * ACCUMULATOR_BYTES;
}

/** Puts P and 2^128 P (both cached) at `position`, with the halves of an accumulator's scalar. */
function addPair(
  position: u32,
  p: usize,
  shifted: usize,
  scalar: usize,
  stride: u32,
  bits: i32,
): void {
  const point = points + <usize>position * QUAD_BYTES;
  copyQuad(point, p);
  copyQuad(point + QUAD_BYTES, shifted);
  // The halves are signed: what the low one lacks by its sign, the high one gets.
  const high = load<u64>(scalar, 16) + (load<u64>(scalar, 8) >> 63);
  if (high == 0) store<u64>(scalar, load<u64>(scalar, 24) + (load<u64>(scalar, 8) >> 63), 24);
  store<u64>(scalar, high, 16);
  writeDigits(digits + ((<usize>position) << 1), scalar, stride, bits);
  writeDigits(digits + ((<usize>(position + 1)) << 1), scalar + 16, stride, bits);
}

/** Reduces the scalar of the key that is number i of the batch, and returns where it stands. */
function keyScalar(i: u32): usize {
  const accumulator = accumulators + <usize>(i + 1) * ACCUMULATOR_BYTES;
  reduce(accumulator, accumulator, ACCUMULATOR_WORDS);
  return accumulator;
}

function keyNumber(i: u32): usize {
  return <usize>load<u32>(keyList + ((<usize>i) << 2));
}

/**
 * Adds the keys' part to TOTAL by itself, each key's scalar in 23 digits of 11 bits under a shifted
 * point of its own: 9 additions a key fewer than with two points among the others, but 1,024 buckets.
 */
function addManyKeys(): void {
  const buckets = 1 << (SHIFT - 1);
  emptyBuckets(buckets);
  for (let i: u32 = 0; i < keyTotal; i++) {
    const digits = windows(keyScalar(i), SHIFT, SHIFTED);
    fetchAhead(pointsOf(keyNumber(min(i + 1, keyTotal - 1))), SHIFTED);
    fillBuckets(pointsOf(keyNumber(i)), digits, SHIFTED);
  }
  addBuckets(TOTAL, buckets);
}

/**
 * Verifies the prepared records at `list` with one equation. Where it holds, sets the verdicts and
 * returns true; where it does not, sets only those whose R is no point (to 0), and returns false;
 * those that were in the equation are marked.
 */
export function verifyBatch(list: usize, count: u32): bool {
  layOut(count);
  decodeAll(list, count);
  hashCoefficients();
  startAccumulator(accumulators);
  const stride = 3 * count + 2;
  // The window's width follows from the points, whose number is known only after this loop: the
  // digits of z are written in a second pass.
  for (let i: u32 = 0; i < kept; i++) {
    const index = keptIndex(i);
    const z = coefficients + ((<usize>i) << 4);
    accumulate(accumulatorOf(keyOf(index)), challengeOf(index), 16, z);
    accumulate(accumulators, signatureOf(index) + 32, 8, z);
  }
  for (let i: u32 = 0; i < keyTotal; i++) store<u32>(keyNumber(i) + KEY_ACCUMULATOR, 0);
  const keysApart = keyTotal >= MANY_KEYS;
  const total = kept + 2 + (keysApart ? 0 : 2 * keyTotal);
  const bits = windowBits(total);
  for (let i: u32 = 0; i < kept; i++)
    writeDigits(digits + ((<usize>i) << 1), coefficients + ((<usize>i) << 4), stride, bits);
  if (!keysApart)
    for (let i: u32 = 0; i < keyTotal; i++) {
      const a = pointsOf(keyNumber(i));
      addPair(kept + 2 * i, a, a + KEY_POINT_HIGH, keyScalar(i), stride, bits);
    }
  reduce(accumulators, accumulators, ACCUMULATOR_WORDS);
  negateScalar(accumulators, accumulators);
  addPair(total - 2, basePoints, basePoints + QUAD_BYTES, accumulators, stride, bits);
  multiplyAndSum(TOTAL, points, digits, stride, total, bits);
  if (keysApart) addManyKeys();
  if (!isIdentityAfter(TOTAL, 3)) {
    for (let i: u32 = 0; i < kept; i++) markFailed(keptIndex(i));
    return false;
  }
  for (let i: u32 = 0; i < kept; i++) store<u8>(verdicts + keptIndex(i), 1);
  return true;
}

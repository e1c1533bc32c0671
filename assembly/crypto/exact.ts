// A verdict for each signature by itself: Q = S B - k A by precomputed tables, then Q is compared
// with R. The encodings of all Q of a call share one inversion (Montgomery's trick, four chains side
// by side), so R is not decoded: if Q's encoding equals R's bytes, R is canonical and the equation
// holds without any cofactor. Only where it differs may [8]Q = [8]R still hold (R with a torsion
// component): those R are decoded, four at once, and [8](Q - R) is computed.
//
// Work memory: 160 bytes a record for Q, then 640 for each four records (X, Y, Z and the running
// product of the Z), then 4 a record each for the positions to decode and for grouping by key.

import { decompress } from './decompression';
import {
  copyQuad,
  equalLanes,
  freeze,
  invertQuad,
  multiply,
  oddLanes,
  QUAD_BYTES,
  setOne,
  unpack,
} from './field';
import { IDENTITY } from './generated/constants';
import { tablesOf } from './keys';
import { baseTables, KEY_CHAIN, recordsMax, verdicts, work } from './layout';
import { isIdentityAfter, pointSubtract, transpose } from './point';
import { challengeOf, keyOf, signatureOf } from './records';
import { reduce } from './scalar';
import { addBaseMultiple, negatedKeyMultiple } from './tables';

const FOUR_BYTES: usize = 640;
const K: usize = memory.data(32, 16);
const INVERSE: usize = memory.data(160, 16);
const Z_INVERSE: usize = memory.data(160, 16);
const COORDINATE: usize = memory.data(160, 16);
const UNPACKED: usize = memory.data(160, 16);
const DECODED: usize = memory.data(640, 16);
const DIFFERENCE: usize = memory.data(160, 16);
const SIGNS: usize = memory.data(16, 16);
const FOUR_R: usize = memory.data(16, 16);

function pointOf(position: u32): usize {
  return work + <usize>position * QUAD_BYTES;
}

function fourOf(position: u32): usize {
  return work + (<usize>recordsMax + 16) * QUAD_BYTES + <usize>(position >> 2) * FOUR_BYTES;
}

/** Positions in the list whose Q is not R. */
function pendingList(): usize {
  return work + (<usize>recordsMax + 16) * 320;
}

/**
 * Reorders the list so that the signatures of one key follow one another: a key's tables (43 KB)
 * are then fetched once and not for each signature.
 */
function groupByKey(list: usize, count: u32): void {
  const stride = (<usize>(recordsMax + 16)) << 2;
  const next = pendingList() + stride; // the position before in the same key's chain, plus 1
  const keysMet = next + stride;
  const grouped = keysMet + stride;
  let met: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const key = keyOf(load<u32>(list + ((<usize>i) << 2)));
    const head = load<u32>(key + KEY_CHAIN);
    store<u32>(next + ((<usize>i) << 2), head);
    store<u32>(key + KEY_CHAIN, i + 1);
    if (head != 0) continue;
    store<u32>(keysMet + ((<usize>met) << 2), <u32>key);
    met++;
  }
  let to = grouped;
  for (let k: u32 = 0; k < met; k++) {
    const key = <usize>load<u32>(keysMet + ((<usize>k) << 2));
    for (
      let i = load<u32>(key + KEY_CHAIN);
      i != 0;
      i = load<u32>(next + ((<usize>(i - 1)) << 2))
    ) {
      store<u32>(to, load<u32>(list + ((<usize>(i - 1)) << 2)));
      to += 4;
    }
    store<u32>(key + KEY_CHAIN, 0);
  }
  memory.copy(list, grouped, (<usize>count) << 2);
}

/** Q = S B - k A of one record. */
function equationPoint(q: usize, index: u32): void {
  reduce(K, challengeOf(index), 16);
  negatedKeyMultiple(q, tablesOf(keyOf(index)), K);
  addBaseMultiple(q, baseTables, signatureOf(index) + 32);
}

/**
 * Compares the encodings of four Q with their R; the first `filled` are records, the rest padding.
 * INVERSE is the inverse of the product of the Z up to these four, and then of those before them.
 */
function compareFour(list: usize, first: u32, filled: u32): i32 {
  const four = fourOf(first);
  multiply(Z_INVERSE, INVERSE, four + 3 * QUAD_BYTES);
  multiply(INVERSE, INVERSE, four + 2 * QUAD_BYTES);
  for (let lane: u32 = 0; lane < filled; lane++) {
    const r = signatureOf(load<u32>(list + ((<usize>(first + lane)) << 2)));
    unpack(UNPACKED, lane, r);
    store<i32>(SIGNS + ((<usize>lane) << 2), load<i32>(r, 28));
  }
  const signs = i32x4.shr_s(v128.load(SIGNS), 31);
  multiply(COORDINATE, four, Z_INVERSE);
  const sameSign = i32x4.eq(oddLanes(COORDINATE), signs);
  multiply(COORDINATE, four + QUAD_BYTES, Z_INVERSE);
  freeze(COORDINATE, COORDINATE);
  return i32x4.bitmask(v128.and(sameSign, equalLanes(COORDINATE, UNPACKED)));
}

/** The cofactored equation for those whose Q is not R: [8](Q - R) must be the neutral point. */
function resolve(list: usize, pending: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 4) {
    const left = min<u32>(4, count - i);
    for (let lane: u32 = 0; lane < 4; lane++) {
      const position = load<u32>(pending + ((<usize>(i + min(lane, left - 1))) << 2));
      store<u32>(
        FOUR_R + ((<usize>lane) << 2),
        <u32>signatureOf(load<u32>(list + ((<usize>position) << 2))),
      );
    }
    const ok = decompress(DECODED, FOUR_R, 1);
    for (let lane: u32 = 0; lane < left; lane++) {
      if (((ok >> lane) & 1) == 0) continue;
      const position = load<u32>(pending + ((<usize>(i + lane)) << 2));
      pointSubtract(DIFFERENCE, pointOf(position), DECODED + <usize>lane * QUAD_BYTES);
      if (isIdentityAfter(DIFFERENCE, 3))
        store<u8>(verdicts + load<u32>(list + ((<usize>position) << 2)), 1);
    }
  }
}

/**
 * Sets the verdict of each of the records whose indices (u32) stand at `list`. All of them have
 * been prepared.
 */
export function verifyExactly(list: usize, count: u32): void {
  if (count == 0) return;
  groupByKey(list, count);
  for (let i: u32 = 0; i < count; i++)
    equationPoint(pointOf(i), load<u32>(list + ((<usize>i) << 2)));
  for (let i = count; (i & 3) != 0; i++) copyQuad(pointOf(i), IDENTITY);
  setOne(INVERSE);
  for (let i: u32 = 0; i < count; i += 4) {
    const q = pointOf(i);
    const four = fourOf(i);
    // The fourth coordinate is not needed: the product of the Z before this four takes its place.
    transpose(four, q, q + QUAD_BYTES, q + 2 * QUAD_BYTES, q + 3 * QUAD_BYTES);
    copyQuad(four + 3 * QUAD_BYTES, INVERSE);
    multiply(INVERSE, INVERSE, four + 2 * QUAD_BYTES);
  }
  invertQuad(INVERSE, INVERSE);
  const pending = pendingList();
  let unequal: u32 = 0;
  for (let i = (count - 1) & ~3; ; i -= 4) {
    const filled = min<u32>(4, count - i);
    const equal = compareFour(list, i, filled);
    for (let lane: u32 = 0; lane < filled; lane++) {
      const valid = ((equal >> lane) & 1) != 0;
      store<u8>(verdicts + load<u32>(list + ((<usize>(i + lane)) << 2)), <u8>valid);
      if (valid) continue;
      store<u32>(pending + ((<usize>unequal) << 2), i + lane);
      unequal++;
    }
    if (i == 0) break;
  }
  resolve(list, pending, unequal);
}

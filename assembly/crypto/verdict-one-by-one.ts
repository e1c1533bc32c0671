// A verdict for each signature by itself: Q = S B - k A by precomputed tables, then Q is compared
// with R. The encodings of all Q of a call share one inversion (Montgomery's trick, four chains side
// by side), so R is not decoded: if Q's encoding equals R's bytes, R is canonical and the equation
// holds without any cofactor. Only where it differs may [8]Q = [8]R still hold (R with a torsion
// component): those R are decoded, four at once, and [8](Q - R) is computed.
//
// Work memory: what affine.ts has of it, then 4 bytes a record each for the positions to decode and for
// grouping by key.

import { affineFour, pointOf, startAffine } from './affine';
import { decompress } from './decompression';
import { equalLanes, freeze, oddLanes, QUAD_BYTES, unpack } from './field';
import { tablesOf } from './key-registration-and-refused-keys';
import { baseTables, KEY_CHAIN, recordsMax, verdicts, work } from './memory-layout';
import { isIdentityAfter, pointSubtract } from './point';
import { addBaseMultiple, negatedKeyMultiple } from './precomputed-multiples';
import { reduce } from './scalar';
import { challengeOf, keyOf, signatureOf } from './well-formed-records';

const K: usize = memory.data(32, 16);
const X: usize = memory.data(160, 16);
const Y: usize = memory.data(160, 16);
const UNPACKED: usize = memory.data(160, 16);
const DECODED: usize = memory.data(640, 16);
const DIFFERENCE: usize = memory.data(160, 16);
const SIGNS: usize = memory.data(16, 16);
const FOUR_R: usize = memory.data(16, 16);

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

/** Compares the encodings of four Q with their R; the first `filled` are records, the rest padding. */
function compareFour(list: usize, first: u32, filled: u32): i32 {
  affineFour(X, Y, first);
  for (let lane: u32 = 0; lane < filled; lane++) {
    const r = signatureOf(load<u32>(list + ((<usize>(first + lane)) << 2)));
    unpack(UNPACKED, lane, r);
    store<i32>(SIGNS + ((<usize>lane) << 2), load<i32>(r, 28));
  }
  const signs = i32x4.shr_s(v128.load(SIGNS), 31);
  const sameSign = i32x4.eq(oddLanes(X), signs);
  freeze(Y, Y);
  return i32x4.bitmask(v128.and(sameSign, equalLanes(Y, UNPACKED)));
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
  startAffine(count);
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

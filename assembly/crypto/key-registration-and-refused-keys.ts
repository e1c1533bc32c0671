// The base point's tables, and the registration of keys.

import { isCanonicalY } from './decompression';
import { copyQuad, QUAD_BYTES } from './field';
import { BASE_POINT, IDENTITY, ORDER } from './generated/constants';
import {
  basePoints,
  baseTables,
  KEY_ACCUMULATOR,
  KEY_BYTES,
  KEY_CHAIN,
  KEY_POINT_BYTES,
  KEY_POINT_HIGH,
  KEY_TABLED,
  keyPoints,
  keys,
  keysMax,
  keyTables,
} from './memory-layout';
import { decompressOne, isIdentityAfter, pointAdd, pointDouble, pointUncache } from './point';
import {
  buildBaseTables,
  buildKeyTables,
  buildShifted,
  highHalf,
  KEY_TABLE_BYTES,
  SHIFT,
  SHIFTED,
} from './precomputed-multiples';

export let keyCount: u32 = 0;

const POINT: usize = memory.data(160, 16);
/** Where the host puts the 32 bytes of a key to register. */
export const KEY_INPUT: usize = memory.data(64, 16);

/**
 * What `registerKey` answers instead of a handle. services/core/verification/batch-size-and-key-room.ts repeats the
 * list. NO_ROOM says nothing against the key: its place is looked for last.
 */
const NO_ROOM: i32 = -1;
const NOT_CANONICAL: i32 = -2;
const NOT_ON_CURVE: i32 = -3;
const SMALL_ORDER: i32 = -4;
const MIXED_ORDER: i32 = -5;

export function prepareBase(): void {
  decompressOne(basePoints, BASE_POINT);
  highHalf(basePoints + QUAD_BYTES, basePoints);
  buildBaseTables(baseTables, basePoints);
}

export function keyAt(handle: u32): usize {
  return keys + <usize>handle * KEY_BYTES;
}

/** Where the points of the key at `key` stand. */
export function pointsOf(key: usize): usize {
  return keyPoints + ((key - keys) / KEY_BYTES) * KEY_POINT_BYTES;
}

/** Where its tables stand, which are made when they are asked for first: a batch needs none. */
export function tablesOf(key: usize): usize {
  const tables = keyTables + ((key - keys) / KEY_BYTES) * KEY_TABLE_BYTES;
  if (load<u32>(key + KEY_TABLED) == 0) {
    buildKeyTables(tables, pointsOf(key));
    store<u32>(key + KEY_TABLED, 1);
  }
  return tables;
}

/** Whether [L]A is the neutral point, with the points of the key at `points`: bit by bit of all digits of L. */
function isOfPrimeOrder(points: usize): bool {
  copyQuad(POINT, IDENTITY);
  for (let bit = SHIFT - 1; bit >= 0; bit--) {
    pointDouble(POINT, POINT);
    for (let j = 0; j < SHIFTED; j++) {
      const at = SHIFT * j + bit;
      if (((load<u8>(ORDER + <usize>(at >> 3)) >> <u8>(at & 7)) & 1) != 0)
        pointAdd(POINT, POINT, points + <usize>j * QUAD_BYTES);
    }
  }
  return isIdentityAfter(POINT, 0);
}

/**
 * Registers the key at KEY_INPUT and returns its handle, or a reason below 0. The place after the
 * last key is there to try keys in. A key with a torsion component ([L]A is not the neutral point) is
 * refused unless `admitMixedOrder`: conformance tests need such keys, since the validity rule is
 * defined for them too.
 */
export function registerKey(admitMixedOrder: bool): i32 {
  // Not started, or in vain.
  if (keysMax == 0) return NO_ROOM;
  const key = keyAt(keyCount);
  const points = pointsOf(key);
  if (!isCanonicalY(KEY_INPUT)) return NOT_CANONICAL;
  if (!decompressOne(points, KEY_INPUT)) return NOT_ON_CURVE;
  pointUncache(POINT, points);
  if (isIdentityAfter(POINT, 3)) return SMALL_ORDER;
  buildShifted(points, points + KEY_POINT_HIGH);
  if (!admitMixedOrder && !isOfPrimeOrder(points)) return MIXED_ORDER;
  if (keyCount >= keysMax) return NO_ROOM;
  memory.copy(key, KEY_INPUT, 32);
  store<u32>(key + KEY_TABLED, 0);
  store<u32>(key + KEY_ACCUMULATOR, 0);
  store<u32>(key + KEY_CHAIN, 0);
  keyCount++;
  return <i32>keyCount - 1;
}

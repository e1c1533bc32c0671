// Precomputed multiples of the base point and of each registered key.
//
// A scalar below 2^253 is written in signed windows; window j of table t holds the multiples
// 1 .. 2^(w-1) of 2^(w s t) P as cached points, s windows sharing one table by doubling between:
//   base point  w = 10, s = 1: 26 tables of 512, 2,129,920 bytes, no doublings
//   a key       w = 5,  s = 3: 17 tables of 16, 43,520 bytes, 10 doublings
// so S B - k A costs at most 26 + 51 additions and 10 doublings.
//
// A batch needs fewer multiples of a key: A and 2^128 A, and, where many keys occur, A shifted by every
// 11 bits, one point for each digit (batch-equation.ts).

import { copyQuad, QUAD_BYTES } from './field';
import { IDENTITY } from './generated/constants';
import { pointAdd, pointCache, pointDouble, pointSubtract, pointUncache } from './point';

const BASE_WINDOW: i32 = 10;
const BASE_TABLES: i32 = 26;
const ONE_BASE_TABLE: usize = 512 * QUAD_BYTES;
export const BASE_TABLE_BYTES: usize = 26 * 512 * 160;

const KEY_WINDOW: i32 = 5;
const KEY_SPACING: i32 = 3;
const KEY_TABLES: i32 = 17;
const KEY_DIGITS: i32 = 51;
const ONE_KEY_TABLE: usize = 16 * QUAD_BYTES;
export const KEY_TABLE_BYTES: usize = 17 * 16 * 160;

/** Digits of 11 bits: 23 of them make a scalar. */
export const SHIFT: i32 = 11;
export const SHIFTED: i32 = 23;

const MULTIPLE: usize = memory.data(160, 16);
const START: usize = memory.data(160, 16);
const STEP: usize = memory.data(160, 16);
const DIGITS: usize = memory.data(128, 16);
const ONE_TABLE: usize = memory.data(2560, 16);
/** Where the loads of `fetch` end, so that they are not left out. */
const FETCHED: usize = memory.data(16, 16);

/** Fills `tables` tables of 2^(window-1) multiples; each starts at 2^shift times the one before. */
function buildTables(table: usize, cached: usize, tables: i32, window: i32, shift: i32): void {
  pointUncache(START, cached);
  const multiples = 1 << (window - 1);
  for (let t = 0; t < tables; t++) {
    pointCache(STEP, START);
    copyQuad(table, STEP);
    copyQuad(MULTIPLE, START);
    table += QUAD_BYTES;
    for (let i = 1; i < multiples; i++) {
      pointAdd(MULTIPLE, MULTIPLE, STEP);
      pointCache(table, MULTIPLE);
      table += QUAD_BYTES;
    }
    if (t < tables - 1) for (let i = 0; i < shift; i++) pointDouble(START, START);
  }
}

export function buildBaseTables(table: usize, cached: usize): void {
  buildTables(table, cached, BASE_TABLES, BASE_WINDOW, BASE_WINDOW);
}

export function buildKeyTables(table: usize, cached: usize): void {
  buildTables(table, cached, KEY_TABLES, KEY_WINDOW, KEY_WINDOW * KEY_SPACING);
}

/** o = 2^128 P, cached; P cached. */
export function highHalf(o: usize, cached: usize): void {
  pointUncache(START, cached);
  for (let i = 0; i < 128; i++) pointDouble(START, START);
  pointCache(o, START);
}

/** Fills `points` with 2^(11 j) P, cached, behind P itself, and `high` with 2^128 P. */
export function buildShifted(points: usize, high: usize): void {
  pointUncache(START, points);
  for (let bit = 1; bit <= SHIFT * (SHIFTED - 1); bit++) {
    pointDouble(START, START);
    if (bit % SHIFT == 0) pointCache(points + <usize>(bit / SHIFT) * QUAD_BYTES, START);
    if (bit == 128) pointCache(high, START);
  }
}

/**
 * Signed digits -2^(w-1) .. 2^(w-1), w <= 12, of the 32 bytes at s (below 2^253), as i16 at the
 * address that it returns.
 */
export function windows(s: usize, window: i32, count: i32): usize {
  const half = 1 << (window - 1);
  let over = 0;
  for (let j = 0; j < count; j++) {
    const bit = j * window;
    // The last digits' bytes would reach past the scalar's end, where its bits are 0 in any case.
    const byte = min(bit >> 3, 28);
    const bits = load<u32>(s + <usize>byte) >> (bit - 8 * byte);
    let digit = <i32>(bits & ((1 << window) - 1)) + over;
    over = <i32>(digit > half);
    digit -= over << window;
    store<i16>(DIGITS + ((<usize>j) << 1), <i16>digit);
  }
  return DIGITS;
}

/**
 * Reads a word of each cache line of one multiple from every table, as the digits `first`, `first` +
 * `step`, ... select them. The tables of many keys do not fit the cache, and an addition that waits for its
 * own operand costs half as much again; these loads wait for nothing and overlap.
 */
function fetch(table: usize, tableBytes: usize, first: i32, step: i32, count: i32): u32 {
  let sink: u32 = 0;
  for (let j = first; j < count; j += step) {
    const size = <usize>abs(<i32>load<i16>(DIGITS + ((<usize>j) << 1)));
    const point = table + size * QUAD_BYTES - (size == 0 ? 0 : QUAD_BYTES);
    sink ^= load<u32>(point) ^ load<u32>(point, 64) ^ load<u32>(point, 128);
    table += tableBytes;
  }
  return sink;
}

/** accumulator += s B, with B's tables. */
export function addBaseMultiple(accumulator: usize, table: usize, s: usize): void {
  windows(s, BASE_WINDOW, BASE_TABLES);
  store<u32>(FETCHED, fetch(table, ONE_BASE_TABLE, 0, 1, BASE_TABLES));
  for (let j = 0; j < BASE_TABLES; j++) {
    const digit = <i32>load<i16>(DIGITS + ((<usize>j) << 1));
    if (digit > 0) pointAdd(accumulator, accumulator, table + <usize>(digit - 1) * QUAD_BYTES);
    else if (digit < 0)
      pointSubtract(accumulator, accumulator, table + <usize>(-digit - 1) * QUAD_BYTES);
    table += ONE_BASE_TABLE;
  }
}

/** o = -k A, with A's tables. */
export function negatedKeyMultiple(o: usize, table: usize, k: usize): void {
  windows(k, KEY_WINDOW, KEY_DIGITS);
  for (let round = KEY_SPACING - 1; round >= 0; round--)
    store<u32>(FETCHED, fetch(table, ONE_KEY_TABLE, round, KEY_SPACING, KEY_DIGITS));
  copyQuad(o, IDENTITY);
  for (let round = KEY_SPACING - 1; round >= 0; round--) {
    if (round < KEY_SPACING - 1) for (let i = 0; i < KEY_WINDOW; i++) pointDouble(o, o);
    let from = table;
    for (let j = round; j < KEY_DIGITS; j += KEY_SPACING) {
      const digit = <i32>load<i16>(DIGITS + ((<usize>j) << 1));
      if (digit > 0) pointSubtract(o, o, from + <usize>(digit - 1) * QUAD_BYTES);
      else if (digit < 0) pointAdd(o, o, from + <usize>(-digit - 1) * QUAD_BYTES);
      from += ONE_KEY_TABLE;
    }
  }
}

/** o = -k A for a key without tables: A cached; sixteen multiples, then five doublings a digit. */
export function negatedMultiple(o: usize, cached: usize, k: usize): void {
  buildTables(ONE_TABLE, cached, 1, KEY_WINDOW, 0);
  windows(k, KEY_WINDOW, KEY_DIGITS);
  copyQuad(o, IDENTITY);
  for (let j = KEY_DIGITS - 1; j >= 0; j--) {
    for (let i = 0; i < KEY_WINDOW; i++) pointDouble(o, o);
    const digit = <i32>load<i16>(DIGITS + ((<usize>j) << 1));
    if (digit > 0) pointSubtract(o, o, ONE_TABLE + <usize>(digit - 1) * QUAD_BYTES);
    else if (digit < 0) pointAdd(o, o, ONE_TABLE + <usize>(-digit - 1) * QUAD_BYTES);
  }
}

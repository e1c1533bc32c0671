// Integers modulo L = 2^252 + c, the order of the base point, as little-endian 32-bit words.
import { ORDER, ORDER_LOW_0, ORDER_LOW_1, ORDER_LOW_2, ORDER_LOW_3 } from './generated/constants';

const WORD: u64 = 0xffffffff;

/** Words of an accumulator: room for 2^16 products of 512 by 128 bits, and a multiple of L. */
export const ACCUMULATOR_WORDS: i32 = 24;
export const ACCUMULATOR_BYTES: usize = 96;

/** Whether the 32 bytes at `s` are below L. */
export function isScalar(s: usize): bool {
  for (let at: isize = 24; at >= 0; at -= 8) {
    const word = load<u64>(s + at);
    const limit = load<u64>(ORDER + at);
    if (word != limit) return word < limit;
  }
  return false;
}

/**
 * result (32 bytes) = x mod L, x of `words` >= 8 words. Horner's rule from the top, a word a step:
 * with r < L, y = 2^32 r + word and q = floor(y / 2^252) <= 2^32, the next r is
 * y - q L = (y mod 2^252) - q c, plus L where that is negative (q c < 2^158 < L).
 * q times a word of c cannot exceed 64 bits: q is at most 2^32 and no word of c is 2^32 - 1.
 */
export function reduce(result: usize, x: usize, words: i32): void {
  const top = x + ((<usize>(words - 7)) << 2);
  let r0: u64 = load<u32>(top);
  let r1: u64 = load<u32>(top, 4);
  let r2: u64 = load<u32>(top, 8);
  let r3: u64 = load<u32>(top, 12);
  let r4: u64 = load<u32>(top, 16);
  let r5: u64 = load<u32>(top, 20);
  let r6: u64 = load<u32>(top, 24);
  let r7: u64 = 0;
  for (let i = words - 8; i >= 0; i--) {
    const q = (r7 << 4) | (r6 >> 28);
    let product = q * ORDER_LOW_0;
    let t: i64 = load<u32>(x + ((<usize>i) << 2)) - (product & WORD);
    const n0 = <u64>t & WORD;
    product = q * ORDER_LOW_1 + (product >> 32);
    t = r0 - (product & WORD) + (t >> 32);
    const n1 = <u64>t & WORD;
    product = q * ORDER_LOW_2 + (product >> 32);
    t = r1 - (product & WORD) + (t >> 32);
    const n2 = <u64>t & WORD;
    product = q * ORDER_LOW_3 + (product >> 32);
    t = r2 - (product & WORD) + (t >> 32);
    const n3 = <u64>t & WORD;
    t = r3 - (product >> 32) + (t >> 32);
    const n4 = <u64>t & WORD;
    t = r4 + (t >> 32);
    const n5 = <u64>t & WORD;
    t = r5 + (t >> 32);
    const n6 = <u64>t & WORD;
    t = (r6 & 0x0fffffff) + (t >> 32);
    const n7 = <u64>t & WORD;
    const negative: u64 = t >> 63; // all ones where L must be added back
    let s = n0 + (negative & ORDER_LOW_0);
    r0 = s & WORD;
    s = n1 + (negative & ORDER_LOW_1) + (s >> 32);
    r1 = s & WORD;
    s = n2 + (negative & ORDER_LOW_2) + (s >> 32);
    r2 = s & WORD;
    s = n3 + (negative & ORDER_LOW_3) + (s >> 32);
    r3 = s & WORD;
    s = n4 + (s >> 32);
    r4 = s & WORD;
    s = n5 + (s >> 32);
    r5 = s & WORD;
    s = n6 + (s >> 32);
    r6 = s & WORD;
    r7 = (n7 + (negative & 0x10000000) + (s >> 32)) & WORD;
  }
  store<u64>(result, r0 | (r1 << 32));
  store<u64>(result, r2 | (r3 << 32), 8);
  store<u64>(result, r4 | (r5 << 32), 16);
  store<u64>(result, r6 | (r7 << 32), 24);
}

/** result = L - s for s in 1 .. L-1, and 0 for 0. Both of 32 bytes; they may be the same. */
export function negateScalar(result: usize, s: usize): void {
  if ((load<u64>(s) | load<u64>(s, 8) | load<u64>(s, 16) | load<u64>(s, 24)) == 0) {
    memory.fill(result, 0, 32);
    return;
  }
  let t: i64 = 0;
  for (let at: usize = 0; at < 32; at += 4) {
    t = <i64>load<u32>(ORDER + at) - <i64>load<u32>(s + at) + (t >> 32);
    store<u32>(result + at, <u32>t);
  }
}

/**
 * Sets an accumulator to 2^416 L, a multiple of L that exceeds any negative total: 2^16 terms of
 * at most 2^512 2^127 stay below 2^655, 2^416 L is above 2^668.
 */
export function startAccumulator(accumulator: usize): void {
  for (let at: usize = 0; at < ACCUMULATOR_BYTES; at += 8) store<u64>(accumulator + at, 0);
  for (let at: usize = 0; at < 32; at += 8)
    store<u64>(accumulator + 52 + at, load<u64>(ORDER + at));
}

/**
 * accumulator += x z, x unsigned of `words` words, z signed of 128 bits. z = u - 2^128 s with u its
 * bits and s its sign, so x u is added and, where z is negative, 2^128 x subtracted.
 */
export function accumulate(accumulator: usize, x: usize, words: i32, z: usize): void {
  for (let j: usize = 0; j < 16; j += 4) {
    const factor: u64 = load<u32>(z + j);
    let to = accumulator + j;
    let over: u64 = 0;
    const end = x + ((<usize>words) << 2);
    for (let from = x; from < end; from += 4) {
      const t = load<u32>(from) * factor + load<u32>(to) + over;
      store<u32>(to, <u32>t);
      over = t >> 32;
      to += 4;
    }
    while (over != 0) {
      const t = load<u32>(to) + over;
      store<u32>(to, <u32>t);
      over = t >> 32;
      to += 4;
    }
  }
  if (load<i32>(z, 12) < 0) subtractShifted(accumulator + 16, x, words);
}

/** Subtracts x from the words at `to`, and the borrow from those above. */
function subtractShifted(to: usize, x: usize, words: i32): void {
  let t: i64 = 0;
  const end = x + ((<usize>words) << 2);
  for (let from = x; from < end; from += 4) {
    t = <i64>load<u32>(to) - <i64>load<u32>(from) + (t >> 32);
    store<u32>(to, <u32>t);
    to += 4;
  }
  while (t < 0) {
    t = <i64>load<u32>(to) - 1;
    store<u32>(to, <u32>t);
    to += 4;
  }
}

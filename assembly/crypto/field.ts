// Field elements modulo p = 2^255 - 19, four side by side.
//
// A "quad" is 160 bytes that hold four elements: vector m (of ten) has, in its 32-bit lane l, limbs
// 2m (low half) and 2m+1 (high half) of element l; limbs are signed, 13 bits each. Two bounds rule
// everything, both computed and enforced by the generator:
//   a product or a carried quad has limbs within +-4107 ("reduced");
//   an operand of multiply and square may have limbs within +-8400.
// So the sum or difference of two reduced quads is an operand, and needs no carry of its own. The
// largest column is then 20 * 8400^2 = 1.42e9, below 2^31 with what is folded into it.
import { ONE } from './generated/constants';
import { multiply, squareUnsigned } from './generated/field';
import { freeze } from './generated/freeze';

export { carry, multiply, scale, square, squareUnsigned } from './generated/field';
export { freeze, unpack } from './generated/freeze';

export const QUAD_BYTES: usize = 160;

const ROOT_A: usize = memory.data(320, 16);
const ROOT_B: usize = memory.data(320, 16);
const ROOT_C: usize = memory.data(320, 16);
const ROOT_D: usize = memory.data(320, 16);
const FROZEN: usize = memory.data(160, 16);

/** o = a + b: an operand where a and b are reduced. */
export function addQuads(o: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < QUAD_BYTES; at += 16)
    v128.store(o + at, i16x8.add(v128.load(a + at), v128.load(b + at)));
}

/** o = a - b: an operand where a and b are reduced. */
export function subtractQuads(o: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < QUAD_BYTES; at += 16)
    v128.store(o + at, i16x8.sub(v128.load(a + at), v128.load(b + at)));
}

export function copyQuad(o: usize, a: usize): void {
  for (let at: usize = 0; at < QUAD_BYTES; at += 16) v128.store(o + at, v128.load(a + at));
}

/** o = a in the lanes where `mask` is all ones, b in those where it is zero. */
export function selectQuad(o: usize, a: usize, b: usize, mask: v128): void {
  for (let at: usize = 0; at < QUAD_BYTES; at += 16)
    v128.store(o + at, v128.bitselect(v128.load(a + at), v128.load(b + at), mask));
}

/** o = -a in the lanes where `mask` is all ones, a elsewhere. */
export function negateQuad(o: usize, a: usize, mask: v128): void {
  for (let at: usize = 0; at < QUAD_BYTES; at += 16)
    v128.store(o + at, i16x8.sub(v128.xor(v128.load(a + at), mask), mask));
}

/** All ones in each lane where two frozen quads, or quads of unpacked bytes, have the same limbs. */
export function equalLanes(a: usize, b: usize): v128 {
  let difference = i32x4.splat(0);
  for (let at: usize = 0; at < QUAD_BYTES; at += 16)
    difference = v128.or(difference, v128.xor(v128.load(a + at), v128.load(b + at)));
  return i32x4.eq(difference, i32x4.splat(0));
}

/** All ones in each lane where a = 0 (mod p). */
export function zeroLanes(a: usize): v128 {
  freeze(FROZEN, a);
  let any = i32x4.splat(0);
  for (let at: usize = 0; at < QUAD_BYTES; at += 16) any = v128.or(any, v128.load(FROZEN + at));
  return i32x4.eq(any, i32x4.splat(0));
}

/** All ones in each lane where the canonical representative of a is odd. */
export function oddLanes(a: usize): v128 {
  freeze(FROZEN, a);
  return i32x4.ne(v128.and(v128.load(FROZEN), i32x4.splat(1)), i32x4.splat(0));
}

// Exponentiations take one quad, or two side by side: a squaring waits for the one before, and a
// second quad fills the time (a tenth of it).

function multiplySome(o: usize, a: usize, b: usize, quads: i32): void {
  multiply(o, a, b);
  if (quads > 1) multiply(o + QUAD_BYTES, a + QUAD_BYTES, b + QUAD_BYTES);
}

function squareTimes(o: usize, a: usize, times: i32, quads: i32): void {
  for (let i = 0; i < times; i++) {
    squareUnsigned(o, a);
    if (quads > 1) squareUnsigned(o + QUAD_BYTES, a + QUAD_BYTES);
    a = o;
  }
}

/**
 * ROOT_B = a^(2^250 - 1) and ROOT_A = a^11: the common part of the two exponentiations below. The
 * chain is the usual one for 2^n - 1: the exponent doubles its length with each step.
 */
function powerOfOnes(a: usize, quads: i32): void {
  squareTimes(ROOT_A, a, 1, quads); // 2
  squareTimes(ROOT_B, ROOT_A, 2, quads); // 8
  multiplySome(ROOT_B, a, ROOT_B, quads); // 9
  multiplySome(ROOT_A, ROOT_A, ROOT_B, quads); // 11
  squareTimes(ROOT_C, ROOT_A, 1, quads); // 22
  multiplySome(ROOT_B, ROOT_B, ROOT_C, quads); // 2^5 - 1
  squareTimes(ROOT_C, ROOT_B, 5, quads);
  multiplySome(ROOT_B, ROOT_C, ROOT_B, quads); // 2^10 - 1
  squareTimes(ROOT_C, ROOT_B, 10, quads);
  multiplySome(ROOT_C, ROOT_C, ROOT_B, quads); // 2^20 - 1
  squareTimes(ROOT_D, ROOT_C, 20, quads);
  multiplySome(ROOT_C, ROOT_D, ROOT_C, quads); // 2^40 - 1
  squareTimes(ROOT_C, ROOT_C, 10, quads);
  multiplySome(ROOT_B, ROOT_C, ROOT_B, quads); // 2^50 - 1
  squareTimes(ROOT_C, ROOT_B, 50, quads);
  multiplySome(ROOT_C, ROOT_C, ROOT_B, quads); // 2^100 - 1
  squareTimes(ROOT_D, ROOT_C, 100, quads);
  multiplySome(ROOT_C, ROOT_D, ROOT_C, quads); // 2^200 - 1
  squareTimes(ROOT_C, ROOT_C, 50, quads);
  multiplySome(ROOT_B, ROOT_C, ROOT_B, quads); // 2^250 - 1
}

/** o = a^((p-5)/8) = a^(2^252 - 3), for one or two quads. o must not be a. */
export function powerForRoot(o: usize, a: usize, quads: i32): void {
  powerOfOnes(a, quads);
  squareTimes(ROOT_B, ROOT_B, 2, quads);
  multiplySome(o, ROOT_B, a, quads);
}

/** o = 1/a = a^(p-2) = a^(2^255 - 21), and 0 where a is 0. */
export function invertQuad(o: usize, a: usize): void {
  powerOfOnes(a, 1);
  squareTimes(ROOT_B, ROOT_B, 5, 1);
  multiply(o, ROOT_B, ROOT_A);
}

/** o = 1 in each lane. */
export function setOne(o: usize): void {
  copyQuad(o, ONE);
}

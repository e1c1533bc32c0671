// Decoding of four points at once (RFC 8032, section 5.1.3), canonical encodings only.

import {
  addQuads,
  carry,
  multiply,
  negateQuad,
  oddLanes,
  powerForRoot,
  selectQuad,
  square,
  subtractQuads,
  unpack,
  zeroLanes,
} from './field';
import { EDWARDS_2D, EDWARDS_D, ONE, SQRT_MINUS_ONE, TWO } from './generated/constants';
import { transpose } from './generated/point';

const Y: usize = memory.data(160, 16);
const U: usize = memory.data(160, 16);
const V: usize = memory.data(160, 16);
const V3: usize = memory.data(160, 16);
const X: usize = memory.data(160, 16);
const W: usize = memory.data(160, 16);

/** Whether the 255 bits of y at `encoding` are below p = 2^255 - 19. */
export function isCanonicalY(encoding: usize): bool {
  const top = load<u64>(encoding, 24) & 0x7fffffffffffffff;
  if (top != 0x7fffffffffffffff) return true;
  if (load<u64>(encoding, 8) != u64.MAX_VALUE || load<u64>(encoding, 16) != u64.MAX_VALUE)
    return true;
  return load<u64>(encoding) < 0xffffffffffffffed;
}

/** Bit l is set where lane l of a mask is all ones. */
function bitsOf(mask: v128): i32 {
  return i32x4.bitmask(mask);
}

/**
 * Decodes the 32 bytes at each of four addresses into four cached points at o, one quad each.
 * Returns a bit for each that is the canonical encoding of a point of the curve (y below p, and no
 * sign where x is 0); the other quads hold no point.
 */
export function decompress(o: usize, s0: usize, s1: usize, s2: usize, s3: usize): i32 {
  unpack(Y, 0, s0);
  unpack(Y, 1, s1);
  unpack(Y, 2, s2);
  unpack(Y, 3, s3);
  let ok = <i32>isCanonicalY(s0) | ((<i32>isCanonicalY(s1)) << 1);
  ok |= ((<i32>isCanonicalY(s2)) << 2) | ((<i32>isCanonicalY(s3)) << 3);
  let signs = i32x4.splat(load<i32>(s0, 28));
  signs = i32x4.replace_lane(signs, 1, load<i32>(s1, 28));
  signs = i32x4.replace_lane(signs, 2, load<i32>(s2, 28));
  signs = i32x4.replace_lane(signs, 3, load<i32>(s3, 28));
  signs = i32x4.shr_s(signs, 31);

  // x^2 = u/v with u = y^2 - 1 and v = d y^2 + 1: x = u v^3 (u v^7)^((p-5)/8), up to sqrt(-1).
  square(U, Y);
  multiply(V, U, EDWARDS_D);
  subtractQuads(U, U, ONE);
  addQuads(V, V, ONE);
  square(V3, V);
  multiply(V3, V3, V);
  square(W, V3);
  multiply(W, W, V);
  multiply(W, W, U); // u v^7
  powerForRoot(X, W);
  multiply(X, X, V3);
  multiply(X, X, U);

  square(W, X);
  multiply(W, W, V); // v x^2: u, -u, or no square at all
  subtractQuads(V3, W, U);
  const direct = zeroLanes(V3);
  addQuads(V3, W, U);
  const turned = zeroLanes(V3);
  ok &= bitsOf(v128.or(direct, turned));
  multiply(V3, X, SQRT_MINUS_ONE);
  selectQuad(X, X, V3, direct);

  const odd = oddLanes(X);
  ok &= ~bitsOf(v128.and(signs, zeroLanes(X)));
  negateQuad(X, X, v128.xor(odd, signs));

  // Y - X, Y + X, 2 and 2dXY of four points, then one quad for each point.
  multiply(V, X, Y);
  multiply(V, V, EDWARDS_2D);
  subtractQuads(U, Y, X);
  carry(U, U);
  addQuads(W, Y, X);
  carry(W, W);
  transpose(o, U, W, TWO, V);
  return ok;
}

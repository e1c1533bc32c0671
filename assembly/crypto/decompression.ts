// Decoding of four points at once, or eight (RFC 8032, section 5.1.3), canonical encodings only.

import {
  addQuads,
  carry,
  multiply,
  negateQuad,
  oddLanes,
  powerForRoot,
  QUAD_BYTES,
  selectQuad,
  square,
  subtractQuads,
  unpack,
  zeroLanes,
} from './field';
import { EDWARDS_2D, EDWARDS_D, ONE, SQRT_MINUS_ONE, TWO } from './generated/constants';
import { transpose } from './generated/point';

/** Room for two quads in each. */
const Y: usize = memory.data(320, 16);
const U: usize = memory.data(320, 16);
const V: usize = memory.data(320, 16);
const V3: usize = memory.data(320, 16);
const UV7: usize = memory.data(320, 16);
const ROOT: usize = memory.data(320, 16);
const SUM: usize = memory.data(160, 16);
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

/** From y: u = y^2 - 1, v = d y^2 + 1, v^3 and u v^7, of the quad that lies `at` bytes further. */
function prepareRoot(at: usize): void {
  const u = U + at;
  const v3 = V3 + at;
  const uv7 = UV7 + at;
  square(u, Y + at);
  multiply(V + at, u, EDWARDS_D);
  subtractQuads(u, u, ONE);
  addQuads(V + at, V + at, ONE);
  square(v3, V + at);
  multiply(v3, v3, V + at);
  square(uv7, v3);
  multiply(uv7, uv7, V + at);
  multiply(uv7, uv7, u);
}

/**
 * From (u v^7)^((p-5)/8): x = u v^3 (u v^7)^((p-5)/8), or that times sqrt(-1), has v x^2 = u where u/v
 * is a square. Writes four cached points at o; returns a bit for each that is one.
 */
function finish(o: usize, at: usize, sources: usize): i32 {
  const x = ROOT + at;
  const y = Y + at;
  const u = U + at;
  let signs = i32x4.splat(0);
  signs = i32x4.replace_lane(signs, 0, load<i32>(load<u32>(sources), 28));
  signs = i32x4.replace_lane(signs, 1, load<i32>(load<u32>(sources, 4), 28));
  signs = i32x4.replace_lane(signs, 2, load<i32>(load<u32>(sources, 8), 28));
  signs = i32x4.replace_lane(signs, 3, load<i32>(load<u32>(sources, 12), 28));
  signs = i32x4.shr_s(signs, 31);
  multiply(x, x, V3 + at);
  multiply(x, x, u);

  square(W, x);
  multiply(W, W, V + at); // v x^2: u, -u, or no square at all
  subtractQuads(SUM, W, u);
  const direct = zeroLanes(SUM);
  addQuads(SUM, W, u);
  let ok = bitsOf(v128.or(direct, zeroLanes(SUM)));
  multiply(W, x, SQRT_MINUS_ONE);
  selectQuad(x, x, W, direct);

  const odd = oddLanes(x);
  ok &= ~bitsOf(v128.and(signs, zeroLanes(x)));
  negateQuad(x, x, v128.xor(odd, signs));

  // Y - X, Y + X, 2 and 2dXY of four points, then one quad for each point.
  multiply(W, x, y);
  multiply(W, W, EDWARDS_2D);
  subtractQuads(u, y, x);
  carry(u, u);
  addQuads(SUM, y, x);
  carry(SUM, SUM);
  transpose(o, u, SUM, TWO, W);
  return ok;
}

/**
 * Decodes the 32 bytes at each of four addresses for a quad (one or two quads), which stand as u32 at
 * `sources`, into as many cached points at o. Returns a bit for each that is the canonical encoding
 * of a point of the curve (y below p, and no sign where x is 0); the others are no points.
 */
export function decompress(o: usize, sources: usize, quads: i32): i32 {
  let ok = 0;
  for (let i = 0; i < 4 * quads; i++) {
    const source = <usize>load<u32>(sources + ((<usize>i) << 2));
    unpack(Y + (i < 4 ? 0 : QUAD_BYTES), i & 3, source);
    ok |= (<i32>isCanonicalY(source)) << i;
  }
  prepareRoot(0);
  if (quads > 1) prepareRoot(QUAD_BYTES);
  powerForRoot(ROOT, UV7, quads);
  let points = finish(o, 0, sources);
  if (quads > 1) points |= finish(o + 4 * QUAD_BYTES, QUAD_BYTES, sources + 16) << 4;
  return ok & points;
}

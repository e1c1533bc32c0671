// The affine coordinates of many points at once: all of a call share one inversion (Montgomery's trick,
// four chains side by side).
//
// Work memory: 160 bytes a point, then 640 for each four (X, Y, Z and the running product of the Z).
import { copyQuad, invertQuad, multiply, QUAD_BYTES, setOne } from './field';
import { IDENTITY } from './generated/constants';
import { recordsMax, work } from './memory-layout';
import { transpose } from './point';

const FOUR_BYTES: usize = 640;
const INVERSE: usize = memory.data(160, 16);
const Z_INVERSE: usize = memory.data(160, 16);

/** Where the point of a position stands, of recordsMax at most. */
export function pointOf(position: u32): usize {
  return work + <usize>position * QUAD_BYTES;
}

function fourOf(position: u32): usize {
  return work + (<usize>recordsMax + 16) * QUAD_BYTES + <usize>(position >> 2) * FOUR_BYTES;
}

/** Of the first `count` points, at least one: what affineFour needs. */
export function startAffine(count: u32): void {
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
}

/** Of the four points from `first` on: asked for from the last four to the first, each once. */
export function affineFour(x: usize, y: usize, first: u32): void {
  const four = fourOf(first);
  // INVERSE is the inverse of the product of the Z up to these four, and then of those before them.
  multiply(Z_INVERSE, INVERSE, four + 3 * QUAD_BYTES);
  multiply(INVERSE, INVERSE, four + 2 * QUAD_BYTES);
  multiply(x, four, Z_INVERSE);
  multiply(y, four + QUAD_BYTES, Z_INVERSE);
}

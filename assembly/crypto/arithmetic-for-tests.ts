// Entry points for the tests of the arithmetic: operands are quads at fixed places of one region,
// so that a test can put limbs of its choice there, extreme ones included.
//
//     0  a    160  b    320  result    480  bytes (1,024), of which a digest or a scalar is the head
import {
  carry,
  freeze,
  invertQuad,
  multiply,
  QUAD_BYTES,
  scale,
  square,
  squareUnsigned,
} from './field';
import { CACHE, UNCACHE } from './generated/constants';
import { isIdentityAfter } from './point';
import { ACCUMULATOR_WORDS, reduce } from './scalar';
import { sha512Finish, sha512Start, sha512Update } from './sha512';

const REGION: usize = memory.data(4096, 16);
const BYTES: usize = REGION + 480;

export function inspectionAddress(): usize {
  return REGION;
}

/**
 * result = a b (0), a^2 (1), a carried (2), a frozen (3), 1/a (4), a^2 with unsigned limbs (7), a times
 * the lanes' factors of CACHE (8) or UNCACHE (9); bytes mod L (5: 64 of them, 6: 96). 10 answers
 * whether the point a is the neutral one.
 */
export function inspect(operation: i32): i32 {
  const result = REGION + 2 * QUAD_BYTES;
  switch (operation) {
    case 0:
      multiply(result, REGION, REGION + QUAD_BYTES);
      return 1;
    case 1:
      square(result, REGION);
      return 1;
    case 2:
      carry(result, REGION);
      return 1;
    case 3:
      freeze(result, REGION);
      return 1;
    case 4:
      invertQuad(result, REGION);
      return 1;
    case 5:
      reduce(BYTES, BYTES, 16);
      return 1;
    case 6:
      reduce(BYTES, BYTES, ACCUMULATOR_WORDS);
      return 1;
    case 7:
      squareUnsigned(result, REGION);
      return 1;
    case 8:
      scale(result, REGION, CACHE);
      return 1;
    case 9:
      scale(result, REGION, UNCACHE);
      return 1;
    case 10:
      return isIdentityAfter(REGION, 0) ? 1 : 0;
  }
  return 0;
}

/** Replaces the first `length` bytes (at most 3,072) by their SHA-512, hashed in two pieces. */
export function inspectSha512(length: u32): void {
  if (length > 3072) return;
  const first = length / 3;
  sha512Start();
  sha512Update(BYTES, first);
  sha512Update(BYTES + first, length - first);
  sha512Finish(BYTES);
}

// Points of the curve -x^2 + y^2 = 1 + d x^2 y^2: what is built on the generated operations.

import { decompress } from './decompression';
import { freeze, QUAD_BYTES } from './field';
import { BASE_POINT } from './generated/constants';
import { pointDouble } from './generated/point';

export {
  pointAdd,
  pointCache,
  pointDouble,
  pointSubtract,
  pointUncache,
  pointUncacheNegated,
  transpose,
} from './generated/point';

const FROZEN: usize = memory.data(160, 16);
const DECODED: usize = memory.data(640, 16);
const SOURCES: usize = memory.data(16, 16);

/**
 * Whether 2^doublings p is the neutral point: X = 0 and Y = Z. Z = 0, which no addition of points
 * gives, is no point: memory that nobody filled must not pass for one.
 */
export function isIdentityAfter(p: usize, doublings: i32): bool {
  memory.copy(FROZEN, p, QUAD_BYTES);
  for (let i = 0; i < doublings; i++) pointDouble(FROZEN, FROZEN);
  freeze(FROZEN, FROZEN);
  let x: u32 = 0;
  let z: u32 = 0;
  let difference: u32 = 0;
  for (let at: usize = 0; at < QUAD_BYTES; at += 16) {
    x |= load<u32>(FROZEN + at);
    z |= load<u32>(FROZEN + at, 8);
    difference |= load<u32>(FROZEN + at, 4) ^ load<u32>(FROZEN + at, 8);
  }
  return (x | difference) == 0 && z != 0;
}

/** Decodes one point (the other lanes decode the base point); cached, at o. */
export function decompressOne(o: usize, encoding: usize): bool {
  v128.store(SOURCES, i32x4.splat(<i32>BASE_POINT));
  store<u32>(SOURCES, <u32>encoding);
  const ok = decompress(DECODED, SOURCES, 1);
  memory.copy(o, DECODED, QUAD_BYTES);
  return (ok & 1) != 0;
}

// One signature under a key that is not registered: both points decoded, no tables of the key.
import { decompress } from './decompression';
import { QUAD_BYTES } from './field';
import { baseTables } from './memory-layout';
import { isIdentityAfter, pointSubtract, pointUncache } from './point';
import { addBaseMultiple, negatedMultiple } from './precomputed-multiples';
import { isScalar, reduce } from './scalar';

const DECODED: usize = memory.data(640, 16);
const SOURCES: usize = memory.data(16, 16);
const K: usize = memory.data(32, 16);
const SUM: usize = memory.data(160, 16);

/**
 * Whether the signature (R, S) is valid under the key for the message whose SHA-512(R || A || M) is
 * `challenge`: A and R canonical, A not of small order, S < L, [8](S B - k A - R) neutral.
 */
export function verifySingly(publicKey: usize, signature: usize, challenge: usize): bool {
  if (!isScalar(signature + 32)) return false;
  v128.store(SOURCES, i32x4.splat(<i32>signature));
  store<u32>(SOURCES, <u32>publicKey);
  if ((decompress(DECODED, SOURCES, 1) & 3) != 3) return false;
  pointUncache(SUM, DECODED);
  if (isIdentityAfter(SUM, 3)) return false;
  reduce(K, challenge, 16);
  negatedMultiple(SUM, DECODED, K);
  addBaseMultiple(SUM, baseTables, signature + 32);
  pointSubtract(SUM, SUM, DECODED + QUAD_BYTES);
  return isIdentityAfter(SUM, 3);
}

import { ed25519 } from '@noble/curves/ed25519.js';

const { Point } = ed25519;

/**
 * Why the verification core would not admit a key (docs/crypto.md, "The rule"), null where it would:
 * the same rule for where a key is registered and no core runs. Takes a millisecond.
 */
export function keyRefusal(publicKey: Uint8Array): string | null {
  if (publicKey.length !== 32) return `it has ${publicKey.length} bytes, expected 32`;
  let point: InstanceType<typeof Point>;
  try {
    point = Point.fromBytes(publicKey, false);
  } catch {
    return 'it is not the canonical encoding of a point of the curve';
  }
  if (point.isSmallOrder()) return 'it has a small order';
  return point.isTorsionFree() ? null : 'it is not in the subgroup of prime order';
}

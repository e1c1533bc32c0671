import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';

/**
 * What the tests of the verifier share: the module, an oracle, seeded randomness. The oracle is
 * @noble/curves with zip215 off: written independently, with BigInt, and following the same rule.
 * Signatures, keys and messages altered on purpose: verification-mutations.ts.
 */
const below = (name: string) => new URL(`../../assembly/${name}`, import.meta.url);
export const releaseWasm = new WebAssembly.Module(readFileSync(below('corridor.wasm')));
export const debugWasm = new WebAssembly.Module(readFileSync(below('corridor.debug.wasm')));

export interface Case {
  readonly kind: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export function oracle({ publicKey, message, signature }: Case): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

const Point = ed25519.Point;
type Point = InstanceType<typeof Point>;
export const L = Point.Fn.ORDER;
export const P = Point.Fp.ORDER;

export const toBytes = (value: bigint, length = 32): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
export const fromBytes = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
/** Whether the bytes are the canonical encoding of a point, by the oracle's library. */
export function isPointEncoding(encoding: Uint8Array): boolean {
  try {
    Point.fromBytes(encoding, false);
    return true;
  } catch {
    return false;
  }
}

/** Seeded randomness: SHA-512 in counter mode. A failing test prints the seed. */
export class Random {
  readonly seed: string;
  #counter = 0;
  constructor(seed: string) {
    this.seed = seed;
  }
  bytes(length: number): Uint8Array {
    const parts: Buffer[] = [];
    for (let have = 0; have < length; have += 64)
      parts.push(
        createHash('sha512')
          .update(`${this.seed}/${this.#counter++}`)
          .digest(),
      );
    return new Uint8Array(Buffer.concat(parts).subarray(0, length));
  }
  below(limit: number): number {
    return Number(fromBytes(this.bytes(6)) % BigInt(limit));
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  shuffled<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}

/** A point of order 8: L times the first point that has a torsion component of full order. */
function findTorsion(): Point {
  for (let y = 2n; ; y++) {
    let point: Point;
    try {
      point = Point.fromBytes(toBytes(y), true);
    } catch {
      continue;
    }
    const torsion = point.multiplyUnsafe(L - 1n).add(point);
    if (!torsion.multiplyUnsafe(4n).is0()) return torsion;
  }
}
const eighth = findTorsion();
/** The eight points of small order; the first is the neutral one. */
export const TORSION: readonly Point[] = Array.from({ length: 8 }, (_, i) =>
  i === 0 ? Point.ZERO : eighth.multiplyUnsafe(BigInt(i)),
);

/** The fourteen encodings of the points of small order that a lenient decoder takes. */
export function smallOrderEncodings(): Uint8Array[] {
  const encodings = new Map<string, Uint8Array>();
  for (const point of TORSION) {
    const { x, y } = point.toAffine();
    const signs = x === 0n ? [0n, 1n] : [x & 1n];
    const ys = y + P < 1n << 255n ? [y, y + P] : [y];
    for (const value of ys)
      for (const sign of signs) {
        const bytes = toBytes(value | (sign << 255n));
        encodings.set(Buffer.from(bytes).toString('hex'), bytes);
      }
  }
  return [...encodings.values()];
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';

/**
 * What the tests of the verifier share: the module, an oracle, and generated cases. The oracle is
 * @noble/curves with zip215 off: written independently, with BigInt, and following the same rule.
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

const modL = (value: bigint) => ((value % L) + L) % L;

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

interface KeyPair {
  readonly scalar: bigint;
  readonly point: Point;
  readonly publicKey: Uint8Array;
}

/** A signature that may have torsion in R and in A: valid under the cofactored equation alone. */
function craft(pair: KeyPair, message: Uint8Array, nonce: bigint, r: Point): Uint8Array {
  const encoded = r.toBytes();
  const k = fromBytes(
    createHash('sha512').update(encoded).update(pair.publicKey).update(message).digest(),
  );
  return Buffer.concat([encoded, toBytes(modL(nonce + k * pair.scalar))]);
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const result = Uint8Array.from(bytes);
  result[bit >> 3] = (result[bit >> 3] as number) ^ (1 << (bit & 7));
  return result;
};
const halves = (signature: Uint8Array) =>
  [signature.subarray(0, 32), signature.subarray(32)] as const;
const join = (r: Uint8Array, s: Uint8Array): Uint8Array => Uint8Array.from([...r, ...s]);

/** Lengths at the edges of a SHA-512 block, with and without the 64 bytes of R and A before it. */
const EDGES = [0, 1, 46, 47, 48, 63, 64, 65, 111, 112, 127, 128, 175, 176, 239, 240, 300, 600];

type Mutation = (random: Random, good: Case, pair: KeyPair, other: Case) => Partial<Case>;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'as signed': () => ({}),
  'as signed again': () => ({}),
  'bit of R': (random, { signature }) => ({ signature: flip(signature, random.below(256)) }),
  'bit of S': (random, { signature }) => ({ signature: flip(signature, 256 + random.below(256)) }),
  'bit of the message': (random, { message }) => ({
    message: message.length > 0 ? flip(message, random.below(8 * message.length)) : random.bytes(1),
  }),
  'bit of the key': (random, { publicKey }) => ({ publicKey: flip(publicKey, random.below(256)) }),
  'sign of R': (_, { signature }) => ({ signature: flip(signature, 255) }),
  'another key': (_, __, ___, other) => ({ publicKey: other.publicKey }),
  'another signature': (_, __, ___, other) => ({ signature: other.signature }),
  'halves exchanged': (_, { signature }) => {
    const [r, s] = halves(signature);
    return { signature: join(s, r) };
  },
  'S plus a multiple of L': (random, { signature }) => {
    const [r, s] = halves(signature);
    return { signature: join(r, toBytes(fromBytes(s) + L * BigInt(1 + random.below(14)))) };
  },
  'S at the limits': (random, { signature }) => {
    const s = random.pick([0n, 1n, L - 1n, L, L + 1n, (1n << 253n) - 1n, (1n << 256n) - 1n]);
    return { signature: join(halves(signature)[0], toBytes(s)) };
  },
  'message cut': (random, { message }) => ({
    message: message.subarray(0, random.below(Math.max(1, message.length))),
  }),
  'message empty': () => ({ message: new Uint8Array() }),
  'message longer': (random, { message }) => ({
    message: Uint8Array.from([...message, ...random.bytes(1 + random.below(3))]),
  }),
  'torsion added to R': (random, { signature }) => {
    const [r, s] = halves(signature);
    const point = Point.fromBytes(r).add(TORSION[1 + random.below(7)] as Point);
    return { signature: join(point.toBytes(), s) };
  },
  'signed with torsion in R': (random, { message }, pair) => {
    const nonce = modL(fromBytes(random.bytes(32)));
    const r = Point.BASE.multiply(nonce).add(TORSION[1 + random.below(7)] as Point);
    return { signature: craft(pair, message, nonce, r) };
  },
  'signed with torsion in A': (random, { message }, pair) => {
    const point = pair.point.add(TORSION[1 + random.below(7)] as Point);
    const publicKey = point.toBytes();
    const nonce = modL(fromBytes(random.bytes(32)));
    const r = Point.BASE.multiply(nonce).add(TORSION[random.below(8)] as Point);
    return { publicKey, signature: craft({ ...pair, publicKey }, message, nonce, r) };
  },
  'torsion added to A': (random, _, pair) => ({
    publicKey: pair.point.add(TORSION[1 + random.below(7)] as Point).toBytes(),
  }),
  'signed with R of small order': (random, { message }, pair) => {
    const r = random.pick(smallOrderEncodings());
    const k = fromBytes(
      createHash('sha512').update(r).update(pair.publicKey).update(message).digest(),
    );
    return { signature: join(r, toBytes(modL(k * pair.scalar))) };
  },
  'y of R not below p': (random, { signature }) => {
    const y = P + BigInt(random.below(19));
    return {
      signature: join(toBytes(y | (BigInt(random.below(2)) << 255n)), halves(signature)[1]),
    };
  },
  'random bytes': (random) => ({
    signature: join(random.bytes(32), toBytes(modL(fromBytes(random.bytes(32))))),
  }),
  'key of small order': (random) => ({ publicKey: random.pick(smallOrderEncodings()) }),
};

/** `count` cases, one mutation after the other, over messages and keys of the generator's choice. */
export function* generateCases(seed: string, count: number, keyCount = 48): Generator<Case> {
  const random = new Random(seed);
  const pairs = Array.from({ length: keyCount }, (): KeyPair & { secretKey: Uint8Array } => {
    const secretKey = random.bytes(32);
    const { scalar, point, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
    return { secretKey, scalar, point, publicKey: pointBytes };
  });
  const mutations = Object.entries(MUTATIONS);
  const sign = () => {
    const pair = random.pick(pairs);
    const message = random.bytes(random.below(2) === 0 ? random.pick(EDGES) : random.below(320));
    const signature = ed25519.sign(message, pair.secretKey);
    return { pair, good: { kind: '', publicKey: pair.publicKey, message, signature } };
  };
  let other = sign().good;
  for (let i = 0; i < count; i++) {
    const { pair, good } = sign();
    const [kind, mutate] = mutations[i % mutations.length] as [string, Mutation];
    yield { ...good, ...mutate(random, good, pair, other), kind };
    other = good;
  }
}

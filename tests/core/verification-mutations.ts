import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import {
  type Case,
  fromBytes,
  L,
  P,
  Random,
  smallOrderEncodings,
  TORSION,
  toBytes,
} from './verification-oracle.ts';

// Signatures, keys and messages altered on purpose, bit by bit and by torsion; the oracle says what is valid.

const Point = ed25519.Point;
type Point = InstanceType<typeof Point>;
const modL = (value: bigint) => ((value % L) + L) % L;

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

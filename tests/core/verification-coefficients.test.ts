import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { CaseVerifier } from './verification-cases.ts';
import { generateCases } from './verification-mutations.ts';
import {
  type Case,
  fromBytes,
  L,
  oracle,
  Random,
  releaseWasm,
  toBytes,
} from './verification-oracle.ts';

/**
 * A batch is sound because whoever signs cannot know its coefficients before all signatures stand.
 * Here they are computed once more, and forgeries made against seeds that leave something out.
 */
const { Point } = ed25519;
const random = new Random('coefficients');
const verifier = new CaseVerifier(releaseWasm, 64);
const good = [...generateCases('coefficients', 460)].filter(oracle);

const modL = (value: bigint) => ((value % L) + L) % L;
const inverse = (value: bigint) => Point.Fn.inv(modL(value));

/** A signature whose S is wrong by so much. */
function shifted(one: Case, by: bigint): Case {
  const s = modL(fromBytes(one.signature.subarray(32)) + by);
  return { ...one, signature: Uint8Array.from([...one.signature.subarray(0, 32), ...toBytes(s)]) };
}

const NOTHING = new Uint8Array();
const sha512 = (...parts: readonly Uint8Array[]) => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What the seed binds of a signature: the first half of SHA-512(R || A || M), and S. */
interface Hashed {
  readonly h: Uint8Array;
  readonly s: Uint8Array;
}
const hashed = (batch: readonly Case[]): Hashed[] =>
  batch.map(({ publicKey, message, signature }) => ({
    h: sha512(signature.subarray(0, 32), publicKey, message).subarray(0, 32),
    s: signature.subarray(32),
  }));

/** z_i as docs/crypto.md says: four to a hash SHA-512(seed || counter), 128 bits and signed. */
function coefficients(parts: readonly Hashed[], count = parts.length): bigint[] {
  const seed = sha512(...parts.flatMap(({ h, s }) => [h, s]));
  const values: bigint[] = [];
  for (let i = 0; i < count; i += 4) {
    const counter = new Uint8Array(Uint32Array.of(i).buffer);
    const digest = sha512(seed, counter);
    for (let at = 0; at < 64; at += 16)
      values.push(BigInt.asIntN(128, fromBytes(digest.subarray(at, at + 16))));
  }
  return values.slice(0, count);
}

test('the coefficients are hashed from all of the batch', () => {
  const { buffer } = verifier;
  for (const count of [1, 2, 4, 5, 64]) {
    const batch = Array.from({ length: count }, () => random.pick(good));
    verifier.verify(batch, 'batch');
    const memory = Buffer.from(buffer.verdicts.buffer);
    const expected = Buffer.concat(coefficients(hashed(batch)).map((z) => toBytes(z, 16)));
    assert.ok(memory.includes(expected), `${count} coefficients`);
  }
});

// What each of them leaves out, a signer can choose after the coefficients are known.
const WEAKER: Readonly<Record<string, (parts: readonly Hashed[]) => readonly Hashed[]>> = {
  'of nothing': () => [],
  'without S': (parts) => parts.map(({ h }) => ({ h, s: NOTHING })),
  'without the last S': (parts) => parts.map((one, i) => (i < 3 ? one : { ...one, s: NOTHING })),
  'of all but the last': (parts) => parts.slice(0, -1),
  'of the first': (parts) => parts.slice(0, 1),
};
for (const [what, seedParts] of Object.entries(WEAKER))
  test(`errors that cancel under coefficients hashed ${what} do not pass`, () => {
    for (let round = 0; round < 4; round++) {
      const batch = random.shuffled(good).slice(0, 4);
      const error = 1n + BigInt(random.below(2 ** 40));
      const first = batch.with(1, shifted(batch[1] as Case, error));
      const z = coefficients(seedParts(hashed(first)), 4) as [bigint, bigint, bigint, bigint];
      // error z_1 + e z_3 = 0
      const e = modL(-error * z[1] * inverse(z[3]));
      const forged = first.with(3, shifted(batch[3] as Case, e));
      // Under the weaker seed this passes: it does not change with what was chosen last.
      assert.deepEqual(coefficients(seedParts(hashed(forged)), 4), z);
      const { verdicts, fellBack } = verifier.verify(forged, 'batch');
      assert.ok(fellBack, random.seed);
      assert.deepEqual(verdicts, [true, false, true, false]);
    }
  });

/** Every verdict of the WASM module held against another implementation, @noble/curves (verification-oracle.ts). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { BUILDS, CaseVerifier, PATHS } from './verification-cases.ts';
import { generateCases } from './verification-mutations.ts';
import {
  type Case,
  fromBytes,
  isPointEncoding,
  L,
  oracle,
  Random,
  releaseWasm,
  toBytes,
} from './verification-oracle.ts';

const SIZES = [1, 2, 3, 63, 64, 65, 1023, 1024];
const isLong = process.env.CORRIDOR_LONG_TESTS === '1';

interface Judged {
  readonly one: Case;
  readonly valid: boolean;
}

const judged = (seed: string, count: number): Judged[] =>
  [...generateCases(seed, count)].map((one) => ({ one, valid: oracle(one) }));

function expectOnEveryPath(verifier: CaseVerifier, batch: readonly Judged[], what: string): void {
  for (const path of PATHS) {
    const { verdicts } = verifier.verify(
      batch.map(({ one }) => one),
      path,
    );
    assert.deepEqual(
      verdicts,
      batch.map(({ valid }) => valid),
      `${path} ${what}`,
    );
  }
}

const cases = judged('sizes', 460);
for (const [build, wasm] of BUILDS)
  describe(`every mutation in batches of every size, ${build} build`, () => {
    const verifier = new CaseVerifier(wasm, 512);
    const random = new Random('sizes');
    const good = cases.filter(({ valid }) => valid);
    // One bad case of each kind of mutation, whatever field it spoils.
    const bad = [
      ...new Map(cases.filter(({ valid }) => !valid).map((x) => [x.one.kind, x])).values(),
    ];

    // The debug build takes seven times as long: the largest batch of it is the long run's.
    for (const size of build === 'debug' && !isLong ? SIZES.slice(0, -1) : SIZES)
      test(`${bad.length} kinds of bad ones, among ${size}`, () => {
        // A third of a batch at most is bad, so that a large one takes them all at once.
        const together = Math.max(1, Math.floor(size / 3));
        for (let from = 0; from < bad.length; from += together) {
          const few = bad.slice(from, from + together);
          const rest = Array.from({ length: size - few.length }, () => random.pick(good));
          expectOnEveryPath(verifier, random.shuffled([...few, ...rest]), random.seed);
        }
      });
  });

describe('batches', () => {
  const verifier = new CaseVerifier(releaseWasm, 2048);
  const random = new Random('batches');
  const cases = judged('batches', isLong ? 4400 : 1000);
  const good = cases.filter(({ valid }) => valid);
  const bad = cases.filter(({ valid }) => !valid);

  test('20 kinds of mutation are among the bad ones', () => {
    assert.ok(new Set(bad.map(({ one }) => one.kind)).size >= 18);
    assert.ok(good.length > (isLong ? 250 : 150));
  });

  for (const size of SIZES) {
    const pickGood = () => Array.from({ length: size }, () => random.pick(good));

    test(`${size} good ones pass the equation`, () => {
      const batch = pickGood();
      const { verdicts, fellBack } = verifier.verify(
        batch.map(({ one }) => one),
        'batch',
      );
      assert.equal(fellBack, false, random.seed);
      assert.ok(verdicts.every(Boolean));
    });

    test(`bad ones anywhere among ${size}`, () => {
      // Of the two large ones 1,024 has all places in short.
      const places = !isLong && size === 1023 ? [size - 1] : [0, size - 1, size >> 1];
      for (const place of places) {
        for (const count of isLong || size < 1000 ? [1, 2, 7] : [1, 7]) {
          const batch = pickGood();
          for (let i = 0; i < count; i++) batch[(place + 5 * i) % size] = random.pick(bad);
          expectOnEveryPath(verifier, batch, random.seed);
        }
      }
    });
  }

  test('every bad one fails the equation, unless it was refused before', () => {
    for (const { one } of bad) {
      const { verdicts, fellBack } = verifier.verify(
        [one, (good[0] as (typeof good)[0]).one],
        'batch',
      );
      assert.deepEqual(verdicts, [false, true], one.kind);
      // An invalid signature that is well formed cannot pass unseen: the batch had to fall back.
      const wellFormed =
        verifier.handle(one.publicKey) !== 0xffffffff &&
        one.signature.length === 64 &&
        fromBytes(one.signature.subarray(32)) < L &&
        isPointEncoding(one.signature.subarray(0, 32));
      assert.equal(fellBack, wellFormed, one.kind);
    }
  });

  test('errors that cancel under equal coefficients do not pass', () => {
    const shifted = ({ one }: (typeof good)[0], by: bigint): Case => {
      const s = (fromBytes(one.signature.subarray(32)) + by + L) % L;
      return {
        ...one,
        signature: Uint8Array.from([...one.signature.subarray(0, 32), ...toBytes(s)]),
      };
    };
    for (const size of [2, 5, 64, 200])
      for (const by of [1n, L / 2n]) {
        const batch = Array.from({ length: size }, () => random.pick(good));
        const spoiled = batch.map((one, i) =>
          i === 0 ? shifted(one, by) : i === size - 1 ? shifted(one, -by) : one.one,
        );
        const { verdicts, fellBack } = verifier.verify(spoiled, 'batch');
        assert.ok(fellBack);
        assert.deepEqual(
          verdicts,
          spoiled.map((_, i) => i !== 0 && i !== size - 1),
        );
      }
  });

  // The number of points sets the width of the windows (multi-scalar.ts): under one key, four more than signatures.
  for (const [build, wasm] of BUILDS)
    test(`windows of five to nine bits, ${build} build`, () => {
      const wide = new CaseVerifier(wasm, 1, 2996);
      const { publicKey, sign } = createSigner(createHash('sha256').update('wide').digest());
      const signed = Array.from({ length: 2996 }, (_, i): Case => {
        const message = random.bytes(i % 200);
        return { kind: 'good', publicKey, message, signature: sign(message) };
      });
      // The debug build takes seven times as long: its largest are the long run's.
      const sizes = [105, 106, 235, 236, 505, 506, 2995, 2996];
      for (const size of build === 'debug' && !isLong ? sizes.slice(0, -2) : sizes) {
        const batch = signed.slice(0, size);
        assert.equal(wide.verify(batch, 'batch').fellBack, false, `${size}`);
        const place = random.below(size);
        const spoiled = batch.with(place, {
          ...(batch[place] as Case),
          message: random.bytes(201),
        });
        const { verdicts, fellBack } = wide.verify(spoiled, 'batch');
        assert.ok(fellBack);
        assert.deepEqual(
          verdicts,
          spoiled.map((_, i) => i !== place),
        );
      }
    });

  // From 160 distinct keys on their part of the equation is summed up in another way (batch-equation.ts).
  for (const keyCount of [1, 159, 160, 161, 1024])
    test(`${keyCount} keys in a batch of 1,024`, () => {
      const many = new CaseVerifier(releaseWasm, 1024);
      const signers = Array.from({ length: keyCount }, (_, i) =>
        createSigner(createHash('sha256').update(`key ${i}`).digest()),
      );
      const batch = Array.from({ length: 1024 }, (_, i): Case => {
        const { publicKey, sign } = signers[i % keyCount] as (typeof signers)[0];
        const message = random.bytes(i % 200);
        return { kind: 'good', publicKey, message, signature: sign(message) };
      });
      assert.deepEqual(many.verify(batch, 'batch').fellBack, false);
      for (const place of [0, random.below(1024), 1023]) {
        const one = batch[place] as Case;
        const spoiled = batch.with(place, { ...one, message: random.bytes(201) });
        const { verdicts, fellBack } = many.verify(spoiled, 'batch');
        assert.ok(fellBack);
        assert.deepEqual(
          verdicts,
          spoiled.map((_, i) => i !== place),
        );
      }
    });

  test('order and grouping change nothing', () => {
    const pool = random.shuffled(cases).slice(0, 1024);
    for (let round = 0; round < 4; round++) {
      const shuffled = random.shuffled(pool);
      for (let from = 0; from < shuffled.length; ) {
        const part = shuffled.slice(from, from + 1 + random.below(400));
        const { verdicts } = verifier.verify(
          part.map(({ one }) => one),
          random.pick(PATHS),
        );
        assert.deepEqual(
          verdicts,
          part.map(({ valid }) => valid),
          random.seed,
        );
        from += part.length;
      }
    }
  });
});

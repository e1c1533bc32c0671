import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createSigner } from './signing.ts';
import {
  type Case,
  debugWasm,
  fromBytes,
  generateCases,
  isPointEncoding,
  L,
  oracle,
  Random,
  releaseWasm,
  smallOrderEncodings,
  toBytes,
} from './verification.reference.ts';
import { type Path, VerificationBuffer } from './verification-buffer.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const fixtures = process.env.CORRIDOR_FIXTURES;
const needsFixtures = fixtures === undefined ? 'CORRIDOR_FIXTURES is not set' : false;
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(fixtures as string, 'vectors/ed25519', name), 'utf8'));

const PATHS: readonly Path[] = ['single', 'exact', 'batch', 'byCount'];

/** Verifies cases under keys that are registered as they come, mixed order included. */
class CaseVerifier {
  readonly buffer: VerificationBuffer;
  readonly #handles = new Map<string, number | undefined>();
  constructor(wasm: WebAssembly.Module, keysMax = 4096) {
    this.buffer = new VerificationBuffer(wasm, { keysMax, recordsMax: 1024 });
  }
  /** The key's handle, or one that is not registered where the key is refused. */
  handle(publicKey: Uint8Array): number {
    const name = Buffer.from(publicKey).toString('hex');
    if (!this.#handles.has(name)) {
      let handle: number | undefined;
      try {
        handle = this.buffer.registerKey(publicKey, true);
      } catch (error) {
        assert.ok(error instanceof RangeError);
        assert.doesNotMatch(error.message, /room/);
      }
      this.#handles.set(name, handle);
    }
    return this.#handles.get(name) ?? 0xffffffff;
  }
  verify(cases: readonly Case[], path: Path): { verdicts: boolean[]; fellBack: boolean } {
    const handles = cases.map(({ publicKey }) => this.handle(publicKey));
    this.buffer.input.clear();
    cases.forEach(({ message, signature }, i) => {
      this.buffer.input.append(handles[i] as number, message, signature);
    });
    const fellBack = this.buffer.verify(cases.length, path);
    return {
      verdicts: Array.from(this.buffer.verdicts.subarray(0, cases.length), Boolean),
      fellBack,
    };
  }
}

function expectVerdicts(verifier: CaseVerifier, cases: readonly Case[], expected: boolean[]): void {
  for (let from = 0; from < cases.length; from += 1024)
    for (const path of PATHS) {
      const part = cases.slice(from, from + 1024);
      const { verdicts } = verifier.verify(part, path);
      part.forEach((one, i) => {
        assert.equal(verdicts[i], expected[from + i], `${one.kind}, ${path}, case ${from + i}`);
      });
    }
}

/** RFC 8032, section 7.1: secret key, public key, message, signature. */
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  [
    '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    createHash('sha512').update('abc').digest('hex'),
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  ],
] as const;

for (const [build, wasm] of [
  ['release', releaseWasm],
  ['debug', debugWasm],
] as const) {
  describe(`${build} build`, () => {
    test('vectors of RFC 8032 are signed and verified', () => {
      const cases = RFC_8032.map(([secretKey, publicKey, message, signature], i): Case => {
        const signer = createSigner(hex(secretKey));
        assert.deepEqual(Buffer.from(signer.publicKey).toString('hex'), publicKey);
        assert.equal(Buffer.from(signer.sign(hex(message))).toString('hex'), signature);
        const kind = `vector ${i + 1}`;
        return {
          kind,
          publicKey: hex(publicKey),
          message: hex(message),
          signature: hex(signature),
        };
      });
      expectVerdicts(
        new CaseVerifier(wasm, 16),
        cases,
        cases.map(() => true),
      );
    });

    test('the 196 pairs of small-order points are all refused', () => {
      const encodings = smallOrderEncodings();
      assert.equal(encodings.length, 14);
      const message = Buffer.from('Zcash');
      const cases = encodings.flatMap((publicKey) =>
        encodings.map((r): Case => {
          const signature = Uint8Array.from([...r, ...new Uint8Array(32)]);
          return { kind: 'small order', publicKey, message, signature };
        }),
      );
      assert.equal(cases.length, 196);
      expectVerdicts(
        new CaseVerifier(wasm, 16),
        cases,
        cases.map(() => false),
      );
      const { buffer } = new CaseVerifier(wasm, 16);
      for (const { publicKey, signature } of cases)
        assert.equal(buffer.verifyUnregistered(publicKey, message, signature), false);
    });

    test('a sample of mutated cases has the verdicts of the oracle', () => {
      const cases = [...generateCases('sample', 660)];
      expectVerdicts(new CaseVerifier(wasm, 512), cases, cases.map(oracle));
    });

    test('RFC 8032 with its message of 1,023 bytes', { skip: needsFixtures }, () => {
      const vectors = fixture('rfc8032/ed25519.json') as {
        name: string;
        secret: string;
        public: string;
        msg: string;
        sig: string;
      }[];
      const cases = vectors.map(({ name, secret, public: publicKey, msg, sig }): Case => {
        assert.equal(Buffer.from(createSigner(hex(secret)).sign(hex(msg))).toString('hex'), sig);
        return { kind: name, publicKey: hex(publicKey), message: hex(msg), signature: hex(sig) };
      });
      assert.deepEqual(
        cases.map(({ message }) => message.length),
        [0, 1, 2, 1023, 64],
      );
      expectVerdicts(
        new CaseVerifier(wasm, 16),
        cases,
        cases.map(() => true),
      );
    });

    test('Wycheproof', { skip: needsFixtures }, () => {
      const { testGroups } = fixture('wycheproof/ed25519_test.json') as {
        testGroups: {
          publicKey: { pk: string };
          tests: { tcId: number; msg: string; sig: string; result: string }[];
        }[];
      };
      const all = testGroups.flatMap(({ publicKey, tests }) =>
        tests.map(({ tcId, msg, sig, result }) => ({
          kind: `tcId ${tcId}`,
          publicKey: hex(publicKey.pk),
          message: hex(msg),
          signature: hex(sig),
          valid: result === 'valid',
        })),
      );
      assert.equal(all.length, 151);
      expectVerdicts(
        new CaseVerifier(wasm, 256),
        all,
        all.map(({ valid }) => valid),
      );
    });

    test('speccheck', { skip: needsFixtures }, () => {
      const cases = (
        fixture('speccheck/cases.json') as { message: string; pub_key: string; signature: string }[]
      ).map(
        ({ message, pub_key, signature }, i): Case => ({
          kind: `case ${i}`,
          publicKey: hex(pub_key),
          message: hex(message),
          signature: hex(signature),
        }),
      );
      const expected = [...'XXVVVVXXXXXX'].map((verdict) => verdict === 'V');
      assert.deepEqual(cases.map(oracle), expected);
      expectVerdicts(new CaseVerifier(wasm, 16), cases, expected);
    });
  });
}

test('fixtures are where they are said to be', { skip: needsFixtures }, () => {
  assert.ok(existsSync(join(fixtures as string, 'vectors/ed25519/wycheproof/ed25519_test.json')));
});

describe('batches', () => {
  const verifier = new CaseVerifier(releaseWasm, 2048);
  const random = new Random('batches');
  const cases = [...generateCases('batches', 4400)].map((one) => ({ one, valid: oracle(one) }));
  const good = cases.filter(({ valid }) => valid);
  const bad = cases.filter(({ valid }) => !valid);

  test('20 kinds of mutation are among the bad ones', () => {
    assert.ok(new Set(bad.map(({ one }) => one.kind)).size >= 18);
    assert.ok(good.length > 400);
  });

  for (const size of [1, 2, 3, 63, 64, 65, 1023, 1024]) {
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
      const places = [0, size - 1, size >> 1];
      for (const place of places) {
        for (const count of [1, 2, 7]) {
          const batch = pickGood();
          for (let i = 0; i < count; i++) batch[(place + 5 * i) % size] = random.pick(bad);
          for (const path of PATHS) {
            const { verdicts } = verifier.verify(
              batch.map(({ one }) => one),
              path,
            );
            assert.deepEqual(
              verdicts,
              batch.map(({ valid }) => valid),
              `${path} ${random.seed}`,
            );
          }
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

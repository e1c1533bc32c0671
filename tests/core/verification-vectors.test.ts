import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { RFC_8032 } from './rfc8032.ts';
import { BUILDS, CaseVerifier, expectVerdicts } from './verification-cases.ts';
import { type Case, oracle, smallOrderEncodings } from './verification-oracle.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(fixture(`vectors/ed25519/${name}`), 'utf8'));

for (const [build, wasm] of BUILDS) {
  describe(`${build} build`, () => {
    test('vectors of RFC 8032 are signed and verified', () => {
      const cases = RFC_8032.map(({ name, secretKey, publicKey, message, signature }): Case => {
        const signer = createSigner(hex(secretKey));
        assert.equal(Buffer.from(signer.publicKey).toString('hex'), publicKey);
        assert.equal(Buffer.from(signer.sign(hex(message))).toString('hex'), signature);
        return {
          kind: name,
          publicKey: hex(publicKey),
          message: hex(message),
          signature: hex(signature),
        };
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

    test('Wycheproof', { skip: needsFixtures }, () => {
      const { testGroups } = vectors('wycheproof/ed25519_test.json') as {
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
        vectors('speccheck/cases.json') as { message: string; pub_key: string; signature: string }[]
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

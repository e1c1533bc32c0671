import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { createSigner } from '../../services/core/verification/signing.ts';
import { Random } from './verification-oracle.ts';

test('keys and signatures are those of @noble/curves', () => {
  const random = new Random('signing');
  for (let i = 0; i < 50; i++) {
    const secretKey = random.bytes(32);
    const signer = createSigner(secretKey);
    assert.deepEqual(Buffer.from(signer.publicKey), Buffer.from(ed25519.getPublicKey(secretKey)));
    const message = random.bytes(random.below(700));
    const expected = Buffer.from(ed25519.sign(message, secretKey));
    assert.deepEqual(Buffer.from(signer.sign(message)), expected);
    assert.deepEqual(Buffer.from(signer.sign(message)), expected);
  }
});

test('a secret key of another length is refused', () => {
  for (const length of [0, 31, 33, 64])
    assert.throws(() => createSigner(new Uint8Array(length)), RangeError);
});

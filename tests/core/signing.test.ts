import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import { SigningBuffer } from '../../services/core/verification/signing-buffer.ts';
import { debugWasm, Random, releaseWasm } from './verification-oracle.ts';

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

describe('many signatures at once', () => {
  const limits = { recordsMax: 70, messageBytesMax: 20_000 };
  const lengths = [0, 1, 31, 32, 63, 64, 95, 96, 97, 111, 112, 127, 128, 129, 250, 400];

  for (const [build, wasm] of [
    ['release', releaseWasm],
    ['debug', debugWasm],
  ] as const)
    test(`are those of node:crypto, in batches of any size (${build})`, () => {
      const random = new Random(`signing ${build}`);
      const keys = Array.from({ length: 9 }, () => random.bytes(32));
      const signers = keys.map(createSigner);
      const buffer = new SigningBuffer(wasm, keys, limits);
      for (const count of [1, 2, 3, 4, 5, 8, 31, 70]) {
        buffer.input.clear();
        const expected = Array.from({ length: count }, (_, index) => {
          const key = random.below(keys.length);
          const text = random.bytes(lengths[index % lengths.length] as number);
          buffer.input.append(key, text, new Uint8Array(64));
          return Buffer.from((signers[key] as Signer).sign(text)).toString('base64');
        });
        buffer.sign();
        const found = expected.map((_, index) => buffer.input.signatureText(index));
        assert.deepEqual(found, expected);
      }
    });

  test('of a record without a key or a message none is made', () => {
    const buffer = new SigningBuffer(releaseWasm, [new Uint8Array(32)], limits);
    const text = new Uint8Array(40);
    buffer.input.append(0, text, new Uint8Array(64));
    buffer.input.append(1, text, new Uint8Array(64));
    assert.throws(() => buffer.sign(), /2 records, of which one names no key or no message/);
    assert.equal(buffer.input.signatureText(0), Buffer.alloc(64).toString('base64'));
    buffer.input.clear();
    buffer.input.append(0, text, new Uint8Array(64));
    new DataView(buffer.input.records.buffer, buffer.input.records.byteOffset).setUint32(
      8,
      20_001,
      true,
    );
    assert.throws(() => buffer.sign(), RangeError);
    assert.throws(() => buffer.sign(71), RangeError);
  });

  test('a secret key of another length is refused', () => {
    for (const length of [31, 33])
      assert.throws(
        () => new SigningBuffer(releaseWasm, [new Uint8Array(length)], limits),
        /a secret key of \d+ bytes, expected 32/,
      );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { keyRefusal } from '../../services/core/verification/key-admission.ts';
import { createSignatureCheck, createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import {
  P,
  Random,
  releaseWasm,
  smallOrderEncodings,
  TORSION,
  toBytes,
} from './verification-oracle.ts';

/** Honest keys, and what is next to each: all its torsion, other encodings, other bytes. */
function* candidates(random: Random): Generator<[string, Uint8Array]> {
  for (const encoding of smallOrderEncodings()) yield ['small order', encoding];
  for (let y = 0n; y < 19n; y++)
    for (const sign of [0n, 1n << 255n]) {
      yield ['y not below p', toBytes((P + y) | sign)];
      yield ['y below 19', toBytes(y | sign)];
      yield ['y next below p', toBytes((P - 1n - y) | sign)];
    }
  for (let i = 0; i < 6; i++) {
    const point = ed25519.Point.fromBytes(createSigner(random.bytes(32)).publicKey);
    for (const torsion of TORSION)
      yield [torsion.is0() ? 'honest' : 'torsion', point.add(torsion).toBytes()];
  }
  for (let i = 0; i < 60; i++) yield ['random bytes', random.bytes(32)];
  yield ['short', new Uint8Array(31)];
}

test('the core admits what registration admits, and no other key', () => {
  const random = new Random('admission');
  const verification = createVerification(releaseWasm, { keysMax: 64 });
  const admitted = new Map<string, number>();
  for (const [kind, key] of candidates(random)) {
    const inCore = () => verification.registerKey(key);
    const name = `${kind}: ${Buffer.from(key).toString('hex')}`;
    if (keyRefusal(key) === null) {
      assert.doesNotThrow(inCore, name);
      admitted.set(kind, (admitted.get(kind) ?? 0) + 1);
    } else assert.throws(inCore, RangeError, name);
  }
  assert.equal(admitted.get('honest'), 6);
  for (const kind of ['small order', 'torsion', 'y not below p'])
    assert.equal(admitted.get(kind), undefined, kind);
});

test('a check of single signatures takes none under a key that the core does not admit', () => {
  const message = Buffer.from('GET /anything');
  // Under the neutral point R = B's neutral multiple and S = 0 fit every message.
  const forged = new Uint8Array(64);
  forged[0] = 1;
  for (const key of smallOrderEncodings()) {
    const check = createSignatureCheck(key);
    assert.equal(check(message, forged), false, Buffer.from(key).toString('hex'));
  }
  const signer = createSigner(new Random('check').bytes(32));
  const check = createSignatureCheck(signer.publicKey);
  assert.ok(check(message, signer.sign(message)));
  assert.equal(check(message, forged), false);
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import {
  createVerification,
  VerificationLedger,
} from '../../services/core/verification/verification.ts';
import { generateCases } from './verification-mutations.ts';
import { type Case, releaseWasm, toBytes } from './verification-oracle.ts';

describe('Verification', () => {
  const signers = Array.from({ length: 10 }, (_, i) =>
    createSigner(createHash('sha256').update(`signer ${i}`).digest()),
  );
  const signed = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const message = Buffer.from(`message ${i}`);
      const signer = signers[i % 10] as (typeof signers)[0];
      return { signer: i % 10, message, signature: signer.sign(message) };
    });

  test('a key has one handle, and reasons are named', () => {
    const verification = createVerification(releaseWasm, { keysMax: 2 });
    const [first, second] = signers.map(({ publicKey }) => publicKey);
    const handle = verification.registerKey(first as Uint8Array);
    assert.notEqual(verification.registerKey(second as Uint8Array), handle);
    assert.equal(verification.registerKey(first as Uint8Array), handle);
    const refused = (key: Uint8Array, reason: RegExp) =>
      assert.throws(() => verification.registerKey(key), { name: 'RangeError', message: reason });
    refused(new Uint8Array(31), /31 bytes/);
    const other = createVerification(releaseWasm, { keysMax: 2 });
    const refusedBy = (key: Uint8Array, reason: RegExp) =>
      assert.throws(() => other.registerKey(key), { name: 'RangeError', message: reason });
    refusedBy(toBytes(2n ** 255n - 19n), /canonical/);
    refusedBy(toBytes(2n), /point/);
    refusedBy(toBytes(1n), /small order/);
    const mixed = [...generateCases('mixed', 22)].find(
      ({ kind }) => kind === 'signed with torsion in A',
    );
    refusedBy((mixed as Case).publicKey, /prime order/);
  });

  test('the penalty changes the path and no verdict', () => {
    const verification = createVerification(releaseWasm, { keysMax: 16 });
    const handles = signers.map(({ publicKey }) => verification.registerKey(publicKey));
    const batch = signed(400).map(({ signer, message, signature }, i) => ({
      keyHandle: handles[signer] as number,
      message,
      signature:
        signer === 3 && i % 20 === 3 ? Uint8Array.from(signature).fill(1, 33, 34) : signature,
    }));
    const expected = batch.map((_, i) => i % 20 !== 3);
    for (let round = 0; round < 5; round++) assert.deepEqual(verification.verify(batch), expected);
    assert.deepEqual(verification.figures, {
      batches: 5,
      verified: 2000,
      invalid: 100,
      fallbacks: 1,
      keysWithoutRoom: 0,
    });
    // A key with a penalty is still believed when it signs.
    const honest = batch.map((one, i) => (expected[i] ? one : { ...one, ...signed(400)[i] }));
    assert.ok(verification.verify(honest).every(Boolean));
  });

  test('a failed batch doubles the penalty once, however many bad ones it had', () => {
    const verification = createVerification(releaseWasm, { keysMax: 16 });
    const handles = signers.map(({ publicKey }) => verification.registerKey(publicKey));
    const batch = (bad: boolean) =>
      signed(1000).map(({ signer, message, signature }) => ({
        keyHandle: handles[signer] as number,
        message,
        signature:
          bad && signer === 3 ? signature.map((x, i) => (i === 33 ? x ^ 1 : x)) : signature,
      }));
    assert.equal(verification.verify(batch(true)).filter((valid) => !valid).length, 100);
    // The penalty is 1,024 signatures, and the key signs 100 in each batch.
    for (let i = 0; i < 11; i++) assert.ok(verification.verify(batch(false)).every(Boolean));
    assert.equal(verification.figures.fallbacks, 1);
    verification.verify(batch(true));
    assert.equal(verification.figures.fallbacks, 2);
    // Now it is 2,048; a bad one meanwhile starts it anew.
    for (let i = 0; i < 20; i++) verification.verify(batch(false));
    verification.verify(batch(true).slice(0, 30));
    assert.equal(verification.figures.fallbacks, 2);
    for (let i = 0; i < 20; i++) verification.verify(batch(false));
    verification.verify(batch(false).slice(0, 480));
    verification.verify(batch(true));
    assert.equal(verification.figures.fallbacks, 3);
  });

  test('odd input is refused, too long input throws before any verdict', () => {
    const verification = createVerification(releaseWasm, { keysMax: 4, messageBytesMax: 1000 });
    const [signer] = signers as [(typeof signers)[0]];
    const keyHandle = verification.registerKey(signer.publicKey);
    const message = Buffer.from('x');
    const signature = signer.sign(message);
    const verdicts = verification.verify([
      { keyHandle, message, signature },
      { keyHandle: 1, message, signature },
      { keyHandle: -1, message, signature },
      { keyHandle: Number.NaN, message: new Uint8Array(1), signature },
      { keyHandle, message, signature: signature.subarray(1) },
      { keyHandle, message, signature: new Uint8Array(0) },
      { keyHandle, message: new Uint8Array(1000), signature },
    ]);
    assert.deepEqual(verdicts, [true, false, false, false, false, false, false]);
    assert.deepEqual(verification.verify([]), []);
    const long = { keyHandle, message: new Uint8Array(1001), signature };
    assert.throws(() => verification.verify([long]), RangeError);
    assert.throws(() => createVerification(releaseWasm, { keysMax: 100_000 }), RangeError);
    assert.throws(() => createVerification(releaseWasm, { keysMax: 0 }), RangeError);
  });

  test('many more signatures than a batch holds', () => {
    const verification = createVerification(releaseWasm, { keysMax: 16, messageBytesMax: 9000 });
    const handles = signers.map(({ publicKey }) => verification.registerKey(publicKey));
    const batch = signed(2500).map(({ signer, message, signature }, i) => ({
      keyHandle: handles[(signer + (i % 997 === 0 ? 1 : 0)) % 10] as number,
      message,
      signature,
    }));
    assert.deepEqual(
      verification.verify(batch),
      batch.map((_, i) => i % 997 !== 0),
    );
  });

  test('no number but the handle itself stands for a key', () => {
    const verification = createVerification(releaseWasm, { keysMax: 4 });
    const [signer] = signers as [(typeof signers)[0]];
    const keyHandle = verification.registerKey(signer.publicKey);
    assert.equal(keyHandle, 0);
    const message = Buffer.from('x');
    const signature = signer.sign(message);
    const others = [2 ** 32, 2 ** 33, 2 ** 53 - 1, 1e300, 0.5, -1, -(2 ** 32), Number.NaN];
    for (const other of [...others, Number.POSITIVE_INFINITY, 1, 3, 4, 0xffffffff])
      assert.deepEqual(
        verification.verify([
          { keyHandle: other, message, signature },
          { keyHandle, message, signature },
        ]),
        [false, true],
        `${other}`,
      );
  });

  test('a key beyond the room has its verdicts, under the same rule of admission', () => {
    const order = [0, 1, 2, 3, 4, 5];
    const cases = [...generateCases('room', 220, 6)];
    const mixed = cases.find(({ kind }) => kind === 'signed with torsion in A') as Case;
    for (const keys of [order, order.toReversed()]) {
      const verification = createVerification(releaseWasm, { keysMax: 2 });
      const handles: number[] = [];
      for (const key of keys)
        handles[key] = verification.registerKey((signers[key] as (typeof signers)[0]).publicKey);
      assert.equal(verification.figures.keysWithoutRoom, 4);
      assert.equal(new Set(handles).size, 6);
      for (const key of order) {
        const { publicKey } = signers[key] as (typeof signers)[0];
        assert.equal(verification.registerKey(publicKey), handles[key]);
      }
      const refused = (key: Uint8Array, message: RegExp) =>
        assert.throws(() => verification.registerKey(key), { name: 'RangeError', message });
      refused(toBytes(1n), /small order/);
      refused(toBytes(2n), /point/);
      refused(toBytes(2n ** 255n - 19n), /canonical/);
      refused(mixed.publicKey, /prime order/);
      // 60 signatures, some spoiled in each way that a signature can be.
      const spoil = (signature: Uint8Array, i: number) =>
        i % 7 === 3
          ? signature.map((x, k) => (k === (i * 11) % 64 ? x ^ 1 : x))
          : i % 7 === 5
            ? signature.subarray(i % 64)
            : signature;
      const batch = signed(60)
        .filter(({ signer }) => signer < 6)
        .map(({ signer, message, signature }, i) => ({
          keyHandle: handles[signer] as number,
          message,
          signature: spoil(signature, i),
        }));
      assert.deepEqual(
        verification.verify(batch),
        batch.map((_, i) => i % 7 !== 3 && i % 7 !== 5),
      );
      assert.deepEqual(verification.verify(batch.slice(0, 1)), [true]);
      const [one] = batch;
      assert.deepEqual(verification.verify([{ ...(one as (typeof batch)[0]), keyHandle: 6 }]), [
        false,
      ]);
    }
  });

  test('only what was in the equation is to blame for its failure', () => {
    const ledger = new VerificationLedger();
    const verification = createVerification(releaseWasm, { keysMax: 16 }, ledger);
    const handles = signers.map(({ publicKey }) => verification.registerKey(publicKey));
    type Spoil = (signature: Uint8Array) => Uint8Array;
    const wrong: Spoil = (signature) => signature.map((x, i) => (i === 33 ? x ^ 1 : x));
    const noScalar: Spoil = (signature) => signature.map((x, i) => (i === 63 ? x | 0xf0 : x));
    // y = 2 is on no point of the curve.
    const noPoint: Spoil = (signature) => signature.map((x, i) => (i >= 32 ? x : i === 0 ? 2 : 0));
    const spoiledBy = (spoil: Readonly<Record<number, Spoil>>) =>
      signed(400).map(({ signer, message, signature }, i) => ({
        keyHandle: handles[signer] as number,
        message,
        signature: i < 10 ? (spoil[signer]?.(signature) ?? signature) : signature,
      }));
    const unknown = Array.from({ length: 500 }, (_, i) => ({
      ...(spoiledBy({})[0] as ReturnType<typeof spoiledBy>[0]),
      keyHandle: 1000 + i,
    }));
    const batch = [...spoiledBy({ 1: wrong, 2: noScalar, 3: noPoint }), ...unknown];
    assert.equal(verification.verify(batch).filter((valid) => !valid).length, 503);
    assert.equal(ledger.figures.fallbacks, 1);
    // Under penalty is signer 1: what it spoils is in no batch; the others can still fail one.
    verification.verify(spoiledBy({ 1: wrong }));
    assert.equal(ledger.figures.fallbacks, 1);
    verification.verify(spoiledBy({ 2: wrong }));
    verification.verify(spoiledBy({ 3: wrong }));
    assert.equal(ledger.figures.fallbacks, 3);
  });
});

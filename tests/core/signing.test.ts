import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ed25519 } from '@noble/curves/ed25519.js';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import { SigningBuffer } from '../../services/core/verification/signing-buffer.ts';
import { SigningThread, type Unsigned } from '../../services/core/verification/signing-thread.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { simulatedSigning } from '../../services/simulator/setup.ts';
import { Simulation } from '../../services/simulator/simulation.ts';
import { load } from '../support/run.ts';
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
          return Buffer.from((signers[key] as Signer).sign(text));
        });
        buffer.sign();
        const found = expected.map((_, index) => Buffer.from(buffer.input.signature(index)));
        assert.deepEqual(found, expected);
      }
    });

  test('of a record without a key or a message none is made', () => {
    const buffer = new SigningBuffer(releaseWasm, [new Uint8Array(32)], limits);
    const text = new Uint8Array(40);
    buffer.input.append(0, text, new Uint8Array(64));
    buffer.input.append(1, text, new Uint8Array(64));
    assert.throws(() => buffer.sign(), /2 records, of which one names no key or no message/);
    assert.deepEqual(buffer.input.signature(0), new Uint8Array(64));
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

describe('a thread that signs', () => {
  const random = new Random('signing thread');
  const keys = [random.bytes(32), random.bytes(32)];
  const signers = keys.map(createSigner);
  const unsigned = (count: number) =>
    Array.from({ length: count }, () => ({
      key: random.below(2),
      text: random.bytes(random.below(300)),
    }));
  const expected = (texts: readonly Unsigned[]) =>
    texts.map(({ key, text }) => Buffer.from((signers[key] as Signer).sign(text)));
  const asBuffers = (signatures: readonly Uint8Array[]) =>
    signatures.map((one) => Buffer.from(one));

  test('answers more calls side by side than it has slabs in their order, also those of more than one holds', async () => {
    const thread = new SigningThread(releaseWasm, keys, { recordsMax: 8, messageBytesMax: 1_000 });
    try {
      const calls = [3, 40, 0, 9, 5, 7, 12].map(unsigned);
      const signed = await Promise.all(calls.map((texts) => thread.sign(texts)));
      assert.deepEqual(signed.map(asBuffers), calls.map(expected));
    } finally {
      await thread.close();
    }
  });

  test('says what it cannot sign, and that it is gone', { timeout: 60_000 }, async () => {
    const thread = new SigningThread(releaseWasm, keys, { recordsMax: 8, messageBytesMax: 1_000 });
    try {
      const long = [{ key: 0, text: new Uint8Array(1_001) }];
      await assert.rejects(thread.sign(long), /buffer is full/);
      const [text] = unsigned(1) as [Unsigned];
      assert.deepEqual(asBuffers(await thread.sign([text])), expected([text]));
      await assert.rejects(thread.sign([{ key: 2, text: text.text }]), /names no key/);
      await assert.rejects(thread.sign([text]), /names no key/);
    } finally {
      await thread.close();
    }
  });

  test('ends what waits when it is closed, and what comes after', async () => {
    const thread = new SigningThread(releaseWasm, keys, { recordsMax: 8, messageBytesMax: 1_000 });
    const waiting = [unsigned(40), unsigned(3)].map((texts) =>
      assert.rejects(thread.sign(texts), /the signing thread is closed/),
    );
    // The first is with the thread by then, and the second waits for it.
    await Promise.resolve();
    await thread.close();
    await Promise.all(waiting);
    await assert.rejects(thread.sign(unsigned(1)), /the signing thread is closed/);
  });

  test('that ends without an error tells who waits and who comes after', {
    timeout: 60_000,
  }, async () => {
    const began = once(process, 'worker');
    const thread = new SigningThread(releaseWasm, keys, { recordsMax: 8, messageBytesMax: 1_000 });
    try {
      const [worker] = (await began) as [Worker];
      await thread.sign(unsigned(1));
      const ended = worker.terminate();
      // Nobody answers these: the first is with the thread, and the second waits for it.
      const waiting = [unsigned(9), unsigned(3)].map((texts) =>
        assert.rejects(thread.sign(texts), /the signing thread has ended/),
      );
      await ended;
      await Promise.all(waiting);
      await assert.rejects(thread.sign(unsigned(1)), /the signing thread has ended/);
    } finally {
      await thread.close();
    }
  });

  test('that is lost ends a simulation with its error, the slices ahead with it', async () => {
    const scenario = load('smoke', ['batchSize=7']);
    const signing = simulatedSigning(scenario, releaseWasm);
    const simulation = new Simulation({
      scenario,
      log: createMemoryLog({ now: () => 0 }),
      verification: createVerification(releaseWasm),
      createSettlement: () => createSettlement(releaseWasm),
      ...{ signatures: true, signing, forgets: true, clockNs: () => 0n },
    });
    await simulation.createTopics();
    const run = simulation.run();
    await run.next();
    await signing.close();
    const rest = async () => {
      for await (const _ of run);
    };
    await assert.rejects(rest(), /the signing thread is closed/);
    // A rejection that nobody heard of fails the test here.
    await setImmediate();
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import {
  createVerification,
  type SignedMessage,
} from '../../services/core/verification/verification.ts';
import {
  createVerificationPool,
  type VerificationPoolOptions,
} from '../../services/core/verification/verification-pool.ts';
import { releaseWasm } from './verification-oracle.ts';

const signers = Array.from({ length: 12 }, (_, i) =>
  createSigner(createHash('sha256').update(`pool ${i}`).digest()),
);

/** A pool that is closed however its test ends. */
function poolFor(t: TestContext, options: Omit<VerificationPoolOptions, 'keysMax'>) {
  const pool = createVerificationPool(releaseWasm, { keysMax: 16, ...options });
  t.after(() => pool.close());
  return pool;
}

function signedBatch(handles: readonly number[], count: number, bad: (i: number) => boolean) {
  return Array.from({ length: count }, (_, i): SignedMessage => {
    const which = (i * 5) % signers.length;
    const message = Buffer.from(`${i}`.repeat(1 + (i % 60)));
    const signature = Uint8Array.from((signers[which] as (typeof signers)[0]).sign(message));
    if (bad(i)) signature[40] = (signature[40] as number) ^ 1;
    return { keyHandle: handles[which] as number, message, signature };
  });
}

describe('verification pool', () => {
  for (const threads of [0, 1, 2, 3])
    test(`${threads} threads give the verdicts of one instance, and close`, async (t) => {
      const pool = poolFor(t, { threads });
      assert.equal(pool.threads, threads);
      const alone = createVerification(releaseWasm, { keysMax: 16 });
      await pool.warmUp();
      const handles = signers.slice(0, 6).map(({ publicKey }) => pool.registerKey(publicKey));
      // Keys may come while batches run: later parts know them.
      const early = pool.verify(signedBatch([...handles, ...handles], 700, () => false));
      handles.push(...signers.slice(6).map(({ publicKey }) => pool.registerKey(publicKey)));
      assert.deepEqual(
        handles,
        signers.map(({ publicKey }) => alone.registerKey(publicKey)),
      );
      assert.ok((await early).some((valid) => !valid));
      const sizes = [0, 1, 255, 256, 300, 1024, 3000];
      const batches = sizes.map((size) => signedBatch(handles, size, (i) => i % 211 === 7));
      const verdicts = await Promise.all(batches.map((batch) => pool.verify(batch)));
      batches.forEach((batch, i) => {
        assert.deepEqual(verdicts[i], alone.verify(batch), `${sizes[i]} signatures`);
      });
      assert.equal(pool.figures.verified, 700 + sizes.reduce((sum, size) => sum + size, 0));
      await pool.close();
      await assert.rejects(pool.verify(batches[1] as SignedMessage[]), /closed/);
    });

  test('closing waits for what is being verified', async (t) => {
    // The second batch takes more slabs than there are: it still waits for some when the pool closes.
    const pool = poolFor(t, { threads: 2, recordsMax: 64 });
    const handles = signers.map(({ publicKey }) => pool.registerKey(publicKey));
    const running = [400, 2000, 5].map((size) =>
      pool.verify(signedBatch(handles, size, () => false)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await pool.close();
    for (const verdicts of await Promise.all(running)) assert.ok(verdicts.every(Boolean));
  });

  test('a message that no slab holds is refused before any verdict', async (t) => {
    const pool = poolFor(t, { threads: 2, messageBytesMax: 64 });
    const keyHandle = pool.registerKey((signers[0] as (typeof signers)[0]).publicKey);
    const signature = new Uint8Array(64);
    const batch = [{ keyHandle, message: new Uint8Array(65), signature }];
    await assert.rejects(pool.verify(batch), RangeError);
  });

  for (const [what, module] of [
    ['cannot start', './no-such-worker.js'],
    ['refuse their task', '../../services/core/verification/keys-kept-out-of-batches.js'],
    ['die over what they took', './mortal-worker.js'],
    ['die one of two', './half-mortal-worker.js'],
  ] as const)
    for (const threads of [1, 2]) {
      // With one thread the mortal one may be the one that lives.
      if (threads === 1 && module.includes('half-mortal')) continue;
      test(`${threads} workers that ${what} are replaced by the calling thread`, async (t) => {
        const workerUrl = new URL(module, import.meta.url);
        assert.equal(existsSync(workerUrl), what !== 'cannot start');
        const lost: Error[] = [];
        const onWorkerLost = (error: Error) => lost.push(error);
        const pool = poolFor(t, { threads, recordsMax: 64, workerUrl, onWorkerLost });
        const handles = signers.map(({ publicKey }) => pool.registerKey(publicKey));
        let total = 0;
        /** Calls side by side, of different sizes: each has its own bad ones. */
        const verifyTogether = async (sizes: readonly number[]) => {
          const bad = (call: number) => (i: number) => i % (call + 3) === call;
          const verdicts = await Promise.all(
            sizes.map((size, call) => pool.verify(signedBatch(handles, size, bad(call)))),
          );
          verdicts.forEach((one, call) => {
            const expected = Array.from({ length: sizes[call] as number }, (_, i) => !bad(call)(i));
            assert.deepEqual(one, expected, `call ${call} of ${sizes}`);
          });
          total += sizes.reduce((sum, size) => sum + size, 0);
        };
        // More parts than there are slabs, some of them in the workers' hands when these die.
        await verifyTogether([2000, 300, 2000, 7]);
        while (lost.length === 0) await verifyTogether([64]);
        // The loss is known: nothing of the slabs is used any more.
        await verifyTogether([300, 10, 3, 400]);
        await verifyTogether([1, 700, 47]);
        await pool.warmUp();
        assert.equal(lost.length, 1);
        assert.equal(pool.threads, 0);
        assert.equal(pool.figures.verified, total);
      });
    }

  test('a warm-up beside the end settles, and one after it is refused', async (t) => {
    const pool = poolFor(t, { threads: 2 });
    const warming = pool.warmUp();
    await pool.close();
    await warming;
    await assert.rejects(pool.warmUp(), /closed/);
  });

  for (const threads of [0, 1])
    test(`keys beyond the room for them, ${threads} threads`, async (t) => {
      const pool = createVerificationPool(releaseWasm, { threads, keysMax: 3 });
      t.after(() => pool.close());
      const handles = signers.map(({ publicKey }) => pool.registerKey(publicKey));
      assert.equal(new Set(handles).size, signers.length);
      assert.equal(pool.figures.keysWithoutRoom, signers.length - 3);
      const bad = (i: number) => i % 7 === 2;
      assert.deepEqual(
        await pool.verify(signedBatch(handles, 300, bad)),
        Array.from({ length: 300 }, (_, i) => !bad(i)),
      );
    });

  test('bad ones in batches that are under way together are one offence', async (t) => {
    const pool = poolFor(t, { threads: 1 });
    const handles = signers.map(({ publicKey }) => pool.registerKey(publicKey));
    // Only signers 0, 5, 10 and 3 occur, in turn: see signedBatch.
    const four = (count: number, bad: (i: number) => boolean) => {
      const some = signedBatch(handles, signers.length, () => false).slice(0, 4);
      return Array.from({ length: count }, (_, i) => {
        const one = some[i % 4] as SignedMessage;
        return bad(i)
          ? { ...one, signature: one.signature.map((x, k) => (k === 40 ? x ^ 1 : x)) }
          : one;
      });
    };
    const spoiled = four(4096, (i) => i % 1024 === 0);
    await Promise.all([spoiled, spoiled, spoiled].map((one) => pool.verify(one)));
    assert.equal(pool.figures.fallbacks, 12);
    // 1,024 signatures of the first key serve its first penalty; then it can spoil a batch again.
    await pool.verify(four(4096, () => false));
    await pool.verify(four(1024, (i) => i === 512));
    assert.equal(pool.figures.fallbacks, 13);
  });

  test('a part of several batches: which of them failed, and who is kept out', async (t) => {
    const pool = poolFor(t, { threads: 1, recordsMax: 128 });
    const handles = signers.map(({ publicKey }) => pool.registerKey(publicKey));
    // The third of four batches has bad ones, from all keys; the fifth begins another part.
    const bad = (i: number) => i >= 300 && i < 350;
    const batch = signedBatch(handles, 600, bad);
    assert.deepEqual(
      await pool.verify(batch),
      batch.map((_, i) => !bad(i)),
    );
    assert.deepEqual(
      { ...pool.figures },
      {
        batches: 5,
        verified: 600,
        invalid: 50,
        fallbacks: 1,
        keysWithoutRoom: 0,
      },
    );
    assert.ok((await pool.verify(signedBatch(handles, 600, () => false))).every(Boolean));
    // All keys are under penalty: nothing is in a batch that could fail.
    assert.equal((await pool.verify(batch)).filter((valid) => !valid).length, 50);
    assert.equal(pool.figures.fallbacks, 1);
  });
});

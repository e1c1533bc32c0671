import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { createSigner } from './signing.ts';
import { releaseWasm } from './verification.reference.ts';
import { createVerification, type SignedMessage } from './verification.ts';
import { createVerificationPool, type VerificationPoolOptions } from './verification-pool.ts';

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
    ['refuse their task', './penalties.js'],
    ['die over what they took', './verification-worker.reference.js'],
  ] as const)
    test(`workers that ${what} are replaced by the calling thread`, async (t) => {
      const workerUrl = new URL(module, import.meta.url);
      const pool = poolFor(t, { threads: 2, recordsMax: 64, workerUrl });
      const handles = signers.map(({ publicKey }) => pool.registerKey(publicKey));
      const batch = signedBatch(handles, 2000, (i) => i % 400 === 300);
      const expected = batch.map((_, i) => i % 400 !== 300);
      // More parts than there are slabs, some of them in the workers' hands when these die.
      const verdicts = await Promise.all([batch, batch].map((one) => pool.verify(one)));
      for (const one of verdicts) assert.deepEqual(one, expected);
      assert.ok((await pool.verify(batch.slice(0, 100))).every(Boolean));
      await pool.warmUp();
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
    assert.deepEqual({ ...pool.figures }, { batches: 5, verified: 600, invalid: 50, fallbacks: 1 });
    assert.ok((await pool.verify(signedBatch(handles, 600, () => false))).every(Boolean));
    // All keys are under penalty: nothing is in a batch that could fail.
    assert.equal((await pool.verify(batch)).filter((valid) => !valid).length, 50);
    assert.equal(pool.figures.fallbacks, 1);
  });
});

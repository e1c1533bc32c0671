import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallestInjection } from '../../services/analysis/queues/money-to-release.ts';
import { ReleaseFinder } from '../../services/analysis/queues/money-to-release-thread.ts';
import { nameOf } from '../../services/analysis/queues/queue-set.ts';
import type { QueueState } from '../../services/core/settlement/queue-state.ts';

/** Banks 0 to n-1, each with a queue of payments to the next that it cannot fund. */
function ring(banks: number, each: number): QueueState {
  const leg = (debtor: number, amount: bigint) => ({
    ...{ debtor, creditor: (debtor + 1) % banks, currency: 0, amount },
  });
  const payments = Array.from({ length: banks * each }, (_, n) => ({
    ...{ position: n, id: String(n), priority: 2 as const },
    legs: [leg(n % banks, 100n + BigInt((n * 7919) % 1_000))],
  }));
  return {
    accounts: Array.from({ length: banks }, (_, participant) => ({
      ...{ participant, currency: 0, balance: 0n, creditLine: 0n },
      reserved: [0n, 0n] as const,
    })),
    ...{ limits: [], crossLimits: [], payments },
    ...{ mechanisms: ['none'], offsets: [false], bypasses: [false] },
  } as unknown as QueueState;
}
const question = (position: number) => ({ position, account: nameOf(position, 0) });

test('releases are those of the core’s search, in the order of the questions', async (t) => {
  const finder = new ReleaseFinder();
  t.after(() => finder.stop());
  const state = ring(4, 3);
  const questions = [2, 0, 3].map(question);
  const found = await finder.find(state, questions, 20_000);
  assert.deepEqual(
    found,
    questions.map((one) => {
      const payment = state.payments.find(({ position }) => position === one.position);
      assert.ok(payment);
      return { ...one, found: smallestInjection(state, payment, one.account) };
    }),
  );
  assert.ok(found.every((one) => one.found?.kind === 'releases' && one.found.amount > 0n));
  // By the same thread, and where two ask at once.
  const again = [[1], [0, 3], [2]].map((some) => some.map(question));
  const answers = await Promise.all(again.map((some) => finder.find(state, some, 20_000)));
  assert.deepEqual(
    answers.map((some) => some.map(({ position }) => position)),
    [[1], [0, 3], [2]],
  );
  assert.ok(answers.flat().every((one) => one.found?.kind === 'releases'));
});

test('what takes too long is broken off, and the next question is answered', async (t) => {
  const finder = new ReleaseFinder();
  t.after(() => finder.stop());
  const large = ring(60, 200);
  const questions = Array.from({ length: 60 }, (_, n) => question(n));
  const found = await finder.find(large, questions, 1);
  assert.deepEqual(
    found.map(({ position }) => position),
    questions.map(({ position }) => position),
  );
  assert.equal(found.at(-1)?.found, null);
  const [next] = await finder.find(ring(4, 1), [question(1)], 20_000);
  assert.equal(next?.found?.kind, 'releases');
});

test('a question of a payment that is not there fails, and the next one does not', async (t) => {
  const finder = new ReleaseFinder();
  t.after(() => finder.stop());
  await assert.rejects(finder.find(ring(2, 1), [question(77)], 20_000), /no payment 77/);
  const [next] = await finder.find(ring(4, 1), [question(1)], 20_000);
  assert.equal(next?.found?.kind, 'releases');
});

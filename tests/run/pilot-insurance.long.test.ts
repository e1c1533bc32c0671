/** The pilot of insurance at its full size: what its page tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldOn } from '../support/pilot-page.ts';
import { load, runDirectly } from '../support/run.ts';

test('insurance-burst: 10,000 claims, of which those that two stations report are paid, half of them at once', async () => {
  const { summary, rows } = await runDirectly(load('insurance-burst'));
  assert.equal(
    summary.eventsHash,
    'aa10c431859067b912bf6a01e956d3b8807c41ef1a4bb59b6f07b0ace48a623e',
  );
  const claims = rows.filter(({ debtorAgent }) => debtorAgent === 'INSUDE00');
  const paid = claims.filter(({ status }) => status === 'settled');
  const atOnce = paid.filter(({ mechanism }) => mechanism === 'entry');
  assert.deepEqual([claims.length, paid.length, atOnce.length], [10_000, 9_852, 5_551]);
  assert.deepEqual(
    [summary.conditions?.chains.refused, summary.conditions?.chains.deadline],
    [2, 146],
  );
  const tookMs = paid.map(({ submittedAtMs, finalAtMs }) => finalAtMs! - submittedAtMs);
  tookMs.sort((a, b) => a - b);
  // By nearest rank.
  const [median, p99] = [0.5, 0.99].map((share) => tookMs[Math.ceil(share * tookMs.length) - 1]!);
  const seconds = (ms: number) => Math.round(ms / 1000);
  for (const [measure, told] of [
    ['payouts due, and reported by two stations', '10,000, and 9,852'],
    ['paid at the second report', '5,551'],
    ['paid when the reinsurer had paid, or after', '4,301'],
    [
      'median and p99 from sending to paid',
      `${seconds(median!)} s, ${Math.floor(seconds(p99!) / 60)} min ${seconds(p99!) % 60} s`,
    ],
    ['unpaid: two stations silent, or refused', '148'],
  ] as const)
    assert.deepEqual(toldOn('insurance', measure), [told], measure);
});

/** The pilot of insurance at its full size: what its page tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
});

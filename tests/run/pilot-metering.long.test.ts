/** The pilot of meters with all of them: what docs/pilot-metering.md says that it finds whatever money the banks have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, runDirectly } from '../support/run.ts';

test('metering: a million readings of 10,000 meters are recorded, but those that are set back; bills are disputed as drawn', async () => {
  const { summary } = await runDirectly(load('metering'));
  assert.ok(summary.conserved);
  const { attestations, chains } = summary.conditions!;
  const meters = attestations.filter(({ recorded }) => recorded > 0);
  const sum = (of: 'recorded' | 'notCounted') => meters.reduce((total, one) => total + one[of], 0);
  assert.deepEqual([meters.length, sum('recorded'), sum('notCounted')], [10_000, 999_603, 397]);
  assert.deepEqual(
    [summary.chains!.matched, chains.met, chains.refused, chains.deadline],
    [19_990, 19_791, 175, 24],
  );
});

/** The pilot of meters with all of them: what docs/pilot-metering.md says that it finds whatever money the banks have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Summary } from '../../services/report/figures/summary.ts';
import { toldOn } from '../support/pilot-page.ts';
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
  assert.deepEqual(summary.settledByMechanism, { deferredNet: 19_791 });
  for (const [measure, told] of [
    ['readings recorded', '999,603'],
    ['set back, and refused', '397'],
    ['bills: two of each meter, but of those set back', '19,990'],
    ['passed by silence, or accepted after a look', '19,791'],
    ['disputed; held to the end of the half hour', '175; 24'],
    ['bills settled, all in net cycles', '19,791'],
  ] as const)
    assert.deepEqual(toldOn('metering', measure), [told], measure);
  const value = { settled: 19_791, valueMinor: '4031192' };
  assert.deepEqual(billsOf(summary), { ...value, usedMinor: '713923' });
  assert.deepEqual(billsOf((await runDirectly(load('metering', [GROSS]))).summary), {
    ...value,
    usedMinor: '737900',
  });
});

test('metering: with little money bills that are paid one by one wait, and are paid while they can be', async () => {
  const few = ['participants.DRAWDE00.branches=120', 'participants.FEEDDE00.branches=80'];
  const scarce = [...few, 'participants.*.accounts.EUR.balance=50.00', GROSS];
  const { summary } = await runDirectly(load('metering', scarce));
  assert.deepEqual(billsOf(summary), { settled: 368, valueMinor: '72634', usedMinor: '14361' });
  assert.equal(summary.cancelledByReason.AM04, 29);
});

const GROSS = 'settlement.mechanism=rtgs';

/** How many bills settle, their value, and the money used for it. */
function billsOf({ settled, settledValueMinor, liquidity }: Summary) {
  return { settled, valueMinor: settledValueMinor.EUR, usedMinor: liquidity.EUR!.usedMinor };
}

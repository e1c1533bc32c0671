import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyCycleHolds } from './certified-cycles.ts';
import { featuresOf, proposalDays } from './proposal-days.ts';

everyCycleHolds(process.env.CORRIDOR_LONG_TESTS === '1' ? 6000 : 300, true);

test('so it is on days with proposals, whatever is short', () => {
  const isLong = process.env.CORRIDOR_LONG_TESTS === '1';
  const seen = featuresOf(proposalDays(isLong ? 1000 : 25));
  for (const what of [
    ...['nothingQueued', 'undecided', 'resolved', 'settled', 'notQueued', 'elsewhere', 'balance'],
    ...['multilateralLimit', ...(isLong ? ['bilateralLimit', 'aggregateShortLimit'] : [])],
  ])
    assert.ok((seen.get(what) ?? 0) >= 2, `${what}: ${JSON.stringify([...seen])}`);
});

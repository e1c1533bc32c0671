import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsettled } from '../support/two-layer-pilot.ts';

test('two-layer: customers cannot move what their bank has not in reserves', async () => {
  const { all, leaving, summary } = await unsettled('as it stands');
  assert.equal(
    summary.eventsHash,
    '91c01fa64f089840501b5db0e62087afe4a13d143b9a115a2d031f9811c9526b',
  );
  assert.deepEqual(summary.chains, { matched: 500, settled: 466, ended: 34 });
  assert.deepEqual([all, leaving], [34, 8]);
  assert.deepEqual(Object.keys(summary.cancelledByReason), ['AM04']);
  // A drain is a deadlock: no set of what waits settles without new reserves.
  assert.deepEqual(Object.keys(summary.settledByMechanism), ['entry', 'queue']);
});

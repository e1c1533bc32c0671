import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, runScenario } from './test-run.ts';

/**
 * The pilot scenarios of the mechanisms, each with its golden hash and with what it is there to show.
 * A hash changes when, and only when, what clearing decides or how events are laid out changes: then
 * say so in CHANGELOG.md.
 */
const unsigned = { signatures: false };
const HASHES = {
  linked: 'a65eb856a8770a9e00cfb7d89c40280648ceed0a594528906cf3a09110dc444b',
  netting: 'b608f6cfaeb40b4934b42ce28b33a90fa78e34837ddc7b4133527a63624ae005',
  limits: '0a327840fd70053d259618c7db78df463cde21c84456792148442bb7eaeeaa79',
};

test('linked-gridlock: looking at all currencies at once settles what waits in each', async () => {
  const { summary, rows } = await runScenario(load('linked-gridlock'), unsigned);
  assert.equal(summary.eventsHash, HASHES.linked);
  const off = await runScenario(load('linked-gridlock', ['settlement.cycle=off']), unsigned);
  assert.ok(summary.settled > off.summary.settled);
  for (const code of ['EUR', 'USD', 'SGD'])
    assert.ok(
      BigInt(summary.settledValueMinor[code] as string) >
        BigInt(off.summary.settledValueMinor[code] as string),
    );
  assert.ok((summary.cancelledByReason.AB03 ?? 0) > 0, 'one trade of 25 has one leg');
  const legs = rows.filter(({ messageType }) => messageType === 'corridor.pvp.1');
  const byPosition = new Map(legs.map((leg) => [leg.position, leg]));
  const pairs = legs.filter(({ pairPosition }) => pairPosition !== null);
  assert.ok(pairs.some(({ mechanism }) => mechanism === 'gridlockResolution'));
  for (const { pairPosition, status, finalAtMs, mechanism } of pairs) {
    const other = byPosition.get(pairPosition as number);
    assert.deepEqual(
      [other?.status, other?.finalAtMs, other?.mechanism],
      [status, finalAtMs, mechanism],
      'both legs or none, at once',
    );
  }
});

test('netting-default: unwinding takes the defaulter’s payments out, sharing keeps them all', async () => {
  const unwound = await runScenario(load('netting-default'), unsigned);
  assert.equal(unwound.summary.eventsHash, HASHES.netting);
  const defaulter = 'EPSIDE00';
  const cancelled = unwound.rows.filter(({ status }) => status === 'cancelled');
  assert.ok(cancelled.length > 0);
  for (const { debtorAgent, creditorAgent, reason } of cancelled)
    assert.ok(
      [debtorAgent, creditorAgent].includes(defaulter) && reason === 'participantDefaulted',
    );
  const shared = await runScenario(
    load('netting-default', ['settlement.onDefault=share-loss']),
    unsigned,
  );
  assert.equal(shared.summary.cancelled, 0);
  assert.equal(shared.summary.submitted, unwound.summary.submitted);
  assert.ok(shared.summary.settled > unwound.summary.settled);
  assert.ok(
    Number(shared.summary.liquidity.EUR?.usage) > Number(unwound.summary.liquidity.EUR?.usage),
  );
});

test('limits-hybrid: a hybrid uses less liquidity, and makes normal payments wait for its cycles', async () => {
  const { summary } = await runScenario(load('limits-hybrid'), unsigned);
  assert.equal(summary.eventsHash, HASHES.limits);
  const hybrid = await runScenario(
    load('limits-hybrid', ['settlement.mechanism=hybrid']),
    unsigned,
  );
  const [gross, net] = [summary, hybrid.summary];
  assert.ok(Number(net.liquidity.EUR?.usage) < Number(gross.liquidity.EUR?.usage));
  assert.ok(Number(net.delay.p50Ms) > Number(gross.delay.p50Ms));
  assert.ok((net.settledByMechanism.deferredNet ?? 0) > (net.settledByMechanism.entry ?? 0));
  const urgent = hybrid.rows.filter(({ priority }) => priority === 'urgent');
  assert.ok(urgent.every(({ mechanism }) => mechanism !== 'deferredNet'));
  assert.ok(gross.refusedRequests > 0, 'what has settled can no longer be cancelled');
  assert.equal(gross.refusedChanges, 0, 'the central bank issues in its own name');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { runScenario } from '../support/run.ts';

/**
 * One record may cause more events than a message of their topic can hold (8,187): a close that
 * cancels everybody's payments, a cycle that nets them, a gridlock that it resolves.
 */
const PAYMENTS = process.env.CORRIDOR_LONG_TESTS === '1' ? 9_000 : 8_300;

/** Two banks pay each other, or one the other, as many times as makes a batch too large. */
function scenarioOf(bothPay: boolean, settlement: string, balance: string, batchSize: number) {
  const creditor = bothPay ? '{ AAAADE00: 1, BBBBDE00: 1 }' : '{ BBBBDE00: 1 }';
  const debtor = bothPay ? '{ AAAADE00: 1, BBBBDE00: 1 }' : '{ AAAADE00: 1 }';
  const text = `
name: large-batches
tickMs: 60000
businessDates: [2026-03-16]
currencies: { EUR: { opens: "08:00", closes: "17:00", zone: UTC } }
participants:
  - { bic: AAAADE00, name: A, accounts: { EUR: { balance: "${balance}" } } }
  - { bic: BBBBDE00, name: B, accounts: { EUR: { balance: "0.00" } } }
profiles: { d: { zone: UTC, parts: [{ from: "08:30", to: "16:30", weight: 1 }] } }
traffic:
  - name: t
    from: EUR
    paymentsPerDate: ${PAYMENTS}
    profile: d
    debtors: ${debtor}
    creditors: ${creditor}
    amounts: { median: "400.00", sigma: 0, min: "1.00", max: "400.00" }
settlement: { queue: fifo, ${settlement} }
batchSize: ${batchSize}
`;
  return loadScenario('large-batches.yaml', { readFile: () => text });
}

/** The events of the pool as a reader of their topic takes them, message by message. */
async function run(scenario: ReturnType<typeof scenarioOf>) {
  const log = createMemoryLog({ now: () => 0 });
  const { summary, simulation } = await runScenario(scenario, { log, signatures: false });
  const follower = new EventsFollower('main');
  let largest = 0;
  for (const message of await log.read(poolEvents('main'), 0, 0, 1_000_000)) {
    follower.take(message);
    largest = Math.max(largest, message.value.length / EVENT_BYTES);
  }
  assert.deepEqual(follower.digest(), simulation.pools[0]?.clearing.digest());
  assert.ok(largest <= 4096, `a message of ${largest} events`);
  assert.ok(summary.conserved);
  return summary;
}

test('a close that cancels more payments than a message of events holds', async () => {
  const close = scenarioOf(false, 'cycle: off', '0.00', 512);
  const { cancelled, eventsHash } = await run(close);
  assert.equal(cancelled, PAYMENTS);
  const inOneBatch = scenarioOf(false, 'cycle: off', '0.00', 65_536);
  assert.equal((await run(inOneBatch)).eventsHash, eventsHash, 'whatever the batch size');
});

test('a netting cycle that settles more payments than a message of events holds', async () => {
  const net = scenarioOf(false, 'mechanism: dns, cycleEverySeconds: 0', '9999999.00', 512);
  const { settled, rejected, cancelled } = await run(net);
  assert.deepEqual(
    { settled, rejected, cancelled },
    { settled: PAYMENTS, rejected: 0, cancelled: 0 },
  );
});

test('a gridlock of more payments than a message of events holds', async () => {
  const gridlock = scenarioOf(true, 'cycle: gridlockResolution, cycleEverySeconds: 0', '0.00', 512);
  const { settled, cancelled } = await run(gridlock);
  assert.equal(settled + cancelled, PAYMENTS);
  assert.ok(settled > 8_187, `${settled} settled`);
});

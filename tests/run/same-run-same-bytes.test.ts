import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EVENT_BYTES, EVENT_OFFSETS } from '../../services/core/settlement/events.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { eventsHash } from '../../services/protocol/records/event-chain.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { load, runScenario } from '../support/run.ts';
import { SMOKE_HASH } from './golden-hash-of-smoke.ts';

test('the smoke scenario has its golden hash, whatever the batch size', async () => {
  for (const batchSize of [1, 7, 512, 65_536]) {
    const { summary } = await runScenario(load('smoke', [`batchSize=${batchSize}`]));
    assert.equal(summary.eventsHash, SMOKE_HASH, `batches of ${batchSize}`);
  }
});

test('another seed gives another hash', async () => {
  const { summary } = await runScenario(load('smoke', ['seed=8']));
  assert.notEqual(summary.eventsHash, SMOKE_HASH);
});

test('another tickMs gives another hash, and the same events but for the positions of records', async () => {
  const run = async (tickMs: number) => {
    const events: Buffer[] = [];
    const { summary } = await runScenario(load('smoke', [`tickMs=${tickMs}`]), {
      onSlice: ({ steps }) => events.push(...steps.map(({ batch }) => Buffer.from(batch.events))),
    });
    const bytes = Buffer.concat(events);
    const { position, paymentPosition } = EVENT_OFFSETS;
    for (let at = 0; at < bytes.length; at += EVENT_BYTES)
      for (const field of [position, paymentPosition]) bytes.fill(0, at + field, at + field + 8);
    return { hash: summary.eventsHash, bytes };
  };
  const [often, seldom] = [await run(7_000), await run(60_000)];
  assert.notEqual(often.hash, seldom.hash);
  assert.ok(often.bytes.equals(seldom.bytes));
});

test('over the embedded log a run has the same hash as in memory, and leaves its topics', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-run-'));
  const log = openEmbeddedLog({ folder, now: () => 0 });
  try {
    const { summary, simulation } = await runScenario(load('smoke'), { log });
    assert.equal(summary.eventsHash, SMOKE_HASH);
    const inputs = await log.endOffset('pool.main.input', 0);
    assert.equal(inputs, simulation.pools[0]?.inputRecords);
    const names = (await log.topics()).map(({ name }) => name);
    assert.ok(names.includes('payments.rejected'));
    let sent = 0;
    for (let partition = 0; partition < 4; partition++)
      sent += await log.endOffset('payments', partition);
    assert.equal(sent, 400 + 4 + 2, 'payments, repeats and quotes');
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
});

const TWO_POOLS = `
name: two-pools
seed: 3
businessDates: [2026-03-16]
pools: { europe: [EUR], asia: [SGD] }
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: Europe/Berlin }
  SGD: { opens: "08:00", closes: "12:00", zone: Asia/Singapore }
participants:
  - { bic: ALFADE00, name: Alfa, accounts: { EUR: { balance: "500" }, SGD: { balance: "500" } } }
  - { bic: BETASG00, name: Beta, accounts: { EUR: { balance: "500" }, SGD: { balance: "500" } } }
profiles: { day: { zone: UTC, parts: [{ from: "00:00", to: "24:00", weight: 1 }] } }
traffic:
  - { name: eur, from: EUR, paymentsPerDate: 50, profile: day, amounts: &amounts { median: "90", sigma: 1, min: "1", max: "900" } }
  - { name: sgd, from: SGD, paymentsPerDate: 50, profile: day, amounts: *amounts }
`;

test('two pools settle apart and have one hash together', async () => {
  const scenario = loadScenario('two-pools.yaml', { readFile: () => TWO_POOLS });
  const { summary, rows, simulation } = await runScenario(scenario);
  assert.equal(summary.submitted, 100);
  for (const row of rows) assert.equal(row.pool, row.currency === 'EUR' ? 'europe' : 'asia');
  const digests = simulation.pools.map(({ name, clearing }) => [name, clearing.digest()] as const);
  assert.deepEqual(digests.map(([name]) => name).sort(), ['asia', 'europe']);
  assert.equal(summary.eventsHash, eventsHash(new Map(digests)));
});

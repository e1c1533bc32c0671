import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { EVENT_BYTES, EVENT_OFFSETS } from '../../services/core/settlement/events.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { eventsHash } from '../../services/protocol/records/event-chain.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';
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

test('exactly the messages with a corrupted signature are rejected with DS0B', async () => {
  const scenario = load('smoke');
  const corrupted = [...planPayments(scenario)].filter(({ corrupt }) => corrupt);
  const { rows, summary } = await runScenario(scenario);
  const rejected = rows.filter(({ reason }) => reason === 'signatureInvalid');
  assert.ok(corrupted.length > 0);
  assert.deepEqual(
    rejected.map(({ uetr }) => uetr).sort(),
    corrupted.map(({ uetr }) => String(uetr)).sort(),
  );
  assert.deepEqual(summary.rejectedByReason, { DS0B: corrupted.length });
});

test('without signatures corrupted ones pass, and every payment still has one outcome', async () => {
  const { summary } = await runScenario(load('smoke'), { signatures: false });
  assert.deepEqual(summary.rejectedByReason, {});
  assert.equal(summary.submitted, 400);
});

test('submitted = settled + rejected + cancelled + queued, to the payment and with repeats apart', async () => {
  const { summary } = await runScenario(load('smoke'));
  const { submitted, settled, rejected, cancelled, queuedAtClose } = summary;
  assert.equal(submitted, 400);
  assert.equal(submitted, settled + rejected + cancelled + queuedAtClose);
  assert.equal(summary.repeated, 4);
  assert.ok(summary.conserved);
});

test('a ring of payments beyond the balances settles nothing under FIFO, everything by netting', async () => {
  const fifo = await runScenario(load('pssimpy-ring', ['settlement.cycle=off']));
  assert.equal(fifo.summary.settled, 0);
  assert.equal(fifo.summary.cancelled, 9);
  const netting = await runScenario(load('pssimpy-ring'));
  assert.equal(netting.summary.settled, 9);
  const byDay = netting.rows.map(({ finalAtMs }) => new Date(finalAtMs as number).getUTCDate());
  assert.deepEqual(byDay, [16, 16, 16, 17, 17, 17, 18, 18, 18]);
  assert.deepEqual(netting.summary.settledValueMinor, { XTS: '1800' });
  for (const participant of [0, 1, 2])
    assert.equal(netting.simulation.settlements[0]?.balance(participant, 0), 50n);
});

test('a bank that failed stops sending and still receives', async () => {
  const { rows, summary, scenario } = await runScenario(load('pssimpy-quickstart'));
  const [outage] = scenario.outages;
  assert.ok(outage && outage.untilMs === null);
  const failed = scenario.participants[outage.participant]?.bic;
  assert.ok(summary.unsent > 0, 'something was kept from being sent');
  assert.ok(
    rows.every((row) => row.debtorAgent !== failed || row.submittedAtMs < outage.fromMs),
    'it sent nothing after it failed',
  );
  assert.ok(
    rows.some(
      (row) =>
        row.creditorAgent === failed &&
        row.status === 'settled' &&
        (row.finalAtMs as number) >= outage.fromMs,
    ),
    'it received after it failed',
  );
});

describe('the flagship, by the direct door', () => {
  let run: ReturnType<typeof runDirectly>;
  before(() => {
    run = runDirectly(load('four-corridors'));
  });

  test('has its golden hash', async () => {
    const { summary } = await run;
    assert.equal(
      summary.eventsHash,
      'a05f470eaf1dcf090123aefc5e00ee438b202c05b3f0cebdccbd61beb481e519',
    );
  });

  test('an outage of an hour delays what its bank sends, and all of it ends before the cut-off', async () => {
    const from = Date.UTC(2026, 2, 16, 7, 30);
    const until = Date.UTC(2026, 2, 16, 8, 30);
    const scenario = load('four-corridors');
    const [outage] = scenario.outages;
    assert.deepEqual([outage?.fromMs, outage?.untilMs], [from, until]);
    const bic = scenario.participants[outage?.participant as number]?.bic;
    const { rows, summary } = await run;
    assert.equal(summary.submitted, 100_000);
    const own = rows.filter(({ debtorAgent }) => debtorAgent === bic);
    assert.equal(own.filter((r) => r.submittedAtMs >= from && r.submittedAtMs < until).length, 0);
    const released = own.filter(({ submittedAtMs }) => submittedAtMs === until);
    assert.ok(released.length > 100, `${released.length} were released`);
    assert.ok(released.every(({ status }) => status === 'settled' || status === 'cancelled'));
    assert.ok(released.every(({ reason }) => reason !== 'afterCutOff'));
  });
});

test('what is queued at the close is carried over where the scenario says so', async () => {
  const set = ['settlement.atClose=carry-over', 'settlement.cycle=off'];
  const { summary, rows } = await runScenario(load('pssimpy-ring', set));
  assert.equal(summary.cancelled, 0);
  assert.equal(summary.queuedAtClose, 9);
  assert.ok(rows.every(({ status }) => status === 'queued'));
  assert.ok(
    rows.every(({ queuedAtMs, submittedAtMs }) => queuedAtMs === submittedAtMs),
    'queued when it came, however often it was carried over',
  );
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

test('amounts up to 2^63 - 1 of a currency without decimals are planned, sent, settled and told', async () => {
  const max = '9223372036854775807';
  const scenario = `
name: extreme-amounts
businessDates: [2026-03-16]
currencies: { JPY: { opens: "08:00", closes: "17:00", zone: UTC } }
participants:
  - { bic: AAAADE00, name: A, accounts: { JPY: { balance: "${max}" } } }
  - { bic: BBBBDE00, name: B, accounts: { JPY: { balance: "0" } } }
payments: { csv: payments.csv }
settlement: { queue: fifo, cycle: gridlockResolution, cycleEverySeconds: 60 }
`;
  const csv = `date,time,debtor,creditor,currency,amount,priority
2026-03-16,09:00,AAAADE00,BBBBDE00,JPY,${max},
2026-03-16,10:00,BBBBDE00,AAAADE00,JPY,1000000000000000000,
2026-03-16,11:00,AAAADE00,BBBBDE00,JPY,${max},
`;
  const files = new Map([
    ['extreme.yaml', scenario],
    ['payments.csv', csv],
  ]);
  const { summary } = await runScenario(
    loadScenario('extreme.yaml', { readFile: (path) => files.get(path) as string }),
  );
  const { settled, cancelled, rejected, conserved } = summary;
  assert.deepEqual(
    { settled, cancelled, rejected, conserved },
    { settled: 2, cancelled: 1, rejected: 0, conserved: true },
  );
  assert.deepEqual(summary.settledValueMinor, { JPY: '10223372036854775807' });
});

test('two pools settle apart and have one hash together', async () => {
  const scenario = loadScenario('two-pools.yaml', { readFile: () => TWO_POOLS });
  const { summary, rows, simulation } = await runScenario(scenario);
  assert.equal(summary.submitted, 100);
  for (const row of rows) assert.equal(row.pool, row.currency === 'EUR' ? 'europe' : 'asia');
  const digests = simulation.pools.map(({ name, clearing }) => [name, clearing.digest()] as const);
  assert.deepEqual(digests.map(([name]) => name).sort(), ['asia', 'europe']);
  assert.equal(summary.eventsHash, eventsHash(new Map(digests)));
});

/** What becomes of payments in whole runs: forged ones, beyond balances, in an outage, at the close, the largest amounts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { load, runScenario } from '../support/run.ts';

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

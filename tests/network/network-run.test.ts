/** `corridor network` over runs: from either form of their payments, and over what is none. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fitsOf, fitsText } from '../../services/network/fit-to-totals.ts';
import { networksPage } from '../../services/network/network-page.ts';
import { networkText } from '../../services/network/network-terminal.ts';
import { describeRun } from '../../services/network/run-networks.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { recordRun } from '../support/explained-run.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-network-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const tables = (file: string, out: string, set: string[] = []) =>
  executeRun({
    ...{ file, out, set, signatures: false },
    ...{ log: 'memory', results: 'tables' },
  });

before(async () => {
  await recordRun(scenarioFile('linked-gridlock'), at('csv'));
  await tables(scenarioFile('linked-gridlock'), at('tables'));
});

test('payments.csv and tables give the same networks, with legs and settlement in part', async () => {
  const [csv, table] = [await describeRun(at('csv')), await describeRun(at('tables'))];
  assert.deepEqual({ ...table.networks, run: '' }, { ...csv.networks, run: '' });
  const [all] = csv.networks.networks;
  assert.equal(all?.currency, null);
  assert.equal(csv.networks.reference?.currency, 'EUR');
  assert.equal(csv.networks.networks.length, 2 * 4);
});

test('strengths and values are the sums of the payments', async () => {
  const { rows } = await runDirectly(load('linked-gridlock'), { signatures: false });
  const { networks } = (await describeRun(at('csv'))).networks;
  for (const { currency, stage, payments, valueMinor, byBank, banks, links } of networks) {
    const of = rows.filter(
      (row) =>
        row.creditorAgent !== '' &&
        (currency === null || row.currency === currency) &&
        (stage === 'submitted' || row.status === 'settled'),
    );
    assert.equal(payments, of.length);
    assert.equal(links, new Set(of.map((row) => row.debtorAgent + row.creditorAgent)).size);
    assert.equal(banks, new Set(of.flatMap((row) => [row.debtorAgent, row.creditorAgent])).size);
    const sum = (paid: typeof of) => String(paid.reduce((all, row) => all + row.amountMinor, 0n));
    if (currency !== null) assert.equal(valueMinor, sum(of));
    for (const bank of byBank) {
      const [sent, received] = [
        of.filter((row) => row.debtorAgent === bank.bic),
        of.filter((row) => row.creditorAgent === bank.bic),
      ];
      assert.equal(bank.paymentsOut, sent.length);
      assert.equal(bank.paymentsIn, received.length);
      if (currency === null) continue;
      assert.equal(bank.valueOutMinor, sum(sent));
      assert.equal(bank.valueInMinor, sum(received));
    }
  }
});

test('terminal and page have every figure', async () => {
  const described = await describeRun(at('tables'));
  const [text, page] = [networkText(described), networksPage(described)];
  for (const words of ['reciprocity', 'average path length', 'banks with 75 % of the value'])
    for (const of of [text, page]) assert.ok(of.includes(words), words);
  assert.ok(text.includes('and 4 more networks'));
  assert.ok(page.includes('SGD, settled'));
});

const FITTED = `name: fitted
tickMs: 60000
businessDates: [2026-03-16]
currencies:
  EUR: { opens: "08:00", closes: "18:00", zone: UTC }
participants:
  - { bic: AABKDE00, name: A, accounts: { EUR: { balance: "1000.00" } } }
  - { bic: BBBKDE00, name: B, accounts: { EUR: { balance: "1000.00" } } }
  - { bic: CCBKDE00, name: C, accounts: { EUR: { balance: "1000.00" } } }
profiles:
  day: { zone: UTC, parts: [{ from: "08:00", to: "18:00", weight: 1 }] }
traffic:
  - name: eur
    from: EUR
    paymentsPerDate: 30
    profile: day
    amounts: { median: "20.00", sigma: 1, min: "1.00", max: "500.00" }
    network: { fitted: { csv: totals.csv } }
`;

test('--fit: of a run whose totals came from a table, asked and got', async () => {
  writeFileSync(at('fitted.yaml'), FITTED);
  writeFileSync(
    at('totals.csv'),
    `total,name,payments
sent,AABKDE00,20
sent,BBBKDE00,10
received,CCBKDE00,17
received,BBBKDE00,13
hour,09:00,30
`,
  );
  await tables(at('fitted.yaml'), at('fitted'));
  rmSync(at('totals.csv'));
  const [fit] = fitsOf(at('fitted'));
  assert.deepEqual(
    fit?.rows.map(({ total, name, asked, got }) => [total, name, asked, got]),
    [
      ['corridor', 'EUR/EUR', 30, 30],
      ['sent', 'AABKDE00', 20, 20],
      ['sent', 'BBBKDE00', 10, 10],
      ['sent', 'CCBKDE00', 0, 0],
      ['received', 'AABKDE00', 0, 0],
      ['received', 'BBBKDE00', 13, 13],
      ['received', 'CCBKDE00', 17, 17],
      ['hour', '09:00', 30, 30],
    ],
  );
  assert.match(fitsText(fit ? [fit] : []), /iterations left .* before rounding/);
  const { networks } = (await describeRun(at('fitted'))).networks;
  assert.equal(networks[0]?.links, 3);
});

test('what is no run, or has no payments, is told', async () => {
  const { summary } = await runDirectly(load('pssimpy-quickstart'), { signatures: false });
  for (const run of ['summary', 'damaged'])
    await recordRun(scenarioFile('pssimpy-quickstart'), at(run));
  rmSync(at('summary/payments.csv'));
  assert.ok(existsSync(at('summary/summary.json')) && summary.submitted > 0);
  const rows = readFileSync(at('damaged/payments.csv'), 'utf8').split('\n');
  writeFileSync(at('damaged/payments.csv'), rows.with(2, 'main,1').join('\n'));
  await assert.rejects(describeRun(at('nowhere')), {
    name: 'BadInput',
    message: /nowhere\/summary\.json: not found; expected the folder of a finished run/,
  });
  await assert.rejects(describeRun(at('csv/input.log')), {
    message: /^network: .*input\.log: expected the folder of a finished run$/,
  });
  await assert.rejects(describeRun(at('summary')), {
    message:
      /it has neither payments\.csv nor tables\/payments\.parquet; expected the folder of a run with all its results/,
  });
  await assert.rejects(describeRun(at('damaged')), {
    message: /payments\.csv is damaged .*line 3 has 2 cells, expected 20/,
  });
  writeFileSync(at('tables/tables/payments.parquet'), 'none');
  await assert.rejects(describeRun(at('tables')), { message: /payments\.parquet is damaged/ });
  assert.throws(() => fitsOf(at('csv')), {
    message: /csv\/scenario\.json: (not found|traffic: expected a flow whose network is fitted)/,
  });
});

/** What was observed against what a simulation gives, by bank and hour, counted a second time from the files. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ExactSum } from '../../services/analysis/exact-sum.ts';
import { type Compared, compareRuns } from '../../services/compare/compare-runs.ts';
import type { HourFigures } from '../../services/compare/comparison-json.ts';
import { comparisonPage } from '../../services/compare/comparison-page.ts';
import { terminalText } from '../../services/compare/comparison-terminal.ts';
import { drawnIn, HourlyLiquidity } from '../../services/compare/hourly-liquidity.ts';
import { atLeast } from '../support/at-least.ts';
import { type Row, recordRun, rowsOf } from '../support/explained-run.ts';
import { recordObserved, writeImport } from '../support/observed-folder.ts';
import {
  type ImportFiles,
  listedImport,
  loadImport,
  observedCsv,
} from '../support/observed-import.ts';
import { load, runDirectly } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-compare-observed-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const HOUR_MS = 3_600_000;

let files: ImportFiles;
before(async () => {
  // Its redemptions would change what payments drew.
  const smoke = load('smoke', ['events.redemptions=[]']);
  const listed = listedImport(smoke, 'inputs/payments.csv');
  const scenario = loadImport(listed);
  const { rows } = await runDirectly(scenario, { signatures: false });
  files = { ...listed, 'observed.csv': observedCsv(scenario, rows) };
  writeImport(files, at('import'));
  await recordObserved(files, at('observed'));
  await recordRun(at('import/scenario.yaml'), at('same'));
  await recordRun(at('import/scenario.yaml'), at('tight'), {
    set: ['participants.*.accounts.*.balance=2000'],
  });
});

/** Of the payments of a bank in a currency, from payments.csv. */
function counted(rows: readonly Row[], { participant, currency, hourMs }: HourFigures) {
  const own = rows.filter((row) => row.debtorAgent === participant && row.currency === currency);
  const isIn = (instant: string | undefined) =>
    Math.floor(Date.parse(instant as string) / HOUR_MS) * HOUR_MS === hourMs;
  const settled = own.filter((row) => row.status === 'ACSC' && isIn(row.finalAt));
  const minor = (row: Row) => Number((row.amount as string).replace('.', ''));
  const delay = (row: Row) =>
    Date.parse(row.finalAt as string) - Date.parse(row.submittedAt as string);
  const sum = (of: (row: Row) => number) => settled.reduce((all, row) => all + of(row), 0);
  const value = sum(minor);
  return {
    submitted: own.filter((row) => isIn(row.submittedAt)).length,
    settled: settled.length,
    settledValueMinor: String(value),
    meanDelayMs: settled.length === 0 ? null : sum(delay) / settled.length,
    weightedDelayMs: settled.length === 0 ? null : sum((row) => minor(row) * delay(row)) / value,
  };
}

const figureIn = ({ figures }: HourFigures, path: string, run: number) => {
  const figure = figures.find((one) => one.path === path);
  assert.ok(figure, path);
  return figure.values[run];
};

describe('an observed run against simulated ones', () => {
  let compared: Compared;
  before(async () => {
    compared = await compareRuns({
      runs: [at('observed'), at('same'), at('tight')],
      explained: 2,
    });
  });

  test('matches every payment: none changed where the simulation is what was observed', () => {
    const [same, tight] = compared.comparison.payments ?? [];
    const { submitted, settled } = JSON.parse(readFileSync(at('observed/summary.json'), 'utf8'));
    assert.equal(same?.unmatched, null);
    assert.equal(same?.matched, submitted);
    assert.deepEqual(same?.settledInBoth, { sameTime: settled, earlier: 0, later: 0 });
    assert.equal(tight?.matched, submitted);
    assert.ok((tight?.changed ?? 0) > 50);
    // What the simulation says of its side; the observation has no reasons.
    const [largest] = tight?.largest ?? [];
    assert.equal(largest?.reasons[0], null);
    assert.ok((largest?.reasons[1]?.length ?? 0) > 0);
  });

  test('says what the observation cannot have, and lacks nothing else', () => {
    const { lacking, runs, configuration, figures } = compared.comparison;
    assert.deepEqual(
      runs.map(({ isObserved }) => isObserved),
      [true, false, false],
    );
    assert.equal(lacking.length, 1);
    assert.match(
      lacking[0] as string,
      /observed is observed: nothing in it was settled by the core, and its mechanisms, cycles and reasons of waits are not known; /,
    );
    assert.ok(configuration.every(({ path }) => /^(overrides|participants\.)/.test(path)));
    const deadlocks = figures.find(({ path }) => path === 'indicators.deadlocks.number');
    assert.equal(deadlocks?.values[0], null);
    assert.ok(Number(deadlocks?.values[1]) > 0);
  });

  test('has by bank and hour what payments.csv has', () => {
    const runs = ['observed', 'same', 'tight'].map((name) => rowsOf(at(name)));
    const { hours } = compared.comparison;
    for (const hour of atLeast(15, hours ?? []))
      for (const [run, rows] of runs.entries()) {
        const what = `${hour.participant} ${hour.currency} ${new Date(hour.hourMs).toISOString()}`;
        for (const [path, expected] of Object.entries(counted(rows, hour))) {
          const found = figureIn(hour, path, run);
          if (typeof expected !== 'number') assert.equal(found, expected, `${what} ${path}`);
          else
            assert.ok(
              Math.abs(Number(found) - expected) < 1e-6 * Math.max(1, expected),
              `${what} ${path}: ${found}, expected ${expected}`,
            );
        }
      }
    const all = (path: string, run: number) =>
      (hours ?? []).reduce((sum, hour) => sum + Number(figureIn(hour, path, run)), 0);
    assert.equal(all('submitted', 0), runs[0]?.length);
    assert.equal(all('settled', 2), runs[2]?.filter(({ status }) => status === 'ACSC').length);
  });

  test('has by hour the liquidity that the observed payments drew', () => {
    const rows = rowsOf(at('observed')).filter(({ status }) => status === 'ACSC');
    const minor = (text: string | undefined) => Number((text as string).replace('.', ''));
    const bookings = rows.flatMap((row) => {
      const atMs = Date.parse(row.finalAt as string);
      const [debited, credited] = [minor(row.amount), minor(row.creditedAmount)];
      const { currency, creditedCurrency } = row;
      return [
        { account: `${row.debtorAgent} ${currency}`, atMs, amount: -debited },
        { account: `${row.creditorAgent} ${creditedCurrency}`, atMs, amount: credited },
        ...(row.dealer === ''
          ? []
          : [
              { account: `${row.dealer} ${currency}`, atMs, amount: debited },
              { account: `${row.dealer} ${creditedCurrency}`, atMs, amount: -credited },
            ]),
      ];
    });
    for (const hour of atLeast(15, compared.comparison.hours ?? [])) {
      const own = bookings.filter(
        ({ account }) => account === `${hour.participant} ${hour.currency}`,
      );
      const upTo = (endMs: number) =>
        own.reduce((sum, { atMs, amount }) => (atMs <= endMs ? sum - amount : sum), 0);
      const inHour = own.filter(({ atMs }) => atMs >= hour.hourMs && atMs < hour.hourMs + HOUR_MS);
      const most = Math.max(0, upTo(hour.hourMs - 1), ...inHour.map(({ atMs }) => upTo(atMs)));
      assert.equal(figureIn(hour, 'liquidityUsedMinor', 0), String(most), JSON.stringify(hour));
    }
  });

  test('is told on the terminal and as maps on the page', () => {
    const text = terminalText(compared);
    assert.match(text, /observed: scenario smoke, seed 7, version [^,]+, observed, with which/);
    assert.match(text, /Banks by hour \(UTC\), observed → tight/);
    const page = comparisonPage(compared);
    assert.match(page, /EUR: Value settled, observed → tight/);
    assert.match(page, /SGD: Value-weighted delay, observed → tight/);
    assert.ok(atLeast(10, page.match(/class="heat" style="background:color-mix/g) ?? []));
    assert.match(page, /as observed/);
  });

  test('a damaged observation is named', async () => {
    cpSync(at('observed'), at('damaged'), { recursive: true });
    const { 'observed.csv': times = '' } = files;
    writeImport({ 'observed.csv': times.replace('\n2,', '\n3,') }, at('damaged/inputs'));
    await assert.rejects(
      compareRuns({ runs: [at('damaged'), at('same')], explained: 0 }),
      /inputs\/observed\.csv:3: column row: "3": expected 2: rows stand/,
    );
  });
});

test('liquidity of an hour without bookings is what the hour before ended with', () => {
  const book = new HourlyLiquidity();
  const account = {
    ...{ participant: 1, currency: 2, number: 0, balance: 0n, held: new ExactSum(), peak: 0n },
    ...{ earmarked: 0n, opening: 0n, injected: 0n, putIn: new ExactSum() },
    ...{ creditLine: 0n, collateral: 0n },
  };
  for (const [atMs, drawn] of [
    [0, 5n],
    [1, 3n],
    [2 * HOUR_MS, -4n],
    [2 * HOUR_MS + 1, 1n],
    [4 * HOUR_MS, 2n],
  ] as const)
    book.note(account, drawn, atMs);
  const hours = book.of(1, 2);
  const drawn = [-1, 0, 1, 2, 3, 4, 9].map((hour) => drawnIn(hours, hour * HOUR_MS));
  assert.deepEqual(drawn, [0n, 5n, 3n, 3n, 1n, 2n, 2n]);
  assert.equal(drawnIn(book.of(2, 1), 0), 0n);
});

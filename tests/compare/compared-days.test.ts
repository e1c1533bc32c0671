/** Two recorded days under another mechanism, compared; figures are counted a second time here. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Compared, compareRuns } from '../../services/compare/compare-runs.ts';
import type {
  AccountFigures,
  Figure,
  PaymentComparison,
} from '../../services/compare/comparison-json.ts';
import { terminalText } from '../../services/compare/comparison-terminal.ts';
import { BadInput } from '../../services/platform/exit-codes.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { atLeast } from '../support/at-least.ts';
import { explainInRun, type Row, recordRun, rowsOf } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-compare-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = (name: string): string => join(folder, name);
const summaryOf = (name: string): Summary =>
  JSON.parse(readFileSync(join(run(name), 'summary.json'), 'utf8'));
const compare = (names: readonly string[], explained = 0): Promise<Compared> =>
  compareRuns({ runs: names.map(run), explained });
const record = (name: string, scenario: string, ...set: readonly string[]) =>
  recordRun(scenarioFile(scenario), run(name), { set });
const lacking = (name: string, of: string, ...files: readonly string[]) => {
  cpSync(run(of), run(name), { recursive: true });
  for (const file of files) rmSync(join(run(name), file));
};

before(async () => {
  await record('linked', 'linked-gridlock');
  await record('off', 'linked-gridlock', 'settlement.cycle=off');
  await record('smoke', 'smoke');
  await record(
    'outage',
    'smoke',
    'events.outages.+={ participant: ALFADE00, from: "09:00" }',
    'participants.*.accounts.SGD.balance=1000',
  );
  await record('other-seed', 'smoke', 'seed=9');
});

const valuesOf = (figures: readonly Figure[], path: string) => {
  const figure = figures.find((one) => one.path === path);
  assert.ok(figure, path);
  return figure.values;
};
const paymentsOf = ({ comparison }: Compared, index = 0): PaymentComparison => {
  const payments = comparison.payments?.[index];
  assert.ok(payments);
  return payments;
};
const minorOf = (row: Row): bigint => BigInt((row.amount as string).replace('.', ''));
/** Of a matched pair the leg that came first. */
const counted = (row: Row) =>
  row.pairedWith === '' || Number(row.position) < Number(row.pairedWith);

describe('two runs under another mechanism', () => {
  let compared: Compared;
  before(async () => {
    compared = await compare(['linked', 'off'], 4);
  });

  test('differ in their configuration by what was set', () => {
    assert.deepEqual(compared.comparison.configuration, [
      { path: 'overrides', values: [[], ['settlement.cycle=off']] },
      { path: 'settlement.cycle', values: ['gridlockResolution', 'off'] },
    ]);
    assert.equal(compared.comparison.sameEvents, false);
  });

  test('have the figures of their summaries', () => {
    const { figures } = compared.comparison;
    const [one, two] = [summaryOf('linked'), summaryOf('off')];
    const told: readonly [string, (summary: Summary) => unknown][] = [
      ['submitted', ({ submitted }) => submitted],
      ['cancelledByReason.AM04', (summary) => summary.cancelledByReason.AM04],
      [
        'settledByMechanism.gridlockResolution',
        (s) => s.settledByMechanism.gridlockResolution ?? 0,
      ],
      ['delay.p95Ms', ({ delay }) => delay.p95Ms],
      ['delay.settlementDelayIndicator.USD', ({ delay }) => delay.settlementDelayIndicator.USD],
      ['liquidity.EUR.usedMinor', ({ liquidity }) => liquidity.EUR?.usedMinor],
      ['settledValueMinor.SGD', ({ settledValueMinor }) => settledValueMinor.SGD],
      [
        'indicators.currencies.EUR.throughput.halfByMs',
        ({ indicators }) =>
          indicators.currencies.find((c) => c.currency === 'EUR')?.throughput.halfByMs,
      ],
      [
        'indicators.currencies.EUR.accounts.ALFADE00.upperMinor',
        ({ indicators }) =>
          indicators.currencies
            .find((c) => c.currency === 'EUR')
            ?.accounts.find((a) => a.participant === 'ALFADE00')?.upperMinor,
      ],
    ];
    for (const [path, of] of told)
      assert.deepEqual(valuesOf(figures, path), [of(one), of(two)], path);
  });

  test('say of gridlocks that nobody looked', () => {
    const { figures, lacking: words } = compared.comparison;
    assert.equal(summaryOf('off').indicators.gridlocks.number, 0);
    assert.deepEqual(valuesOf(figures, 'indicators.gridlocks.number'), [
      summaryOf('linked').indicators.gridlocks.number,
      null,
    ]);
    assert.match(words.join('\n'), /off has no cycles that look at queues/);
  });

  test('show no indicator of delay without the settled share', () => {
    const { comparison } = compared;
    const all = [
      ...comparison.figures,
      ...(comparison.banks ?? []).flatMap(({ figures }) => figures),
    ];
    const delays = all.filter(({ unit }) => unit === 'delay' || unit === 'delayMs');
    for (const { path, settledShares } of atLeast(20, delays))
      assert.equal(settledShares?.length, 2, path);
    const text = terminalText(compared);
    const lines = text.split('\n').filter((line) => /delay indicator|Value-weighted/.test(line));
    for (const line of atLeast(
      6,
      lines.filter((one) => !one.includes('bank')),
    ))
      assert.equal(line.match(/% settled\)/g)?.length, 2, line);
  });

  test('have beside a currency’s delay the share of its value that settled', () => {
    const { figures } = compared.comparison;
    for (const currency of ['EUR', 'USD', 'SGD'])
      for (const [index, name] of ['linked', 'off'].entries()) {
        const share = summaryOf(name).settledValueShare[currency];
        assert.ok(typeof share === 'number');
        assert.equal(valuesOf(figures, `settledValueShare.${currency}`)[index], share);
        const path = `delay.settlementDelayIndicator.${currency}`;
        const delay = figures.find((figure) => figure.path === path);
        assert.equal(delay?.settledShares?.[index], share);
      }
  });

  test('have banks whose figures are those of payments.csv and of the liquidity used', () => {
    const banks = atLeast(15, compared.comparison.banks ?? []);
    const figure = ({ figures }: AccountFigures, path: string, index: number) =>
      valuesOf(figures, path)[index];
    for (const [index, name] of ['linked', 'off'].entries()) {
      const rows = rowsOf(run(name));
      for (const bank of banks) {
        const own = rows.filter(
          (row) => row.debtorAgent === bank.participant && row.currency === bank.currency,
        );
        const settled = own.filter(({ status }) => status === 'ACSC');
        assert.equal(figure(bank, 'submitted', index), own.length);
        assert.equal(figure(bank, 'settled', index), settled.length);
        assert.equal(
          figure(bank, 'settledValueMinor', index),
          String(settled.reduce((sum, row) => sum + minorOf(row), 0n)),
        );
        assert.deepEqual(figure(bank, 'settlementDelayIndicator', index), rhoOf(own, CLOSES_MS));
      }
      for (const currency of ['EUR', 'USD', 'SGD']) {
        const used = banks
          .filter((bank) => bank.currency === currency)
          .reduce((sum, bank) => sum + BigInt(figure(bank, 'liquidityUsedMinor', index) ?? 0), 0n);
        assert.equal(String(used), summaryOf(name).liquidity[currency]?.usedMinor);
      }
    }
  });

  test('have a matrix that sums to what was submitted, and every change in it', () => {
    const payments = paymentsOf(compared);
    const others = new Map(rowsOf(run('off')).map((row) => [row.uetr, row]));
    const names: Readonly<Record<string, string>> = { ACSC: 'settled', CANC: 'cancelled' };
    const cells = new Map<string, number>();
    let changed = 0;
    for (const row of rowsOf(run('linked')).filter(counted)) {
      const other = others.get(row.uetr as string) as Row;
      const cell = `${names[row.status as string]} ${names[other.status as string]}`;
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
      const isSettled = row.status === 'ACSC' && other.status === 'ACSC';
      if (isSettled ? row.finalAt !== other.finalAt : row.status !== other.status) changed += 1;
    }
    for (const [from, row] of Object.entries(payments.matrix))
      for (const [to, count] of Object.entries(row))
        assert.equal(count, cells.get(`${from} ${to}`) ?? 0, `${from} ${to}`);
    assert.equal(payments.changed, changed);
    assert.equal(payments.matched, summaryOf('linked').submitted);
    assert.ok(changed > 50 && cells.size === 4);
  });

  test('list the largest payments that changed, at the reference rates', () => {
    const { largest, order } = paymentsOf(compared);
    assert.equal(order, 'value in EUR at the scenario’s reference rates');
    const { rates } = JSON.parse(readFileSync(join(run('linked'), 'scenario.json'), 'utf8'));
    const rate = (currency: string) => (currency === 'EUR' ? 1 : Number(rates.perBase[currency]));
    const weights = largest.map((one) => Number(one.amountMinor) / rate(one.currency));
    assert.equal(weights.length, 20);
    assert.deepEqual(
      weights,
      [...weights].sort((a, b) => b - a),
    );
    // None that changed is larger and left out.
    const others = new Map(rowsOf(run('off')).map((row) => [row.uetr, row]));
    const larger = rowsOf(run('linked'))
      .filter(counted)
      .filter((row) => {
        const other = others.get(row.uetr as string) as Row;
        return (
          row.status !== other.status || (row.status === 'ACSC' && row.finalAt !== other.finalAt)
        );
      })
      .filter(
        (row) => Number(minorOf(row)) / rate(row.currency as string) > (weights[19] as number),
      );
    const listed = new Set(largest.map(({ uetr }) => uetr));
    assert.ok(larger.length >= 19 && larger.every(({ uetr }) => listed.has(uetr as string)));
  });

  test('explain so many of them as are asked for, as corridor explain does', async () => {
    const { largest } = paymentsOf(compared);
    assert.deepEqual(
      largest.map(({ reasons }) => reasons[0] !== null && reasons[1] !== null),
      largest.map((_, index) => index < 4),
    );
    for (const { uetr, reasons } of largest.slice(0, 4))
      for (const [index, name] of ['linked', 'off'].entries())
        assert.deepEqual(reasons[index], (await explainInRun(run(name), uetr)).sentences);
    assert.match(terminalText(compared), /off: Right before it was cancelled .* shortage of /);
  });
});

/** When each currency of linked-gridlock closes: the only close of its date. */
const CLOSES_MS = Date.UTC(2026, 2, 16, 15);

/** docs/indicators.md, with one close. */
function rhoOf(rows: readonly Row[], closeMs: number): number | null {
  const valid = rows.filter(({ status }) => status !== 'RJCT');
  const sum = (endOf: (row: Row) => number) =>
    valid.reduce(
      (total, row) =>
        total + minorOf(row) * BigInt(endOf(row) - Date.parse(row.submittedAt as string)),
      0n,
    );
  const longest = sum(() => closeMs);
  const waited = sum((row) => (row.finalAt ? Date.parse(row.finalAt) : closeMs));
  return longest === 0n ? null : Number((waited * 2_000_000_000n + longest) / (2n * longest)) / 1e9;
}

/** Compared once, for what it says and for its fields. */
let comparedOutage: Promise<Compared> | undefined;
const outageCompared = () => {
  comparedOutage ??= compare(['smoke', 'outage'], 20);
  return comparedOutage;
};

describe('runs that sent other payments', () => {
  test('tell what an outage kept, and count it in the settled share of the planned', async () => {
    const compared = await outageCompared();
    const { unsent } = summaryOf('outage');
    const { matrix, largest } = paymentsOf(compared);
    const kept = Object.values(matrix).reduce((sum, row) => sum + row.notSubmitted, 0);
    assert.ok(unsent > 0);
    assert.equal(kept, unsent);
    const [, share] = valuesOf(compared.comparison.figures, 'settledShare');
    const { settled, submitted } = summaryOf('outage');
    assert.ok(Math.abs((share as number) - settled / (submitted + unsent)) < 1e-9);
    const absent = largest.find(({ fates }) => fates[1].fate === 'notSubmitted');
    assert.ok(absent && absent.reasons[0] !== null && absent.reasons[1] === null);
    assert.match(terminalText(compared), /outage: it was not submitted\./);
    const balances = compared.comparison.configuration.filter(({ path }) =>
      /^participants\.\w+\.accounts\.SGD\.balance$/.test(path),
    );
    assert.ok(balances.length >= 3);
  });

  test('of another seed are compared by figures alone', async () => {
    const compared = await compare(['smoke', 'other-seed'], 5);
    const payments = paymentsOf(compared);
    assert.match(payments.unmatched ?? '', /plan of payments is another \(seed\)/);
    assert.deepEqual(payments.largest, []);
    assert.match(terminalText(compared), /cannot be matched: .*\(seed\)/);
    assert.match(terminalText(compared), /Settlement delay indicator/);
    assert.ok((compared.comparison.banks ?? []).length > 0);
  });

  test('are each held against the first', async () => {
    const compared = await compare(['smoke', 'outage', 'other-seed']);
    assert.deepEqual(
      compared.comparison.payments?.map(({ run: name, unmatched }) => [name, unmatched !== null]),
      [
        [run('outage'), false],
        [run('other-seed'), true],
      ],
    );
    const { values, differences } = compared.comparison.figures.find(
      ({ path }) => path === 'settled',
    )!;
    const settled = ['smoke', 'outage', 'other-seed'].map((name) => summaryOf(name).settled);
    assert.deepEqual(values, settled);
    assert.deepEqual(
      differences.map((one) => one?.absolute),
      settled.slice(1).map((value) => value - (settled[0] as number)),
    );
  });
});

describe('runs that lack files', () => {
  test('are compared by what they have, and say what the rest needs', async () => {
    lacking('figures-only', 'off', 'payments.csv', 'input.log', 'scenario.json');
    const compared = await compare(['linked', 'figures-only'], 5);
    const { comparison } = compared;
    assert.equal(comparison.payments, null);
    assert.equal(comparison.banks, null);
    assert.equal(comparison.lacking.length, 3);
    for (const file of ['scenario.json', 'payments.csv', 'input.log'])
      assert.match(
        terminalText(compared),
        new RegExp(`figures-only holds no ${file.replace('.', '\\.')}`),
      );
    assert.deepEqual(valuesOf(comparison.figures, 'settled'), [
      summaryOf('linked').settled,
      summaryOf('off').settled,
    ]);
    assert.deepEqual(comparison.configuration, [
      { path: 'overrides', values: [[], ['settlement.cycle=off']] },
    ]);
  });

  test('match payments without an input.log, and explain none', async () => {
    lacking('no-input', 'off', 'input.log');
    const compared = await compare(['linked', 'no-input'], 5);
    const payments = paymentsOf(compared);
    assert.ok(payments.changed > 50);
    assert.ok(payments.largest.every(({ reasons }) => reasons[0] === null && reasons[1] === null));
    assert.equal(compared.comparison.banks, null);
  });

  test('order payments by their share of a currency where no rates are known', async () => {
    lacking('no-rates', 'linked', 'scenario.json');
    const { order, largest } = paymentsOf(await compare(['no-rates', 'off']));
    assert.match(order, /^share of the value/);
    const { settledValueMinor } = summaryOf('linked');
    const weights = largest.map(
      (one) => Number(one.amountMinor) / Number(settledValueMinor[one.currency]),
    );
    assert.deepEqual(
      weights,
      [...weights].sort((a, b) => b - a),
    );
  });
});

test('a log too large to be replayed beside the comparison is refused as a small one is', async () => {
  lacking('cut', 'off');
  const file = join(run('cut'), 'input.log');
  // Which has a thread of its own (replay-threads.ts).
  const cut = readFileSync(file).subarray(0, -2_000);
  assert.ok(cut.length > 300_000, `${cut.length} bytes`);
  writeFileSync(file, cut);
  await assert.rejects(compare(['linked', 'cut']), (error: Error) => {
    assert.ok(error instanceof BadInput);
    assert.match(error.message, /cut\/input\.log is damaged/);
    return true;
  });
});

test('the same run in another folder has the same events, and no difference', async () => {
  cpSync(run('smoke'), run('smoke-copy'), { recursive: true });
  const compared = await compare(['smoke', 'smoke-copy'], 5);
  const { comparison } = compared;
  assert.equal(comparison.sameEvents, true);
  assert.deepEqual(comparison.configuration, []);
  assert.equal(paymentsOf(compared).changed, 0);
  assert.ok(
    comparison.figures.every(({ differences }) =>
      differences.every((one) => !one || Number(one.absolute) === 0),
    ),
  );
  assert.match(terminalText(compared), /the runs have the same events/);
});

test('every figure of a summary is compared, but for corridors, which have a place of their own', async () => {
  const KEYS = ['participant', 'closesMs', 'by', 'currency', 'segment'];
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).reduce(
          (sum, [key, part]) => sum + (KEYS.includes(key) ? 0 : count(part)),
          0,
        )
      : 1;
  const { scenario, seed, version, overrides, signatures, conserved, eventsHash, ...figured } =
    summaryOf('linked');
  const { corridors, crossBorder, heldUp, currencies, ...others } = figured.indicators;
  const indicators = {
    ...{ ...others, crossBorder: crossBorder.segments },
    currencies: currencies.map(
      ({ intraday: _, sharesByDate: __, defaultCoverByHour: ___, ...of }) => of,
    ),
  };
  const { defaults, ...figures } = figured;
  cpSync(run('linked'), run('linked-copy'), { recursive: true });
  const { comparison } = await compare(['linked', 'linked-copy']);
  // Of defaults their number is compared; what held payments up, what banks report, what is told by date and corridors
  // across a border are looked up in each run.
  assert.ok(heldUp.length > 0 && crossBorder.corridors.length > 0);
  assert.equal(comparison.figures.length, count({ ...figures, indicators, of: defaults.length }));
  assert.equal(comparison.corridors.length, corridors.length);
  for (const { corridor, figures: own } of atLeast(5, comparison.corridors)) {
    const one = corridors.find(({ kind, currency, currency2 }) =>
      kind === 'trades'
        ? corridor === `${currency} ⇄ ${currency2}`
        : corridor === (currency === currency2 ? currency : `${currency} → ${currency2}`),
    );
    assert.ok(one || corridor.endsWith('no match'), corridor);
    if (one) assert.deepEqual(valuesOf(own, 'debitedMinor'), [one.debitedMinor, one.debitedMinor]);
  }
});

test('docs/compare.md names every field of --json', async () => {
  const page = readFileSync(join(packageFolder, 'docs/compare.md'), 'utf8');
  const { comparison } = await outageCompared();
  const keys = new Set<string>();
  const collect = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const part of value) collect(part, path);
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      // Fates, and what a scenario has, are values of their own.
      if (path.endsWith('matrix') || path.endsWith('values')) continue;
      keys.add(key);
      collect(part, `${path}.${key}`);
    }
  };
  collect(comparison, '');
  for (const key of atLeast(35, keys))
    assert.ok(page.includes(`\`${key}\``), `${key} is not on the page`);
});

test('a scenario.json is the scenario: run again, it plans and settles the same', async () => {
  const text = readFileSync(join(run('outage'), 'scenario.json'), 'utf8');
  writeFileSync(join(folder, 'again.json'), text);
  await recordRun(join(folder, 'again.json'), run('again'));
  assert.equal(summaryOf('again').eventsHash, summaryOf('outage').eventsHash);
});

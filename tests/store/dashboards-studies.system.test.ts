/**
 * Studies, stress tests and scores of a watched flow in the store, and the dashboards of them on the real engine: each
 * panel's figures held against the CSV tables that the commands write beside.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import { ALERT_OF } from '../../services/analysis/watch/alert-budgets.ts';
import { MODEL_FORMAT } from '../../services/analysis/watch/watch-model.ts';
import { FEATURES, type FeatureName } from '../../services/analysis/watch/watched-features.ts';
import { publishStudy } from '../../services/cli/publish-study.ts';
import { watchCommand } from '../../services/cli/watch-command.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { forget } from '../../services/replay/forget-rows-of-run.ts';
import { storeOn } from '../../services/replay/named-store.ts';
import { flowLabels, labelTables } from '../../services/report/figures/label-tables.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { sweep } from '../../services/study/run-study.ts';
import { type Row, rowsOf, stressFiles } from '../study/stress-folder-of.ts';
import { runHere } from '../study/study-folder-of.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { load, scenarioFile } from '../support/run.ts';
import { studyPanels, watchPanels } from './dashboards-files.ts';
import { expand } from './dashboards-macros.ts';

type Found = Readonly<Record<string, unknown>>;

const STUDY = `scenario: five.yaml
vary:
  stress: [none, own=AAAADE00]
  settlement.cycle: [off, gridlockResolution]
seeds: 2
`;
const DECIMALS: Readonly<Record<string, number>> = { EUR: 2, JPY: 0 };

function groupedBy(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

/** They have no table in common. */
let database: OwnDatabase;
before(async () => {
  database = await ownDatabase();
});
after(() => database.close());

describe('studies in the store', () => {
  const cleanUps: (() => void)[] = [];
  const files = stressFiles({ after: (clean) => void cleanUps.push(clean as () => void) });
  const names: Record<'study' | 'stress', string> = { study: '', stress: '' };
  const csv = (name: string): Row[] => rowsOf(files.read(name));
  const publish = async (folder: string, replace = false) => {
    const published = await publishStudy(files.path(folder), database.address, replace);
    return published ?? assert.fail(`${folder}: no study`);
  };

  before(async () => {
    files.write('study.yaml', STUDY);
    const request = { jobs: 1, shard: null, keepGoing: false, run: runHere };
    await sweep({
      ...request,
      file: files.path('study.yaml'),
      text: STUDY,
      out: files.path('study'),
    });
    cpSync(files.path('study'), files.path('other'), { recursive: true });
    await files.run('five.yaml', 'stress', {
      banks: ['AAAADE00', 'BBBBDE00', 'DDDDJP00'],
      hours: ['09:00', '12:30'],
    });
    names.study = (await publish('study')).run;
    names.stress = (await publish('stress')).run;
  });
  after(() => {
    for (const clean of cleanUps) clean();
  });

  async function ask(title: string, study: string): Promise<Found[]> {
    const { sql } = studyPanels.find(({ panel }) => panel.title === title) ?? assert.fail(title);
    const view = { fromMs: 0, toMs: 1, intervalSeconds: 60, variables: { study: [study] } };
    const result = await database.client.query({ query: expand(sql, view), format: 'JSON' });
    return ((await result.json()) as { data: Found[] }).data;
  }
  const near = (found: unknown, expected: number, what: string) =>
    assert.ok(
      Math.abs(Number(found) - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
      `${what}: ${found}, ${expected}`,
    );
  const mean = (rows: readonly Row[], of: (row: Row) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const whole = (minor: string | undefined, code: string) =>
    Number(minor) / 10 ** (DECIMALS[code] ?? 9);
  const variantOf = (row: Row) => `${row.stress}, ${row['settlement.cycle']}`;
  const byVariant = (rows: readonly Row[]) => groupedBy(rows, variantOf);

  it('are there once; others of their name, unfinished or changed ones are refused', async () => {
    const again = await publish('study');
    assert.equal(again.added, 0);
    // Eight cells; each figure of the tables that is not empty.
    const filled = ['cells', 'banks', 'corridors'].flatMap((table) =>
      csv(`study/${table}.csv`).flatMap((row) =>
        Object.entries(row).filter(([, value]) => value !== ''),
      ),
    );
    const named = [
      'cell',
      'stress',
      'settlement.cycle',
      'seed',
      'participant',
      'currency',
      'currency2',
      'kind',
    ];
    const figures = filled.filter(([column]) => !named.includes(column));
    assert.equal(again.rows, figures.length + 8 + 1);
    assert.equal(await publishStudy(files.path('.'), database.address, false), null);
    const results = files.read('other/results.jsonl');
    const write = (text: string) => writeFileSync(files.path('other/results.jsonl'), text);
    write(results.split('\n').slice(0, 3).join('\n').concat('\n'));
    await assert.rejects(publish('other'), /: 3 of 8 cells have run: expected a whole study/);
    write(results.replace(/"settled":(\d+)/, '"settled":1'));
    await assert.rejects(
      publish('other'),
      /with other results: expected the same; --replace removes those$/,
    );
    const replaced = await publish('other', true);
    assert.equal(replaced.added, replaced.rows);
    assert.equal((await publish('other')).added, 0);
    await publish('study', true);
  });

  it('Variants, and Unsettled by variant', async () => {
    const rows = await ask('Variants', names.study);
    const shares = await ask('Unsettled by variant', names.study);
    const expected = byVariant(csv('study/cells.csv'));
    assert.deepEqual(
      rows.map(({ variant }) => variant),
      [...expected.keys()],
    );
    assert.deepEqual(
      shares.map(({ variant }) => variant),
      [...expected.keys()],
    );
    for (const [at, [variant, cells]] of [...expected].entries()) {
      const planned = mean(cells, (row) => Number(row.submitted) + Number(row.unsent));
      const unsettled = planned - mean(cells, (row) => Number(row.settled));
      assert.deepEqual([rows[at]?.cells, rows[at]?.failed].map(Number), [2, 0]);
      near(rows[at]?.planned, planned, variant);
      near(rows[at]?.unsettled, unsettled, variant);
      near(rows[at]?.unsettled_share, unsettled / planned, variant);
      near(shares[at]?.unsettled_share, unsettled / planned, variant);
    }
    assert.ok(new Set(rows.map(({ unsettled }) => unsettled)).size > 3);
  });

  it('Worst shortfall', async () => {
    const rows = await ask('Worst shortfall', names.study);
    const short = (row: Row) =>
      Math.max(
        0,
        whole(row.upperMinor, row.currency as string) -
          whole(row.availableMinor, row.currency as string),
      );
    const accounts = groupedBy(
      csv('study/banks.csv'),
      (row) => `${variantOf(row)} ${row.currency}`,
    );
    assert.deepEqual(
      rows.map(({ variant, currency }) => `${variant} ${currency}`).sort(),
      [...accounts.keys()].sort(),
    );
    for (const { variant, currency, ...row } of rows) {
      const own = accounts.get(`${variant} ${currency}`) ?? [];
      const most = Math.max(...own.map(short));
      near(row.worst_shortfall, most, `${variant} ${currency}`);
      const whose = own.filter((one) => Math.abs(short(one) - most) < 1e-9);
      if (most > 0)
        assert.ok(
          whose.some(
            ({ participant, seed }) => participant === row.participant && seed === row.repeat,
          ),
        );
      else assert.deepEqual([row.participant, row.repeat], ['', '']);
    }
    assert.ok(rows.some(({ worst_shortfall: most }) => Number(most) > 0));
  });

  it('Delay against liquidity, and Delay by variant', async () => {
    const rows = await ask('Delay against liquidity', names.study);
    const delays = await ask('Delay by variant', names.study);
    const expected = byVariant(csv('study/cells.csv'));
    assert.equal(rows.length, 2 * expected.size);
    for (const { variant, currency, ...row } of rows) {
      const cells = expected.get(variant as string) ?? [];
      const figure = (name: string) => mean(cells, (one) => Number(one[name]));
      const what = `${variant} ${currency}`;
      const delay = figure(`delay.settlementDelayIndicator.${currency}`);
      near(row.delay, delay, what);
      near(row.settled_share, figure(`settledValueShare.${currency}`), what);
      const code = currency as string;
      near(row.liquidity_used, whole(`${figure(`liquidity.${code}.usedMinor`)}`, code), what);
      near(
        row.liquidity_available,
        whole(`${figure(`liquidity.${code}.availableMinor`)}`, code),
        what,
      );
      const bar = delays.find((one) => one.variant_and_currency === `${variant}: ${currency}`);
      near(bar?.delay, delay, what);
    }
    assert.equal(delays.length, rows.length);
  });

  it('Most harmful failures', async () => {
    const rows = await ask('Most harmful failures', names.stress);
    const failures = csv('stress/stress.csv');
    assert.equal(rows.length, failures.length);
    const value = (row: Row) => whole(row['newlyUnsettled.referenceMinor'], 'EUR');
    const ranked = [...failures].sort((a, b) => value(b) - value(a));
    for (const [at, row] of rows.entries()) {
      near(row.unsettled_value, value(ranked[at] as Row), `place ${at + 1}`);
      const own = failures.find(
        ({ bank, hour, reaction }) =>
          bank === row.bank && hour === row.hour && reaction === row.reaction,
      );
      near(row.unsettled, Number(own?.['newlyUnsettled.payments']), `${row.bank} ${row.hour}`);
      near(row.later_rounds, Number(own?.['laterRounds.payments']), `${row.bank} ${row.hour}`);
      near(row.trapped, whole(own?.['trapped.referenceMinor'], 'EUR'), `${row.bank} ${row.hour}`);
    }
    assert.ok(Number(rows[0]?.unsettled) > 0);
  });

  it('Banks that fail', async () => {
    const rows = await ask('Banks that fail', names.stress);
    const failures = groupedBy(
      csv('stress/stress.csv'),
      ({ bank, reaction }) => `${bank} ${reaction}`,
    );
    assert.equal(rows.length, failures.size);
    for (const { bank, reaction, ...row } of rows) {
      const own = failures.get(`${bank} ${reaction}`) ?? [];
      const unsettled = own.map((one) => Number(one['newlyUnsettled.payments']));
      const most = Math.max(...unsettled);
      assert.equal(Number(row.most), most);
      assert.equal(row.worst_hour, own[unsettled.indexOf(most)]?.hour);
      near(row.average, unsettled.reduce((sum, one) => sum + one, 0) / own.length, `${bank}`);
      assert.equal(
        Number(row.later_rounds),
        Math.max(...own.map((one) => Number(one['laterRounds.payments']))),
      );
    }
  });

  it('Losses of liquidity', async () => {
    const rows = await ask('Losses of liquidity', names.stress);
    const losses = groupedBy(
      csv('stress/losses.csv'),
      (row) => `${row.participant} ${row.currency}`,
    );
    assert.equal(rows.length, losses.size);
    for (const { participant, currency, ...row } of rows) {
      const own = losses.get(`${participant} ${currency}`) ?? [];
      const code = currency as string;
      const most = Math.max(...own.map(({ lossMinor }) => Number(lossMinor)));
      const worst = own.find(({ lossMinor }) => Number(lossMinor) === most);
      near(row.loss, whole(`${most}`, code), `${participant} ${code}`);
      near(row.received_less, whole(worst?.receivedLessMinor, code), `${participant} ${code}`);
      assert.equal(row.failure, `${worst?.bank}, ${worst?.hour}, ${worst?.reaction}`);
    }
    assert.ok(rows.some(({ loss }) => Number(loss) > 0));
  });

  it('a study has no row in the panels of stress tests, and the other way', async () => {
    for (const { panel } of studyPanels) {
      const counts = [names.study, names.stress].map(
        async (name) => (await ask(panel.title, name)).length,
      );
      const [ofStudy, ofStress] = await Promise.all(counts);
      assert.ok((ofStudy === 0) !== (ofStress === 0), panel.title);
    }
    assert.equal(studyPanels.length, 8);
  });
});

const FEW = ['traffic.0.paymentsPerDate=900', 'traffic.1.paymentsPerDate=60'];
const column = (name: FeatureName) => FEATURES.findIndex((feature) => feature.name === name);
const split = (name: FeatureName, threshold: number, low: number, high: number) => ({
  ...{ feature: [column(name), -1, -1], threshold: [threshold, 0, 0], left: [1, -1, -1] },
  ...{ right: [2, -1, -1], value: [0, low, high] },
});
/** Not trained, but of two features that two kinds of anomalies move, and others move too. */
const MODEL = {
  ...{ format: MODEL_FORMAT, features: FEATURES.map(({ name }) => name), runs: [], kinds: {} },
  ...{ parameters: {}, libraries: {}, medians: FEATURES.map(() => 0), alertFrom: 0.8 },
  ...{ unusualFrom: 0.5, meanPath: 4, without: [], withAccounts: 0.95 },
  boosting: [split('payer60m', 4.5, -3, 4), split('amountToCurrency', 2, -1, 4)],
  isolation: [split('roundness', 2.5, 6, 3), split('hourHabit', 0.2, 8, 5)],
};
const DAY = Date.parse('2026-03-16T00:00:00Z');
const HOUR = 3_600_000;

describe('scores of a watched flow in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-watched-'));
  const at = (name: string) => join(folder, name);
  /** By model: what `--out` has, whose order is that of the payments. */
  const scores: Record<'strict' | 'mild', Row[]> = { strict: [], mild: [] };
  let run = '';
  let kinds: ReadonlyMap<string, string>;

  async function score(model: keyof typeof scores): Promise<void> {
    const { url, username, database: name } = database.address;
    const to = ['--clickhouse-url', url, '--clickhouse-user', username];
    to.push('--clickhouse-password-file', at('password'), '--clickhouse-database', name);
    const command = ['score', at('run'), '--model', at(`${model}.json`)];
    const out = ['--out', at(`${model}.csv`)];
    await watchCommand().parseAsync([...command, ...out, ...to], { from: 'user' });
    scores[model] = parse(readFileSync(at(`${model}.csv`)), { columns: true }) as Row[];
  }

  before(async () => {
    writeFileSync(at('password'), database.address.password);
    writeFileSync(at('strict.json'), JSON.stringify(MODEL));
    writeFileSync(at('mild.json'), JSON.stringify({ ...MODEL, alertFrom: 0.3 }));
    await executeRun({
      ...{ file: scenarioFile('watched-flow'), out: at('run'), set: FEW, signatures: false },
      ...{ log: 'memory', results: 'tables' },
    });
    await score('strict');
    await score('mild');
    run = scores.strict[0]?.run ?? assert.fail('no scores');
    const scenario = load('watched-flow', FEW);
    kinds = new Map([...flowLabels(scenario)].map(({ uetr, kind }) => [uetr, kind]));
    for (const { table, rows } of labelTables(scenario, run))
      if (table === 'labels') await insertRows(database.client, table, rows, `${run}/${table}`);
    const currency = { run, pool: 'main', currency: 'EUR', minor_units: 2 };
    const others = scores.strict.map(({ reasons, ...row }) => ({
      ...row,
      run: 'other',
      label: '',
    }));
    await insertRows(database.client, 'watch_scores', others, 'other');
    for (const name of [run, 'other'])
      await insertRows(database.client, 'currencies', [{ ...currency, run: name }], `${name}/EUR`);
  });
  after(() => rmSync(folder, { recursive: true }));

  async function ask(
    title: string,
    fromMs: number,
    toMs: number,
    { of = run, without = '' } = {},
  ): Promise<Found[]> {
    const { sql } = watchPanels.find(({ panel }) => panel.title === title) ?? assert.fail(title);
    assert.ok(sql.includes(without), `${title} asks for ${without}`);
    const variables = { run: [of], model: [scores.strict[0]?.model as string] };
    const view = { fromMs, toMs, intervalSeconds: 60, variables };
    const query = expand(without === '' ? sql : sql.replaceAll(without, '1'), view);
    const result = await database.client.query({ query, format: 'JSON' });
    return ((await result.json()) as { data: Found[] }).data;
  }
  const cameAt = (row: Row) => Date.parse(`${row.submitted_at?.replace(' ', 'T')}Z`);
  const alertsIn = (rows: readonly Row[]) => rows.filter((row) => row.is_alert === '1').length;
  /** The store reads a fraction to its last bit but one. */
  const digits = (value: unknown) => Number(value).toPrecision(12);
  const perCent = (found: unknown) => Math.round(Number(found) * 1e6) / 1e4;
  const share = (part: number, whole: number) => perCent(part / whole);

  /** A part of the day whose hours are cut, and all of it. */
  const RANGES = [
    [DAY + 9.5 * HOUR, DAY + 13.4 * HOUR],
    [DAY, DAY + 24 * HOUR],
  ] as const;
  /** With few hours before it, and few behind it. */
  const PARTS = [
    [DAY, DAY + 9.4 * HOUR],
    [DAY + 14.4 * HOUR, DAY + 24 * HOUR],
  ] as const;
  const FILTERS = [
    ...['run', 'model'].map((name) => `${name} IN (\${${name}:sqlstring})`),
    ...['submitted_at >= $__fromTime', 'submitted_at < $__toTime'],
    ...['hour >= $__fromTime', 'hour <= $__toTime - 3600'],
  ];
  async function held(
    title: string,
    compare: (found: readonly Found[], rows: readonly Row[], fromMs: number, toMs: number) => void,
  ): Promise<void> {
    for (const [fromMs, toMs] of RANGES) {
      const within = scores.strict.filter((row) => cameAt(row) >= fromMs && cameAt(row) < toMs);
      assert.ok(alertsIn(within) > 5 && alertsIn(within) < within.length / 2);
      compare(await ask(title, fromMs, toMs), within, fromMs, toMs);
    }
    assert.deepEqual(await ask(title, DAY + 48 * HOUR, DAY + 72 * HOUR), []);
    // The store also holds another run, another model's scores and other hours.
    for (const without of FILTERS) {
      const differs = [];
      for (const part of PARTS) {
        const found = await ask(title, ...part);
        differs.push(!isDeepStrictEqual(await ask(title, ...part, { without }), found));
      }
      assert.ok(differs.some(Boolean), `${title}: ${without}`);
    }
  }

  it('a panel each is held against the file of scores', () => {
    assert.deepEqual(watchPanels.map(({ panel }) => panel.title).sort(), [
      ...['Alerts by bank', 'Alerts by hour', 'Alerts by label', 'Highest scores'],
    ]);
  });

  it('Alerts by hour', () =>
    held('Alerts by hour', (found, rows, fromMs, toMs) => {
      const hours = new Map<number, Row[]>();
      for (let hour = Math.floor(fromMs / HOUR); hour * HOUR < toMs; hour += 1) hours.set(hour, []);
      for (const row of rows) hours.get(Math.floor(cameAt(row) / HOUR))?.push(row);
      assert.deepEqual(
        found.map(({ time, alerts, budget }) => [
          Date.parse(`${time}Z`.replace(' ', 'T')) / HOUR,
          Number(alerts),
          Number(budget),
        ]),
        [...hours].map(([hour, own]) => [hour, alertsIn(own), own.length / ALERT_OF]),
      );
    }));

  it('Alerts by bank', () =>
    held('Alerts by bank', (found, rows) => {
      const banks = [...groupedBy(rows, (row) => row.debtor_agent as string)];
      const expected = banks.map(([bank, own]) => ({
        ...{ bank, payments: own.length, alerts: alertsIn(own) },
        highest: Math.max(...own.map((row) => Number(row.score))),
      }));
      expected.sort(
        (a, b) => b.alerts - a.alerts || b.highest - a.highest || (a.bank < b.bank ? -1 : 1),
      );
      assert.deepEqual(
        found.map(({ participant, payments, alerts, alert_share, highest_score }) => [
          ...[participant, Number(payments), Number(alerts), perCent(alert_share)],
          digits(highest_score),
        ]),
        expected.map(({ bank, payments, alerts, highest }) => [
          ...[bank, payments, alerts, share(alerts, payments)],
          digits(highest),
        ]),
      );
    }));

  it('Highest scores', () =>
    held('Highest scores', (found, rows, fromMs) => {
      const ranked = rows
        .toSorted(
          (a, b) =>
            Number(b.score) - Number(a.score) || ((a.uetr as string) < (b.uetr as string) ? -1 : 1),
        )
        .slice(0, 100);
      assert.deepEqual(
        found.map((row) => [
          ...[row.submitted_at, row.participant, row.creditor_agent, row.currency, row.uetr],
          ...[Math.round(Number(row.amount) * 100), digits(row.score), digits(row.known)],
          ...[digits(row.isolated), `${row.is_alert}`, row.features, row.model],
        ]),
        ranked.map((row) => [
          ...[row.submitted_at, row.debtor_agent, row.creditor_agent, row.currency, row.uetr],
          ...[Number(row.amount_minor), digits(row.score), digits(row.known)],
          ...[digits(row.isolated), row.is_alert, row.reasons?.replaceAll(' ', ', '), row.model],
        ]),
      );
      assert.ok(ranked.some(({ reasons }) => reasons?.includes(' ')));
      // Whole hours, banks and labels tell from which score on a hundred are found, or are too few for it.
      const isWhole = (row: Row) => Math.floor(cameAt(row) / HOUR) * HOUR >= fromMs;
      const groups = groupedBy(rows.filter(isWhole), ({ debtor_agent, label, ...row }) =>
        [Math.floor(cameAt(row) / HOUR), debtor_agent, label].join(' '),
      );
      assert.equal(groups.size >= 100, fromMs === DAY, `${groups.size} groups`);
    }));

  it('Alerts by label, of a run that has some', async () => {
    const UNLABELLED = 'not labelled';
    await held('Alerts by label', (found, rows) => {
      const labels = [...groupedBy(rows, ({ uetr = '' }) => kinds.get(uetr) ?? UNLABELLED)];
      labels.sort(([a], [b]) =>
        a === UNLABELLED || b === UNLABELLED ? (a === UNLABELLED ? 1 : -1) : a < b ? -1 : 1,
      );
      assert.deepEqual(
        found.map(({ label, payments, alerts, alert_share, share_of_alerts }) => [
          ...[label, Number(payments), Number(alerts), perCent(alert_share)],
          perCent(share_of_alerts),
        ]),
        labels.map(([label, own]) => [
          ...[label, own.length, alertsIn(own), share(alertsIn(own), own.length)],
          share(alertsIn(own), alertsIn(rows)),
        ]),
      );
      assert.ok(
        labels.filter(([, own]) => alertsIn(own) > 0).length > 2,
        'found of two kinds, and false ones',
      );
    });
    assert.deepEqual(await ask('Alerts by label', DAY, DAY + 24 * HOUR, { of: 'other' }), []);
    assert.ok((await ask('Alerts by bank', DAY, DAY + 24 * HOUR, { of: 'other' })).length > 0);
  });

  it('stand there once by model, and again after the run was removed', async () => {
    const counts = async () => {
      const query = `SELECT model, toUInt32(count()) AS rows FROM watch_scores WHERE run = '${run}' GROUP BY model ORDER BY model`;
      const result = await database.client.query({ query, format: 'JSONEachRow' });
      return result.json();
    };
    const expected = Object.values(scores)
      .map((rows) => ({ model: rows[0]?.model as string, rows: rows.length }))
      .sort((a, b) => (a.model < b.model ? -1 : 1));
    await score('strict');
    assert.deepEqual(await counts(), expected);
    await forget(storeOn(database.client), run);
    assert.deepEqual(await counts(), []);
    await score('strict');
    assert.deepEqual(
      await counts(),
      expected.filter(({ model }) => model === scores.strict[0]?.model),
    );
  });
});

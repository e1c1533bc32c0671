/**
 * Studies and stress tests in the store, and the dashboard of them on the real engine: each panel's figures held against
 * the CSV tables that the commands write beside.
 */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { publishStudy } from '../../services/cli/publish-study.ts';
import { sweep } from '../../services/study/run-study.ts';
import { type Row, rowsOf, stressFiles } from '../study/stress-folder-of.ts';
import { runHere } from '../study/study-folder-of.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { studyPanels } from './dashboards-files.ts';
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

describe('studies in the store', () => {
  let database: OwnDatabase;
  const cleanUps: (() => void)[] = [];
  const files = stressFiles({ after: (clean) => void cleanUps.push(clean as () => void) });
  const names: Record<'study' | 'stress', string> = { study: '', stress: '' };
  const csv = (name: string): Row[] => rowsOf(files.read(name));
  const publish = async (folder: string, replace = false) => {
    const published = await publishStudy(files.path(folder), database.address, replace);
    return published ?? assert.fail(`${folder}: no study`);
  };

  before(async () => {
    database = await ownDatabase();
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
  after(async () => {
    await database.close();
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

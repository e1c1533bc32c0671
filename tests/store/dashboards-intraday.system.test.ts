/**
 * The dashboard of intraday liquidity against the real engine: a recorded run of several dates and two months, and each
 * panel's figures held against those of its summary.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert.ts';
import { runName, scenarioTables } from '../../services/report/figures/scenario-tables.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { load, runScenario } from '../support/run.ts';
import { intradayPanels } from './dashboards-files.ts';
import { expand, type View } from './dashboards-macros.ts';

const DATES = '2026-03-25, 2026-03-26, 2026-03-27, 2026-03-30, 2026-04-01, 2026-04-02';
type Told = Summary['indicators']['currencies'][number]['intraday'][number];
type Row = Readonly<Record<string, unknown>>;

/** Figures of an account and month, each in minor units or a share. */
const figuresOf: Readonly<
  Record<string, (told: Told) => Readonly<Record<string, number | undefined>>>
> = {
  'Used and available': ({ dates, maximumUsage, available }) => ({
    dates,
    ...Object.fromEntries(
      [0, 1, 2].map((at) => [`usage_${at + 1}`, whole(maximumUsage.outstandingMinor[at])]),
    ),
    usage_average: whole(maximumUsage.averageMinor),
    available_least: whole(available.outstandingMinor[0]),
    available_average: whole(available.averageMinor),
  }),
  'Sent and received': ({ sent, received }) => ({
    sent_largest: whole(sent.outstandingMinor[0]),
    sent_average: whole(sent.averageMinor),
    received_largest: whole(received.outstandingMinor[0]),
    received_average: whole(received.averageMinor),
  }),
};
/** Both currencies have two decimals. */
const whole = (minor: string | undefined) =>
  minor === undefined ? undefined : Number(minor) / 100;
/** The summary's averages are whole minor units. */
const ROUNDING = 0.0051;

describe('the dashboard of intraday liquidity over a recorded run', () => {
  let database: OwnDatabase;
  let view: View;
  const told = new Map<string, Told>();
  before(async () => {
    database = await ownDatabase();
    const scenario = load('smoke', [`businessDates=[${DATES}]`]);
    const run = runName(scenario);
    const insert = (table: string, rows: readonly object[], token: string) =>
      insertRows(database.client, table, rows, token);
    const blocks: ReturnType<EventFold['fold']> = [];
    let fold: EventFold | undefined;
    const { summary } = await runScenario(scenario, {
      signatures: false,
      onSlice: ({ steps }, simulation) => {
        const directory = simulation.pools[0]?.clearing.directory;
        if (!directory) throw new Error('no pool');
        fold ??= new EventFold(run, 'main', directory);
        for (const { batch } of steps) blocks.push(...fold.fold(batch.events));
      },
    });
    if (fold) blocks.push(fold.end());
    for (const { table, rows, token } of blocks.flatMap(insertions)) {
      await insert(table, rows, token);
      // Neither another run's nor another pool's.
      for (const [name, other] of [
        [run, 'other'],
        ['another', 'main'],
      ])
        await insert(
          table,
          rows.map((row) => ({ ...row, run: name, pool: other })),
          `${name}/${other}/${token}`,
        );
    }
    for (const [table, rows] of Object.entries(scenarioTables(scenario, summary, [])))
      await insert(table, rows, `${run}/${table}`);
    for (const { currency, intraday } of summary.indicators.currencies)
      for (const one of intraday) told.set(`${one.month} ${currency} ${one.participant}`, one);
    view = {
      ...{ fromMs: Date.UTC(2026, 2, 20), toMs: Date.UTC(2026, 3, 10), intervalSeconds: 3_600 },
      variables: {
        run: [run],
        pool: ['main'],
        currency: scenario.currencies.map(({ code }) => code),
      },
    };
  });
  after(() => database.close());

  async function ask(title: string): Promise<Row[]> {
    const { sql } = intradayPanels.find(({ panel }) => panel.title === title) ?? assert.fail(title);
    const query = expand(sql, view);
    const result = await database.client.query({ query, format: 'JSON' });
    return ((await result.json()) as { data: Row[] }).data;
  }
  const nameOf = ({ month, currency, participant }: Row) => `${month} ${currency} ${participant}`;

  for (const [title, figures] of Object.entries(figuresOf))
    it(title, async () => {
      const rows = await ask(title);
      assert.deepEqual(rows.map(nameOf), [...told.keys()].sort());
      for (const row of rows)
        for (const [name, expected] of Object.entries(figures(told.get(nameOf(row)) as Told))) {
          const where = `${nameOf(row)}: ${name}`;
          if (expected === undefined) assert.equal(row[name], null, where);
          else
            assert.ok(
              Math.abs(Number(row[name]) - expected) < ROUNDING,
              `${where}: ${row[name]}, ${expected}`,
            );
        }
      assert.ok([...told.values()].some(({ maximumUsage }) => maximumUsage.averageMinor !== '0'));
    });

  it('Throughput by hour', async () => {
    const rows = await ask('Throughput by hour');
    let compared = 0;
    for (const [name, { throughput }] of told) {
      const own = rows.filter((row) => nameOf(row) === name);
      let last = 0;
      for (const [at, expected] of throughput.entries()) {
        const row = own.find(({ hour }) => Number(hour) === at + 1);
        if (row) compared += 1;
        last = row ? Number(row.settled) : last;
        assert.ok(
          Math.abs(last - expected) < 1e-8,
          `${name}, hour ${at + 1}: ${last}, ${expected}`,
        );
      }
    }
    assert.equal(compared, rows.length);
    assert.ok(compared > 20, `${compared} hours`);
  });

  it('has a figure of each panel to compare', () => {
    assert.deepEqual(
      intradayPanels.map(({ panel }) => panel.title).sort(),
      [...Object.keys(figuresOf), 'Throughput by hour'].sort(),
    );
  });
});

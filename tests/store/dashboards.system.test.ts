/**
 * Every panel and alert that Grafana is given, against the real engine: its SQL as the plugin would
 * expand it, over a recorded run, and a figure of each held against one computed from the payments.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { ClickHouseClient } from '@clickhouse/client';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { FIGURES } from './dashboards-figures.ts';
import { STANDING_FIGURES } from './dashboards-figures-state.ts';
import { alerts, dashboards, queried } from './dashboards-files.ts';
import { expand, unknownMacros } from './dashboards-macros.ts';
import { record, type Truth } from './dashboards-run.ts';

const UNITS: ReadonlySet<unknown> = new Set(Object.values(units));

/**
 * What a query leaves out, and the panels whose compared figure is the same with it: each has a reason.
 */
const FILTERS: readonly {
  readonly what: string;
  readonly without: (sql: string) => string;
  readonly but: readonly string[];
}[] = [
  {
    what: 'another run',
    without: (sql) => sql.replace(/\brun IN \(\$\{run:sqlstring\}\)/g, '1'),
    but: [],
  },
  {
    what: 'another pool',
    without: (sql) => sql.replace(/\bpool IN \(\$\{pool:sqlstring\}\)/g, '1'),
    // The accounts with a line had their lowest balance in the pool that was asked for; both pools have the same lines.
    but: ['Liquidity / Credit lines used, at most', 'Participant / Its limits'],
  },
  {
    what: 'what lies after the range',
    without: (sql) =>
      sql
        // But for where the intervals that have a point end.
        .replace(/\$__toTime(?! STEP|, greatest)/g, 'toDateTime(2000000000)')
        .replace(/\$__timeFilter\([^)]*\)/g, '1'),
    // Keys are all registered at the beginning, and lines are set then.
    but: ['Participant / Its limits', 'Signatures and security / Keys'],
  },
  {
    what: 'another bank',
    without: (sql) => sql.replace(/= \$\{bank:sqlstring\}/g, "!= ''"),
    // Only this bank's messages are corrupted, and only those are rejected.
    but: [
      'Participant / Notices to it',
      'Participant / Rejected',
      'Participant / Rejects and cancellations',
    ],
  },
];

/** Panels of levels: they have something to show though nothing changes. */
const STANDING = Object.keys(STANDING_FIGURES);

describe('the dashboards', () => {
  it('have unique ids, and each panel a title, a definition, a unit and a word for no data', () => {
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, 13);
    for (const { title, description, panels } of dashboards) {
      assert.ok(description.length > 20, title);
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, `${title}: ids`);
      assert.equal(new Set(panels.map((panel) => panel.title)).size, panels.length, title);
      for (const panel of panels) {
        const where = `${title} / ${panel.title}`;
        assert.ok(panel.description.length > 30, `${where}: definition`);
        if (panel.type === 'alertlist') continue;
        const { unit, noValue } = panel.fieldConfig.defaults;
        assert.ok(UNITS.has(unit ?? ''), `${where}: Grafana has no unit ${unit}`);
        assert.ok(noValue, `${where}: no data`);
        assert.equal(panel.datasource.uid, 'corridor-clickhouse', where);
        assert.equal(panel.targets?.length, 1, where);
      }
    }
  });

  it('place panels on the grid without overlaps', () => {
    for (const { title, panels } of dashboards)
      for (const [index, { gridPos: a, title: name }] of panels.entries()) {
        assert.ok(a.x >= 0 && a.x + a.w <= 24 && a.h > 0, `${title} / ${name}`);
        for (const { gridPos: b, title: other } of panels.slice(index + 1))
          assert.ok(
            a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y,
            `${title}: ${name} overlaps ${other}`,
          );
      }
  });

  it('use no macro and no variable that the plugin does not know', () => {
    for (const { title, panels, templating } of dashboards) {
      const variables = new Set(templating.list.map(({ name }) => name));
      for (const panel of panels)
        for (const { rawSql } of panel.targets ?? [])
          assert.deepEqual(unknownMacros(rawSql, variables), [], `${title} / ${panel.title}`);
    }
    for (const { title, data } of alerts)
      for (const { model } of data)
        assert.deepEqual(unknownMacros(model.rawSql ?? '', new Set()), [], title);
  });
});

describe('the dashboards over a recorded run', () => {
  let database: OwnDatabase;
  let client: ClickHouseClient;
  let truth: Truth;
  before(async () => {
    database = await ownDatabase();
    client = database.client;
    truth = await record(client);
  });
  after(() => database.close());

  /** Only the comparison lets several runs be chosen. */
  async function ask(rawSql: string, dashboard = '') {
    const { view, run } = truth;
    const variables = {
      ...view.variables,
      ...(dashboard !== 'Pilot comparison' && { run: [run] }),
    };
    const result = await client.query({
      query: expand(rawSql, { ...view, variables }),
      format: 'JSON',
    });
    return (await result.json()) as {
      meta: { name: string; type: string }[];
      data: Record<string, unknown>[];
    };
  }

  for (const { title, panel, name, sql } of queried)
    it(name, async () => {
      const { meta, data } = await ask(sql, title);
      assert.ok(data.length > 0, 'the query finds nothing in a run that has it');
      SHAPES[panel.type]?.(meta, data);
      const columns = meta.map(({ name: column }) => column);
      for (const { matcher } of panel.fieldConfig.overrides ?? [])
        assert.ok(
          columns.includes(matcher.options),
          `a unit or a link of no column: ${matcher.options}`,
        );
      if (panel.fieldConfig.defaults.min !== undefined)
        for (const row of data)
          for (const value of Object.values(row))
            assert.ok(
              !(Number(value) < panel.fieldConfig.defaults.min),
              'the axis hides what is below',
            );
      const figure = FIGURES[name];
      assert.ok(figure, 'no figure of this panel is compared');
      const pairs = figure(data, truth);
      assert.ok(pairs.length > 0);
      for (const [found, expected, within = 0] of pairs) assertClose(found, expected, within);
    });

  for (const { what, without, but } of FILTERS)
    it(`compared figures tell where ${what} is counted`, async () => {
      const blind: string[] = [];
      for (const { title, name, sql } of queried) {
        const broken = without(sql);
        if (broken === sql) continue;
        const { data } = await ask(broken, title);
        const isSeen = !FIGURES[name]?.(data, truth).every(([found, expected, within = 0]) =>
          isClose(found, expected, within),
        );
        if (!isSeen) blind.push(name);
      }
      assert.deepEqual(blind.sort(), [...but].sort());
    });

  it('shows what stands still in a range in which nothing happens', async () => {
    const { toMs } = truth.view;
    const quiet = {
      ...truth,
      view: { ...truth.view, fromMs: toMs + 1_000, toMs: toMs + 30_000, intervalSeconds: 10 },
    };
    for (const name of STANDING) {
      const { sql = '' } = queried.find((one) => one.name === name) ?? {};
      const variables = { ...quiet.view.variables, run: [truth.run] };
      const query = expand(sql, { ...quiet.view, variables });
      const result = await client.query({ query, format: 'JSON' });
      const { data } = (await result.json()) as { data: Record<string, unknown>[] };
      const pairs = STANDING_FIGURES[name]?.(data, truth) ?? [];
      assert.ok(pairs.length > 0, name);
      for (const [found, expected, within = 0] of pairs) assertClose(found, expected, within);
    }
  });

  for (const { title, templating, annotations } of dashboards)
    it(`${title}: variables and annotations`, async () => {
      for (const { name, query } of templating.list) {
        const { data } = await ask(query);
        const values = data.map((row) => String(Object.values(row)[0]));
        for (const chosen of truth.view.variables[name] ?? [])
          assert.ok(values.includes(chosen), `${name} ${chosen} is among its choices`);
      }
      const sql = (annotations.list ?? []).flatMap(({ target }) => target?.rawSql ?? []);
      const isOfRuns = templating.list.some(({ name }) => name === 'run');
      assert.equal(sql.length, isOfRuns ? 1 : 0);
      if (!isOfRuns) return;
      const { meta, data } = await ask(sql[0] as string);
      assert.deepEqual(
        meta.map(({ name }) => name),
        ['time', 'timeEnd', 'text', 'tags'],
      );
      assert.ok(data.some(({ tags }) => tags === 'outage'));
    });

  for (const { title, data } of alerts)
    it(`alert: ${title}`, async () => {
      const { meta, data: rows } = await ask(data[0]?.model.rawSql ?? '');
      assert.ok(rows.length > 0, 'the query finds nothing');
      const numbers = meta.filter(({ type }) => /^(Nullable\()?(U?Int|Float)/.test(type));
      assert.deepEqual(
        numbers.map(({ name }) => name),
        ['value'],
        'an alert has one number',
      );
      const figure = FIGURES[`alert / ${title}`];
      assert.ok(figure, 'no figure of this alert is compared');
      for (const [found, expected, within = 0] of figure(rows, truth))
        assertClose(found, expected, within);
    });
});

type Meta = readonly { readonly name: string; readonly type: string }[];
type Data = readonly Readonly<Record<string, unknown>>[];
const NUMBER = /^(Nullable\()?(U?Int|Float)/;
const TEXT = /^(Nullable\(|LowCardinality\()*String/;

/** What each kind of panel can draw. */
const SHAPES: Readonly<Record<string, (meta: Meta, data: Data) => void>> = {
  /** The plugin makes a series of each string's value: a time first, ascending, then numbers. */
  timeseries(meta, data) {
    assert.equal(meta[0]?.name, 'time');
    assert.match(meta[0]?.type ?? '', /^DateTime/, 'the first column is the time');
    const others = meta.slice(1);
    for (const { name, type } of others) assert.ok(NUMBER.test(type) || TEXT.test(type), name);
    assert.ok(others.some(({ type }) => NUMBER.test(type)));
    const times = data.map(({ time }) => String(time));
    assert.deepEqual(times, [...times].sort(), 'ordered by time');
    const texts = others.filter(({ type }) => TEXT.test(type)).map(({ name }) => name);
    const points = data.map((row) => JSON.stringify(['time', ...texts].map((name) => row[name])));
    assert.equal(new Set(points).size, points.length, 'a series has one value at a time');
  },
  stat(meta, data) {
    assert.deepEqual([meta.length, data.length], [1, 1], 'one figure');
    assert.match(meta[0]?.type ?? '', NUMBER);
  },
  barchart(meta) {
    assert.match(meta[0]?.type ?? '', TEXT, 'a bar has a name');
    for (const { name, type } of meta.slice(1)) assert.match(type, NUMBER, name);
  },
  table(meta) {
    for (const { name, type } of meta) assert.doesNotMatch(type, /Aggregate/, name);
  },
};

function isClose(found: unknown, expected: unknown, within: number): boolean {
  if (within === 0 || typeof expected !== 'number') return isDeepStrictEqual(found, expected);
  return Math.abs(Number(found) - expected) <= within * Math.max(1, Math.abs(expected));
}

function assertClose(found: unknown, expected: unknown, within: number): void {
  if (!isClose(found, expected, within)) assert.deepEqual(found, expected);
}

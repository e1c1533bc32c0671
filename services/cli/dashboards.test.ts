/**
 * Every panel and alert that Grafana is given, against the real engine: its SQL as the plugin would
 * expand it, over a recorded run, and a figure of each held against one computed from the payments.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../platform/clickhouse/embedded.ts';
import { migrate } from '../platform/clickhouse/migrate.ts';
import { packageFolder } from './build-info.ts';
import { FIGURES } from './dashboards.figures.reference.ts';
import { expand, type PanelJson, unknownMacros } from './dashboards.macros.reference.ts';
import { record, type Truth } from './dashboards.run.reference.ts';

const GRAFANA = join(packageFolder, 'infra/grafana');
interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly { name: string; query: string }[] };
  readonly annotations: { readonly list: readonly { target?: { rawSql?: string } }[] };
}
const dashboards = readdirSync(join(GRAFANA, 'dashboards')).map(
  (file): DashboardJson => JSON.parse(readFileSync(join(GRAFANA, 'dashboards', file), 'utf8')),
);
const alerts: { title: string; data: { model: { rawSql?: string } }[] }[] = JSON.parse(
  readFileSync(join(GRAFANA, 'provisioning/alerting/rules.json'), 'utf8'),
).groups.flatMap(({ rules }: { rules: object[] }) => rules);

describe('the dashboards', () => {
  it('have unique ids, and each panel a title, a definition, a unit and a word for no data', () => {
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, 8);
    for (const { title, description, panels } of dashboards) {
      assert.ok(description.length > 20, title);
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, `${title}: ids`);
      assert.equal(new Set(panels.map((panel) => panel.title)).size, panels.length, title);
      for (const panel of panels) {
        const where = `${title} / ${panel.title}`;
        assert.ok(panel.description.length > 30, `${where}: definition`);
        assert.ok(panel.fieldConfig.defaults.unit, `${where}: unit`);
        assert.ok(panel.fieldConfig.defaults.noValue, `${where}: no data`);
        assert.equal(panel.datasource.uid, 'corridor-clickhouse', where);
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
        for (const { rawSql } of panel.targets)
          assert.deepEqual(unknownMacros(rawSql, variables), [], `${title} / ${panel.title}`);
    }
    for (const { title, data } of alerts)
      for (const { model } of data)
        assert.deepEqual(unknownMacros(model.rawSql ?? '', new Set()), [], title);
  });
});

describe('the dashboards over a recorded run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-dashboards-'));
  let server: EmbeddedClickHouse;
  let client: ClickHouseClient;
  let truth: Truth;
  before(async () => {
    server = await startEmbeddedClickHouse({ folder });
    client = connectClickHouse(server);
    await migrate(client, join(packageFolder, 'infra/clickhouse'));
    truth = await record(client);
  });
  after(async () => {
    await client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

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

  for (const { title, panels } of dashboards)
    for (const panel of panels)
      it(`${title} / ${panel.title}`, async () => {
        const [{ rawSql, format }] = panel.targets as [{ rawSql: string; format: number }];
        const { meta, data } = await ask(rawSql, title);
        assert.ok(data.length > 0, 'the query finds nothing in a run that has it');
        if (format === 0) checkTimeSeries(meta, data);
        const figure = FIGURES[`${title} / ${panel.title}`];
        assert.ok(figure, 'no figure of this panel is compared');
        for (const [found, expected, within = 0] of figure(data, truth))
          assertClose(found, expected, within);
      });

  for (const { title, templating, annotations } of dashboards)
    it(`${title}: variables and annotations`, async () => {
      for (const { name, query } of templating.list) {
        const { data } = await ask(query);
        const values = data.map((row) => String(Object.values(row)[0]));
        for (const chosen of truth.view.variables[name] ?? [])
          assert.ok(values.includes(chosen), `${name} ${chosen} is among its choices`);
      }
      const sql = annotations.list.flatMap(({ target }) => target?.rawSql ?? []);
      assert.equal(sql.length, 1);
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

/** The plugin makes a series of each string's value: a time first, ascending, then numbers. */
function checkTimeSeries(meta: { name: string; type: string }[], data: Record<string, unknown>[]) {
  assert.match(meta[0]?.type ?? '', /^DateTime/, 'the first column is the time');
  assert.equal(meta[0]?.name, 'time');
  for (const { name, type } of meta.slice(1))
    assert.match(type, /^(Nullable\(|LowCardinality\()?(U?Int|Float|String)/, name);
  const times = data.map(({ time }) => String(time));
  assert.deepEqual(times, [...times].sort(), 'ordered by time');
}

function assertClose(found: unknown, expected: unknown, within: number): void {
  if (within === 0 || typeof expected !== 'number') assert.deepEqual(found, expected);
  else
    assert.ok(
      Math.abs(Number(found) - expected) <= within * Math.max(1, Math.abs(expected)),
      `${found} is not ${expected}`,
    );
}

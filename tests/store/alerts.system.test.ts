/**
 * Every alert rule that Grafana is given, in the real engine: it fires on what is just beyond its limit,
 * names it, and does not on what is just within, or past, or another thing. Of services the live view
 * must tell the same.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { joinedInsertions, type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { FLOW_CASES } from './alerts-cases.ts';
import { type Cases, NOW } from './alerts-rows.ts';
import { firing, type Labels, RULES, type Rule } from './alerts-rules.ts';
import { SERVICE_CASES, viewTells } from './alerts-services.ts';

const CASES: Cases = { ...FLOW_CASES, ...SERVICE_CASES };

describe('alert rules', () => {
  let database: OwnDatabase;
  let client: ClickHouseClient;
  before(async () => {
    database = await ownDatabase();
    client = database.client;
    const all = Object.entries(CASES).flatMap(([title, cases]) =>
      Object.entries(cases).flatMap(([name, { rows }]) => {
        const run = `${title}: ${name}`;
        return Object.entries(rows(run)).map(([table, values]) => ({
          ...{ table, rows: values, token: `${run}/${table}` },
        }));
      }),
    );
    for (const { table, rows, token } of joinedInsertions(all))
      await insertRows(client, table, rows, token);
  });
  after(() => database.close());

  it('are all tried', () => {
    assert.deepEqual(RULES.map(({ title }) => title).sort(), Object.keys(CASES).sort());
    for (const [title, cases] of Object.entries(CASES)) {
      const both = Object.values(cases).map(({ fires }) => fires !== undefined);
      assert.ok(both.includes(true) && both.includes(false), title);
    }
  });

  /** By rule, what it finds among the rows of all cases, whose runs tell them apart. */
  const found = new Map<Rule, readonly Labels[]>();

  for (const rule of RULES)
    for (const [name, { fires = [] }] of Object.entries(CASES[rule.title] ?? {}))
      it(`${rule.title}: ${fires.length > 0 ? 'fires for' : 'does not fire for'} ${name}`, async () => {
        const all = found.get(rule) ?? (await firing(client, rule, NOW));
        found.set(rule, all);
        const rows = all.filter(({ run }) => run === `${rule.title}: ${name}`);
        assert.equal(rows.length, fires.length, JSON.stringify(rows));
        for (const [index, labels] of fires.entries())
          assert.deepEqual({ ...rows[index], ...labels }, rows[index]);
        const { service_samples: samples } =
          SERVICE_CASES[rule.title]?.[name]?.rows(`${rule.title}: ${name}`) ?? {};
        const told = samples && viewTells(rule.title, samples as Parameters<typeof viewTells>[1]);
        if (told) {
          const named = rows.map(({ service, instance }) => `${service} ${instance}`);
          assert.deepEqual(told, [...new Set(named)].sort(), 'the live view');
        }
        // What the message says of it is there to be said.
        for (const row of rows)
          for (const [, label] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g))
            assert.ok(label !== undefined && label in row, label);
      });
});

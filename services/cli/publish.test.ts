import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectClickHouse } from '../platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../platform/clickhouse/embedded.ts';
import { packageFolder } from './build-info.ts';
import { scenarioFile } from './test-run.ts';

/** By run: figures of tables and of what views fold from them. */
const FIGURES = `SELECT run, sum(statuses) AS changes, toString(sum(amount_minor)) AS amount,
  (SELECT groupArray((r, n)) FROM (SELECT run AS r, sum(settled) AS n FROM finality_hours GROUP BY r ORDER BY r)) AS settled,
  (SELECT count() FROM payments) AS payments, (SELECT count() FROM balances) AS balances,
  (SELECT count() FROM verifier_batches) AS batches, (SELECT count() FROM scenario_events) AS events,
  (SELECT count() FROM reference_rates) AS rates, (SELECT count() FROM runs) AS runs
FROM corridor_minutes GROUP BY run ORDER BY run`;

type Figures = Record<string, string | number | [string, string][]>[];

async function figuresOf(server: EmbeddedClickHouse): Promise<Figures> {
  const client = connectClickHouse(server);
  try {
    return await (await client.query({ query: FIGURES, format: 'JSONEachRow' })).json();
  } finally {
    await client.close();
  }
}

test('corridor publish: runs that differ by an override, side by side in one store, once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-publish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const corridor = (...args: string[]) =>
    spawnSync(process.execPath, [join(packageFolder, 'dist/services/cli/main.js'), ...args], {
      encoding: 'utf8',
    });
  const runs = ['plain', 'fifo'].map((name) => join(folder, name)) as [string, string];
  const scenario = scenarioFile('smoke');
  assert.equal(corridor('run', scenario, '--out', runs[0]).status, 0);
  const set = ['--set', 'settlement.queue=fifo'];
  assert.equal(corridor('run', scenario, ...set, '--out', runs[1]).status, 0);

  const server = await startEmbeddedClickHouse({ folder: join(folder, 'server') });
  t.after(() => server.stop());
  const password = join(folder, 'password');
  writeFileSync(password, server.password);
  const to = [
    ...['--clickhouse-url', server.url, '--clickhouse-user', server.username],
    ...['--clickhouse-password-file', password],
  ];
  const first = corridor('publish', ...runs, ...to);
  assert.equal(first.status, 0, first.stderr);
  const published = await figuresOf(server);
  assert.equal(published.length, 2);
  assert.equal(new Set(published.map(({ run }) => run)).size, 2);
  assert.equal(published[0]?.runs, '2');

  const again = corridor('publish', ...runs, ...to);
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(await figuresOf(server), published);

  let sum = 0;
  for (const run of runs) {
    const own = await startEmbeddedClickHouse({ folder: join(run, 'clickhouse') });
    const [figures] = await figuresOf(own);
    await own.stop();
    const there = published.find((row) => row.run === figures?.run);
    assert.deepEqual(
      [there?.changes, there?.amount],
      [figures?.changes, figures?.amount],
      'what the view folded there',
    );
    const settled = published[0]?.settled as [string, string][];
    assert.deepEqual(
      settled.filter(([name]) => name === figures?.run),
      figures?.settled,
    );
    sum += Number(figures?.payments);
  }
  assert.equal(Number(published[0]?.payments), sum);

  const none = corridor('publish', folder, ...to);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /^corridor: .*it has no clickhouse folder[^\n]*\n$/);
  // Opening a folder that holds no store would make one.
  const bare = join(folder, 'bare');
  mkdirSync(join(bare, 'clickhouse'), { recursive: true });
  const empty = corridor('publish', bare, ...to);
  assert.equal(empty.status, 2);
  assert.match(empty.stderr, /^corridor: .*bare: it has no clickhouse folder[^\n]*\n$/);
  assert.deepEqual(readdirSync(join(bare, 'clickhouse')), []);
  const nowhere = corridor('publish', runs[0]);
  assert.equal(nowhere.status, 2);
  assert.match(nowhere.stderr, /^corridor: publish: expected --clickhouse-url[^\n]*\n$/);
});

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../services/platform/clickhouse/embedded.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

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
  t.after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true, force: true });
  });
  const runs = ['plain', 'fifo'].map((name) => join(folder, name)) as [string, string];
  const scenario = scenarioFile('smoke');
  assert.equal((await corridor('run', scenario, '--out', runs[0])).code, 0);
  const set = ['--set', 'settlement.queue=fifo'];
  assert.equal((await corridor('run', scenario, ...set, '--out', runs[1])).code, 0);

  const server = await startEmbeddedClickHouse({ folder: join(folder, 'server') });
  t.after(() => server.stop());
  const password = join(folder, 'password');
  writeFileSync(password, server.password);
  const to = [
    ...['--clickhouse-url', server.url, '--clickhouse-user', server.username],
    ...['--clickhouse-password-file', password],
  ];
  const first = await corridor('publish', ...runs, ...to);
  assert.equal(first.code, 0, first.stderr);
  const published = await figuresOf(server);
  assert.equal(published.length, 2);
  assert.equal(new Set(published.map(({ run }) => run)).size, 2);
  assert.equal(published[0]?.runs, '2');

  const again = await corridor('publish', ...runs, ...to);
  assert.equal(again.code, 0, again.stderr);
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

  assert.match(
    first.stdout,
    / rows, ([1-9]\d*) of them new, in .*\n.* rows, [1-9]\d* of them new, in /,
  );
  assert.match(again.stdout, / rows, 0 of them new, in .*\n.* rows, 0 of them new, in /);

  // By hand, from every table: the server drops what it remembers to have had, and nobody says otherwise.
  const client = connectClickHouse(server);
  t.after(() => client.close());
  const command = (query: string) =>
    client.command({ query, clickhouse_settings: { mutations_sync: '2' } });
  const tables = await client.query({
    query:
      "SELECT name FROM system.tables WHERE database = 'corridor' AND engine LIKE '%MergeTree'",
    format: 'JSONEachRow',
  });
  for (const { name } of await tables.json<{ name: string }>())
    if (name !== 'schema_migrations') {
      // The server drops parts that it finds empty when it comes to that, and forgets their tokens with them.
      await command(`ALTER TABLE ${name} MODIFY SETTING remove_empty_parts = 0`);
      await command(`ALTER TABLE ${name} DELETE WHERE run != ''`);
    }
  assert.deepEqual(await figuresOf(server), []);
  const lost = await corridor('publish', runs[0], ...to);
  assert.equal(lost.code, 1, lost.stdout);
  assert.equal(lost.stdout, '');
  assert.match(lost.stderr, /^corridor: [^\n]* payments has 0 of \d+ rows[^\n]*--replace[^\n]*\n$/);
  const replaced = await corridor('publish', ...runs, '--replace', ...to);
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.deepEqual(await figuresOf(server), published);
  const after = await corridor('publish', ...runs, ...to);
  assert.equal(after.code, 0, after.stderr);
  assert.match(after.stdout, / rows, 0 of them new, in .*\n.* rows, 0 of them new, in /);

  // Another history under the name, whose publication was cut off before its last table.
  const other = join(folder, 'other');
  cpSync(runs[0], other, { recursive: true });
  const engine = await startEmbeddedClickHouse({ folder: join(other, 'clickhouse') });
  const own = connectClickHouse(engine);
  for (const query of [
    'ALTER TABLE payments UPDATE amount_minor = amount_minor + 1 WHERE 1',
    "ALTER TABLE runs UPDATE events_hash = 'another' WHERE 1",
  ])
    await own.command({ query, clickhouse_settings: { mutations_sync: '2' } });
  await own.close();
  await engine.stop();
  const plain = /: (smoke-7-[0-9a-f]+),/.exec(first.stdout)?.[1] as string;
  for (const removed of [/[1-9]\d* rows removed; runs in the store: smoke/, /: 0 rows removed;/]) {
    const forgotten = await corridor('forget', '--run', plain, ...to);
    assert.equal(forgotten.code, 0, forgotten.stderr);
    assert.match(forgotten.stdout, removed);
  }
  assert.deepEqual(
    (await figuresOf(server)).map(({ run }) => run),
    published.flatMap(({ run }) => (run === plain ? [] : [run])),
  );
  const cut = await corridor('publish', other, '--replace', ...to);
  assert.equal(cut.code, 0, cut.stderr);
  await command("ALTER TABLE runs DELETE WHERE events_hash = 'another'");
  const mixed = await corridor('publish', runs[0], ...to);
  assert.equal(mixed.code, 2, mixed.stdout);
  assert.match(mixed.stderr, /^corridor: [^\n]* with other events \(eventsHash another\)[^\n]*\n$/);
  assert.equal((await corridor('publish', runs[0], '--replace', ...to)).code, 0);
  assert.deepEqual(await figuresOf(server), published);

  const none = await corridor('publish', folder, ...to);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^corridor: .*it has no clickhouse folder[^\n]*\n$/);
  // Opening a folder that holds no store would make one.
  const bare = join(folder, 'bare');
  mkdirSync(join(bare, 'clickhouse'), { recursive: true });
  const empty = await corridor('publish', bare, ...to);
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /^corridor: .*bare: it has no clickhouse folder[^\n]*\n$/);
  assert.deepEqual(readdirSync(join(bare, 'clickhouse')), []);
  const nowhere = await corridor('publish', runs[0]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /^corridor: publish: expected --clickhouse-url[^\n]*\n$/);
});

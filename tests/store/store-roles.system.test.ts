/**
 * The users that infra/clickhouse/server/users-and-query-limits.sh makes: the writer may do what the migrations and the
 * services do, and no more; the dashboards' user reads within limits. The embedded engine has no users,
 * so this reads the script and lets the engine parse its statements; a server was not there to try it on.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { NOT_SETTINGS } from '../../services/platform/clickhouse/http-interface.ts';
import { schemaFolder } from '../../services/platform/service/shipped-files.ts';
import { withStore } from '../../services/replay/named-store.ts';
import { ownDatabase } from '../support/engine.ts';

const SCHEMA = schemaFolder();
const users = readFileSync(join(SCHEMA, 'server/users-and-query-limits.sh'), 'utf8');

/** The privilege that a statement of a migration needs on corridor.*. */
const NEEDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^CREATE TABLE\b/, ['CREATE TABLE']],
  [/^CREATE MATERIALIZED VIEW\b/, ['CREATE VIEW', 'SELECT', 'INSERT']],
  [/^CREATE VIEW\b/, ['CREATE VIEW', 'SELECT']],
  [/^DROP VIEW\b/, ['DROP VIEW']],
  [/^DROP TABLE\b/, ['DROP TABLE']],
  [/^ALTER TABLE\b/, ['ALTER TABLE']],
  [/^INSERT INTO\b/, ['INSERT', 'SELECT']],
];

const grantsOf = (user: string) =>
  [...users.matchAll(/^GRANT (.+) ON corridor\.\* TO (\w+);$/gm)].flatMap(([, list, to]) =>
    to === user ? (list as string).split(', ') : [],
  );

test('the writer may do what migrations, readers and checks do, and nothing else', () => {
  const statements = readdirSync(SCHEMA)
    .filter((file) => /^\d{3}_.*\.sql$/.test(file))
    .flatMap((file) =>
      readFileSync(join(SCHEMA, file), 'utf8')
        .replace(/^\s*--.*$/gm, '')
        .split(/;\s*$/m)
        .map((statement) => statement.trim())
        .filter((statement) => statement !== ''),
    );
  assert.ok(statements.length > 40);
  // Rows come in and are asked for; migrate.ts keeps its own table.
  const needed = new Set(['SELECT', 'INSERT', 'CREATE TABLE']);
  for (const statement of statements) {
    const known = NEEDS.find(([kind]) => kind.test(statement));
    assert.ok(known, `what does this need? ${statement.slice(0, 60)}`);
    for (const privilege of known[1]) needed.add(privilege);
  }
  assert.deepEqual(grantsOf('corridor_writer').sort(), [...needed].sort());
});

test('the dashboards’ user reads, within limits, and changes nothing', () => {
  assert.deepEqual(grantsOf('corridor_dashboard'), ['SELECT']);
  const profile = /CREATE SETTINGS PROFILE IF NOT EXISTS corridor_dashboard SETTINGS([^;]+);/.exec(
    users,
  )?.[1];
  for (const limit of [
    'readonly = 1',
    'max_execution_time = 30 MIN 1 MAX 90 CHANGEABLE_IN_READONLY',
    'max_memory_usage',
    'max_rows_to_read',
    'max_result_rows',
    'max_concurrent_queries_for_user',
  ])
    assert.ok(profile?.includes(limit), limit);
  assert.match(users, /corridor_dashboard IDENTIFIED[^;]+SETTINGS PROFILE 'corridor_dashboard'/);
});

test('that user may send the settings that the command sends with what it asks', async () => {
  const sent = new Set<string>();
  const server = createServer((request, response) => {
    for (const name of new URL(request.url as string, 'http://store').searchParams.keys())
      if (!NOT_SETTINGS.has(name) && !name.startsWith('param_')) sent.add(name);
    response.end('{"one":1}\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const address = {
    url: `http://127.0.0.1:${port}`,
    database: 'corridor',
    username: 'corridor_dashboard',
    password: 'x',
  };
  try {
    await withStore({ address }, ({ query }) => query('SELECT 1 AS one', {}));
  } finally {
    server.close();
  }
  assert.ok(sent.size > 0);
  // In a profile that is readonly a server refuses every other change of a setting.
  for (const name of sent)
    assert.match(users, new RegExp(`^ +${name} CHANGEABLE_IN_READONLY[,;]`, 'm'));
});

test('the engine takes every statement of the script for what it is', async () => {
  const { client, close } = await ownDatabase({ migrated: false });
  try {
    const [, sql = ''] = /<<SQL\n([\s\S]*?)\nSQL\n/.exec(users) ?? [];
    const statements = sql.split(/;\s*$/m).filter((statement) => statement.trim() !== '');
    assert.equal(statements.length, 6);
    const parsed: string[] = [];
    for (const statement of statements) {
      const result = await client.query({
        query: `EXPLAIN AST ${statement.replace(/\$\w+/g, 'a-password')}`,
        format: 'TabSeparated',
      });
      parsed.push((await result.text()).split(/[ \n]/)[0] ?? '');
    }
    assert.deepEqual(parsed, [
      'CreateQuery',
      'CreateSettingsProfileQuery',
      'CreateUserQuery',
      'GrantQuery',
      'CreateUserQuery',
      'GrantQuery',
    ]);
  } finally {
    await close();
  }
});

test('every column of every table says what it means', async () => {
  const { client, close } = await ownDatabase();
  try {
    const result = await client.query({
      query: `SELECT concat(c.table, '.', c.name) AS column FROM system.columns AS c
        JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
        WHERE c.database = currentDatabase() AND NOT endsWith(t.engine, 'View') AND comment = ''
          AND c.table != 'schema_migrations'
        ORDER BY column`,
      format: 'JSONEachRow',
    });
    const bare = (await result.json<{ column: string }>()).map(({ column }) => column);
    assert.deepEqual(bare, []);
  } finally {
    await close();
  }
});

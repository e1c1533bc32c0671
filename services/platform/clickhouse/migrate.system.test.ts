import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { schemaFolder } from '../service/shipped-files.ts';
import { connectClickHouse } from './client.ts';
import { DATABASE, type EmbeddedClickHouse, startEmbeddedClickHouse } from './embedded.ts';
import { EMPTY_STORE_FILE, layEmptyStore, packStore, storeDigest } from './empty-store.ts';
import { enginePackages, packageIn } from './engine-packages.ts';
import { migrate, wholeSchema } from './migrate.ts';

describe('migrations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-migrate-'));
  const sqlFolder = join(folder, 'sql');
  let server: EmbeddedClickHouse;
  let client: ClickHouseClient;
  before(async () => {
    mkdirSync(sqlFolder);
    server = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') });
    client = connectClickHouse(server);
  });
  after(async () => {
    await client.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (file: string, sql: string) => writeFileSync(join(sqlFolder, file), sql);
  const tables = async () => {
    const result = await client.query({
      query: "SELECT name FROM system.tables WHERE database = 'corridor' ORDER BY name",
      format: 'JSONEachRow',
    });
    return (await result.json<{ name: string }>()).map(({ name }) => name);
  };
  const table = (name: string) =>
    `CREATE TABLE IF NOT EXISTS ${name} (a Int64) ENGINE = MergeTree ORDER BY a`;

  it('applies each file once, in order, statement by statement', async () => {
    write('002_view.sql', 'CREATE VIEW IF NOT EXISTS sums AS SELECT sum(a) AS a FROM two;\n');
    write('001_tables.sql', `-- Two; of them\n${table('one')};\n\n-- and\n${table('two')};\n`);
    write('notes.txt', 'not SQL');
    assert.deepEqual(await migrate(client, sqlFolder), ['001_tables.sql', '002_view.sql']);
    assert.deepEqual(await tables(), ['one', 'schema_migrations', 'sums', 'two']);
    assert.deepEqual(await migrate(client, sqlFolder), []);
    write('003_more.sql', `${table('three')};`);
    assert.deepEqual(await migrate(client, sqlFolder), ['003_more.sql']);
  });

  it('goes on after a file that failed halfway, once that is mended', async () => {
    write('004_broken.sql', `${table('four')};\nCREATE TABEL five (a Int64);\n`);
    await assert.rejects(migrate(client, sqlFolder), { code: '62' });
    write('004_broken.sql', `${table('four')};\n${table('five')};\n`);
    assert.deepEqual(await migrate(client, sqlFolder), ['004_broken.sql']);
    assert.ok((await tables()).includes('five'));
  });

  it('refuses a file that was changed after it was applied, and one that it does not know', async () => {
    write('003_more.sql', `${table('other')};`);
    const refuses = (line: RegExp) => assert.rejects(migrate(client, sqlFolder), line);
    await refuses(/^SchemaFault: 003_more\.sql was changed after/);
    rmSync(join(sqlFolder, '003_more.sql'));
    await refuses(
      /^SchemaFault: this database has 003_more\.sql, which this version does not know/,
    );
  });
});

test('an engine that starts with its tables, made then or laid there, has those that migrations make', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-schema-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const schema = schemaFolder();
  const longer = join(folder, 'longer');
  cpSync(schema, longer, { recursive: true });
  writeFileSync(
    join(longer, '999_more.sql'),
    'CREATE TABLE IF NOT EXISTS more (a Int64) ENGINE = Log;',
  );
  const made = async (name: string, options: { schema?: string }, migrations = schema) => {
    const server = await startEmbeddedClickHouse({ folder: join(folder, name), ...options });
    const client = connectClickHouse(server);
    const rows = async (query: string) =>
      (await client.query({ query, format: 'JSONEachRow' })).json();
    try {
      const migrated = await migrate(client, migrations);
      const tables = (await rows(
        `SELECT name, create_table_query, comment FROM system.tables WHERE database = 'corridor' ORDER BY name`,
      )) as { name: string }[];
      const files = await rows('SELECT file, sha256 FROM schema_migrations ORDER BY file');
      return { migrated: migrated.length, tables, files };
    } finally {
      await client.close();
      await server.stop();
    }
  };
  const one = await made('one', {});
  assert.ok(one.migrated > 20 && one.tables.length > 30);
  const all = { ...one, migrated: 0 };
  assert.deepEqual(await made('laid', { schema }), all);
  // Of one that is there nothing is made again.
  assert.deepEqual(await made('one', { schema }), all);
  // The build left nothing for these: they are made.
  const more = await made('more', { schema: longer }, longer);
  assert.deepEqual(
    more.tables.filter(({ name }) => name !== 'more'),
    all.tables,
  );
  assert.deepEqual([more.migrated, more.tables.length], [0, all.tables.length + 1]);
});

test('of the engine’s packages its own and the binary that is installed tell an empty store from others', () => {
  const [own, ...binaries] = enginePackages().map((file) => packageIn(file).name);
  assert.equal(own, 'chdb');
  assert.ok(binaries.length > 0 && binaries.every((name) => name.includes('chdb')), `${binaries}`);
});

test('an empty store is laid where it was made of the same statements, into an empty folder alone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-empty-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { tables } = wholeSchema(schemaFolder());
  assert.equal(layEmptyStore(folder, storeDigest(DATABASE, `${tables};`)), false);
  assert.equal(layEmptyStore(folder, storeDigest('other', tables)), false);
  assert.deepEqual(readdirSync(folder), []);
  const digest = storeDigest(DATABASE, tables);
  assert.equal(layEmptyStore(folder, digest), true, 'the build left it');
  assert.deepEqual(packStore(folder, digest), JSON.parse(readFileSync(EMPTY_STORE_FILE, 'utf8')));
  assert.equal(layEmptyStore(folder, digest), false);
  // What a text or another machine would not have the same is not packed.
  writeFileSync(join(folder, 'binary'), Uint8Array.of(0xff));
  assert.throws(() => packStore(folder, digest), /binary: expected text in UTF-8/);
  rmSync(join(folder, 'binary'));
  symlinkSync(folder, join(folder, 'away'));
  assert.throws(
    () => packStore(folder, digest),
    /away leads to .*: expected a place in its folder/,
  );
});

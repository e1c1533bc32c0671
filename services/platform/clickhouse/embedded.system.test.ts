import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { connectClickHouse } from './client.ts';
import { type EmbeddedClickHouse, missingBinaryText, startEmbeddedClickHouse } from './embedded.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-clickhouse-'));
  folders.push(folder);
  return folder;
}
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the embedded ClickHouse', () => {
  let server: EmbeddedClickHouse;
  let client: ClickHouseClient;
  before(async () => {
    server = await startEmbeddedClickHouse({ folder: newFolder() });
    client = connectClickHouse(server);
    await client.command({
      query: `CREATE TABLE amounts (id Int64, name String, at DateTime64(3, 'UTC'))
        ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`,
    });
  });
  after(async () => {
    await client.close();
    await server.stop();
  });

  const count = async () => {
    const result = await client.query({
      query: 'SELECT count() FROM amounts',
      format: 'TabSeparated',
    });
    return (await result.text()).trim();
  };

  it('keeps a connection whose answer is seen late', async () => {
    await client.ping({ select: true });
    const first = client.ping({ select: true });
    await sleep(20); // sent
    // A process that computes: longer than an HTTP server of Node keeps a connection by itself.
    for (const end = Date.now() + 12_000; Date.now() < end; );
    assert.deepEqual(await first, { success: true });
    assert.deepEqual(await client.ping({ select: true }), { success: true });
  });

  it('answers a ping and listens on the loopback alone', async () => {
    assert.deepEqual(await client.ping(), { success: true });
    assert.deepEqual(await client.ping({ select: true }), { success: true });
    assert.equal(new URL(server.url).hostname, '127.0.0.1');
  });

  it('takes rows as objects and as arrays, with all 64 bits of an integer', async () => {
    const at = '2026-03-16 09:00:00.125';
    await client.insert({
      table: 'amounts',
      values: [{ id: '9223372036854775807', name: "O'Größe \t\n\\", at }],
      format: 'JSONEachRow',
    });
    const written = await client.insert({
      table: 'amounts',
      columns: ['name', 'id', 'at'],
      values: [
        ['b', '-9223372036854775808', at],
        ['c', 3, at],
      ],
      format: 'JSONCompactEachRow',
    });
    assert.equal(written.summary?.written_rows, '2');
    const result = await client.query({
      query: 'SELECT id, name, at FROM amounts ORDER BY name',
      format: 'JSONEachRow',
    });
    assert.deepEqual(await result.json(), [
      { id: '9223372036854775807', name: "O'Größe \t\n\\", at },
      { id: '-9223372036854775808', name: 'b', at },
      { id: '3', name: 'c', at },
    ]);
  });

  it('gives other formats, and sums that exceed 64 bits', async () => {
    const query = 'SELECT sum(toInt128(9223372036854775807)) AS total FROM numbers(4)';
    const total = '36893488147419103228';
    const json = await (await client.query({ query, format: 'JSON' })).json();
    assert.deepEqual([json.data, json.rows], [[{ total }], 1]);
    assert.equal(await (await client.query({ query, format: 'CSV' })).text(), `${total}\n`);
    const compact = await (await client.query({ query, format: 'JSONCompact' })).json();
    assert.deepEqual(compact.data, [[total]]);
  });

  it('binds parameters and applies settings to their own statement alone', async () => {
    const tricky = "it's \\ a\ttab\nand `more`";
    const result = await client.query({
      query:
        "SELECT {text:String} AS text, {list:Array(String)} AS list, {none:Nullable(Int64)} AS none, toUInt64(getSetting('max_block_size')) AS block",
      query_params: { text: tricky, list: ['a', "b'"], none: null },
      clickhouse_settings: { max_block_size: '77' },
      format: 'JSONEachRow',
    });
    assert.deepEqual(await result.json(), [
      { text: tricky, list: ['a', "b'"], none: null, block: '77' },
    ]);
    await assert.rejects(
      client.query({ query: 'SELECT {text:String}', format: 'TabSeparated' }),
      { code: '456' },
      'the parameter is gone',
    );
    const block = await client.query({
      query: "SELECT getSetting('max_block_size')",
      format: 'TabSeparated',
    });
    assert.notEqual((await block.text()).trim(), '77');
  });

  it('compiles no expression of a statement that does not ask for it', async () => {
    const compiled = async (settings: ClickHouseSettings) => {
      const query = "SELECT toUInt8(getSetting('compile_expressions'))";
      const format = 'TabSeparated';
      const result = await client.query({ query, format, clickhouse_settings: settings });
      return (await result.text()).trim();
    };
    assert.equal(await compiled({}), '0');
    assert.equal(await compiled({ compile_expressions: 1 }), '1');
    assert.equal(await compiled({}), '0');
  });

  it('drops a block that was inserted before under the same token', async () => {
    const values = [[7, 'once', 0]];
    const insert = (token: string) =>
      client.insert({
        table: 'amounts',
        values,
        format: 'JSONCompactEachRow',
        clickhouse_settings: { insert_deduplication_token: token },
      });
    const before = Number(await count());
    await insert('block-1');
    await insert('block-1');
    assert.equal(Number(await count()), before + 1);
    await insert('block-2');
    assert.equal(Number(await count()), before + 2);
  });

  it('raises errors as a server does', async () => {
    await assert.rejects(client.query({ query: 'SELEC 1' }), { code: '62', type: 'SYNTAX_ERROR' });
    await assert.rejects(client.query({ query: 'SELECT * FROM nowhere' }), {
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
    await assert.rejects(client.command({ query: 'CREATE TABLE amounts (a Int8)' }), /amounts/);
    await assert.rejects(
      client.insert({ table: 'amounts', values: [{ id: 'x' }], format: 'JSONEachRow' }),
      /Cannot parse/,
    );
    const response = await fetch(`${server.url}/?query=SELEC+1`, {
      headers: { 'X-ClickHouse-User': server.username, 'X-ClickHouse-Key': server.password },
    });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get('X-ClickHouse-Exception-Code'), '62');
    assert.match(await response.text(), /^Code: 62\. DB::Exception: Syntax error/);
  });

  it('serves nobody without the password', async () => {
    const stranger = connectClickHouse({ ...server, password: 'guess' });
    await assert.rejects(stranger.query({ query: 'SELECT 1' }), {
      code: '516',
      type: 'AUTHENTICATION_FAILED',
    });
    await stranger.close();
    assert.equal((await fetch(`${server.url}/?query=SELECT+1`)).status, 403);
  });

  it('runs statements side by side, each in its database', async () => {
    await client.command({ query: 'CREATE DATABASE IF NOT EXISTS other ENGINE = Atomic' });
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const database = i % 2 === 0 ? 'corridor' : 'other';
        const own = connectClickHouse({ ...server, database });
        const result = await own.query({
          query: 'SELECT currentDatabase(), {i:Int32}, sum(number) FROM numbers(100000)',
          query_params: { i },
          format: 'TabSeparated',
        });
        const text = await result.text();
        await own.close();
        return text === `${database}\t${i}\t4999950000\n`;
      }),
    );
    assert.ok(answers.every(Boolean));
  });
});

describe('the life of the embedded ClickHouse', () => {
  it('keeps its tables from one start to the next, and its folder to itself', async () => {
    const folder = newFolder();
    const first = await startEmbeddedClickHouse({ folder });
    const client = connectClickHouse(first);
    await client.command({ query: 'CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a' });
    await client.insert({ table: 't', values: [[1], [2]], format: 'JSONCompactEachRow' });
    await assert.rejects(startEmbeddedClickHouse({ folder }), /is open in another process/);
    await client.close();
    await first.stop();
    assert.equal(await first.exited, null);
    assert.equal(isRunning(first.pid), false);

    const second = await startEmbeddedClickHouse({ folder });
    const again = connectClickHouse(second);
    const result = await again.query({ query: 'SELECT sum(a) FROM t', format: 'TabSeparated' });
    assert.equal(await result.text(), '3\n');
    await again.close();
    // Killed from outside: the owner is told.
    process.kill(second.pid, 'SIGKILL');
    assert.match((await second.exited) ?? '', /ended by itself \(SIGKILL\)/);
    await second.stop();
  });

  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const)
    it(`ends with its parent, ended by ${signal} while it inserts`, async () => {
      const folder = newFolder();
      const module = (name: string) => JSON.stringify(import.meta.resolve(name));
      const script = `
        import { startEmbeddedClickHouse } from ${module('./embedded.js')};
        import { connectClickHouse } from ${module('./client.js')};
        const server = await startEmbeddedClickHouse({ folder: ${JSON.stringify(folder)} });
        const client = connectClickHouse(server);
        await client.command({ query: 'CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a' });
        console.log(server.pid);
        const values = Array.from({ length: 10_000 }, (_, i) => [i]);
        for (;;) await client.insert({ table: 't', values, format: 'JSONCompactEachRow' });`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      });
      const pid = await new Promise<number>((resolve) =>
        parent.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))),
      );
      await sleep(100);
      // Ctrl-C in a terminal goes to the whole group.
      if (signal === 'SIGINT') process.kill(-parent.pid!, signal);
      else parent.kill(signal);
      for (let i = 0; i < 200 && isRunning(pid); i++) await sleep(50);
      assert.equal(isRunning(pid), false, 'the child outlived its parent');
      // The folder is whole and free.
      const server = await startEmbeddedClickHouse({ folder });
      const client = connectClickHouse(server);
      const result = await client.query({
        query: 'SELECT count() % 10000 FROM t',
        format: 'TabSeparated',
      });
      assert.equal(await result.text(), '0\n');
      await client.close();
      await server.stop();
    });

  it('says what to do where chDB has no binary', async (t) => {
    // As where npm could not fetch the platform's package: looking it up fails.
    const folder = newFolder();
    const hidden = join(folder, 'hidden.cjs');
    writeFileSync(
      hidden,
      `const Module = require('node:module');
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (name, ...rest) {
        if (!name.startsWith('@chdb/')) return resolve.call(this, name, ...rest);
        throw Object.assign(new Error(\`no \${name}\`), { code: 'MODULE_NOT_FOUND' });
      };`,
    );
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `--require ${JSON.stringify(hidden)}`;
    t.after(() => {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    });
    await assert.rejects(
      startEmbeddedClickHouse({ folder }),
      /^Error: the embedded ClickHouse \(chDB\) cannot be loaded on .*npm install --no-save @chdb\/lib-\S+@26\.\S+.*or name a ClickHouse server[^\n]*$/,
    );
  });

  it('names a server as the way where chDB does not exist', () => {
    assert.match(missingBinaryText('win32-x64'), /name a ClickHouse server.*no binary/);
  });
});

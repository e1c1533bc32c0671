/** A sandbox whose ClickHouse folder is damaged settles payments without it, and names the fault. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../../services/platform/clickhouse/embedded.ts';
import { createSandboxStore } from '../../services/sandbox/sandbox-store.ts';
import { scenarioFile } from '../support/run.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

/** A real folder of the engine with a table, of which one byte of the table's statement changed. */
async function damagedStore(folder: string): Promise<void> {
  const server = await startEmbeddedClickHouse({ folder });
  const client = connectClickHouse(server);
  await client.command({ query: 'CREATE TABLE told (a Int64) ENGINE = MergeTree ORDER BY a' });
  await client.close();
  await server.stop();
  const file = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'told.sql')
    .map(({ parentPath, name }) => join(parentPath, name))[0] as string;
  const bytes = readFileSync(file);
  bytes[10] = (bytes[10] as number) ^ 0x40;
  writeFileSync(file, bytes);
}

test('one damaged byte of its store: up starts, says so, is ended by the first Ctrl-C', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = join(folder, 'clickhouse');
  mkdirSync(store);
  await damagedStore(store);
  const told: (string | null)[] = [];
  let nowMs = 0;
  const own = createSandboxStore(
    store,
    (fault) => told.push(fault),
    () => nowMs,
  );
  await assert.rejects(own.address());
  await assert.rejects(own.address());
  assert.match(own.fault() ?? '', /did not start in .*told\.sql/);
  rmSync(store, { recursive: true });
  await assert.rejects(own.address(), 'not tried again at once');
  nowMs += 30_000;
  const { pid, exited } = await own.address();
  assert.equal(own.fault(), null);
  process.kill(pid, 'SIGKILL');
  await exited;
  assert.match(own.fault() ?? '', /ended by itself \(SIGKILL\)/);
  await own.address();
  assert.equal(own.fault(), null, 'started again at once');
  await own.stop();
  assert.equal(own.fault(), null);
  assert.deepEqual([told.length, told[1], told[3]], [4, null, null], 'each told once');

  const data = join(folder, 'sandbox');
  const up = () =>
    spawn(process.execPath, [
      MAIN,
      'up',
      scenarioFile('smoke'),
      '--data',
      data,
      '--port',
      '0',
      '--traffic',
      '20',
    ]);
  const ended = (child: ReturnType<typeof up>, word: RegExp) =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      t.after(() => child.kill('SIGKILL'));
      let out = '';
      let err = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      child.stdout.setEncoding('utf8').on('data', async (text: string) => {
        out += text;
        if (!word.test(out)) return;
        const ready = await fetch(`${/probes +(http:\S+)\/readyz/.exec(out)?.[1]}/readyz`);
        out += `${ready.status} ${await ready.text()}`;
        child.kill('SIGINT');
      });
      child.once('close', (code) => resolve({ code, out, err }));
    });
  assert.equal((await ended(up(), /Ctrl-C ends it/)).code, 130);

  // A store that is ahead of the log, as after a restore of the log alone.
  const part = (name: string) => join(data, name);
  for (const name of ['log', 'evidence'])
    cpSync(part(name), join(folder, name), { recursive: true });
  assert.equal((await ended(up(), /Ctrl-C ends it/)).code, 130);
  for (const name of ['log', 'evidence']) {
    rmSync(part(name), { recursive: true });
    cpSync(join(folder, name), part(name), { recursive: true });
  }
  const behind = await ended(up(), /Ctrl-C ends it/);
  assert.equal(behind.code, 130, behind.err);
  const ahead =
    /the analysis store has topic (\S+) up to offset \d+, and the log ends at \d+: the store is of a later time than the log; move \S+clickhouse away for new ones/;
  assert.match(behind.err, ahead);
  assert.match(behind.out, /503 .*metrics(\(main\))? store: the analysis store has topic/);
  assert.match(readFileSync(part('corridor.log'), 'utf8'), ahead);

  rmSync(join(data, 'clickhouse'), { recursive: true });
  mkdirSync(join(data, 'clickhouse'));
  await damagedStore(join(data, 'clickhouse'));
  const { code, out, err } = await ended(up(), /Ctrl-C ends it/);
  assert.equal(code, 130, err);
  assert.match(
    err,
    /^corridor: no tables and dashboards, payments settle all the same: .*told\.sql.*; it is tried again; or move .*clickhouse away/m,
  );
  assert.match(out, /503 .*store engine: the embedded ClickHouse did not start/);
  const lines = readFileSync(join(data, 'corridor.log'), 'utf8');
  assert.equal(lines.split('the analysis store does not start').length, 2, lines);
});

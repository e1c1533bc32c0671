/** `corridor drill` as a user gives it: the sandbox is its own, killed with its store, and comes again. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DrillResult, drill } from '../../services/drive/drill.ts';
import { drillRow } from '../../services/drive/kept-drills.ts';
import type { ClickHouseAddress } from '../../services/platform/clickhouse/client.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { sandboxStore, withStore } from '../../services/replay/named-store.ts';
import { startEngine } from '../support/engine.ts';
import { scenarioFile } from '../support/run.ts';

const serverFlags = (folder: string, { url, username, password, database }: ClickHouseAddress) => {
  writeFileSync(join(folder, 'password'), password);
  return [
    ...['--clickhouse-url', url, '--clickhouse-user', username, '--clickhouse-database', database],
    ...['--clickhouse-password-file', join(folder, 'password')],
  ];
};

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

test('a sandbox that is killed with its store, whose snapshots are gone, recovers with all that the log had, and its day closes; its store keeps that, and a server that is away by then takes nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-drill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const server = await startEngine();
  t.after(() => server.stop());
  const started = spawn(process.execPath, [
    ...[MAIN, 'drill', scenarioFile('smoke'), '--break', 'snapshot', '--traffic', '50'],
    ...['--data', join(folder, 'sandbox'), '--for', '1.5', '--wait', '90', '--json'],
    ...serverFlags(folder, server.address),
  ]);
  t.after(() => started.kill('SIGKILL'));
  const ended = once(started, 'close');
  const printed = text(started.stdout);
  let stderr = '';
  for await (const told of started.stderr.setEncoding('utf8')) {
    if (stderr === '') await server.stop();
    stderr += told;
  }
  const stdout = await printed;
  const [status] = await ended;
  // Its result could not be kept there.
  assert.equal(status, 1, `${stdout}${stderr}`);
  const { log, store, ...result } = JSON.parse(stdout) as DrillResult;
  assert.ok(result.recoverySeconds > 0, `${result.recoverySeconds}`);
  assert.ok(log !== null && log.records > 40 && log.lost === 0, JSON.stringify(log));
  assert.ok(store.figures > 10, `${store.figures}`);
  assert.ok(result.events > 40, `${result.events}`);
  assert.deepEqual(
    { ...result, store: store.different, recoverySeconds: 0, events: 0 },
    {
      ...{ breaks: 'snapshot', recoverySeconds: 0, recoverySecondsMax: 7_200, events: 0 },
      ...{ replayFault: null, store: [], closed: { EUR: true, SGD: true }, isPassed: true },
    },
  );
  const { place, run } = sandboxStore(join(folder, 'sandbox'));
  const [kept, ...others] = await withStore(place, ({ query }) =>
    query<{ time: string }>('SELECT * FROM drills', {}),
  );
  assert.deepEqual(others, []);
  if (!kept) assert.fail('no row');
  const { time } = kept;
  const texts = (row: object) => Object.entries(row).map(([name, value]) => `${name} ${value}`);
  assert.deepEqual(
    texts(kept),
    texts({ ...drillRow(run, 0, JSON.parse(stdout) as DrillResult), time }),
  );
});

test('a drill that is interrupted ends its sandbox, and what cannot start is bad input', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-drill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const none = spawnSync(process.execPath, [MAIN, 'drill', 'none.yaml', '--data', folder], {
    encoding: 'utf8',
  });
  assert.equal(none.status, 2, none.stderr);
  assert.match(none.stderr, /^corridor: none\.yaml: cannot be read/m);

  const data = join(folder, 'sandbox');
  const nowhere = { url: 'http://127.0.0.1:1', username: 'nobody', password: 'x', database: 'x' };
  const away = spawnSync(
    process.execPath,
    [MAIN, 'drill', scenarioFile('smoke'), '--data', data, ...serverFlags(folder, nowhere)],
    { encoding: 'utf8' },
  );
  assert.equal(away.status, 1, away.stderr);
  assert.match(away.stderr, /ECONNREFUSED/);
  assert.ok(!existsSync(data), 'it began without a place for its result');

  const started = spawn(process.execPath, [
    ...[MAIN, 'drill', scenarioFile('smoke'), '--data', data, '--for', '600'],
  ]);
  t.after(() => started.kill('SIGKILL'));
  let said = '';
  for await (const text of started.stderr.setEncoding('utf8')) {
    said += text;
    if (said.includes('it runs for 600 s')) break;
  }
  const ended = once(started, 'close');
  started.kill('SIGINT');
  assert.deepEqual(await ended, [130, null], said);
  // Its sandbox has let go of the folder.
  assert.ok(existsSync(join(data, 'network.json')));
  const again = spawnSync(
    process.execPath,
    [MAIN, 'replay', '--log', `embedded:${join(data, 'log')}`],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(again.status, 0, again.stderr);
});

test('a store of which there is no process is not said to have recovered', async () => {
  const serves = "console.log('Ctrl-C ends it'); setInterval(() => {}, 1_000)";
  const drilled = drill({
    command: [process.execPath, '-e', serves],
    ...{ folder: 'none', breaks: 'store', runsForSeconds: 0, waitsSeconds: 30, tell() {} },
  });
  await assert.rejects(drilled, /no process of a store was found after 0 s/);
});

test('a probe that hangs is waited for no longer than a drill waits', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-drill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await openEmbeddedLog({ folder: join(folder, 'log') }).close();
  const probes = createServer(() => {}).listen(0, '127.0.0.1');
  await once(probes, 'listening');
  t.after(() => {
    probes.closeAllConnections();
    probes.close();
  });
  const { port } = probes.address() as AddressInfo;
  const sandbox = `console.log('  probes http://127.0.0.1:${port}/readyz\\nCtrl-C ends it');
    setInterval(() => {}, 1000)`;
  const drilled = drill({
    command: [process.execPath, '-e', sandbox],
    ...{ folder, breaks: 'services', runsForSeconds: 0, waitsSeconds: 1, tell() {} },
  });
  const isLate = pause(60_000, 'it waits for ever', { ref: false });
  await assert.rejects(
    Promise.race([drilled, isLate]).then((what) => assert.fail(String(what))),
    /^Error: it was not ready again within 1 s$/,
  );
});

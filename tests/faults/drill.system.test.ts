/** `corridor drill` as a user gives it: the sandbox is its own, killed with its store, and comes again. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DrillResult, drill } from '../../services/drive/drill.ts';
import { drillRow } from '../../services/drive/kept-drills.ts';
import { sandboxStore, withStore } from '../../services/replay/named-store.ts';
import { scenarioFile } from '../support/run.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

test('a sandbox that is killed with its store, whose snapshots are gone, recovers with all that the log had, and its day closes; its store keeps that', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-drill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[MAIN, 'drill', scenarioFile('smoke'), '--break', 'snapshot', '--traffic', '50'],
      ...['--data', join(folder, 'sandbox'), '--for', '1.5', '--wait', '90', '--json'],
    ],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, `${stdout}${stderr}`);
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

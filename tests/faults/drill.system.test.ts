/** `corridor drill` as a user gives it: the sandbox is its own, killed with its store, and comes again. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DrillResult } from '../../services/drive/drill.ts';
import { scenarioFile } from '../support/run.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/main.js', import.meta.url));

test('a sandbox that is killed with its store, whose snapshots are gone, recovers with all that the log had, and its day closes', (t) => {
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
});

/** A damaged part of the tables: one line that names it and the way out. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { scenarioFile } from '../support/run.ts';

const MAIN = join(packageFolder, 'dist/services/cli/main.js');
const corridor = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

test('a damaged part: export and reconcile say so in one line, and what to do', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-damaged-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = join(folder, 'run');
  const { status, stderr } = corridor('run', scenarioFile('pssimpy-ring'), '--out', run);
  assert.equal(status, 0, stderr);
  const store = join(run, 'clickhouse/store');
  const parts = readdirSync(store, { recursive: true, encoding: 'utf8' })
    .map((name) => join(store, name))
    .filter((path) => path.endsWith('/data.bin') && statSync(path).size > 0);
  assert.ok(parts.length > 0);
  for (const part of parts) {
    const bytes = readFileSync(part);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] as number) ^ 1;
    writeFileSync(part, bytes);
  }
  for (const args of [
    ['export', run, '--out', join(folder, 'export')],
    ['reconcile', run],
  ]) {
    const outcome = corridor(...args);
    assert.equal(outcome.status, 1, outcome.stderr);
    assert.match(
      outcome.stderr,
      /^corridor: .*\/clickhouse\S* is damaged: run the scenario again\n$/,
      args[0],
    );
  }
  // Of a sandbox the log has all of it.
  writeFileSync(join(run, 'network.json'), '{}');
  const { stderr: line } = corridor('export', run, '--out', join(folder, 'export'));
  assert.match(
    line,
    /is damaged: move \S+\/clickhouse away and start the sandbox again, which fills new tables from the log\n$/,
  );
});

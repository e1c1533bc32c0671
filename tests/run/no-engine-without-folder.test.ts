import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { RunFolder } from '../../services/run/run-folder.ts';
import { Analytics } from '../../services/run/run-store.ts';
import { directly, load } from '../support/run.ts';

const kept = (kind: string) => process.getActiveResourcesInfo().filter((one) => one === kind);

test('a run whose tables have no folder starts no engine, and no thread', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-store-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = new RunFolder(join(folder, 'run'));
  writeFileSync(run.file('tables'), '');
  const scenario = load('smoke');
  const made = { scenario, simulation: directly(scenario), certificates: false };
  const threads = kept('MessagePort');
  assert.throws(() => new Analytics(run, { ...made, log: null, engine: null }), { code: 'EEXIST' });
  assert.deepEqual(kept('ProcessWrap'), []);
  assert.deepEqual(kept('MessagePort'), threads);
});

test('what ends by itself fails where it is awaited, and not before', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-closing-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = new RunFolder(join(folder, 'run'));
  run.closes(Promise.reject(new Error('too late')));
  // A rejection that nobody takes is told in the turn after it.
  await setImmediate();
  await assert.rejects(Promise.all(run.closing), /too late/);
});

/** What the watch reads of a run's tables, and what it makes of it. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FEATURES, WATCHED_TYPES } from '../../services/analysis/watch/watched-features.ts';
import { watchCommand } from '../../services/cli/watch-command.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { flowFeatures, flowFrom, recordedFlow } from '../../services/watch/watched-run.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-recorded-flow-'));
after(() => rmSync(folder, { recursive: true }));

test('a run’s payments are those that were submitted, in their order, with features of each', async () => {
  const out = join(folder, 'smoke');
  await executeRun({
    ...{ file: scenarioFile('smoke'), out, set: [], signatures: true },
    ...{ log: 'memory', results: 'tables' },
  });
  const flow = await recordedFlow(out);
  const { rows, summary } = await runDirectly(load('smoke'));
  const watched = new Set<string>(WATCHED_TYPES);
  const expected = rows
    .filter(({ priority, messageType }) => priority !== '' && watched.has(messageType))
    .map((row) => ({
      ...{ pool: row.pool, uetr: row.uetr, timeMs: row.submittedAtMs },
      ...{ debtorAgent: row.debtorAgent, creditorAgent: row.creditorAgent },
      ...{ debtorAccount: '', creditorAccount: '', currency: row.currency },
      ...{ amountMinor: row.amountMinor, label: '' },
    }));
  assert.ok(expected.length > 300);
  assert.deepEqual(flow.payments, expected);
  assert.equal(flow.eventsHash, summary.eventsHash);
  assert.equal(flow.features.length, expected.length * FEATURES.length);
  assert.deepEqual(flow.features, flowFeatures(expected));

  // From a time on: the same features, with all that was before as their history.
  const fromMs = expected[100]!.timeMs;
  const later = flowFrom(flow, fromMs);
  const at = expected.findIndex(({ timeMs }) => timeMs >= fromMs);
  assert.deepEqual(later.payments, expected.slice(at));
  assert.deepEqual(later.features, flow.features.slice(at * FEATURES.length));

  // A run that broke off has tables and no summary.
  cpSync(join(out, 'tables'), join(folder, 'broken/tables'), { recursive: true });
  await assert.rejects(recordedFlow(join(folder, 'broken')), {
    message: /broken\/summary\.json: not found; expected the folder of a finished run/,
  });
  for (const [text, fault] of [
    ['{"eventsHash', /broken\/summary\.json is damaged .*: it is no JSON/],
    ['null', /broken\/summary\.json is damaged .*: it has no eventsHash/],
  ] as const) {
    writeFileSync(join(folder, 'broken/summary.json'), text);
    await assert.rejects(recordedFlow(join(folder, 'broken')), { message: fault });
  }

  const train = (...args: string[]) =>
    watchCommand().parseAsync(['train', out, '--out', join(folder, 'model.json'), ...args], {
      from: 'user',
    });
  for (const date of ['2099-01-01', '2026-02-30', 'today'])
    await assert.rejects(train('--from', date), {
      message: `--from ${date}: expected a date, YYYY-MM-DD, on or after which ${out} has payments`,
    });
  await assert.rejects(train(out), {
    message: `watch train: ${out}: expected each run once; ${out} is ${flow.run} too`,
  });
});

test('a model that is a folder, or is not there, is refused with words', async () => {
  const score = (model: string) =>
    watchCommand().parseAsync(['score', folder, '--model', model], { from: 'user' });
  await assert.rejects(score(folder), {
    message: `--model ${folder}: expected a file; it is a folder`,
  });
  await assert.rejects(score(join(folder, 'none')), { message: /none: no such file/ });
});

test('a file that a command reads or writes as another is refused before anything is read', async () => {
  const [run, model, card] = ['no-run', 'model.json', 'card.md'].map((name) => join(folder, name));
  for (const [words, refused] of [
    [['train', run, '--out', `${run}/model.json`], /^--out \S+: it lies in \S+no-run,/],
    [['train', run, '--out', card, '--card', card], /^--card \S+: .* writes \S+card\.md too;/],
    [['train', run, '--out', model, '--card', run], /^--card \S+: .* reads or writes \S+no-run /],
    [['score', run, '--model', model, '--out', model], /^--out \S+: .* \S+model\.json too;/],
    [['score', run, '--model', model, '--out', `${run}/s.csv`], /^--out \S+: it lies in/],
  ] as [string[], RegExp][])
    await assert.rejects(watchCommand().parseAsync(words, { from: 'user' }), { message: refused });
});

test('scores of a part of a run do not go to the table, which has each run once', async () => {
  const words = ['score', folder, '--model', 'm', '--from', '2026-03-18'];
  await assert.rejects(
    watchCommand().parseAsync([...words, '--clickhouse-url', 'http://127.0.0.1:1'], {
      from: 'user',
    }),
    { message: /^--from 2026-03-18: expected none with --clickhouse-url/ },
  );
});

test('a folder without tables and a damaged table are refused with words', async () => {
  await assert.rejects(recordedFlow(folder), {
    message:
      /it has no tables\/payments\.parquet; expected the folder of a run with --results tables/,
  });
  mkdirSync(join(folder, 'damaged/tables'), { recursive: true });
  writeFileSync(join(folder, 'damaged/tables/payments.parquet'), 'PAR1 and no more PAR1');
  await assert.rejects(recordedFlow(join(folder, 'damaged')), { message: /payments\.parquet/ });
});

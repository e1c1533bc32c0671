/** An import with observed times as its users have it: observed, simulated, compared, and read on. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Comparison } from '../../services/compare/comparison-json.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { rowsOf } from '../support/explained-run.ts';
import { writeImport } from '../support/observed-folder.ts';
import { listedImport, loadImport, observed, observedCsv } from '../support/observed-import.ts';
import { load, runDirectly } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-observe-'));
after(async () => {
  await endWarmCorridor();
  rmSync(folder, { recursive: true, force: true });
});
const at = (name: string) => join(folder, name);
let here: Summary;
let printed = '';

before(async () => {
  const files = listedImport(load('smoke'));
  const scenario = loadImport(files);
  const { rows } = await runDirectly(scenario, { signatures: false });
  const all = { ...files, 'observed.csv': observedCsv(scenario, rows) };
  writeImport(all, at('import'));
  here = (await observed(all)).summary;
  const { code, stdout, stderr } = await corridor('observe', at('import'), '--out', at('observed'));
  assert.equal(code, 0, stderr);
  printed = stdout;
});

test('the folder of the run has what any run has, and no input log', () => {
  assert.deepEqual(readdirSync(at('observed')).sort(), [
    ...[
      'clickhouse',
      'evidence',
      'inputs',
      'payments.csv',
      'report.html',
      'scenario.json',
      'summary.json',
    ],
  ]);
  assert.deepEqual(readdirSync(at('observed/inputs')).sort(), ['observed.csv', 'payments.csv']);
  const summary = JSON.parse(readFileSync(at('observed/summary.json'), 'utf8'));
  assert.deepEqual({ ...summary, version: 'test' }, here);
  assert.equal(rowsOf(at('observed')).filter((row) => row.mechanism === 'observed').length, 393);
});

test('terminal and report say that it is observed, and who lay below their floor', () => {
  // The scenario takes money from an account that pays on; the core had refused to.
  const said =
    /observed: Payments settled when they were observed to settle\.[^\n]*\n[^\n]*\n {2}03-16 10:00:00 UTC BETASG00 first; at 03-16 10:00:00 by SGD 489\.09\n/;
  assert.match(printed, said);
  const report = readFileSync(at('observed/report.html'), 'utf8');
  for (const words of [
    'Payments settled when they were observed to settle.',
    'Accounts below what they may owe, as observed',
    'What held payments up</b> is not known',
    'This run is observed and has',
    'settled none of them',
  ])
    assert.ok(report.includes(words), words);
  for (const words of ['at entry', 'corridor replay', 'by gridlock resolution', 'bypass'])
    assert.ok(!report.replace(/<pre>.*<\/pre>/s, '').includes(words), words);
});

test('its scenario runs as it stands, and compares', async () => {
  const run = await corridor(
    'run',
    at('observed/scenario.json'),
    '--out',
    at('run'),
    '--no-signatures',
  );
  assert.equal(run.code, 0, run.stderr);
  const page = at('page.html');
  const { code, stdout, stderr } = await corridor(
    ...['compare', at('observed'), at('run'), '--json', '--html', page],
  );
  assert.equal(code, 0, stderr);
  const { payments, hours, runs } = JSON.parse(stdout) as Comparison;
  assert.deepEqual(payments?.[0]?.settledInBoth, { sameTime: 393, earlier: 0, later: 0 });
  assert.ok((hours?.length ?? 0) > 15 && runs[0]?.isObserved);
  assert.match(readFileSync(page, 'utf8'), /By bank and hour/);
});

test('its store is read on, and what needs a settlement of the core says in a line that it has none', async () => {
  const tables = await corridor(
    'export',
    at('observed'),
    '--format',
    'parquet',
    '--out',
    at('tables'),
  );
  assert.equal(tables.code, 0, tables.stderr);
  for (const args of [
    ['replay', at('observed')],
    ['reconcile', at('observed')],
    ['explain', at('observed'), '--cycles'],
  ]) {
    const { code, stderr } = await corridor(...args);
    assert.equal(code, 2, args[0]);
    assert.equal(stderr.split('\n').length, 2, stderr);
    assert.match(
      stderr,
      /that the core settled: in this one, which is observed, nothing was; corridor run /,
      args[0],
    );
  }
  // Its files are sealed as those of any run.
  const sealed = await corridor('verify', at('observed'));
  assert.equal(sealed.code, 0, sealed.stderr);
  assert.match(
    sealed.stdout,
    /it holds: \d+ files as sealed; the events of pool main were not checked: there is no input\.log, .*; not sealed: clickhouse/,
  );
});

test('tables come without a store', async () => {
  const out = at('observed-tables');
  const { code, stderr } = await corridor(
    'observe',
    at('import'),
    '--results',
    'tables',
    '--out',
    out,
  );
  assert.equal(code, 0, stderr);
  assert.ok(readdirSync(join(out, 'tables')).includes('payments.parquet'));
});

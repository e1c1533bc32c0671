/** The folder of an import: whole or not at all, what it holds, and how the commands end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeRivalFolder } from '../../services/import/rival-folder.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { fixtureFile, fixtureText, imported } from './pssimpy-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-import-'));
after(() => rmSync(folder, { recursive: true }));

const source = fixtureFile('pssimpy-quickstart.json');
const made = imported({ 'a.json': fixtureText('pssimpy-quickstart.json') });
const out = (name: string) => join(folder, name);

test('it names its sources, what was chosen, and every difference', () => {
  const written = writeRivalFolder(out('one'), 'pssimpy', [source], made);
  assert.deepEqual(readdirSync(out('one')).sort(), [
    'bics.csv',
    'import.json',
    'payments.csv',
    'scenario.yaml',
  ]);
  assert.equal(written.length, 4);
  const told = JSON.parse(readFileSync(join(out('one'), 'import.json'), 'utf8'));
  assert.deepEqual(told.sources, [
    {
      file: 'pssimpy-quickstart.json',
      sha256: createHash('sha256').update(readFileSync(source)).digest('hex'),
    },
  ]);
  assert.deepEqual(told.counts, {
    payments: 3,
    banks: 3,
    accounts: 3,
    transactions: 3,
    leftOut: 0,
  });
  assert.deepEqual(told.differences, made.differences);
  assert.equal(told.mapping.arguments.processing_window, 15);
  assert.equal(told.mapping.arguments.banks, undefined);
  assert.match(readFileSync(join(out('one'), 'bics.csv'), 'utf8'), /^name,bic\nacc1,ACC1XX00\n/);
});

test('observed times stand beside the rows, empty where a payment never settled', () => {
  const observed = [
    { submittedMs: 0, settledMs: 1 },
    { submittedMs: 2, settledMs: null },
    { submittedMs: 3, settledMs: 4 },
  ];
  writeRivalFolder(out('observed'), 'pssimpy', [], { ...made, observed });
  assert.equal(
    readFileSync(join(out('observed'), 'observed.csv'), 'utf8'),
    'row,submitted,settled\n1,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z\n2,1970-01-01T00:00:00.002Z,\n3,1970-01-01T00:00:00.003Z,1970-01-01T00:00:00.004Z\n',
  );
  // A later import takes the place of the whole one before.
  writeRivalFolder(out('observed'), 'pssimpy', [], made);
  assert.ok(!existsSync(join(out('observed'), 'observed.csv')));
});

test('what is no import is left alone, and what is no scenario leaves nothing', () => {
  mkdirSync(out('foreign'));
  writeFileSync(join(out('foreign'), 'thesis.tex'), '');
  assert.throws(() => writeRivalFolder(out('foreign'), 'pssimpy', [], made), {
    name: 'BadInput',
    message:
      /it holds thesis\.tex and is no import; expected an empty folder, an earlier import, or a new name$/,
  });
  writeFileSync(out('file'), '');
  assert.throws(() => writeRivalFolder(out('file'), 'pssimpy', [], made), { name: 'BadInput' });
  writeRivalFolder(out('kept'), 'pssimpy', [], made);
  const broken = { ...made, scenario: { ...made.scenario, participants: [] } };
  assert.throws(() => writeRivalFolder(out('kept'), 'pssimpy', [], broken), {
    name: 'ScenarioError',
  });
  assert.throws(() => writeRivalFolder(out('never'), 'pssimpy', [], broken), {
    name: 'ScenarioError',
  });
  assert.ok(existsSync(join(out('kept'), 'scenario.yaml')));
  assert.deepEqual(
    readdirSync(folder).filter((name) => /never|partial/.test(name)),
    [],
  );
});

const corridor = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(packageFolder, 'dist/services/cli/main.js'), ...args],
    { encoding: 'utf8', cwd: folder },
  );
  return { status, stdout, stderr };
};

test('the commands: import, export, and bad input with exit code 2', () => {
  const good = corridor('import', 'pssimpy', source, '--out', 'cli');
  assert.equal(good.status, 0, good.stderr);
  assert.match(
    good.stdout,
    /^cli\/scenario\.yaml\n.*\ndifferences:\n {2}- .*\nrun it: corridor run cli\/scenario\.yaml\n$/s,
  );
  const exported = corridor('export', 'cli/scenario.yaml', '--format', 'pssimpy');
  assert.equal(exported.status, 0, exported.stderr);
  assert.deepEqual(readdirSync(out('cli/scenario-export')).sort(), [
    ...['accounts.csv', 'arguments.json', 'banks.csv', 'export.json', 'transactions.csv'],
  ]);
  for (const [args, message] of [
    [
      ['import', 'simcash', 'no.yaml', '--out', 'x'],
      'no.yaml: cannot be read: there is no such file',
    ],
    [
      ['import', 'pssimpy', source, '--out', 'x', '--first-date', '2026-02-30'],
      '--first-date 2026-02-30: expected a date that the calendar has, from 1970 on',
    ],
    [
      ['export', 'cli/scenario.yaml', '--currency', 'EUR'],
      '--currency: expected it with --format pssimpy alone',
    ],
  ] as const) {
    const { status, stdout, stderr } = corridor(...args);
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 2, stdout: '', stderr: `corridor: ${message}\n` },
    );
  }
  assert.ok(!existsSync(out('x')));
});

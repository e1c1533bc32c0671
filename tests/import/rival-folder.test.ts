/** The folder of an import: whole or not at all, what it holds, and what it leaves alone. */
import assert from 'node:assert/strict';
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
  assert.deepEqual([told.format, told.source], [1, 'pssimpy']);
  assert.deepEqual(told.files, [
    {
      path: source,
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

test('a folder that holds a file of the source is refused, whatever its name', () => {
  mkdirSync(out('sources'));
  const mine = join(out('sources'), 'payments.csv');
  writeFileSync(mine, 'mine');
  assert.throws(() => writeRivalFolder(out('sources'), 'pssimpy', [mine], made), {
    name: 'BadInput',
    message: `--out ${out('sources')}: expected a folder without a file that is read: ${mine}`,
  });
  assert.equal(readFileSync(mine, 'utf8'), 'mine');
});

test('what is no import is left alone, and what is no scenario leaves nothing', () => {
  mkdirSync(out('foreign'));
  writeFileSync(join(out('foreign'), 'thesis.tex'), '');
  assert.throws(() => writeRivalFolder(out('foreign'), 'pssimpy', [], made), {
    name: 'BadInput',
    message: /expected an empty folder, an earlier import or a new name; \S+ holds thesis\.tex$/,
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

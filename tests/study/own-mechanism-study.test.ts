/** Mechanisms of one's own beside Corridor's in one study. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadMechanism } from '../../services/run/own-mechanism-file.ts';
import { cellCommand, sweep } from '../../services/study/run-study.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';
import { studyFiles } from './study-folder-of.ts';

/** All that waits as one set, as long as nobody is short: rings settle. */
const WHOLE = `export default ({ payments }) => payments.length > 1 ? [payments.map(({ position }) => position)] : [];\n`;
const STUDY = `scenario: ${scenarioFile('pssimpy-ring')}
vary:
  mechanism: [scenario, whole.mjs]
  settlement.queue: [fifo, bypass-fifo]
`;
const columns = (csv: string): Record<string, string>[] => {
  const [names = [], ...rows] = csv
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])));
};

test('a cell with a mechanism of one’s own is the run with --mechanism', async (t) => {
  const { path, write, read, request } = studyFiles(t);
  write('whole.mjs', WHOLE);
  write('study.yaml', STUDY);
  assert.deepEqual((await sweep(request('out'))).failed, []);
  const cells = columns(read('out/cells.csv'));
  assert.deepEqual(
    cells.map(({ mechanism, 'settlement.queue': queue }) => [mechanism, queue]),
    [
      ['scenario', 'fifo'],
      ['scenario', 'bypass-fifo'],
      ['whole.mjs', 'fifo'],
      ['whole.mjs', 'bypass-fifo'],
    ],
  );
  const proposer = await loadMechanism(path('whole.mjs'));
  for (const [index, queue] of ['fifo', 'bypass-fifo'].entries()) {
    const set = [`settlement.queue=${queue}`];
    const own = await runDirectly(load('pssimpy-ring', set, true), { proposer });
    const core = await runDirectly(load('pssimpy-ring', set));
    assert.equal(cells[index]?.eventsHash, core.summary.eventsHash);
    assert.equal(cells[index + 2]?.eventsHash, own.summary.eventsHash);
    assert.ok((own.summary.settledByMechanism.whole ?? 0) > 0);
    assert.equal(
      Number(cells[index + 2]?.['settledByMechanism.whole']),
      own.summary.settledByMechanism.whole,
    );
    // A count that a cell does not have is 0 there.
    assert.equal(cells[index]?.['proposals.whole.refusedSets'], '0');
  }
  const words = cellCommand(request('out'), 3);
  assert.match(words, /--set settlement\.queue=fifo --mechanism \S*whole\.mjs --seed 7?\d*$/);
  assert.doesNotMatch(cellCommand(request('out'), 1), /--mechanism/);
});

test('what a mechanism keeps between its cycles no cell has from another', async (t) => {
  const { write, read, request } = studyFiles(t);
  const once = (isDone: string, done: string) =>
    `export default ({ payments }) => { if (${isDone} || payments.length < 2) return []; ${done}; return [payments.map(({ position }) => position)]; };\n`;
  write('kept.mjs', 'export const kept = { done: false };\n');
  write('in-module.mjs', `let done = false;\n${once('done', 'done = true')}`);
  write(
    'in-import.mjs',
    `import { kept } from './kept.mjs';\n${once('kept.done', 'kept.done = true')}`,
  );
  write('global.mjs', once('globalThis.wasDone', 'globalThis.wasDone = true'));
  const symbol = "globalThis[Symbol.for('wasDone')]";
  write('symbol.mjs', once(symbol, `${symbol} = true`));
  write(
    'study.yaml',
    `scenario: ${scenarioFile('pssimpy-ring')}\nvary: { mechanism: [in-module.mjs, in-import.mjs, global.mjs, symbol.mjs] }\nseeds: 2\n`,
  );
  assert.deepEqual((await sweep(request('out'))).failed, []);
  const cells = columns(read('out/cells.csv'));
  assert.equal(cells.length, 8);
  // Each proposes once, more than its banks can pay.
  for (const [at, cell] of cells.entries())
    assert.equal(
      cell[`proposals.${cell.mechanism?.slice(0, -4)}.refusedSets`],
      '1',
      `cell ${at + 1}`,
    );
  assert.ok(!('wasDone' in globalThis));
});

test('another text of the mechanism is another study', async (t) => {
  const { write, request } = studyFiles(t);
  write('whole.mjs', WHOLE);
  write('study.yaml', STUDY);
  await sweep(request('out'));
  write('whole.mjs', `${WHOLE}// Another.\n`);
  await assert.rejects(sweep(request('out')), /another study|other cells|expected/);
});

test('a mechanism that cannot be used is told with its place in the study', async (t) => {
  const { path, write, request } = studyFiles(t);
  const study = (mechanism: string) => STUDY.replace('whole.mjs', mechanism);
  const at = (mechanism: string) => `^${path('study.yaml')}:3: vary: mechanism: ${mechanism}: `;
  const rejects = (text: string, message: string) => {
    write('study.yaml', text);
    return assert.rejects(sweep(request('out')), ({ message: told }: Error) => {
      assert.match(told, new RegExp(message));
      assert.ok(!told.includes('\n'), told);
      return true;
    });
  };
  await rejects(study('no.mjs'), `${at('no.mjs')}there is no such file; expected a module`);
  write('seven.mjs', 'export default 7;\n');
  await rejects(study('seven.mjs'), `${at('seven.mjs')}expected a default export`);
  write('sloppy.cjs', 'undeclared = 7;\nmodule.exports = () => [];\n');
  write('sloppy.mjs', "export { default } from './sloppy.cjs';\n");
  await rejects(study('sloppy.mjs'), `${at('sloppy.mjs')}cannot be loaded: undeclared is not`);
  await rejects(study('7'), 'vary.mechanism: 7: expected scenario, or the file');
  write('whole.mjs', WHOLE);
  await rejects(
    STUDY.replace('pssimpy-ring', 'netting-default'),
    `${at('whole.mjs')}mechanism: .*has cycles of netting alone; expected a currency that settles`,
  );
  write('wild.mjs', 'export default () => [["no position"]];\n');
  await rejects(
    study('wild.mjs'),
    '^cell 3 .mechanism=wild.mjs, .*: mechanism .*wild.mjs: .*expected',
  );
});

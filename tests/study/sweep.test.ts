import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { runCells } from '../../services/study/cell-workers.ts';
import { mergeShards } from '../../services/study/merge-shards.ts';
import { sweep } from '../../services/study/run-study.ts';
import { readStudyFolder } from '../../services/study/study-folder.ts';
import { atLeast } from '../support/at-least.ts';
import { STUDY_YAML, studyFiles } from './study-folder-of.ts';

/** Beyond the numbers that Linux gives to processes. */
const DEAD = 2 ** 22 + 1;

type Row = Readonly<Record<string, string>>;
const rowsOf = (csv: string): Row[] => parse(csv, { columns: true });
const TABLES = ['cells', 'banks', 'corridors'];
const FILES = TABLES.flatMap((name) => [`${name}.csv`, `${name}.parquet`]);

test('a study has a row for each cell, the same whatever ran it: this process, two others, resumed, or shards', async (t) => {
  const study = studyFiles(t);
  const whole = await sweep(study.request('one'));
  assert.equal(whole.cells, 8);
  assert.deepEqual(whole.failed, []);
  const rows = rowsOf(study.read('one/cells.csv'));
  assert.deepEqual(
    rows.map((row) => [row.cell, row['settlement.cycle'], row['scale.liquidity'], row.seed]),
    [
      ['1', 'off', '0.1', '42'],
      ['2', 'off', '0.1', '43'],
      ['3', 'off', '1', '42'],
      ['4', 'off', '1', '43'],
      ['5', 'gridlockResolution', '0.1', '42'],
      ['6', 'gridlockResolution', '0.1', '43'],
      ['7', 'gridlockResolution', '1', '42'],
      ['8', 'gridlockResolution', '1', '43'],
    ],
  );
  for (const { submitted, eventsHash, error } of rows) {
    assert.equal(submitted, '100');
    assert.match(eventsHash as string, /^[0-9a-f]{64}$/);
    assert.equal(error, '');
  }
  const same = (out: string) => {
    for (const file of [...FILES, 'study.html'])
      assert.deepEqual(study.read(`${out}/${file}`), study.read(`one/${file}`), `${out}: ${file}`);
  };

  await sweep(study.request('two', { jobs: 2, run: runCells }));
  same('two');

  // What a killed process leaves: some cells, the beginning of a line, and the name of its owner.
  mkdirSync(study.path('torn'));
  study.write('torn/study.json', study.read('one/study.json'));
  const lines = study.read('one/results.jsonl').split('\n');
  const kept = [lines[5], lines[0], lines[3]].map((line) => `${line}\n`).join('');
  study.write('torn/results.jsonl', kept + (lines[7] as string).slice(0, 50));
  study.write('torn/.writing', `${hostname()} ${DEAD}`);
  const resumed = await sweep(study.request('torn'));
  assert.equal(resumed.kept, 3);
  same('torn');

  for (const index of [1, 2, 3])
    await sweep(study.request(`shard-${index}`, { shard: { index, of: 3 } }));
  assert.ok(!existsSync(study.path('shard-1/cells.csv')), 'a shard has no table');
  // In any order, and one of them twice over.
  const from = ['shard-3', 'shard-1', 'shard-2', 'two'].map(study.path);
  const merged = await mergeShards(from, study.path('merged'));
  assert.equal(merged.cells, 8);
  same('merged');
});

test('no name of variants may be a column of a table, and a study that has any other has its tables', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\n');
  await sweep(study.request('plain'));
  const varied = (name: string) =>
    `scenario: test.yaml\nvary: { ${JSON.stringify(name)}: { v: { settlement.cycle: off } } }\n`;
  const columns = TABLES.flatMap((name) =>
    Object.keys(rowsOf(study.read(`plain/${name}.csv`))[0] ?? {}),
  );
  for (const name of new Set(atLeast(100, [...columns, 'date', 'Cell', 'EVENTSHASH']))) {
    study.write('study.yaml', varied(name));
    await assert.rejects(
      sweep(study.request('out')),
      /study\.yaml:2: vary.*: expected another name: the study's tables have a column of this one$/,
      name,
    );
  }
  assert.ok(!existsSync(study.path('out')), 'nothing ran');
  for (const name of atLeast(3, ['liquidity', 'settlement', 'settled.then'])) {
    study.write('study.yaml', varied(name));
    await sweep(study.request(name));
    assert.equal(rowsOf(study.read(`${name}/cells.csv`))[0]?.[name], 'v');
  }
});

test('Parquet has the rows of CSV, with types', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\nseeds: 2\n');
  await sweep(study.request('out'));
  for (const name of TABLES) {
    const rows = rowsOf(study.read(`out/${name}.csv`));
    const file = await asyncBufferFromFile(study.path(`out/${name}.parquet`));
    const typed = await parquetReadObjects({ file });
    assert.equal(typed.length, rows.length, name);
    for (const [index, row] of rows.entries())
      for (const [column, text] of Object.entries(row))
        assert.equal(String(typed[index]?.[column] ?? ''), text, `${name}: ${column}`);
  }
  const [cell] = await parquetReadObjects({
    file: await asyncBufferFromFile(study.path('out/cells.parquet')),
  });
  assert.equal(typeof cell?.['settledValueMinor.EUR'], 'bigint');
  assert.equal(typeof cell?.settledShare, 'number');
  assert.equal(cell?.conserved, true);
});

test('what is varied is a number in Parquet where all of its values are, and the text of the study in CSV', async (t) => {
  const study = studyFiles(t);
  study.write(
    'study.yaml',
    `scenario: test.yaml
vary:
  settlement.cycleEverySeconds: [300, 60]
  participants.AAAADE00.accounts.EUR.balance: ["10", "1000"]
  rule:
    "01": { settlement.queue: fifo }
    "2": { settlement.queue: bypass-fifo }
scale: { liquidity: [1, 10, 0.5] }
`,
  );
  const [bank, corridor] = [{ participant: 'AAAADE00' }, { kind: 'internal' }];
  const rows = { figures: { settledShare: 1 }, banks: [bank], corridors: [corridor] };
  const run: typeof runCells = async (_, cells, { told }) => {
    for (const { number } of cells) told({ number, rows });
  };
  await sweep(study.request('out', { run }));
  for (const name of atLeast(3, TABLES)) {
    const file = await asyncBufferFromFile(study.path(`out/${name}.parquet`));
    const typed = await parquetReadObjects({ file });
    const texts = rowsOf(study.read(`out/${name}.csv`));
    for (const [index, row] of atLeast(24, texts).entries()) {
      const names = ['settlement.cycleEverySeconds', 'scale.liquidity'];
      for (const column of names) {
        assert.equal(typed[index]?.[column], Number(row[column]), `${name}: ${column}`);
        assert.match(row[column] as string, /^(300|60|1|10|0\.5)$/);
      }
      assert.equal(typed[index]?.rule, row.rule, 'a name with a nought is none');
      const balance = 'participants.AAAADE00.accounts.EUR.balance';
      assert.equal(typed[index]?.[balance], row[balance], 'an amount in quotes is text');
      assert.match(row[balance] as string, /^10+$/, 'without its quotes');
    }
  }
});

test('a sum that 64 bits do not hold is text in Parquet, and a table without rows has its columns', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\nseeds: 2\n');
  const huge = String(2n ** 63n);
  // The figures are of no interest here, and are not run for.
  const figures = { settledShare: 1, 'settledValueMinor.EUR': huge, 'settledValueMinor.JPY': '5' };
  const run: typeof runCells = async (_, cells, { told }) => {
    for (const { number } of cells)
      told(
        number === 1
          ? { number, rows: { figures, banks: [], corridors: [] } }
          : { number, error: 'as it is', exitCode: 1 },
      );
  };
  const swept = await sweep(study.request('out', { run, keepGoing: true }));
  assert.deepEqual(swept.failed, ['cell 2 (seed 43): as it is']);
  const again: number[] = [];
  const rerun: typeof runCells = async (grid, cells, options) => {
    for (const { number } of cells) again.push(number);
    await run(grid, cells, options);
  };
  await sweep(study.request('out', { run: rerun, keepGoing: true }));
  assert.deepEqual(again, [2], 'what failed is run again, and nothing else');
  const read = async (name: string) =>
    parquetReadObjects({ file: await asyncBufferFromFile(study.path(`out/${name}.parquet`)) });
  const [row, failed] = await read('cells');
  assert.equal(row?.['settledValueMinor.EUR'], huge);
  assert.equal(row?.['settledValueMinor.JPY'], 5n);
  assert.deepEqual([failed?.error, failed?.settledShare], ['as it is', null]);
  assert.deepEqual(await read('banks'), []);
  assert.equal(study.read('out/banks.csv'), 'cell,seed,participant,currency\n');
});

test('a cell that fails is named and ends the study, or with --keep-going is a row without figures', async (t) => {
  const study = studyFiles(t);
  study.write(
    'study.yaml',
    `scenario: test.yaml
vary:
  participants.AAAADE00.accounts.EUR.balance: ["1000.00"]
  events.outages:
    - []
    - [{ participant: AAAADE00, from: "09:00", until: "08:00" }]
seeds: 2
`,
  );
  const before = readdirSync(study.folder);
  await assert.rejects(sweep(study.request('out')), (error: Error) => {
    assert.equal(error.name, 'ScenarioError');
    assert.ok(error.message.startsWith(`${study.path('study.yaml')}:6: vary: events.outages: `));
    assert.match(error.message, /outages\[0\]\.until: "08:00": expected/);
    return true;
  });
  assert.deepEqual(readdirSync(study.folder), before, 'nothing was begun');

  const swept = await sweep(study.request('out', { keepGoing: true }));
  assert.equal(swept.cells, 4);
  assert.equal(swept.failed.length, 2);
  assert.match(swept.failed[0] as string, /^cell 3 \(.*events\.outages=\[\{.*seed 42\): .*"08:00"/);
  const rows = rowsOf(study.read('out/cells.csv'));
  assert.deepEqual(
    rows.map(({ submitted, error }) => [submitted, error !== '']),
    [
      ['100', false],
      ['100', false],
      ['', true],
      ['', true],
    ],
  );
  assert.match(study.read('out/study.html'), /Cells that failed, and why/);
});

test('a study that a cell ends says how many are kept', async (t) => {
  const study = studyFiles(t);
  for (const [kept, words] of ['0 cells are', '1 cell is', '2 cells are'].entries()) {
    const run: typeof runCells = async (_, cells, { told }) => {
      for (const { number } of cells)
        told(
          number <= kept
            ? { number, rows: { figures: {}, banks: [], corridors: [] } }
            : { number, error: 'as it is', exitCode: 1 },
        );
    };
    await assert.rejects(sweep(study.request(`out-${kept}`, { run })), {
      message: new RegExp(
        `: as it is; ${words} kept in .*out-${kept}: --keep-going runs the rest$`,
      ),
    });
  }
});

test('a path that the scenario does not have is refused with its place in the study', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\nvary: { settlement.cycel: [off, partial] }\n');
  for (const keepGoing of [false, true])
    await assert.rejects(sweep(study.request('out', { keepGoing })), {
      name: 'ScenarioError',
      message: `${study.path('study.yaml')}:2: vary: settlement.cycel: off: --set settlement.cycel=off: settlement.cycel: expected a path of the scenario; did you mean "cycle"?`,
    });
  assert.ok(!existsSync(study.path('out')));
});

test('a folder that holds anything else than this study is not touched', async (t) => {
  const study = studyFiles(t);
  mkdirSync(study.path('foreign'));
  study.write('foreign/thesis.txt', 'mine');
  await assert.rejects(sweep(study.request('foreign')), {
    name: 'BadInput',
    message: /^--out .*foreign: it holds thesis\.txt and is no study; expected an empty folder/,
  });

  study.write('study.yaml', 'scenario: test.yaml\n');
  await sweep(study.request('out'));
  const before = study.read('out/results.jsonl');
  study.write('study.yaml', 'scenario: test.yaml\nseeds: 2\n');
  await assert.rejects(sweep(study.request('out')), {
    name: 'BadInput',
    message: /holds another study/,
  });
  study.write('study.yaml', 'scenario: test.yaml\n');
  await assert.rejects(sweep(study.request('out', { shard: { index: 1, of: 1 } })), {
    message: /it holds all of its cells, not shard 1\/1/,
  });
  // The scenario is part of the study, however little it changed.
  study.write('test.yaml', study.read('test.yaml').replace('Bank A', 'Bank C'));
  await assert.rejects(sweep(study.request('out')), {
    message: /before its file or its scenario changed/,
  });
  assert.equal(study.read('out/results.jsonl'), before);

  study.write('out/.writing', `elsewhere 1`);
  study.write('test.yaml', study.read('test.yaml').replace('Bank C', 'Bank A'));
  await assert.rejects(sweep(study.request('out')), {
    message: /process 1 on elsewhere writes into it; expected another folder, or wait for it/,
  });
  const longAgo = new Date(Date.now() - 90_000);
  utimesSync(study.path('out/.writing'), longAgo, longAgo);
  assert.equal((await sweep(study.request('out'))).kept, 1);
  assert.ok(!existsSync(study.path('out/.writing')), 'the folder is given up at the end');
  study.write('out/.writing', `${hostname()} ${process.ppid}`);
  await assert.rejects(sweep(study.request('out')), {
    message: new RegExp(
      `process ${process.ppid} writes into it; .*, or remove .*/out/\\.writing if that`,
    ),
  });
});

test('a study whose folder another machine has taken ends, and leaves it what it has', async (t) => {
  const study = studyFiles(t);
  const lost = sweep(
    study.request('out', {
      run: (...cells) => {
        study.write('out/.writing', 'elsewhere 1');
        return runCells(...cells);
      },
    }),
  );
  await assert.rejects(lost, {
    name: 'Error',
    message:
      /^--out \S+: process 1 on elsewhere has taken the folder, as this process gave no sign/,
  });
  assert.deepEqual(
    [study.read('out/results.jsonl'), study.read('out/.writing')],
    ['', 'elsewhere 1'],
  );
});

test('a line of results that is damaged is named, and a torn last one is cut off', async (t) => {
  const study = studyFiles(t);
  study.write('study.yaml', 'scenario: test.yaml\nseeds: 2\n');
  await sweep(study.request('out'));
  const [first = '', second = ''] = study.read('out/results.jsonl').split('\n');
  truncateSync(study.path('out/results.jsonl'), first.length + 1 + 20);
  assert.equal((await sweep(study.request('out'))).kept, 1);
  assert.deepEqual(study.read('out/results.jsonl'), `${first}\n${second}\n`);
  study.write('out/results.jsonl', `${first.slice(0, 30)}\n${second}\n`);
  await assert.rejects(sweep(study.request('out')), {
    name: 'BadInput',
    message: /results\.jsonl at byte 0: .*expected the result of a cell; remove the line/,
  });
});

test('shards are merged only where they are of one study, agree, and have every cell', async (t) => {
  const study = studyFiles(t);
  const sharded = (index: number) => sweep(study.request(`s${index}`, { shard: { index, of: 2 } }));
  await sharded(1);
  const merge = (...from: string[]) => mergeShards(from.map(study.path), study.path('all'));
  await assert.rejects(merge('s1'), {
    name: 'BadInput',
    message:
      '--merge: 4 of 8 cells are in none of the folders (2, 4, 6, 8): expected the folders of all shards',
  });
  await assert.rejects(merge('s1', 'nowhere'), {
    message: /nowhere: it has no study\.json: expected the folder of a study/,
  });
  cpSync(study.path('s1/study.json'), study.path('begun/study.json'));
  await assert.rejects(merge('s1', 'begun'), {
    name: 'BadInput',
    message: /begun: it has no results\.jsonl: expected a shard that ran$/,
  });
  assert.throws(() => readStudyFolder(study.path('begun')), {
    name: 'BadInput',
    message: /^folder .*begun: it has no results\.jsonl: expected a study that ran$/,
  });
  study.write('study.yaml', STUDY_YAML.replace('0.1', '0.2'));
  await sharded(2);
  await assert.rejects(merge('s1', 's2'), {
    name: 'BadInput',
    message: /s2: it is of another study .* than .*s1 .*: expected shards of one study/,
  });
  assert.ok(!existsSync(study.path('all')), 'nothing was begun');

  const [line = ''] = study.read('s1/results.jsonl').split('\n');
  mkdirSync(study.path('s3'));
  study.write('s3/study.json', study.read('s1/study.json'));
  study.write('s3/results.jsonl', `${line.replace('"submitted":100', '"submitted":101')}\n`);
  await assert.rejects(merge('s1', 's3'), /cell 1 \(.*\) differs between .*s1 and .*s3/);
  appendFileSync(study.path('s1/study.json'), '}');
  await assert.rejects(merge('s1'), { message: /study\.json cannot be read/ });
});

test('more shards than cells are refused', async (t) => {
  const study = studyFiles(t);
  await assert.rejects(sweep(study.request('out', { shard: { index: 9, of: 9 } })), {
    name: 'BadInput',
    message: '--shard 9/9: expected at most as many shards as the study has cells, 8',
  });
});

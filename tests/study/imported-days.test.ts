import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { mergeShards } from '../../services/study/merge-shards.ts';
import { cellCommand, sweep } from '../../services/study/run-study.ts';
import { atLeast } from '../support/at-least.ts';
import { runDirectly } from '../support/run.ts';
import { studyFiles } from './study-folder-of.ts';

const HEADER = 'time,debtor,creditor,currency,amount,priority,date';
const DATES = ['2026-03-16', '2026-03-17', '2026-03-18'];
/** Of each date other payments, so that its cells differ. */
const rowsOf = (date: string): string[] =>
  Array.from({ length: 4 }, (_, row) => {
    const [from, to] = row % 2 === 0 ? ['AAAADE00', 'BBBBDE00'] : ['BBBBDE00', 'AAAADE00'];
    return `1${row}:30,${from},${to},EUR,${Number(date.slice(-2)) * 40 + row},normal,${date}`;
  });
const csv = (...lines: readonly string[]) => `# imported\n${[HEADER, ...lines].join('\n')}\n`;

/** A folder with the days in a file each, and in one file with their rows in turn. */
function importedDays(t: Parameters<typeof studyFiles>[0]) {
  const study = studyFiles(t);
  mkdirSync(study.path('days'));
  for (const date of DATES) study.write(`days/${date}.csv`, csv(...rowsOf(date)));
  const inTurn = [0, 1, 2, 3].flatMap((row) => DATES.map((date) => rowsOf(date)[row] as string));
  study.write('all.csv', csv(...inTurn));
  // What the study gives each cell, the scenario need not have.
  study.write('test.yaml', study.read('test.yaml').replace(/businessDates: .*\n/, ''));
  return study;
}

const STUDY = `scenario: test.yaml
vary: { settlement.cycle: [off, gridlockResolution], settlement.queue: [fifo] }
scale: { liquidity: { factors: [0.5], currencies: [JPY] } }
`;

test('each day is a cell: what corridor run gives of it, from files of a day or of many, resumed or in shards', async (t) => {
  const study = importedDays(t);
  study.write('study.yaml', `${STUDY}dates: days/*.csv\n`);
  await sweep(study.request('each'));
  const cells: Record<string, string>[] = parse(study.read('each/cells.csv'), { columns: true });
  assert.deepEqual(
    cells.map((row) => [row.cell, row['settlement.cycle'], row.date, row.seed]),
    ['off', 'gridlockResolution'].flatMap((cycle, option) =>
      DATES.map((date, day) => [String(3 * option + day + 1), cycle, date, undefined]),
    ),
  );
  assert.equal(new Set(cells.map(({ eventsHash }) => eventsHash)).size, 6);
  for (const row of atLeast(6, cells)) assert.equal(row.submitted, '104', 'the flows, and 4 rows');

  study.write('study.yaml', `${STUDY}dates: [all.csv]\n`);
  await sweep(study.request('all'));
  for (const file of ['cells.csv', 'cells.parquet', 'banks.csv', 'corridors.csv'])
    assert.deepEqual(study.read(`all/${file}`), study.read(`each/${file}`), file);

  const command = cellCommand(study.request('x'), 5);
  const set = [...command.matchAll(/--set '?(\S+?)'?(?= )/g)].map(([, one = '']) => one);
  assert.deepEqual(set.slice(-3), [
    'businessDates=[2026-03-17]',
    'payments.csv=all.csv',
    'payments.otherDates=skip',
  ]);
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const scenario = loadScenario(study.path('test.yaml'), { readFile, set, seed: 42 });
  assert.equal((await runDirectly(scenario)).summary.eventsHash, cells[4]?.eventsHash);

  for (const index of [1, 2]) await sweep(study.request(`s${index}`, { shard: { index, of: 2 } }));
  const lines = study.read('s1/results.jsonl').split('\n');
  study.write('s1/results.jsonl', `${lines[1]}\n`);
  const resumed = await sweep(study.request('s1', { shard: { index: 1, of: 2 } }));
  assert.equal(resumed.kept, 1);
  await mergeShards([study.path('s1'), study.path('s2')], study.path('merged'));
  assert.equal(study.read('merged/cells.csv'), study.read('all/cells.csv'));
  assert.equal(study.read('merged/study.html'), study.read('all/study.html'));

  const page = study.read('all/study.html');
  for (const words of atLeast(5, [
    'Means over 3 days',
    'compared day by day',
    '2026-03-16, 2026-03-17, 2026-03-18',
    'have the same payments of the day',
    'mean over the days',
  ]))
    assert.ok(page.includes(words), words);
  assert.ok(!/\bseeds\b/.test(page.replace(/<(style|script)[\s\S]*?<\/\1>/g, '')));

  study.write('all.csv', study.read('all.csv').replace('640', '641'));
  await assert.rejects(sweep(study.request('all')), { message: /holds another study/ });
});

/** What `dates` has or a file says, and the message, without the folder's path. */
const MISTAKES: readonly [string, string, string][] = [
  ['dates: dais/*.csv', '', 'dais: cannot be read: there is no such file'],
  ['dates: days/*.txt', '', 'study.yaml:2: dates: "days/*.txt": expected a file of such a name'],
  [
    'dates: [all.csv, days/x*.csv]',
    '',
    'study.yaml:2: dates[1]: "days/x*.csv": expected a file of such a name',
  ],
  ['dates: none.csv', '', 'none.csv: cannot be read: there is no such file'],
  [
    'dates: 3',
    '',
    'study.yaml:2: dates: 3: expected a CSV file of payments, or a list of them; * in a name stands for any characters',
  ],
  [
    'dates: [all.csv, days/2026-03-17.csv]',
    '',
    'study.yaml:2: dates: "2026-03-17": expected each date in one file: all.csv has it too',
  ],
  [
    'dates: all.csv\nseeds: 3',
    '',
    'study.yaml:3: seeds: 3: expected none beside `dates`, which are what is run over',
  ],
  [
    'dates: all.csv\nvary: { payments.csv: [days/2026-03-16.csv] }',
    '',
    'study.yaml:3: vary["payments.csv"]: "payments.csv": expected another path: `dates` gives each cell its day',
  ],
  ['dates: new.csv', 'time,amount\n', 'new.csv:1: column date: missing: expected in the header'],
  [
    'dates: new.csv',
    csv(),
    'study.yaml:2: dates: "new.csv": expected files with payments: this one has none',
  ],
  [
    'dates: new.csv',
    csv(rowsOf('2026-03-16')[0] as string, rowsOf('16.03.2026')[1] as string),
    'new.csv:4: column date: "16.03.2026": expected a date that the calendar has, from 1970 on',
  ],
  [
    'dates: new.csv',
    csv(...DATES.map((date) => rowsOf(date)[0] as string)).replace(
      /BBBBDE00(?=.*17\n)/,
      'BBBBDE01',
    ),
    'study.yaml:2: dates: 2026-03-17: new.csv:4: column creditor: "BBBBDE01": expected a participant of the scenario; did you mean "BBBBDE00"?',
  ],
  [
    'dates: new.csv',
    csv('10:00,AAAADE00,BBBBDE00,EUR,1,normal,2026-03-16').replace('10:00', '19:00'),
    'new.csv:3: column time: "19:00": expected a time inside the day, 2026-03-16 07:00 to 2026-03-16 16:00 UTC',
  ],
];

for (const [text, file, expected] of MISTAKES)
  test(`refused: ${text.replace('\n', ' | ')}: ${expected}`, async (t) => {
    const study = importedDays(t);
    study.write('study.yaml', `scenario: test.yaml\n${text}\n`);
    if (file !== '') study.write('new.csv', file);
    await assert.rejects(sweep(study.request('out')), (error: Error) => {
      assert.equal(error.name, 'ScenarioError');
      const folder = basename(study.folder);
      const message = error.message.replaceAll(new RegExp(`/\\S*${folder}/`, 'g'), '');
      assert.equal(message, expected);
      return true;
    });
  });

test('a file that is gone when its day runs fails that cell', async (t) => {
  const study = importedDays(t);
  study.write('study.yaml', 'scenario: test.yaml\ndates: days/*.csv\n');
  const request = study.request('out', { keepGoing: true });
  const { run } = request;
  const swept = await sweep({
    ...request,
    run: (...args) => {
      rmSync(study.path('days/2026-03-17.csv'));
      return (run as NonNullable<typeof run>)(...args);
    },
  });
  assert.equal(swept.failed.length, 1);
  assert.match(swept.failed[0] as string, /^cell 2 \(date 2026-03-17\): .*there is no such file/);
});

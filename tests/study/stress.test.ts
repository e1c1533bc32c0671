import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { PAYMENT_COLUMNS, paymentCells } from '../../services/report/figures/payments-csv.ts';
import { loadScenario } from '../../services/scenario/load.ts';
import { settingOverrides } from '../../services/study/cell-scenario.ts';
import { cellAt, cellCount } from '../../services/study/grid.ts';
import { readStress, type StressOptions } from '../../services/study/stress/read-stress.ts';
import { atLeast } from '../support/at-least.ts';
import { runScenario } from '../support/run.ts';
import { checkRandomStress } from './random-stress.ts';
import {
  newlyUnsettled,
  type Row,
  rowsOf,
  stressFiles,
  THREE_CSV,
  THREE_YAML,
  worstDifferences,
} from './stress-folder-of.ts';

/** Of three.yaml, by hand: bank, hour, reaction after 30 minutes; unsettled in rounds 1, 2, 3; never sent; trapped in cents. */
const BY_HAND: readonly [string, string, string, number, number, number, number, string][] = [
  // A's 60 and 20 are not sent. So B lacks money for 50, then C for 30 to A and 10 to B: round 1, as A is paid.
  ['AAAADE00', '08:00', 'without', 3, 1, 1, 2, '6000'],
  ['AAAADE00', '08:00', 'with', 3, 1, 1, 3, '6000'],
  ['AAAADE00', '10:00', 'without', 1, 0, 0, 1, '2000'],
  // B's 50 are not sent. C lacks them for 30 to A, and for 10 to B.
  ['BBBBDE00', '09:00', 'without', 2, 1, 0, 1, '5000'],
  // From 09:30 nobody pays B: A's 20 are not sent either.
  ['BBBBDE00', '09:00', 'with', 3, 1, 0, 3, '5000'],
  ['BBBBDE00', '10:00', 'without', 0, 0, 0, 0, '0'],
  // From 10:30 on, its very instant, nobody pays B.
  ['BBBBDE00', '10:00', 'with', 2, 0, 0, 2, '0'],
  // C is paid and does not pay on; what it owed A is not missed by anybody.
  ['CCCCDE00', '08:00', 'without', 2, 0, 0, 2, '4000'],
  ['CCCCDE00', '08:00', 'with', 3, 0, 0, 3, '0'],
];

test('three banks, by hand: rounds, what is never sent, what is trapped, and who lost how much when', async (t) => {
  const stress = stressFiles(t);
  const tested = await stress.run('three.yaml', 'out');
  assert.equal(tested.cells, 24);
  const rows = rowsOf(stress.read('out/stress.csv'));
  for (const [bank, hour, reaction, first, second, third, unsent, trapped] of BY_HAND) {
    const row = rows.find(
      (one) => one.bank === bank && one.hour === hour && one.reaction === reaction,
    );
    const found = [
      'firstRound.payments',
      'rounds.2.payments',
      'rounds.3.payments',
      'firstRound.unsent',
    ];
    assert.deepEqual(
      [...found.map((name) => Number(row?.[name])), row?.['trapped.valueMinor.EUR']],
      [first, second, third, unsent, trapped],
      `${bank} ${hour} ${reaction}`,
    );
    assert.equal(row?.['rounds.unlinked.payments'], '0');
    assert.equal(row?.settledWithout, '5');
    assert.equal(Number(row?.settled), 5 - first - second - third);
  }
  const [worst] = rows;
  // 60 + 20 not sent and 30 back; 50 and 10 between the others.
  assert.equal(worst?.['firstRound.valueMinor.EUR'], '11000');
  assert.equal(worst?.['laterRounds.valueMinor.EUR'], '6000');
  assert.equal(worst?.['newlyUnsettled.referenceMinor'], '17000');
  const losses = rowsOf(stress.read('out/losses.csv')).filter(({ cell }) => cell === '1');
  const at = (time: string) => `2026-03-16T${time}:00.000Z`;
  assert.deepEqual(
    losses.map(({ participant, lossMinor, worstAt, receivedLessMinor, gainMinor }) => [
      ...[participant, lossMinor, worstAt, receivedLessMinor, gainMinor],
    ]),
    [
      // B: 60 at 09:00 on the day without failure. It gets 60, 20 and 10 less in all.
      ['BBBBDE00', '6000', at('09:00'), '9000', '0'],
      ['CCCCDE00', '5000', at('09:10'), '5000', '0'],
    ],
  );
  const page = stress.read('out/stress.html');
  assert.match(page, /AAAADE00 08:00/);
  assert.match(
    page,
    /corridor run .*three\.yaml --set &#39;events\.outages\.\+=\{ participant: AAAADE00/,
  );
});

/** As `corridor run` writes it. */
const paymentsCsv = (rows: readonly PaymentRow[]): Row[] => {
  const decimals = (code: string) => (code === 'JPY' ? 0 : 2);
  const cells = rows.map((row) => paymentCells(row, decimals));
  return rowsOf(stringify([[...PAYMENT_COLUMNS], ...cells]));
};

test('a slow oracle finds the same newly unsettled payments, rounds and losses in two payments.csv', async (t) => {
  const stress = stressFiles(t);
  const asked = { hours: ['09:00', '12:30'], reactionAfterSeconds: 600, lengthSeconds: 7200 };
  const { study } = await stress.run('five.yaml', 'out', asked);
  const losses = rowsOf(stress.read('out/losses.csv'));
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const runOf = async (set: readonly string[]) => {
    const scenario = loadScenario(study.scenarioFile, { readFile, set });
    const { rows, summary } = await runScenario(scenario, { signatures: false });
    return { rows: paymentsCsv(rows), summary };
  };
  const base = await runOf([]);
  let deepest = 0;
  // Every seventh: both hours and both reactions are among them.
  for (const row of atLeast(
    4,
    rowsOf(stress.read('out/stress.csv')).filter((_, at) => at % 7 === 0),
  )) {
    const cell = Number(row.cell);
    const { rows, summary } = await runOf(
      settingOverrides(study, cellAt(study, cell).picks, readFile),
    );
    assert.equal(row.eventsHash, summary.eventsHash, 'over messages, the other door');
    const bank = row.bank as string;
    const found = newlyUnsettled(bank, base.rows, rows);
    const sum = (of: typeof found, code: string) =>
      of
        .filter((one) => one.row.currency === code)
        .reduce((total, one) => total + BigInt((one.row.amount ?? '').replace('.', '')), 0n);
    const parts = { newlyUnsettled: found, firstRound: found.filter(({ round }) => round === 1) };
    const all = { ...parts, laterRounds: found.filter(({ round }) => round !== 1) };
    for (const [name, of] of Object.entries(all)) {
      assert.equal(row[`${name}.payments`], `${of.length}`, `cell ${cell}: ${name}`);
      for (const code of ['EUR', 'JPY'])
        assert.equal(
          row[`${name}.valueMinor.${code}`],
          `${sum(of, code)}`,
          `cell ${cell}: ${name}`,
        );
    }
    assert.equal(row['firstRound.unsent'], `${found.filter(({ isUnsent }) => isUnsent).length}`);
    for (let round = 0; round <= 9; round++) {
      const count = found.filter((one) => one.round === round).length;
      const name = round === 0 ? 'rounds.unlinked' : round === 1 ? 'firstRound' : `rounds.${round}`;
      assert.equal(Number(row[`${name}.payments`] ?? 0), count, `cell ${cell}: round ${round}`);
      if (count > 0) deepest = Math.max(deepest, round);
    }
    const settled = (of: readonly Row[]) => of.filter(({ status }) => status === 'ACSC').length;
    assert.equal(row.settled, `${settled(rows)}`);
    const newly = settled(rows) - settled(base.rows) + found.length;
    assert.equal(row['newlySettled.payments'], `${newly}`);
    for (const code of ['EUR', 'JPY']) {
      const worst = worstDifferences(base.rows, rows, code);
      assert.equal(
        row[`trapped.valueMinor.${code}`],
        `${worst(bank).gain}`,
        `cell ${cell}: ${code}`,
      );
      const others = losses.filter((loss) => loss.cell === row.cell && loss.currency === code);
      for (const loss of atLeast(5, others)) {
        const { loss: less, gain, receivedLess } = worst(loss.participant as string);
        assert.deepEqual(
          [loss.lossMinor, loss.gainMinor, loss.receivedLessMinor],
          [`${less}`, `${gain}`, `${receivedLess}`],
          `cell ${cell}: ${loss.participant} ${code}`,
        );
      }
    }
  }
  assert.ok(deepest >= 2, `later rounds were met: ${deepest}`);
});

test('random scenarios: sums, the other door, no payment after the reaction, and nothing after the last payment', async () => {
  await checkRandomStress(20, 2);
});

test('Parquet has the rows of CSV, with types', async (t) => {
  const stress = stressFiles(t);
  await stress.run('three.yaml', 'out', { banks: ['BBBBDE00'] });
  for (const name of ['stress', 'losses']) {
    const rows = rowsOf(stress.read(`out/${name}.csv`));
    const file = await asyncBufferFromFile(stress.path(`out/${name}.parquet`));
    const typed = await parquetReadObjects({ file });
    assert.equal(typed.length, rows.length);
    for (const [index, row] of atLeast(8, [...rows.entries()]))
      for (const [column, text] of Object.entries(row))
        assert.equal(String(typed[index]?.[column] ?? ''), text, `${name}: ${column}`);
    const money = name === 'stress' ? 'trapped.referenceMinor' : 'lossMinor';
    assert.equal(typeof typed[0]?.[money], 'bigint');
  }
});

test('a stress test goes on where it was, in its own folder alone', async (t) => {
  const stress = stressFiles(t);
  const asked = { banks: ['AAAADE00'] };
  await stress.run('three.yaml', 'whole', asked);
  await stress.run('three.yaml', 'torn', asked);
  const lines = stress.read('torn/results.jsonl').split('\n');
  stress.write('torn/results.jsonl', `${lines[3]}\n${lines[6]}\n${lines[5]?.slice(0, 40)}`);
  assert.equal((await stress.run('three.yaml', 'torn', asked)).kept, 2);
  for (const name of [
    'stress.csv',
    'stress.parquet',
    'losses.csv',
    'losses.parquet',
    'stress.html',
  ])
    assert.equal(stress.read(`torn/${name}`), stress.read(`whole/${name}`), name);
  await assert.rejects(stress.run('three.yaml', 'torn', { ...asked, queued: 'cancelled' }), {
    name: 'BadInput',
    message: /holds another study/,
  });
});

/** Of three.yaml: what is asked, and the one line that refuses it. */
const MISTAKES: readonly [Partial<StressOptions>, RegExp][] = [
  [
    { banks: ['AABADE00'] },
    /^--banks: AABADE00: expected a participant of the scenario; did you mean "AAAADE00"\?$/,
  ],
  [{ banks: [] }, /^--banks: an empty list: expected participants, such as AAAADE00,BBBBDE00$/],
  [{ banks: ['AAAADE00', 'AAAADE00'] }, /^--banks: AAAADE00: expected each once$/],
  [{ hours: [] }, /^--hours: an empty list: expected times of day, such as 09:00,10:00$/],
  [{ hours: ['9'] }, /^--hours: 9: expected a time of day as HH:MM or HH:MM:SS$/],
  [
    { hours: ['09:00', '12:00'] },
    /^--hours: 12:00: expected a time inside the day, from 2026-03-16 08:00 until before 2026-03-16 12:00 UTC$/,
  ],
  [
    { date: '2026-03-17' },
    /^--date 2026-03-17: expected one of the scenario's business dates, 2026-03-16$/,
  ],
  [{ lengthSeconds: 1800 }, /^--reaction-after 1800s: expected less than --length, 1800 s$/],
  [
    { set: ['settlement.qeue=fifo'] },
    /--set settlement\.qeue=fifo: settlement\.qeue: expected a path/,
  ],
];

for (const [asked, message] of MISTAKES)
  test(`refused: ${JSON.stringify(asked)}`, async (t) => {
    const stress = stressFiles(t);
    await assert.rejects(stress.run('three.yaml', 'out', asked), (error: Error) => {
      assert.ok(['BadInput', 'ScenarioError'].includes(error.name));
      assert.match(error.message, message);
      return true;
    });
    assert.ok(!existsSync(stress.path('out')), 'nothing was begun');
  });

const readThree = (asked: Partial<StressOptions>, yaml = THREE_YAML, csv = THREE_CSV) =>
  readStress(
    {
      ...{ scenario: 'three.yaml', set: [], lengthSeconds: null },
      ...{ reactionAfterSeconds: 0, queued: 'left' },
      ...asked,
    },
    (path) => (path === 'three.yaml' ? yaml : csv),
  ).study;

test('by default every bank fails at every full hour of the day, in the scenario’s zone', () => {
  const yaml = THREE_YAML.replace('zone: UTC\ncur', 'zone: Asia/Bangkok\ncur');
  const csv = THREE_CSV.replaceAll(',09:', ',16:').replaceAll(',10:', ',17:');
  const study = readThree({}, yaml.replace('"08:00"', '"07:30"'), csv);
  const hours = study.dimensions[1]?.options.map(({ label }) => label);
  assert.deepEqual(hours, ['15:00', '16:00', '17:00', '18:00']);
  assert.equal(cellCount(study), 3 * 4 * 2);
});

test('a failure is an outage behind those of the scenario, and ends where it lasts into the night', () => {
  const yaml = `${THREE_YAML}events: { outages: [{ participant: CCCCDE00, from: "08:10", until: "08:20" }] }\n`;
  const study = readThree(
    { lengthSeconds: 5400, reactionAfterSeconds: 90, queued: 'cancelled', set: ['tickMs=5000'] },
    yaml,
  );
  const set = (cell: number) => settingOverrides(study, cellAt(study, cell).picks, () => yaml);
  const failing = ['tickMs=5000', 'events.outages.+={ participant: AAAADE00, from: "00:00" }'];
  const at = (from: string) => `events.outages.1.from=${from}`;
  assert.deepEqual(set(1), [...failing, at('08:00'), 'events.outages.1.until=09:30:00']);
  assert.deepEqual(set(4), [
    ...[...failing, at('09:00'), 'events.outages.1.until=10:30:00'],
    ...[
      'events.outages.1.othersStopPayingAfterSeconds=90',
      'events.outages.1.queuedToIt=cancelled',
    ],
  ]);
  assert.deepEqual(set(7), [...failing, at('11:00')]);
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import {
  PAYMENT_COLUMNS,
  paymentCells,
} from '../../services/report/figures/payments-csv-columns.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { settingOverrides } from '../../services/study/cell-scenario.ts';
import type { runCells } from '../../services/study/cell-workers.ts';
import { cellAt, cellCount } from '../../services/study/grid.ts';
import { readStress, type StressOptions } from '../../services/study/stress/stress-grid.ts';
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

test('a page calls failures of banks failures, and one that could not be run not run', async (t) => {
  const stress = stressFiles(t);
  const one = { hours: ['08:00'], banks: ['AAAADE00'] };
  const none: typeof runCells = async (_, cells, { told }) => {
    for (const { number } of cells) told({ number, error: 'no room', exitCode: 1 });
  };
  await stress.run('three.yaml', 'ran', one);
  await stress.run('three.yaml', 'lost', one, { keepGoing: true, run: none });
  const [ran, lost] = ['ran', 'lost'].map((out) => stress.read(`${out}/stress.html`));
  for (const page of [ran, lost]) {
    assert.match(page as string, /Failures that did not run[^\n]*<\/h2>/);
    assert.match(page as string, /ran each failure as/);
    assert.doesNotMatch(page as string, /[Cc]ells? (?:that|without|ran)/);
  }
  assert.match(ran as string, /Every failure ran\./);
  assert.match(lost as string, /Failures that did not run, and why[\s\S]*no room/);
});

test('the list of the most harmful failures counts what it lists, and lists none without harm', async (t) => {
  const stress = stressFiles(t);
  const list = async (hours: string[]) => {
    const out = hours.join('-').replaceAll(':', '');
    await stress.run('three.yaml', out, { hours });
    const page = stress.read(`${out}/stress.html`);
    const section = page.slice(page.indexOf('<section id="harm"'));
    return section.slice(0, section.indexOf('</section>'));
  };
  const some = await list(['08:00', '11:30']);
  const [, without, withReaction] =
    some.match(
      /Most harmful failures, (\d+) without the others’ reaction and (\d+) with it, by /,
    ) ?? [];
  const rows = some.slice(some.indexOf('<tbody>')).match(/<tr>.*<\/tr>/g) ?? [];
  assert.equal(rows.length, Number(without) + Number(withReaction));
  assert.match(some, /; payments, and values in EUR</, 'one currency has no rates');
  assert.ok(Number(without) > 0 && Number(withReaction) > 0);
  for (const row of atLeast(2, rows)) assert.match(row, />08:00</, 'at 11:30 all has settled');
  const none = await list(['11:30']);
  assert.match(none, /No failure that ran keeps a payment from settling\./);
  assert.ok(!none.includes('<table') && !none.includes('corridor run'));
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
  await checkRandomStress(20, 1);
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
  [
    { hours: ['9'] },
    /^--hours: 9: expected a time of day as HH:MM or HH:MM:SS, such as 09:00, or 01:00\+1 on the calendar day after the date$/,
  ],
  [
    { hours: ['09:00', '12:00'] },
    /^--hours: 12:00: expected a time inside the day, from 2026-03-16 08:00 until before 2026-03-16 12:00 UTC$/,
  ],
  [
    { date: '2026-03-17' },
    /^--date 2026-03-17: expected one of the scenario's business dates, 2026-03-16$/,
  ],
  [
    { lengthSeconds: 1800 },
    /^--reaction-after 30m \(its default\): expected less than --length 30m$/,
  ],
  [
    { lengthSeconds: 90, reactionAfterSeconds: 7200 },
    /^--reaction-after 2h: expected less than --length 90s$/,
  ],
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

/** What three.yaml's banks pay between 08:00 and 18:00 in New York, with events in another zone. */
const nightYaml = (zone: string, day = { date: '2026-03-16', opens: '08:00', closes: '18:00' }) =>
  `${THREE_YAML.replace('payments: { csv: three.csv }\n', '')
    .replace('2026-03-16', day.date)
    .replace('zone: UTC', `zone: ${zone}`)
    .replace(
      'opens: "08:00", closes: "12:00", zone: UTC',
      `opens: "${day.opens}", closes: "${day.closes}", zone: America/New_York`,
    )}
profiles: { day: { zone: America/New_York, parts: [{ from: "${day.opens}", to: "${day.closes}", weight: 1 }] } }
traffic:
  - { name: eur, from: EUR, paymentsPerDate: 60, profile: day, amounts: { median: "10.00", sigma: 1, min: "1.00", max: "40.00" }, priorities: { normal: 1 } }
`;
const hoursOf = (yaml: string, asked: Partial<StressOptions> = {}) =>
  readThree(asked, yaml).dimensions[1]?.options.map(({ label }) => label) ?? [];

test('hours after midnight: by default, and with the figures of a zone that has no midnight in the day', async (t) => {
  const stress = stressFiles(t);
  const evening = ['21:00', '22:00', '23:00'];
  const night = ['00:00+1', '01:00+1', '02:00+1', '03:00+1', '04:00+1', '05:00+1', '06:00+1'];
  assert.deepEqual(hoursOf(nightYaml('Asia/Tokyo')), [...evening, ...night]);
  const run = async (name: string, zone: string, hours: string[]) => {
    stress.write(`${name}.yaml`, nightYaml(zone));
    const asked = { banks: ['AAAADE00'], hours, lengthSeconds: 2 * 3600 };
    const { study } = await stress.run(`${name}.yaml`, name, asked);
    return { study, rows: rowsOf(stress.read(`${name}/stress.csv`)) };
  };
  const near = await run('near', 'America/New_York', ['10:00', '12:00', '17:00']);
  const tokyo = await run('tokyo', 'Asia/Tokyo', ['23:00', '01:00', '06:00']);
  const withoutHour = ({ hour, ...row }: Row) => row;
  assert.deepEqual(tokyo.rows.map(withoutHour), near.rows.map(withoutHour));
  assert.deepEqual(
    tokyo.rows.map(({ hour }) => hour),
    ['23:00', '23:00', '01:00+1', '01:00+1', '06:00+1', '06:00+1'],
  );
  const hashes = new Set(near.rows.map(({ eventsHash }) => eventsHash));
  assert.equal(hashes.size, 6, 'no two failures are alike');
  const readFile = () => nightYaml('Asia/Tokyo');
  for (const [cell, from] of [
    [1, '14:00'],
    [4, '16:00'],
  ] as const) {
    const set = settingOverrides(tokyo.study, cellAt(tokyo.study, cell).picks, readFile);
    const scenario = loadScenario('tokyo.yaml', { readFile, set });
    const { summary, rows } = await runScenario(scenario, { signatures: false });
    assert.equal(tokyo.rows[cell - 1]?.eventsHash, summary.eventsHash, 'over messages');
    const fromMs = Date.parse(`2026-03-16T${from}Z`);
    const sent = rows.filter(({ debtorAgent }) => debtorAgent === 'AAAADE00');
    for (const { submittedAtMs } of atLeast(3, sent))
      assert.ok(submittedAtMs < fromMs || submittedAtMs >= fromMs + 2 * 3_600_000);
  }
  const page = stress.read('tokyo/stress.html');
  assert.match(
    page,
    /23:00, 01:00\+1, 06:00\+1 \(Asia\/Tokyo\), 2026-03-16; \+1: on the calendar day after</,
  );
  assert.match(page, />01\+1</, 'the axis of the heat map');
  assert.match(page, /<th[^>]*>01:00\+1</, 'the tables');
  assert.match(page, /AAAADE00 01:00\+1|>01:00\+1<\/td>/, 'the most harmful failures');
});

test('an hour without a day is that of the date where it is inside, else that beside midnight', () => {
  const tokyo = nightYaml('Asia/Tokyo');
  assert.deepEqual(hoursOf(tokyo, { hours: ['01:00', '21:30', '06:59:59+1'] }), [
    ...['01:00+1', '21:30', '06:59:59+1'],
  ]);
  const kiritimati = hoursOf(nightYaml('Pacific/Kiritimati'));
  assert.deepEqual([kiritimati[0], kiritimati.at(-1)], ['02:00+1', '11:00+1']);
  const before = nightYaml('Pacific/Honolulu', {
    ...{ date: '2026-03-16', opens: '04:00', closes: '08:00' },
  });
  assert.deepEqual(hoursOf(before), ['22:00-1', '23:00-1', '00:00', '01:00']);
  assert.deepEqual(hoursOf(before, { hours: ['23:15'] }), ['23:15-1']);
  for (const [hours, message] of [
    [['01:00', '01:00+1'], /^--hours: 01:00\+1: expected each once$/],
    [
      ['08:00'],
      /^--hours: 08:00: expected a time inside the day, from 2026-03-16 21:00 until before 2026-03-17 07:00 Asia\/Tokyo$/,
    ],
    [['21:00+1'], /^--hours: 21:00\+1: expected a time inside the day/],
    [['01:00+3'], /^--hours: 01:00\+3: expected a time of day/],
  ] as const)
    assert.throws(() => hoursOf(tokyo, { hours }), { name: 'BadInput', message });
});

test('clocks that change in the night: an hour that is skipped is none, and no end is an hour off', () => {
  const day = { opens: '18:00', closes: '23:00' };
  const spring = nightYaml('Europe/Berlin', { date: '2026-03-28', ...day });
  assert.deepEqual(hoursOf(spring), ['23:00', '00:00+1', '01:00+1', '03:00+1', '04:00+1']);
  const autumn = nightYaml('Europe/Berlin', { date: '2026-10-24', ...day });
  const until = (hour: string, lengthSeconds: number) =>
    readThree({ hours: [hour], lengthSeconds }, autumn).dimensions[1]?.options[0]?.set.at(-1);
  assert.equal(until('01:00', 3600), 'events.outages.0.until=02:00:00+1');
  assert.equal(until('01:00', 3 * 3600), 'events.outages.0.until=03:00:00+1');
  assert.throws(() => until('01:00', 2 * 3600), {
    name: 'BadInput',
    message:
      /^--length 7200s: at 01:00\+1 the outage would end at the second 02:00:00\+1 of that night in Europe\/Berlin: /,
  });
});

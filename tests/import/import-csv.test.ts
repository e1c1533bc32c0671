import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readMapping } from '../../services/import/mapping.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { eachListed } from '../../services/scenario/payment-list.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { atLeast } from '../support/at-least.ts';
import { runDirectly } from '../support/run.ts';
import { importFiles } from './import-folder-of.ts';

const EXAMPLE = join(packageFolder, 'docs/examples/import');
const example = (name: string) => join(EXAMPLE, name);

const COLUMNS = '{ date: day, time: at, debtor: from, creditor: to, currency: ccy, amount: value }';
const MAPPING = `payments:
  separator: ","
  decimalMark: "."
  dateForm: yyyy-MM-dd
  timeForm: H:mm:ssF
  zone: Europe/Berlin
  columns: ${COLUMNS}
missingBalance: zero
`;
const HEADER = 'day,at,from,to,ccy,value\n';
const GOOD = '2026-03-16,10:00:00,A Bank,B Bank,EUR,12.50\n';

describe('the example of docs/import.md', () => {
  const imported = (t: TestContext) => {
    const source = importFiles(t);
    const mapping = readFileSync(example('mapping.yaml'), 'utf8');
    const result = source.import(mapping, [example('zahlungen.csv'), example('salden.csv')]);
    return { source, result };
  };

  test('has its payments, observed times and names as they are in the dirty files', async (t) => {
    const { source, result } = imported(t);
    assert.equal(
      source.read('payments.csv'),
      `date,time,debtor,creditor,currency,amount,priority,reference
2026-03-16,08:15:00,NORDXX00,SUDBXX00,EUR,1250.00,normal,A-1
2026-03-16,09:30:15,SUDBXX00,WESTXX00,EUR,12.5,high,B-1
2026-03-17,10:00:00,WESTXX00,NORDXX00,EUR,3000000.00,normal,C-1
2026-03-17,10:01:30,SUDBXX00,NORDXX00,EUR,480.00,normal,B-2
`,
    );
    assert.equal(
      source.read('observed.csv'),
      `row,submitted,settled
1,2026-03-16T07:15:00.000Z,2026-03-16T07:15:02.000Z
2,2026-03-16T08:30:15.000Z,
3,2026-03-17T09:00:00.000Z,2026-03-17T09:05:00.000Z
4,2026-03-17T09:01:30.000Z,2026-03-17T09:01:30.000Z
`,
    );
    assert.equal(
      source.read('bics.csv'),
      'name,bic\n"Nordbank AG, Hamburg",NORDXX00\nSüdbank,SUDBXX00\nWestbank,WESTXX00\n',
    );
    const { listedPayments, participants } = source.scenario();
    assert.deepEqual(
      Array.from(eachListed(listedPayments), ({ atMs, debtorAgent, amountMinor, priority }) => [
        ...[new Date(atMs).toISOString(), participants[debtorAgent]?.bic, amountMinor, priority],
      ]),
      [
        ['2026-03-16T07:15:00.000Z', 'NORDXX00', 125_000n, 'normal'],
        ['2026-03-16T08:30:15.000Z', 'SUDBXX00', 1250n, 'high'],
        ['2026-03-17T09:00:00.000Z', 'WESTXX00', 300_000_000n, 'normal'],
        ['2026-03-17T09:01:30.000Z', 'SUDBXX00', 48_000n, 'normal'],
      ],
    );
    assert.deepEqual(result.businessDates, ['2026-03-16', '2026-03-17']);
  });

  test('runs as it stands, with the balances of the file and the upper bound of the other bank', async (t) => {
    const { source } = imported(t);
    const scenario = source.scenario();
    const balances = scenario.participants.map(({ accounts: [account] }) => [
      account?.balanceMinor,
      account?.creditLineMinor,
    ]);
    assert.deepEqual(balances, [
      [500_000n, 0n],
      [200_000n, 10_050n],
      // It pays 3,000,000.00 after it got 12.50.
      [299_998_750n, 0n],
    ]);
    const { summary } = await runDirectly(scenario);
    assert.equal(summary.settled, 4);
  });

  test('says in import.json what was read, how, and what was assumed', (t) => {
    const { source } = imported(t);
    const told = JSON.parse(source.read('import.json'));
    assert.deepEqual(
      told.files.map(({ path, sha256 }: { path: string; sha256: string }) => [path, sha256.length]),
      [
        [example('salden.csv'), 64],
        [example('zahlungen.csv'), 64],
      ],
    );
    assert.deepEqual(told.counts, { payments: 4, businessDates: 2, participants: 3, accounts: 3 });
    assert.deepEqual(told.assumed, [
      'EUR is open from 08:00 to 11:00 Europe/Berlin: full hours around its payments.',
      'Balances of 1 account that no row of balances has: the least with which each of their payments settles when it is submitted.',
    ]);
    assert.deepEqual(told.differences, [
      'BICs of 3 names of the source are test BICs, as bics.csv says.',
    ]);
    assert.equal(told.mapping.payments.columns.debtor, 'Auftraggeber');
  });
});

/** What is wrong with one row below a good one, in the words of the message. */
const BAD: readonly (readonly [string, string, string])[] = [
  [
    'a negative amount',
    '2026-03-16,10:00:00,A Bank,B Bank,EUR,-5.00',
    'column value: "-5.00": expected an amount above 0, such as "1250.00"',
  ],
  [
    'an amount of 0',
    '2026-03-16,10:00:00,A Bank,B Bank,EUR,0.00',
    'column value: "0.00": expected an amount above 0, such as "1250.00"',
  ],
  [
    'no amount',
    '2026-03-16,10:00:00,A Bank,B Bank,EUR,',
    'column value: missing: expected a value',
  ],
  [
    'a decimal comma',
    '2026-03-16,10:00:00,A Bank,B Bank,EUR,"5,00"',
    'column value: "5,00": expected digits as the mapping has them (decimalMark ".", thousandsMark none), such as "1250.00"',
  ],
  [
    'excess decimals',
    '2026-03-16,10:00:00,A Bank,B Bank,EUR,5.001',
    'column value: "5.001": expected at most 2 decimals, as EUR has',
  ],
  [
    'another form of date',
    '16.03.2026,10:00:00,A Bank,B Bank,EUR,5',
    'column day: "16.03.2026": expected a date that the calendar has, from 1970 on, as yyyy-MM-dd',
  ],
  [
    'no such date',
    '2026-02-30,10:00:00,A Bank,B Bank,EUR,5',
    'column day: "2026-02-30": expected a date that the calendar has, from 1970 on, as yyyy-MM-dd',
  ],
  [
    'no such time',
    '2026-03-16,24:00:00,A Bank,B Bank,EUR,5',
    'column at: "24:00:00": expected a time as H:mm:ssF',
  ],
  [
    'an unknown currency',
    '2026-03-16,10:00:00,A Bank,B Bank,EUT,5',
    'column ccy: "EUT": expected a currency code of ISO 4217; did you mean "EUR"?',
  ],
  [
    'a bank that pays itself',
    '2026-03-16,10:00:00,A Bank,A Bank,EUR,5',
    'column to: "A Bank": expected another bank than the debtor\'s',
  ],
  ['no debtor', '2026-03-16,10:00:00,,B Bank,EUR,5', 'column from: missing: expected a value'],
  [
    'the header once more',
    HEADER.trim(),
    '"day | at | from | to | ccy | value": expected a row, not the header once more',
  ],
  [
    'too few fields',
    '2026-03-16,10:00:00',
    '"2026-03-16 | 10:00:00": expected 6 fields, as the header has; 2 are here',
  ],
  [
    'too few fields before the line end of Windows',
    '2026-03-16,10:00:00\r',
    '"2026-03-16 | 10:00:00": expected 6 fields, as the header has; 2 are here',
  ],
  [
    'a quote that closes in a field',
    '2026-03-16,10:00:00,"A" Bank",B Bank,EUR,5',
    '"2026-03-16 | 10:00:00 | A\\" Bank | B Bank | EUR | 5": expected a quote in a quoted field to stand twice, or none',
  ],
];

describe('a bad row', () => {
  for (const [mistake, row, expected] of atLeast(15, BAD))
    test(`with ${mistake} is told by file, line, column, value and expectation; nothing is written`, (t) => {
      const source = importFiles(t);
      const file = source.write('p.csv', `${HEADER}${GOOD}${row}\n`);
      assert.throws(
        () => source.import(MAPPING, [file]),
        (error: Error) => {
          const [head, told] = error.message.split('\n');
          assert.match(head as string, /^1 of (?:1 row|2 rows) is bad; nothing was written$/);
          assert.equal(told, `  ${file}:3: ${expected}`);
          return error.name === 'ScenarioError';
        },
      );
      assert.deepEqual(source.names(), ['p.csv']);
    });

  test('is one of many: the first 50 are told, all are counted by kind', (t) => {
    const source = importFiles(t);
    const rows = Array.from({ length: 70 }, (_, at) =>
      GOOD.replace('12.50', at % 7 === 0 ? '0' : '1').replace('EUR', at % 5 === 0 ? 'EU' : 'EUR'),
    );
    const file = source.write('p.csv', HEADER + rows.join(''));
    assert.throws(
      () => source.import(MAPPING.replace('missingBalance: zero\n', ''), [file]),
      // Of a row, what is wrong first is told.
      (error: Error) => {
        assert.match(error.message, /^22 of 70 rows are bad/);
        assert.match(
          error.message,
          /^ {2}14 {2}column ccy: expected a currency code of ISO 4217$/m,
        );
        assert.match(error.message, /^ {2}8 {2}column value: expected an amount above 0/m);
        return true;
      },
    );
    const all = source.write('q.csv', HEADER + GOOD.replace('EUR', 'EU').repeat(70));
    assert.throws(
      () => source.import(MAPPING, [all]),
      (error: Error) => {
        assert.equal(
          error.message.split('\n').filter((line) => /q\.csv:\d+: /.test(line)).length,
          50,
        );
        assert.match(error.message, /^ {2}and 20 more$/m);
        return true;
      },
    );
  });

  test('is one whose reference its bank has used, and none where another bank has', (t) => {
    const source = importFiles(t);
    const mapping = MAPPING.replace('amount: value', 'amount: value, reference: ref');
    const row = (from: string, to: string, ref: string) =>
      `2026-03-16,10:00:00,${from},${to},EUR,1,${ref}\n`;
    const header = HEADER.replace('value', 'value,ref');
    const good = `${header}${row('A', 'B', 'r1')}${row('B', 'A', 'r1')}${row('A', 'B', '')}${row('A', 'B', '')}`;
    assert.equal(source.import(mapping, [source.write('p.csv', good)]).payments, 4);
    assert.throws(
      () => source.import(mapping, [source.write('p.csv', good + row('A', 'B', 'r1'))]),
      /p\.csv:6: column ref: "r1": expected each reference of a bank once; line 2 has it/,
    );
  });

  test('is one that its scenario refuses: outside hours that the mapping gives', (t) => {
    const source = importFiles(t);
    const hours =
      'scenario: { currencies: { EUR: { opens: "08:00", closes: "09:30", zone: Europe/Berlin } } }\n';
    const file = source.write('p.csv', `${HEADER}\r\n${GOOD.replace('10:00', '9:00')}${GOOD}`);
    assert.throws(
      () => source.import(MAPPING + hours, [file]),
      /p\.csv:4: column at: "10:00:00": expected a time inside the day, 2026-03-16 08:00 to 2026-03-16 09:30/,
    );
    assert.deepEqual(source.names(), ['p.csv']);
  });

  test('is a payment of a bank for which no balance is given and no rule stands', (t) => {
    const source = importFiles(t);
    const file = source.write('p.csv', HEADER + GOOD);
    assert.throws(
      () => source.import(MAPPING.replace('missingBalance: zero\n', ''), [file]),
      /p\.csv:2: column from: "A Bank": expected a bank with a balance in EUR in the files of balances, or missingBalance in the mapping/,
    );
  });
});

describe('times of a source', () => {
  const stamps = MAPPING.replace('  dateForm: yyyy-MM-dd\n', '')
    .replace('H:mm:ssF', 'yyyy-MM-ddTHH:mm:ssFZZ')
    .replace('date: day, ', '');
  const row = (at: string) => `${at},A,B,EUR,1\n`;
  const header = 'at,from,to,ccy,value\n';

  test('with offsets are local times of the zone, on the dates that they have there', (t) => {
    const source = importFiles(t);
    const rows = row('2026-03-16T23:30:00Z') + row('2026-03-16T12:00:00.25-05:00');
    source.import(stamps, [source.write('p.csv', header + rows)]);
    const [, first, second] = source.read('payments.csv').split('\n');
    assert.match(first as string, /^2026-03-17,00:30:00,/);
    assert.match(second as string, /^2026-03-16,18:00:00\.250,/);
    assert.deepEqual(source.scenario().businessDates, ['2026-03-16', '2026-03-17']);
  });

  test('with offsets beside a date are on that date in the zone, or refused', (t) => {
    const source = importFiles(t);
    const mapping = MAPPING.replace('H:mm:ssF', 'H:mm:ssFZZ');
    const good = HEADER + GOOD.replace('10:00:00', '09:00:00Z');
    source.import(mapping, [source.write('p.csv', good)]);
    assert.match(source.read('payments.csv'), /^2026-03-16,10:00:00,/m);
    const late = good + GOOD.replace('10:00:00', '23:30:00Z');
    assert.throws(
      () => source.import(mapping, [source.write('p.csv', late)]),
      /p\.csv:3: column at: "23:30:00Z": expected a time that is on 2026-03-16 in Europe\/Berlin/,
    );
  });

  test('that come twice, as clocks go back, are refused where a table cannot say which', (t) => {
    const source = importFiles(t);
    const first = row('2026-10-25T00:30:00Z');
    source.import(stamps, [source.write('p.csv', header + first)]);
    assert.match(source.read('payments.csv'), /^2026-10-25,02:30:00,/m);
    assert.throws(
      () =>
        source.import(stamps, [
          source.write('p.csv', header + first + row('2026-10-25T01:30:00Z')),
        ]),
      /p\.csv:3: column at: "2026-10-25T01:30:00Z": expected a time that comes once in Europe\/Berlin/,
    );
  });
});

test('real BICs stay under the flag, in a scenario that says so, and are test BICs without it', (t) => {
  const source = importFiles(t);
  const rows = GOOD.replace('A Bank', 'ABCDDEFF').replace('B Bank', 'EFGHFRPPXXX');
  const file = source.write('p.csv', HEADER + rows);
  source.import(MAPPING, [file], true);
  const { participants, document } = source.scenario();
  assert.deepEqual(
    participants.map(({ bic }) => bic),
    ['ABCDDEFF', 'EFGHFRPPXXX'],
  );
  assert.equal(document.realBics, true);
  source.import(MAPPING, [file]);
  assert.equal(source.read('bics.csv'), 'name,bic\nABCDDEFF,ABCDDEF0\nEFGHFRPPXXX,EFGHFRP0XXX\n');
  assert.throws(
    () => source.import(MAPPING, [source.write('q.csv', HEADER + GOOD)], true),
    /q\.csv:2: column from: "A Bank": expected a BIC of 8 or 11 characters, such as "BANKDEFF"/,
  );
});

test('a BIC of 8 characters and the same of 11 are two participants, and that is said', (t) => {
  const source = importFiles(t);
  const rows = GOOD.replace('A Bank', 'ABCDDEFF').replace('B Bank', 'ABCDDEFFXXX');
  const { participants, differences } = source.import(MAPPING, [
    source.write('p.csv', HEADER + rows),
  ]);
  assert.equal(participants, 2);
  assert.ok(
    differences.includes(
      'ABCDDEFF and ABCDDEFFXXX are two participants: BICs are compared exactly.',
    ),
  );
});

test('a folder of something else stays as it is, and an earlier import is replaced whole', (t) => {
  const source = importFiles(t);
  const file = source.write('p.csv', HEADER + GOOD);
  source.import(MAPPING.replace('amount: value', 'amount: value, settled: at'), [file]);
  assert.match(source.read('observed.csv'), /^1,/m);
  source.import(MAPPING, [file]);
  assert.throws(() => source.read('observed.csv'), /ENOENT/);
  source.write('out/notes.txt', 'mine');
  assert.throws(() => source.import(MAPPING, [file]), {
    name: 'BadInput',
    message: /expected an empty folder, an earlier import or a new name; .*out holds notes\.txt/,
  });
});

for (const seed of [1, 2, 3])
  test(`upper bounds are the least with which all payments settle at once, seed ${seed}`, async (t) => {
    const stream = new SeededStream(seed, 'import');
    const upTo = (count: number) => Math.floor(stream.uniform() * count);
    const payments = Array.from({ length: 60 }, () => {
      const from = upTo(5);
      return { from, to: (from + 1 + upTo(4)) % 5, minute: upTo(300), minor: 1 + upTo(10_000) };
    });
    const rows = payments.map(({ from, to, minute, minor }) => {
      const at = `${9 + Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}:00`;
      return `2026-03-1${6 + (minute % 2)},${at},BANK${from}DE0,BANK${to}DE0,EUR,${(minor / 100).toFixed(2)}\n`;
    });
    const source = importFiles(t);
    const upper = MAPPING.replace('zero', 'upperBound');
    source.import(upper, [source.write('p.csv', HEADER + rows.join(''))]);
    const scenario = source.scenario();
    // By hand, in the slowest way: each bank's position before each of its payments.
    const ordered = payments
      .map((one, row) => ({ ...one, row, day: one.minute % 2 }))
      .sort((a, b) => a.day - b.day || a.minute - b.minute || a.row - b.row);
    const least = scenario.participants.map(({ name }) => {
      let [position, lowest] = [0, 0];
      for (const { from, to, minor } of ordered) {
        if (`BANK${to}DE0` === name) position += minor;
        if (`BANK${from}DE0` === name) position -= minor;
        lowest = Math.min(lowest, position);
      }
      return BigInt(-lowest);
    });
    const balances = scenario.participants.map(({ accounts }) => accounts[0]?.balanceMinor);
    assert.deepEqual(balances, least);
    const { summary } = await runDirectly(scenario);
    assert.equal(summary.settled, 60);
    assert.equal(summary.settledByMechanism.entry, 60);
  });

const MISTAKES: readonly (readonly [string, string, string])[] = [
  [
    'decimalMark: "."',
    'decimalMark: ". or ,"',
    ':3: payments.decimalMark: ". or ,": expected one of "." ","',
  ],
  [
    'dateForm: yyyy-MM-dd',
    'dateForm: d/M/yyyy or M/d/yyyy',
    ':4: payments.dateForm: "d/M/yyyy or M/d/yyyy": expected one form, in which the month stands once',
  ],
  [
    'dateForm: yyyy-MM-dd',
    'dateForm: yyyy-MM',
    ':4: payments.dateForm: "yyyy-MM": expected year, month and day, or none of them',
  ],
  [
    'timeForm: H:mm:ssF',
    'timeForm: yyyy-MM-dd H:mm',
    ':5: payments.timeForm: "yyyy-MM-dd H:mm": expected no date in it beside the column date',
  ],
  [
    'zone: Europe/Berlin',
    'zone: Berlin',
    ':6: payments.zone: "Berlin": expected an IANA time zone',
  ],
  [
    'amount: value',
    'amuont: value',
    ':7: payments.columns.amuont: "value": expected a key of the schema; did you mean "amount"?',
  ],
  [
    ', amount: value',
    '',
    ':7: payments.columns.amount: missing: expected the name of a column of the source, or a constant',
  ],
  [
    'missingBalance: zero',
    'missingBalance: upperBound or zero',
    ':8: missingBalance: "upperBound or zero": expected upperBound, zero, or an amount as a decimal in quotes, such as "1250.00"',
  ],
  [
    'missingBalance: zero',
    'scenario: { settlement: { queue: lifo } }',
    ':8: scenario.settlement.queue: "lifo": expected one of fifo, bypass-fifo',
  ],
];

test('each row has its own date, and all rows are written, however many', (t) => {
  const source = importFiles(t);
  // More than is written at once, in rows of many lengths.
  const rows = Array.from({ length: 6_000 }, (_, at) => {
    const day = `2026-03-${String(16 + (at % 2)).padStart(2, '0')}`;
    return [day, '10:00:00', 'A Bank', 'B Bank', 'EUR', `${10 ** (at % 9)}.50`];
  });
  const text = rows.map((row) => `${row.join(',')}\n`).join('');
  source.import(MAPPING, [source.write('p.csv', HEADER + text)]);
  const expected = rows.map(
    ([day, time, , , ccy, value]) => `${day},${time},ABANXX00,BBANXX00,${ccy},${value},`,
  );
  assert.deepEqual(source.read('payments.csv').trimEnd().split('\n').slice(1), expected);
});

test('a cell that is longer than what is written at once is written whole', (t) => {
  const source = importFiles(t);
  const amount = `${'0'.repeat(300_000)}12.50`;
  const long = GOOD.replace('12.50', amount);
  source.import(MAPPING, [source.write('p.csv', HEADER + GOOD + long + GOOD)]);
  const amounts = source
    .read('payments.csv')
    .split('\n')
    .slice(1, 4)
    .map((row) => row.split(',')[5]);
  assert.deepEqual(amounts, ['12.50', amount, '12.50']);
});

describe('a mapping', () => {
  for (const [piece, by, expected] of atLeast(9, MISTAKES))
    test(`with ${by || 'no amount'} is refused`, () => {
      assert.ok(MAPPING.includes(piece));
      assert.throws(() => readMapping('mapping.yaml', MAPPING.replace(piece, by)), {
        name: 'ScenarioError',
        message: `mapping.yaml${expected}`,
      });
    });

  test('names a column that the header lacks', (t) => {
    const source = importFiles(t);
    const file = source.write('p.csv', HEADER.replace('value', 'Value') + GOOD);
    assert.throws(() => source.import(MAPPING, [file]), {
      message: `${file}:1: column "value": missing: expected in the header (day, at, from, to, ccy, Value), as payments of mapping.yaml names it`,
    });
  });
});

/** What an import takes and tells, and how it counts and places what it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importFiles } from './import-folder-of.ts';

const mapping = (
  more: { settled?: boolean; closes?: string; reference?: boolean } = {},
) => `payments:
  separator: ";"
  decimalMark: ","
  thousandsMark: "."
  dateForm: yyyy-MM-dd
  timeForm: HH:mm
  settledForm: yyyy-MM-dd HH:mm
  zone: UTC
  columns: { date: date, time: time, debtor: from, creditor: to, currency: ccy, amount: value${more.settled ? ', settled: settled' : ''}${more.reference ? ', reference: note' : ''} }
balances:
  separator: ";"
  decimalMark: ","
  columns: { participant: bank, currency: ccy, balance: money }
scenario:
  currencies:
    EUR:
      opens: "08:00"
      closes: "${more.closes ?? '17:00'}"
      zone: UTC
`;
const HEADER = 'date;time;from;to;ccy;value;settled;note\n';
const BALANCES = 'bank;ccy;money\nA;EUR;900\nB;EUR;900\n';
const row = (date: string, settled = '', note = '', value = '1,00') =>
  `${date};10:00;A;B;EUR;${value};${settled};${note}\n`;
const [MONDAY, TUESDAY] = ['2026-03-16', '2026-03-17'];

test('what settled after a close is taken and told: after that of its date, of the next one, the last one; the first row of each', (t) => {
  const source = importFiles(t);
  const balances = source.write('b.csv', BALANCES);
  const late = (name: string, rows: readonly string[]) => {
    const file = source.write(name, HEADER + rows.join(''));
    const { differences } = source.import(mapping({ settled: true }), [file, balances]);
    const told = differences.filter((one) => one.includes('settled'));
    return told.map((one) => one.replace(', as the source has it; the first in it: ', ' | '));
  };
  const inTime = [row(MONDAY, `${MONDAY} 17:00`), row(TUESDAY)];
  assert.deepEqual(late('in-time.csv', inTime), []);
  const own = 'after the close of the currency on their business date';
  assert.deepEqual(late('late.csv', [...inTime, row(MONDAY, `${TUESDAY} 17:00`)]), [
    `1 payment settled ${own} | ${source.path('late.csv')}:4, at 2026-03-17T17:00:00.000Z.`,
  ]);
  assert.deepEqual(
    late('years.csv', [
      ...inTime,
      row(MONDAY, '2026-03-16 17:20'),
      row(TUESDAY, '2027-03-17 10:00'),
      row(MONDAY, '2027-03-16 10:00'),
    ]),
    [
      `3 payments settled ${own} | ${source.path('years.csv')}:4, at 2026-03-16T17:20:00.000Z.`,
      `1 payment settled after the close of the next business date | ${source.path('years.csv')}:6, at 2027-03-16T10:00:00.000Z.`,
      `2 payments settled after the last close of the currency | ${source.path('years.csv')}:5, at 2027-03-17T10:00:00.000Z.`,
    ],
  );
});

test('rows without a reference that are as an earlier one in all columns are taken and counted', (t) => {
  const source = importFiles(t);
  const balances = source.write('b.csv', BALANCES);
  const first = source.write('1.csv', HEADER + row(MONDAY) + row(MONDAY, '', 'other'));
  const second = source.write('2.csv', HEADER + row(MONDAY, '', 'other') + row(MONDAY));
  const copies = (files: string[], reference = false) =>
    source
      .import(mapping({ reference }), [...files, balances])
      .differences.filter((one) => one.includes('earlier'));
  assert.deepEqual(copies([first]), [], 'a column that is not mapped tells them apart');
  assert.deepEqual(copies([first, second]), [
    `2 rows without a reference are as an earlier one in all columns, and payments of their own: ${second}:2 is as ${first}:3.`,
  ]);
  const twice = source.write('3.csv', HEADER + row(MONDAY) + row(MONDAY));
  assert.deepEqual(copies([twice], true), [
    `1 row without a reference is as an earlier one in all columns, and a payment of its own: ${twice}:3 is as line 2.`,
  ]);
});

test('a row in which two things are wrong is one bad row, among those of all files', (t) => {
  const source = importFiles(t);
  const file = source.write('p.csv', HEADER + row(MONDAY).replace('A;B', 'X;Y'));
  const balances = source.write('b.csv', BALANCES);
  assert.throws(() => source.import(mapping(), [file, balances]), {
    message: /^1 of 3 rows of 2 files is bad; nothing was written\n.*"X".*\n.*"Y".*\n/,
  });
});

test('hours of the mapping that are wrong are told where the mapping has them', (t) => {
  const source = importFiles(t);
  const file = source.write('p.csv', HEADER + row(MONDAY));
  const balances = source.write('b.csv', BALANCES);
  assert.throws(() => source.import(mapping({ closes: '07:00' }), [file, balances]), {
    message:
      'mapping.yaml:18: scenario.currencies.EUR.closes: "07:00": expected a time after opens, 08:00',
  });
});

test('an amount in another form is told with the form of the mapping', (t) => {
  const source = importFiles(t);
  const file = source.write('p.csv', HEADER + row(MONDAY, '', '', '100.00'));
  const balances = source.write('b.csv', BALANCES);
  assert.throws(() => source.import(mapping(), [file, balances]), {
    message:
      /"100\.00": expected digits as the mapping has them \(decimalMark ",", thousandsMark "\."\), such as "1\.250,00"\n/,
  });
});

test('a word for which the mapping has no value is told with those for which it has one', (t) => {
  const source = importFiles(t);
  const file = source.write('p.csv', HEADER + row(MONDAY, '', '7') + row(MONDAY, '', '1'));
  const balances = source.write('b.csv', BALANCES);
  const worded = (values: string) =>
    mapping()
      .replace('amount: value', 'amount: value, priority: note')
      .replace('  columns: { date', `${values}  columns: { date`);
  const expected = (values: string, words: string) =>
    assert.throws(() => source.import(worded(values), [file, balances]), {
      message: new RegExp(`column note: "7": expected ${words}one of urgent, high, normal\n`),
    });
  const values = '  values: { priority: { 1: urgent, 5: high } }\n';
  expected(values, '"1", "5" by values\\.priority of the mapping, or ');
  expected('', '');
});

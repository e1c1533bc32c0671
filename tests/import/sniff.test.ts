import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { readMapping } from '../../services/import/mapping.ts';
import { sampleRows } from '../../services/import/sample-rows.ts';
import { sniff } from '../../services/import/sniff.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { atLeast } from '../support/at-least.ts';
import { importFiles } from './import-folder-of.ts';

const example = (name: string) => join(packageFolder, 'docs/examples/import', name);

test('of the example all is found but what its mapping adds', () => {
  const { text, open } = sniff([example('zahlungen.csv'), example('salden.csv')]);
  const found = parse(text);
  const { missingBalance, scenario, ...mapping } = parse(
    readFileSync(example('mapping.yaml'), 'utf8'),
  );
  const choices = 'urgent or high or normal';
  assert.deepEqual(found.payments.values, { priority: { N: choices, H: choices } });
  assert.deepEqual(open, [
    'payments.values.priority: what "N", "H" stand for: urgent or high or normal',
  ]);
  assert.equal(found.payments.zone, 'UTC');
  found.payments.values = mapping.payments.values;
  found.payments.zone = mapping.payments.zone;
  assert.deepEqual(found, mapping);
});

const HEADER = 'date,time,payer,payee,currency,amount\n';
const row = (date: string, time: string, amount: string) => `${date},${time},A,B,EUR,${amount}\n`;
/** Rows, and what of the mapping they show. */
const SHOWN: readonly (readonly [string, string, Readonly<Record<string, string | undefined>>])[] =
  [
    [
      'a date that fits two forms',
      row('03/04/2026', '09:00', '1.50'),
      { dateForm: 'd/M/yyyy or M/d/yyyy' },
    ],
    [
      'a date that fits one of them',
      row('03/04/2026', '09:00', '1.50') + row('16/03/2026', '09:00', '1.50'),
      { dateForm: 'd/M/yyyy' },
    ],
    [
      'a date that most rows have, beside what is none',
      ['16.03.2026', '16.03.2026', '16.03.2026', '31.02.2026', 'Summe']
        .map((date) => row(date, '09:00', '1.50'))
        .join(''),
      { dateForm: 'd.M.yyyy' },
    ],
    [
      'an amount that fits two forms',
      row('2026-03-16', '09:00', '1.234'),
      { decimalMark: '. or ,', thousandsMark: 'none or .' },
    ],
    [
      'an amount that fits one of them',
      row('2026-03-16', '09:00', '1.234') + row('2026-03-16', '09:00', '"12,5"'),
      { decimalMark: ',', thousandsMark: '.' },
    ],
    ...['\u00a0', '\u202f', ' '].map(
      (blank) =>
        [
          `thousands with ${JSON.stringify(blank)}, U+${blank.charCodeAt(0).toString(16)}`,
          row('2026-03-16', '09:00', `"1${blank}234,50"`),
          { decimalMark: ',', thousandsMark: ' ' },
        ] as const,
    ),
    [
      'thousands with commas',
      row('2026-03-16', '09:00', '"1,234.50"'),
      { decimalMark: '.', thousandsMark: ',' },
    ],
    [
      'whole amounts',
      row('2026-03-16', '09:00', '1234'),
      { decimalMark: '.', thousandsMark: undefined },
    ],
    ['seconds', row('20260316', '090000', '1.50'), { dateForm: 'yyyyMMdd', timeForm: 'HHmmss' }],
    [
      'decimals of seconds in some rows',
      row('2026-03-16', '9:00:00', '1.50') + row('2026-03-16', '9:00:00.5', '1.50'),
      { timeForm: 'H:mm:ssF' },
    ],
    [
      'a bad row among good ones',
      row('2026-03-16', '9:00', '1.50').repeat(3) +
        row('x', 'y', '-1') +
        HEADER +
        row('2026-03-17', '9:01', '1.60'),
      { dateForm: 'yyyy-MM-dd', timeForm: 'H:mm', decimalMark: '.' },
    ],
  ];

describe('what is found', () => {
  for (const [what, rows, expected] of atLeast(9, SHOWN))
    test(`shows ${what}; what two forms fit is for the user to choose`, (t) => {
      const { text, open } = sniff([importFiles(t).write('p.csv', HEADER + rows)]);
      const { payments } = parse(text);
      for (const [key, value] of Object.entries(expected)) {
        assert.equal(payments[key], value);
        const isOpen = open.some((one) => one.startsWith(`payments.${key}: `));
        assert.equal(isOpen, value?.includes(' or ') ?? false);
      }
      if (open.length > 1)
        assert.throws(() => readMapping('m.yaml', text), /^ScenarioError: m\.yaml:\d+: /);
    });

  test('has dates and times of one column, and the first rows as they are understood', (t) => {
    const file = importFiles(t).write(
      'p.csv',
      'Timestamp\tSender\tReceiver\tCcy\tValue\n2026-03-16T23:30:00Z\tA\tB\tJPY\t100\n',
    );
    const { text } = sniff([file]);
    const mapping = readMapping('m.yaml', text.replace('upperBound or zero', 'zero'));
    assert.equal(mapping.payments.timeForm, 'yyyy-MM-ddTH:mm:ssZZ');
    assert.equal(mapping.payments.separator, '\t');
    assert.deepEqual(sampleRows([file], mapping), [
      `${file}:2: 2026-03-16 23:30:00 UTC: A pays B 100 JPY`,
    ]);
  });

  test('is nothing where no column says what it is, where two say the same, or where there are no rows', (t) => {
    const source = importFiles(t);
    const of = (text: string) => sniff([source.write('p.csv', text)]);
    assert.throws(
      () => of('foo,bar\n1,2\n'),
      /p\.csv:1: foo, bar: expected columns whose names say/,
    );
    assert.throws(() => of(HEADER), /p\.csv: expected a header and at least one row below it/);
    assert.throws(() => of('foo\n1\n'), /p\.csv:1: expected columns with one of/);
    const { open } = of(
      HEADER.replace('payee', 'payee,sender') + row('2026-03-16', '09:00', '1').replace('B', 'B,C'),
    );
    assert.ok(open.includes('payments.columns.debtor: "payer" or "sender"'), open.join('\n'));
  });

  // Of a country's names each letter is one byte of windows-1252, two or more of UTF-8, and two of UTF-16.
  for (const payer of ['Köln', 'Zürich'])
    test(`shows the encoding, whether or not the bytes of ${payer} are even`, (t) => {
      const source = importFiles(t);
      const text = HEADER + row('2026-03-16', '09:00', '1.50').replace('A', payer);
      const encodingOf = (bytes: Uint8Array) =>
        parse(sniff([source.write('p.csv', bytes)]).text).payments.encoding;
      assert.equal(encodingOf(Buffer.from(text)), undefined);
      assert.equal(encodingOf(Buffer.from(text, 'utf16le')), 'utf-16le');
      assert.equal(encodingOf(Buffer.from(text, 'latin1')), 'windows-1252');
    });

  test('is nothing of a file without text, or of bytes that are none', (t) => {
    const source = importFiles(t);
    const of = (bytes: Uint8Array) => () => sniff([source.write('p.csv', bytes)]);
    const empty = /p\.csv: expected a header and rows: there is no text in the file$/;
    assert.throws(of(new Uint8Array()), empty);
    assert.throws(of(Buffer.from('\n \n')), empty);
    assert.throws(
      of(Uint8Array.from([0x80, 0, 0, 0xdc, 0])),
      /p\.csv: expected text in one of utf-8, utf-16le, windows-1252$/,
    );
  });
});

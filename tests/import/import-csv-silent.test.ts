/** What an import of CSV files must not do silently: count twice, overwrite, move, merge, leave out. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { importFiles } from './import-folder-of.ts';

const COLUMNS = 'date: day, time: at, debtor: from, creditor: to, currency: ccy, amount: value';
const MAPPING = `payments:
  separator: ","
  decimalMark: "."
  dateForm: yyyy-MM-dd
  timeForm: H:mm:ss
  zone: Europe/Berlin
  columns: { ${COLUMNS} }
missingBalance: zero
`;
const HEADER = 'day,at,from,to,ccy,value\n';
const GOOD = '2026-03-16,10:00:00,A,B,EUR,12.50\n';

/** With other columns, each of which the source names as the scenario does. */
const withColumns = (...names: string[]) => ({
  mapping: MAPPING.replace(COLUMNS, [COLUMNS, ...names.map((one) => `${one}: ${one}`)].join(', ')),
  header: HEADER.replace('\n', `,${names.join(',')}\n`),
});

describe('files that overlap', () => {
  const { mapping, header } = withColumns('reference');
  const row = (from: string, to: string, reference: string) =>
    `2026-03-16,10:00:00,${from},${to},EUR,1,${reference}\n`;

  test("have a bank's reference once in all of them, and the message names the other file", (t) => {
    const source = importFiles(t);
    const first = source.write('1.csv', header + row('A', 'B', 'r1') + row('A', 'B', 'r2'));
    const second = source.write('2.csv', header + row('B', 'A', 'r1') + row('A', 'B', 'r2'));
    const third = source.write('3.csv', header + row('B', 'A', 'r1') + row('A', 'B', 'r3'));
    assert.equal(source.import(mapping, [first, third]).payments, 4);
    assert.throws(
      () => source.import(mapping, [first, second, third]),
      (error: Error) => {
        const expected = 'column reference: "r2": expected each reference of a bank once';
        assert.match(error.message, /^2 of 6 rows are bad/);
        assert.ok(error.message.includes(`${second}:3: ${expected}; ${first}:3 has it`));
        const other = expected.replace('r2', 'r1');
        assert.ok(error.message.includes(`${third}:2: ${other}; ${second}:2 has it`));
        return true;
      },
    );
  });

  test('are not one file under two names', (t) => {
    const source = importFiles(t);
    const file = source.write('p.csv', HEADER + GOOD);
    symlinkSync(file, source.path('q.csv'));
    for (const again of [file, `${source.path('.')}/./p.csv`, source.path('q.csv')])
      assert.throws(() => source.import(MAPPING, [file, again]), {
        name: 'ScenarioError',
        message: `${again}: it stands twice: expected each file once`,
      });
  });
});

test('a folder that holds a file of the source is refused and stays as it is', (t) => {
  const source = importFiles(t);
  source.import(MAPPING, [source.write('p.csv', HEADER + GOOD)]);
  const mine = source.write('out/payments.csv', HEADER + GOOD);
  symlinkSync(mine, source.path('link.csv'));
  for (const file of [mine, source.path('link.csv')])
    assert.throws(() => source.import(MAPPING, [file]), {
      name: 'BadInput',
      message: `--out ${source.path('out')}: expected a folder without a file that is read: ${file}`,
    });
  assert.equal(source.read('payments.csv'), HEADER + GOOD);
});

test('upper bounds are refused where a row is a leg of a trade, or pays through a dealer', (t) => {
  const source = importFiles(t);
  for (const column of ['receives', 'toCurrency']) {
    const { mapping, header } = withColumns('reference', column);
    const legs = `${GOOD.trim()},r1,USD\n${GOOD.trim()},r2,\n`;
    const file = source.write('p.csv', header + legs);
    assert.throws(
      () => source.import(mapping.replace('zero', 'upperBound'), [file]),
      new RegExp(
        `1 of 2 rows[^]*p\\.csv:2: column ${column}: "USD": expected one currency, where missingBalance is upperBound: `,
      ),
    );
  }
});

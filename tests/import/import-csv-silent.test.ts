/** What an import of CSV files must not do silently: count twice, overwrite, move, merge, leave out. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { readMapping } from '../../services/import/mapping.ts';
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
        assert.match(error.message, /^2 of 6 rows of 3 files are bad/);
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

test('a file with a header alone is refused beside files with rows', (t) => {
  const source = importFiles(t);
  const good = source.write('p.csv', HEADER + GOOD);
  const empty = source.write('q.csv', HEADER);
  for (const files of [[empty], [good, empty]])
    assert.throws(() => source.import(MAPPING, files), {
      name: 'ScenarioError',
      message: `${empty}: no rows: expected payments below the header`,
    });
});

describe('at the turns of the clocks', () => {
  const { mapping, header } = withColumns('settled', 'earliest', 'latest');
  const row = (date: string, ...[at, settled, earliest, latest]: string[]) =>
    `${date},${at},A,B,EUR,1,${settled},${earliest},${latest}\n`;

  test('a time that the zone skips is refused at its cell', (t) => {
    const source = importFiles(t);
    const day = '2026-03-29';
    const rows = [
      row(day, '01:59:59', '03:00:00', '01:00:00', '04:00:00'),
      row(day, '02:30:00', '', '', ''),
      row(day, '01:00:00', '02:00:00', '', ''),
      row(day, '01:00:00', '', '02:59:59', ''),
      row(day, '01:00:00', '', '', '02:30:00'),
      row('2026-03-28', '02:30:00', '', '', ''),
    ];
    const file = source.write('p.csv', header + rows.join(''));
    const expected = 'expected a time that the clocks of Europe/Berlin have, which go forward then';
    assert.throws(
      () => source.import(mapping, [file]),
      (error: Error) => {
        assert.deepEqual(error.message.split('\n').slice(0, 5), [
          '4 of 6 rows are bad; nothing was written',
          `  ${file}:3: column at: "02:30:00": ${expected}`,
          `  ${file}:4: column settled: "02:00:00": ${expected}`,
          `  ${file}:5: column earliest: "02:59:59": ${expected}`,
          `  ${file}:6: column latest: "02:30:00": ${expected}`,
        ]);
        return true;
      },
    );
  });

  test('times that come twice are counted in the differences; the first is taken', (t) => {
    const source = importFiles(t);
    const day = '2026-10-25';
    const once = row(day, '01:59:59', '03:00:00', '', '');
    const said = (rows: string) =>
      source
        .import(mapping, [source.write('p.csv', header + rows)])
        .differences.filter((one) => one.includes('twice'));
    assert.deepEqual(said(once), []);
    const words = 'twice in Europe/Berlin, whose clocks go back then: the first is taken.';
    assert.deepEqual(said(once + row(day, '02:00:00', '03:00:00', '', '')), [
      `1 local time comes ${words}`,
    ]);
    assert.deepEqual(said(once + row(day, '02:30:00', '02:59:59', '', '')), [
      `2 local times come ${words}`,
    ]);
    assert.match(source.read('observed.csv'), /^2,2026-10-25T00:30:00\.000Z,/m);
  });
});

test('assumed hours are around the first and last times that payments may have', (t) => {
  const source = importFiles(t);
  const { mapping, header } = withColumns('earliest', 'latest');
  const rows = `${GOOD.trim()},,16:30:00\n${GOOD.trim()},07:15:00,\n`;
  const { assumed } = source.import(mapping, [source.write('p.csv', header + rows)]);
  assert.deepEqual(assumed.slice(0, 1), [
    'EUR is open from 07:00 to 17:00 Europe/Berlin: full hours around its payments.',
  ]);
});

describe('names', () => {
  const [composed, apart] = ['Südbank', 'Südbank'].map((one, at) =>
    one.normalize(at === 0 ? 'NFC' : 'NFD'),
  ) as [string, string];

  test('are one participant, however their letters are composed', (t) => {
    const source = importFiles(t);
    const rows = GOOD.replace('A', composed) + GOOD.replace('A', apart);
    const bics = `bics: { ${apart}: SUEDDE00 }\n`;
    const imported = source.import(MAPPING + bics, [source.write('p.csv', HEADER + rows)]);
    assert.equal(imported.participants, 2);
    assert.match(source.read('bics.csv'), new RegExp(`^${composed},SUEDDE00$`, 'm'));
    const itself = GOOD.replace('A', composed).replace('B', apart);
    assert.throws(
      () => source.import(MAPPING, [source.write('q.csv', HEADER + itself)]),
      /q\.csv:2: column to: "S.+dbank": expected another bank than the debtor's/,
    );
  });

  test('that no row has get no BIC of the mapping', (t) => {
    const source = importFiles(t);
    const bics = 'bics: { Nobody: NOBODE00, A: BANKDE00 }\n';
    const file = source.write('p.csv', HEADER + GOOD);
    const { differences } = source.import(MAPPING + bics, [file]);
    assert.equal(source.read('bics.csv'), 'name,bic\nA,BANKDE00\nB,BXXXXX00\n');
    assert.deepEqual(differences, [
      'BICs of 2 names of the source are test BICs, as bics.csv says.',
    ]);
  });

  test('have a BIC each: none is given twice, or to another than the one whose it is', (t) => {
    const read = (bics: string) => readMapping('mapping.yaml', `${MAPPING}bics: ${bics}\n`);
    assert.throws(() => read('{ A: BANKDE00, B: BANKDE00 }'), {
      name: 'ScenarioError',
      message: 'mapping.yaml:9: bics.B: "BANKDE00": expected each BIC once; "A" has it',
    });
    assert.throws(
      () => read(`{ ${composed}: BANKDE00, ${apart}: BANKDE10 }`),
      /mapping\.yaml:9: bics\["S.+dbank"\]: "BANKDE10": expected each name once; "Südbank" is the same$/,
    );
    const source = importFiles(t);
    const rows = GOOD.replace('A,B', 'ABCDDEFF,EFGHFRPP');
    const file = source.write('p.csv', HEADER + rows);
    assert.throws(
      () => source.import(`${MAPPING}bics: { X: EFGHFRPP }\n`, [file], true),
      /p\.csv:2: column to: "EFGHFRPP": expected a BIC that the mapping's bics give to no other name/,
    );
  });
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

test('balances that the mapping names are not made up where their file is forgotten', (t) => {
  const source = importFiles(t);
  const payments = source.write('payments.csv', HEADER + GOOD);
  const balances = `balances:
  separator: ","
  decimalMark: "."
  columns: { participant: who, currency: ccy, balance: value }
`;
  assert.throws(
    () => source.import(MAPPING + balances, [payments]),
    /payments\.csv: expected a file of balances too, as .* has columns of them$/,
  );
  const file = source.write('balances.csv', 'who,ccy,value\nA,EUR,5\n');
  assert.equal(source.import(MAPPING + balances, [payments, file]).payments, 1);
});

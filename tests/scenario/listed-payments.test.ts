import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMinor, parseSmallMinor } from '../../services/scenario/decimal-amounts.ts';
import {
  eachListed,
  listedByTime,
  listedMs,
  listedPayment,
  PaymentListWriter,
} from '../../services/scenario/payment-list.ts';
import { planMessages, planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { atLeast } from '../support/at-least.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const YAML = `${TEST_YAML.slice(0, TEST_YAML.indexOf('traffic:'))}payments: { csv: data/p.csv }\n`;
const HEADER = 'date,time,debtor,creditor,currency,amount,priority,toCurrency,dealer\n';

describe('a table of payments', () => {
  test('is sent in order of time, rows of one moment in their order', () => {
    const csv = `# a comment
${HEADER}2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,12.50,high,,
2026-03-16,09:00:00.500,BBBBDE00,AAAADE00,JPY,300,,,
2026-03-16,10:00,BBBBDE00,AAAADE00,EUR,10,normal,JPY,DDDDJP00
`;
    const scenario = loadText(YAML, [], csv);
    const sent = [...planPayments(scenario)];
    assert.deepEqual(
      sent.map(({ endToEndId, debtorAgent, amountMinor, amount2Minor, priority }) => [
        endToEndId,
        debtorAgent,
        amountMinor,
        amount2Minor,
        priority,
      ]),
      [
        ['row-0000002', 1, 300n, null, 'normal'],
        ['row-0000001', 0, 1250n, null, 'high'],
        ['row-0000003', 1, 1000n, 1603n, 'normal'],
      ],
    );
    assert.equal(sent[0]?.atMs, Date.UTC(2026, 2, 16, 9, 0, 0, 500));
    assert.equal(sent[2]?.dealer, 2);
  });

  test('has its times in the zone of the scenario', () => {
    const csv = `${HEADER}2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1,,,\n`;
    const scenario = loadText(YAML, ['zone=Europe/Berlin'], csv);
    assert.equal(listedMs(scenario.listedPayments, 0), Date.UTC(2026, 2, 16, 9));
  });

  test('has one time on several dates, and what says when is cancelled', () => {
    const header = `${HEADER.trim()},cancelAfterSeconds\n`;
    const rows = ['16,10:00,AAAADE00,BBBBDE00,EUR,1,,,,', '17,10:00,AAAADE00,BBBBDE00,EUR,2,,,,30'];
    const csv = `${header}${rows.map((row) => `2026-03-${row}`).join('\n')}\n`;
    const scenario = loadText(YAML, ['businessDates=[2026-03-16, 2026-03-17]'], csv);
    assert.deepEqual(
      [...planMessages(scenario)].map((one) => [
        one.kind === 'payment' ? one.payment.amountMinor : one.request.kind,
        one.atMs,
      ]),
      [
        [100n, Date.UTC(2026, 2, 16, 10)],
        [200n, Date.UTC(2026, 2, 17, 10)],
        ['cancellation', Date.UTC(2026, 2, 17, 10, 0, 30)],
      ],
    );
  });

  test('may have other dates, whose rows are left out where the scenario says so', () => {
    const rows = ['17', '16', '18'].map(
      (day) => `2026-03-${day},10:00,AAAADE00,BBBBDE00,EUR,${day},,,`,
    );
    const csv = `${HEADER}${rows.join('\n')}\n`;
    assert.throws(() => loadText(YAML, [], csv), /p\.csv:2: column date: "2026-03-17"/);
    const skips = 'payments.otherDates=skip';
    const { listedPayments } = loadText(YAML, [skips], csv);
    assert.deepEqual(
      Array.from(eachListed(listedPayments), ({ amountMinor }) => amountMinor),
      [1600n],
    );
    assert.throws(() => loadText(YAML, [skips], csv.replace('2026-03-18', '18.03.2026')), {
      message:
        'pilots/data/p.csv:4: column date: "18.03.2026": expected a date that the calendar has, from 1970 on',
    });
  });

  test('is the same with quotes, blanks, a byte order mark and the line ends of Windows', () => {
    const plain = `# a comment
${HEADER}2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,12.50,high,,

# another
2026-03-16,11:00,BBBBDE00,AAAADE00,EUR,10,normal,JPY,DDDDJP00
`;
    const forms = [
      plain.replaceAll('\n', '\r\n'),
      `\uFEFF${plain}`,
      plain.replace('EUR,10,', '"EUR",10,'),
      plain.replace('EUR,10,', ' EUR\t, 10,'),
    ];
    const wrong = (csv: string) => csv.replace('DDDDJP00', 'DDDDJP01');
    const { listedPayments } = loadText(YAML, [], plain);
    for (const csv of atLeast(4, forms)) {
      assert.deepEqual(loadText(YAML, [], csv).listedPayments, listedPayments);
      for (const one of [plain, csv])
        assert.throws(() => loadText(YAML, [], wrong(one)), /p\.csv:6: column dealer: "DDDDJP01"/);
    }
  });

  test('has in its rows, and beside them, what the columns say', () => {
    const header = `${HEADER.trim()},kind,earliest,latest,cancelAfterSeconds,reference,receives,receivesAmount`;
    const csv = [
      header,
      '2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,90071992547409.91,urgent,,,bank,,,,,,',
      '2026-03-16,09:00,AAAADE00,BBBBDE00,EUR,90071992547409.92,,,,,,,,,,',
      '2026-03-16,10:00,BBBBDE00,AAAADE00,EUR,1,high,,,,,,,ref-1,,',
      '2026-03-16,10:00,BBBBDE00,AAAADE00,EUR,1,,,,,11:00,12:00,60,ref-2,,',
      '2026-03-16,08:00,AAAADE00,BBBBDE00,EUR,2.5,,,,,,,,leg-1,JPY,7',
      '2026-03-16,08:00,AAAADE00,BBBBDE00,JPY,3,,,,,,,,,,\n',
    ].join('\n');
    const hour = (hours: number) => Date.UTC(2026, 2, 16, hours);
    const plain = {
      ...{ dateIndex: 0, debtorAgent: 0, creditorAgent: 1, currency: 0, priority: 'normal' },
      ...{ quote: null, kind: 'customer', receives: null, reference: null },
      ...{ earliestMs: null, latestMs: null, cancelAfterMs: null },
    };
    const back = { ...plain, atMs: hour(10), debtorAgent: 1, creditorAgent: 0, amountMinor: 100n };
    const { listedPayments } = loadText(YAML, [], csv);
    const most = { atMs: hour(10), amountMinor: BigInt(Number.MAX_SAFE_INTEGER) };
    const expected = [
      { ...plain, ...most, kind: 'bank', priority: 'urgent' },
      { ...plain, atMs: hour(9), amountMinor: 2n ** 53n },
      { ...back, priority: 'high', reference: 'ref-1' },
      {
        ...{ ...back, reference: 'ref-2', cancelAfterMs: 60_000 },
        ...{ earliestMs: hour(11), latestMs: hour(12) },
      },
      {
        ...{ ...plain, atMs: hour(8), amountMinor: 250n, kind: 'leg', reference: 'leg-1' },
        receives: { currency: 1, amountMinor: 7n },
      },
      { ...plain, atMs: hour(8), currency: 1, amountMinor: 3n },
    ];
    assert.deepEqual([...eachListed(listedPayments)], expected);
    // Legs, times and what no number holds exactly.
    assert.deepEqual([...listedPayments.beside.keys()], [1, 3, 4]);
    assert.deepEqual([...listedByTime(listedPayments)], [4, 5, 1, 0, 2, 3]);
    // What names a run in the analysis store has the members in one order.
    const order = Object.keys(listedPayment(listedPayments, 3));
    assert.deepEqual(Object.keys(listedPayment(listedPayments, 0)), order);
  });

  test('may have more rows than there was room for, with references behind rows without', () => {
    const csv = [
      `${HEADER.trim()},reference`,
      ...Array.from(
        { length: 3000 },
        (_, row) =>
          `2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,${row + 1},,,,${row % 1000 === 999 ? `r-${row}` : ''}`,
      ),
    ].join('\n');
    const written = new PaymentListWriter();
    for (const listed of eachListed(loadText(YAML, [], csv).listedPayments)) written.add(listed);
    const rows = [...eachListed(written.list())];
    assert.deepEqual(
      rows.map(({ amountMinor, reference }) => [amountMinor, reference]),
      rows.map((_, row) => [BigInt(100 * (row + 1)), row % 1000 === 999 ? `r-${row}` : null]),
    );
    assert.equal(rows.length, 3000);
  });

  test('has amounts that are the same as numbers and as integers of any size', () => {
    const stream = new SeededStream(1, 'amounts');
    const below = (count: number) => Math.floor(stream.uniform() * count);
    const digits = (count: number) => Array.from({ length: count }, () => below(10)).join('');
    const drawn = Array.from({ length: 2000 }, () => [
      `${digits(below(17))}${['', '.', '.', '.,', '..'][below(5)]}${digits(below(5))}`,
      below(6),
    ]) as [string, number][];
    const edges = ['', '.', '1.', '.1', '0', '0.00', '-1', '1e3', '9007199254740991', '01.50'];
    let small = 0;
    for (const [text, decimals] of atLeast(2000, [
      ...drawn,
      ...edges.map((text): [string, number] => [text, 2]),
    ])) {
      const number = parseSmallMinor(text, decimals);
      if (Number.isNaN(number)) continue;
      small += 1;
      assert.equal(BigInt(number), parseMinor(text, 'EUR', decimals), `${text} of ${decimals}`);
    }
    assert.ok(small > 500);
    assert.equal(parseSmallMinor('900719925.47409', 5), 90_071_992_547_409);
    assert.equal(parseSmallMinor('99999999999999', 2), Number.NaN);
  });

  const row = (text: string) => `${HEADER}2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1,,,\n${text}\n`;
  const wrong: [string, string, string][] = [
    [
      'an unknown column',
      'date,hour\n',
      ':1: column "hour": expected one of date, time, debtor, creditor, currency, amount, priority, toCurrency, dealer, kind, earliest, latest, cancelAfterSeconds, reference, receives, receivesAmount',
    ],
    [
      'a column that is like none, of two edits in four letters',
      'date,time,debtor,creditor,currency,amount,priority,note\n',
      ':1: column "note": expected one of date, time, debtor, creditor, currency, amount, priority, toCurrency, dealer, kind, earliest, latest, cancelAfterSeconds, reference, receives, receivesAmount',
    ],
    [
      'a column whose letters are swapped',
      'date,tiem\n',
      ':1: column "tiem": expected one of date, time, debtor, creditor, currency, amount, priority, toCurrency, dealer, kind, earliest, latest, cancelAfterSeconds, reference, receives, receivesAmount; did you mean "time"?',
    ],
    [
      'a column missing',
      'date,time,debtor,creditor,currency,amount\n',
      ':1: column priority: missing: expected in the header',
    ],
    [
      'a short row',
      row('2026-03-16,10:00'),
      ':3: expected well-formed CSV: Invalid Record Length: columns length is 9, got 2 on line 3',
    ],
    [
      'a date without business',
      row('2026-03-17,10:00,AAAADE00,BBBBDE00,EUR,1,,,'),
      ':3: column date: "2026-03-17": expected one of the business dates (2026-03-16)',
    ],
    [
      'no time',
      row('2026-03-16,25:00,AAAADE00,BBBBDE00,EUR,1,,,'),
      ':3: column time: "25:00": expected a time of day as HH:MM or HH:MM:SS',
    ],
    [
      'a time outside the day',
      row('2026-03-16,16:01,AAAADE00,BBBBDE00,EUR,1,,,'),
      ':3: column time: "16:01": expected a time inside the day, 2026-03-16 07:00 to 2026-03-16 16:00 UTC',
    ],
    [
      'an unknown bank',
      row('2026-03-16,10:00,AAAADE01,BBBBDE00,EUR,1,,,'),
      ':3: column debtor: "AAAADE01": expected a participant of the scenario; did you mean "AAAADE00"?',
    ],
    [
      'a bank that pays itself',
      row('2026-03-16,10:00,AAAADE00,AAAADE00,EUR,1,,,'),
      ':3: column creditor: "AAAADE00": expected another bank than the debtor\'s',
    ],
    [
      'an unknown currency',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,USD,1,,,'),
      ':3: column currency: "USD": expected a currency of the scenario (EUR, JPY)',
    ],
    [
      'no amount',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,,,,'),
      ':3: column amount: missing: expected a value',
    ],
    [
      'a negative amount',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,-1,,,'),
      ':3: column amount: "-1": expected an amount above 0 as a decimal, such as "1250.00"',
    ],
    [
      'an amount of 0',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,0.00,,,'),
      ':3: column amount: "0.00": expected an amount above 0 as a decimal, such as "1250.00"',
    ],
    [
      'excess decimals',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1.234,,,'),
      ':3: column amount: "1.234": expected at most 2 decimals, as EUR has',
    ],
    [
      'an unknown priority',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1,low,,'),
      ':3: column priority: "low": expected one of urgent, high, normal',
    ],
    [
      'no dealer',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1,,JPY,'),
      ':3: column dealer: missing: expected the dealer between EUR and JPY',
    ],
    [
      'a dealer that does not quote',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1,,JPY,AAAADE00'),
      ':3: column dealer: "AAAADE00": expected a dealer that quotes EUR/JPY',
    ],
    [
      'a dealer inside one currency',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,EUR,1,,,DDDDJP00'),
      ':3: column dealer: "DDDDJP00": expected none inside one currency',
    ],
    [
      'a dealer that pays',
      row('2026-03-16,10:00,DDDDJP00,BBBBDE00,EUR,1,,JPY,DDDDJP00'),
      ':3: column dealer: "DDDDJP00": expected a dealer that is neither debtor nor creditor',
    ],
    [
      'nothing arrives',
      row('2026-03-16,10:00,AAAADE00,BBBBDE00,JPY,0,,,'),
      ':3: column amount: "0": expected an amount above 0 as a decimal, such as "1250.00"',
    ],
  ];
  for (const [mistake, csv, expected] of wrong)
    test(`${mistake} is refused`, () => {
      const message = `pilots/data/p.csv${expected}`;
      assert.throws(() => loadText(YAML, [], csv), { name: 'ScenarioError', message });
    });

  test('that is not there is an error', () => {
    const message = 'pilots/data/p.csv: cannot be read: no such file';
    assert.throws(() => loadText(YAML), { name: 'ScenarioError', message });
  });
});

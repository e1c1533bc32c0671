import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planMessages, planPayments } from '../../services/scenario/payments-in-sending-order.ts';
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
    assert.equal(scenario.listedPayments[0]?.atMs, Date.UTC(2026, 2, 16, 9));
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
      listedPayments.map(({ amountMinor }) => amountMinor),
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

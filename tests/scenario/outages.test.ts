import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMessages, planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const HEAD = 'date,time,debtor,creditor,currency,amount,priority,dealer,toCurrency\n';
const DAY = '2026-03-16';
const row = (time: string, debtor: string, creditor: string, dealer = '') =>
  `${DAY},${time},${debtor},${creditor},EUR,1.00,normal,${dealer},${dealer === '' ? '' : 'JPY'}\n`;

/** Payments and requests as they leave: time, kind, who sends it, and the number of the payment. */
function leaving(outage: string, csv: string, set: readonly string[] = []): string[] {
  const all = [
    'traffic=[]',
    `events.outages=[{ participant: BBBBDE00, from: "10:00", ${outage} }]`,
  ];
  const scenario = loadText(
    `${TEST_YAML}payments: { csv: listed.csv }\n`,
    [...all, ...set],
    HEAD + csv,
  );
  return [...planMessages(scenario)].map((message) => {
    const time = new Date(message.atMs).toISOString().slice(11, 19);
    if (message.kind === 'payment')
      return `${time} ${message.payment.isRepeat ? 'repeat' : 'payment'} ${message.payment.number}`;
    const { kind, id, participant } = message.request;
    return `${time} ${kind} ${id} of ${scenario.participants[participant]?.bic}`;
  });
}

const [A, B, D] = ['AAAADE00', 'BBBBDE00', 'DDDDJP00'];
const CSV = [
  row('09:00:00', A, B),
  row('09:30:00', B, A),
  row('10:29:59', A, B),
  row('10:30:00', A, B),
  row('10:45:00', B, A),
  row('10:50:00', A, D),
  row('11:00:00', A, B),
].join('');

/** Of an outage of B from 10:00, what leaves when. */
const CASES: readonly [what: string, outage: string, set: readonly string[], leaves: string[]][] = [
  [
    'nobody reacts',
    'until: "11:00"',
    [],
    [
      '09:00:00 payment 0',
      '09:30:00 payment 1',
      '10:29:59 payment 2',
      '10:30:00 payment 3',
      '10:50:00 payment 5',
      '11:00:00 payment 4',
      '11:00:00 payment 6',
    ],
  ],
  [
    'it goes on sending, and the others hold back what they would pay it and through it',
    'sends: true, until: "11:00", othersStopPayingAfterSeconds: 1800',
    [],
    [
      '09:00:00 payment 0',
      '09:30:00 payment 1',
      '10:29:59 payment 2',
      '10:45:00 payment 4',
      '10:50:00 payment 5',
      '11:00:00 payment 3',
      '11:00:00 payment 6',
    ],
  ],
  [
    'what the others hold back leaves at the end, in the order of planning with the backlog',
    'until: "11:00", othersStopPayingAfterSeconds: 1800',
    [],
    [
      '09:00:00 payment 0',
      '09:30:00 payment 1',
      '10:29:59 payment 2',
      '10:50:00 payment 5',
      '11:00:00 payment 3',
      '11:00:00 payment 4',
      '11:00:00 payment 6',
    ],
  ],
  [
    'without an end it never leaves',
    'othersStopPayingAfterSeconds: 0',
    [],
    ['09:00:00 payment 0', '09:30:00 payment 1', '10:50:00 payment 5'],
  ],
  [
    'what they sent before is asked back at the instant at which they stop',
    'othersStopPayingAfterSeconds: 1800, queuedToIt: cancelled',
    [],
    [
      '09:00:00 payment 0',
      '09:30:00 payment 1',
      '10:29:59 payment 2',
      `10:30:00 cancellation stop-0 of ${A}`,
      `10:30:00 cancellation stop-2 of ${A}`,
      '10:50:00 payment 5',
    ],
  ],
  [
    'what its bank asked back before is asked back once, and a repeat is held back too',
    'othersStopPayingAfterSeconds: 1800, queuedToIt: cancelled',
    [
      `events.cancellations=[{ participant: ${A}, every: 2, afterSeconds: 1 }]`,
      `events.repeatMessages=[{ participant: ${A}, every: 1, afterSeconds: 5400 }]`,
    ],
    [
      '09:00:00 payment 0',
      '09:30:00 payment 1',
      '10:29:59 payment 2',
      `10:30:00 cancellation stop-0 of ${A}`,
      `10:30:00 cancellation cxl-2 of ${A}`,
      '10:50:00 payment 5',
      `10:50:01 cancellation cxl-5 of ${A}`,
      '12:20:00 repeat 5',
    ],
  ],
];

for (const [what, outage, set, leaves] of CASES)
  test(`an outage: ${what}`, () => {
    assert.deepEqual(leaving(outage, CSV, set), leaves);
  });

test('a payment through a dealer pays the dealer too, and what a close has ended is not asked back', () => {
  const csv = row('10:00:00', A, B, D) + row('14:00:00', A, B, D);
  const outage = `events.outages=[{ participant: ${D}, from: "13:00", othersStopPayingAfterSeconds: 0, queuedToIt: cancelled }]`;
  assert.deepEqual(leaving('until: "10:00:01"', csv, [outage]), [
    '10:00:00 payment 0',
    `13:00:00 cancellation stop-0 of ${A}`,
  ]);
  const late = outage.replace('AfterSeconds: 0', 'AfterSeconds: 10800');
  const closed = ['10:00:00 payment 0', '14:00:00 payment 1'];
  assert.deepEqual(leaving('until: "10:00:01"', csv, [late]), closed);
  assert.deepEqual(leaving('until: "10:00:01"', csv, [late, 'settlement.atClose=carry-over']), [
    ...closed,
    `16:00:00 cancellation stop-0 of ${A}`,
    `16:00:00 cancellation stop-1 of ${A}`,
  ]);
});

test('what a flow pays through a dealer is held back too, and nothing else of that time', () => {
  const outage = `events.outages=[{ participant: ${D}, sends: true, from: "10:00", until: "12:00", othersStopPayingAfterSeconds: 0 }]`;
  const [fromMs, untilMs] = [10, 12].map((hour) => Date.parse(`${DAY}T${hour}:00:00Z`)) as [
    number,
    number,
  ];
  const meant = [...planPayments(loadText(TEST_YAML))];
  const isOut = ({ atMs }: (typeof meant)[number]) => atMs >= fromMs && atMs < untilMs;
  const leaves = new Map(
    [...planPayments(loadText(TEST_YAML, [outage]))].map(({ number, atMs }) => [number, atMs]),
  );
  assert.deepEqual(
    meant.map(({ number }) => leaves.get(number)),
    meant.map((one) => (one.dealer !== null && isOut(one) ? untilMs : one.atMs)),
  );
  for (const through of [true, false])
    assert.ok(meant.filter((one) => isOut(one) && (one.dealer !== null) === through).length > 5);
});

/**
 * What a run plans for one instant, kind by kind and pair by pair, against the table of
 * docs/settlement.md. The core's part (what falls due, records in the order of the log) is proven in
 * tests/settlement/same-instant.test.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type PlannedAction, planRun } from '../../services/scenario/run-plan.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const PAGE = readFileSync(
  fileURLToPath(new URL('../../../docs/settlement.md', import.meta.url)),
  'utf8',
);

/** AAAADE00 is out until noon; CCCCDE00 sends a minute before it what is repeated, moved, withdrawn. */
const YAML = `${TEST_YAML.replace(
  'participants:',
  '  CNY: { opens: "07:00", closes: "15:00", zone: UTC }\nparticipants:',
).replace(
  'rates:',
  `  - bic: CCCCDE00
    name: Bank C
    accounts:
      EUR: { balance: "1000.00" }
      JPY: { balance: "100000" }
rates:`,
)}payments: { csv: p.csv }
`;
const HEAD = 'date,time,debtor,creditor,currency,amount,priority\n';
const ROW = (time: string, bank: string) =>
  `2026-03-16,${time},${bank},${bank === 'BBBBDE00' ? 'AAAADE00' : 'BBBBDE00'},EUR,1.00,
`;
const event = (kind: string, fields: string) => `events.${kind}=[{ at: "12:00", ${fields} }]`;
const OF_EUR = 'participant: AAAADE00, currency: EUR, amount: "1.00"';
const OF_C = 'participant: CCCCDE00, every: 1, afterSeconds: 60';

interface Kind {
  readonly label: string;
  readonly set: readonly string[];
  readonly csv?: string;
}

/** How each kind of the table comes to have noon as its instant. */
const AT_NOON: readonly Kind[] = [
  { label: 'opening', set: ['currencies.CNY.opens="12:00"'] },
  {
    label: 'quote',
    set: [
      'quotes=[{ dealer: DDDDJP00, pairs: [EUR/JPY], spreadBasisPoints: 10, validMinutes: 240, covers: { EUR: "9.00", JPY: "9" } }]',
    ],
  },
  { label: 'credit line', set: [event('creditLines', OF_EUR)] },
  { label: 'collateral', set: [event('collaterals', OF_EUR)] },
  { label: 'issuance', set: [event('issues', OF_EUR)] },
  { label: 'redemption', set: [event('redemptions', OF_EUR)] },
  { label: 'default', set: [event('defaults', 'participant: BBBBDE00')] },
  { label: 'revocation of a key', set: [event('revocations', 'participant: BBBBDE00')] },
  {
    label: 'cycle at a fixed time',
    set: [event('cycles', 'currency: EUR')],
  },
  { label: 'close', set: ['currencies.CNY.closes="12:00"'] },
  { label: 'limit', set: [event('limits', OF_EUR)] },
  { label: 'reservation', set: [event('reservations', `${OF_EUR}, priority: urgent`)] },
  {
    label: 'backlog of an outage',
    set: ['events.outages=[{ participant: AAAADE00, from: "11:00", until: "12:00" }]'],
    csv: ROW('11:30:00', 'AAAADE00'),
  },
  {
    label: 'repeat',
    set: [`events.repeatMessages=[{ ${OF_C} }]`],
    csv: ROW('11:59:00', 'CCCCDE00'),
  },
  {
    label: 'cancellation',
    set: [`events.cancellations=[{ ${OF_C} }]`],
    csv: ROW('11:59:00', 'CCCCDE00'),
  },
  {
    label: 're-ordering',
    set: [`events.reorderings=[{ ${OF_C}, priority: urgent }]`],
    csv: ROW('11:59:00', 'CCCCDE00'),
  },
  { label: 'payment', set: [], csv: ROW('12:00:00', 'BBBBDE00') },
];

/** The table's own word for what a run plans. */
function labelOf(action: PlannedAction, changesDate: (action: PlannedAction) => boolean): string {
  switch (action.kind) {
    case 'open':
      return 'opening';
    case 'creditLine':
      return 'credit line';
    case 'issue':
      return 'issuance';
    case 'redeem':
      return 'redemption';
    case 'revocation':
      return 'revocation of a key';
    case 'cycle':
      return 'cycle at a fixed time';
    case 'close':
      return changesDate(action) ? 'close where the next date of its currency opens' : 'close';
    case 'request':
      return action.request.kind === 'reordering' ? 're-ordering' : action.request.kind;
    case 'payment': {
      if (action.payment.isRepeat) return 'repeat';
      return action.payment.debtorAgent === 0 ? 'backlog of an outage' : 'payment';
    }
    default:
      return action.kind;
  }
}

function planAt(time: string, kinds: readonly Kind[], set: readonly string[]): string[] {
  const csv = HEAD + [...new Set(kinds.flatMap((kind) => kind.csv ?? []))].join('');
  const all = ['traffic=[]', ...set, ...kinds.flatMap((kind) => kind.set)];
  const scenario = loadText(YAML, all, csv);
  const atMs = Date.parse(`${time}Z`);
  const actions = [...planRun(scenario)].filter((action) => action.atMs === atMs);
  const changesDate = (close: PlannedAction) =>
    close.kind === 'close' &&
    actions.some((one) => one.kind === 'open' && one.currency === close.currency);
  return actions.map((action) => labelOf(action, changesDate));
}

/** Labels in the order of the docs' table. */
const TABLE = (PAGE.split('\n### Order at one instant\n')[1] ?? '')
  .split('\n')
  .filter((line) => /^\| +[0-9]+ /.test(line))
  .flatMap((line) => (line.split('|')[2] as string).split(',').map((label) => label.trim()))
  .filter((label) => label !== 'leg of a trade');
const placeOf = (label: string) => {
  const place = TABLE.indexOf(label);
  assert.ok(place >= 0, `${label} is in the table of docs/settlement.md`);
  return place;
};

test('closes of several dates at one instant come by date, then by currency', () => {
  const hours = (opens: string, closes: string, zone: string) =>
    `{ opens: "${opens}", closes: "${closes}", zone: ${zone} }`;
  const scenario = loadText(TEST_YAML, [
    'businessDates=[2026-03-16, 2026-03-17]',
    `currencies={ AUD: ${hours('09:00', '11:00', 'Australia/Sydney')}, EUR: ${hours('08:00', '24:00', 'UTC')}, JPY: ${hours('07:00', '24:00', 'UTC')} }`,
  ]);
  const atMs = Date.parse('2026-03-17T00:00:00Z');
  const closes = [...planRun(scenario)].flatMap((action) =>
    action.kind === 'close' && action.atMs === atMs
      ? [`${scenario.currencies[action.currency]?.code} ${action.businessDate}`]
      : [],
  );
  assert.deepEqual(closes, ['EUR 2026-03-16', 'JPY 2026-03-16', 'AUD 2026-03-17']);
});

test('the table has each kind that a run plans, and no other', () => {
  const change = 'close where the next date of its currency opens';
  const labels = [change, ...AT_NOON.map(({ label }) => label)];
  labels.splice(labels.indexOf('limit'), 0, 'tick');
  assert.deepEqual(TABLE, labels);
});

describe('what a run plans for one instant', () => {
  for (const [index, first] of AT_NOON.entries())
    for (const second of AT_NOON.slice(index + 1)) {
      const labels = [first.label, second.label];
      // CNY cannot open and close at noon.
      const clash = labels.includes('opening') && labels.includes('close');
      if (!clash)
        test(`${first.label} before ${second.label}`, () => {
          const seen = planAt('2026-03-16T12:00', [second, first], []);
          const places = seen.map(placeOf);
          assert.deepEqual(
            places,
            [...places].sort((a, b) => a - b),
            seen.join(', '),
          );
          for (const label of labels) assert.ok(seen.includes(label), `${label} of ${seen}`);
        });
    }
  test('a tick before the messages, and none where another record tells the time', () => {
    const seen = AT_NOON.map((kind) => planAt('2026-03-16T12:00', [kind], []));
    const withTick = AT_NOON.filter((_, index) => seen[index]?.[0] === 'tick');
    assert.deepEqual(withTick, AT_NOON.slice(placeOf('tick') - 1));
  });

  test('all at once', () => {
    const kinds = AT_NOON.filter(({ label }) => label !== 'opening');
    assert.deepEqual(
      // A quote goes out for each direction.
      [...new Set(planAt('2026-03-16T12:00', kinds, []))],
      TABLE.filter(
        (label) => !['opening', 'tick'].includes(label) && !label.startsWith('close wh'),
      ),
    );
  });

  test('at the change of a date its close comes before everything', () => {
    const midnight = AT_NOON.slice(2).flatMap((kind): Kind[] => {
      if (!kind.set.some((one) => one.includes('at: "12:00"'))) return [];
      const move = (text: string) => text.replace('at: "12:00"', 'at: "00:00", date: 2026-03-17');
      return [{ ...kind, set: kind.set.map(move) }];
    });
    const days = [
      'businessDates=[2026-03-16, 2026-03-17]',
      'currencies.EUR.opens="00:00"',
      'currencies.EUR.closes="24:00"',
      'currencies.CNY.closes="24:00"',
      'currencies.CNY.holidays=[2026-03-17]',
    ];
    const csv = ROW('00:00:00', 'BBBBDE00').replace('2026-03-16', '2026-03-17');
    const kinds = [...midnight, { label: 'payment', set: [], csv }];
    const seen = planAt('2026-03-17T00:00', kinds, days);
    const expected = ['close where the next date of its currency opens', 'opening', 'close'];
    for (const label of [...expected, ...kinds.map((kind) => kind.label)])
      assert.ok(seen.includes(label), `${label} of ${seen}`);
    const places = seen.map(placeOf);
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
      seen.join(', '),
    );
  });

  test('an outage has its first instant and not its last', () => {
    const out = 'events.outages=[{ participant: AAAADE00, from: "11:00", until: "12:00" }]';
    const csv = ROW('11:00:00', 'AAAADE00') + ROW('12:00:00', 'AAAADE00');
    const kinds = [{ label: 'payment', set: [out], csv }];
    assert.deepEqual(planAt('2026-03-16T11:00', kinds, []), ['tick']);
    const scenario = loadText(YAML, ['traffic=[]', out], HEAD + csv);
    const sent = [...planRun(scenario)].flatMap((action) =>
      action.kind === 'payment' ? [action.payment] : [],
    );
    const noon = Date.parse('2026-03-16T12:00Z');
    assert.deepEqual(
      sent.map(({ number, atMs }) => [number, atMs]),
      [
        [0, noon],
        [1, noon],
      ],
    );
  });

  test('payments of one instant: flows as in the file, then trades, then listed payments', () => {
    const amounts = 'amounts: { median: "2.00", sigma: 1, min: "1.00", max: "9.00" }';
    const flow = (name: string) =>
      `{ name: ${name}, from: EUR, paymentsPerDate: 4000, profile: minute, ${amounts} }`;
    const listed = Array.from({ length: 60 }, (_, second) =>
      ROW(`12:00:${String(second).padStart(2, '0')}`, 'AAAADE00'),
    );
    const scenario = loadText(
      YAML,
      [
        'profiles.minute={ zone: UTC, parts: [{ from: "12:00", to: "12:01", weight: 1 }] }',
        `traffic=[${flow('z')}, ${flow('a')}]`,
        'trades=[{ name: t, delivers: EUR, receives: JPY, tradesPerDate: 4000, profile: minute, ' +
          `${amounts} }]`,
      ],
      HEAD + listed.join(''),
    );
    const rank = (endToEndId: string) =>
      ['z-', 'a-', 't-', 'row-'].findIndex((name) => endToEndId.startsWith(name));
    const sent = [...planRun(scenario)].flatMap((action) =>
      action.kind === 'payment' ? [action.payment] : [],
    );
    let ties = 0;
    for (const [index, payment] of sent.entries()) {
      const before = sent[index - 1];
      if (before?.atMs !== payment.atMs) continue;
      const [one, two] = [rank(before.endToEndId), rank(payment.endToEndId)];
      if (one < 0 || two < 0) assert.fail(`${before.endToEndId}, ${payment.endToEndId}`);
      if (one !== two) ties += 1;
      assert.ok(one <= two, `${before.endToEndId} before ${payment.endToEndId}`);
    }
    assert.ok(ties > 50, `${ties} pairs of sources meet`);
  });
});

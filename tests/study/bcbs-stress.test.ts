/** The four stress scenarios of BCBS 248: what each changes, and what comes of it on a small day, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { runCell } from '../../services/study/cell-run.ts';
import { cellScenarios, settingOverrides } from '../../services/study/cell-scenario.ts';
import { cellAt, cellCount, picksAt } from '../../services/study/grid.ts';
import { stressedSet } from '../../services/study/stress/bcbs-stress.ts';
import { readStudy, type Study } from '../../services/study/study-file.ts';
import { runDirectly } from '../support/run.ts';

/** B has a credit line of 30, and C collateral of 40 that gives 30. */
const SMALL = `name: small
seed: 1
tickMs: 60000
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
participants:
  - { bic: AAAADE00, name: A, accounts: { EUR: { balance: "50.00" } } }
  - { bic: BBBBDE00, name: B, accounts: { EUR: { balance: "0.00", creditLine: "30.00" } } }
  - { bic: CCCCDE00, name: C, accounts: { EUR: { balance: "0.00", collateral: { amount: "40.00", haircutBasisPoints: 2500 } } } }
payments: { csv: small.csv }
settlement: { queue: fifo, cycle: off }
`;
const PAYMENTS = `date,time,debtor,creditor,currency,amount,priority
2026-03-16,09:00,AAAADE00,BBBBDE00,EUR,40.00,normal
2026-03-16,09:10,BBBBDE00,CCCCDE00,EUR,60.00,normal
2026-03-16,09:20,CCCCDE00,AAAADE00,EUR,80.00,normal
2026-03-16,10:00,AAAADE00,CCCCDE00,EUR,20.00,normal
`;
const small = (text = SMALL) => ({
  readFile: (path: string) => (path.endsWith('.csv') ? PAYMENTS : text),
  set: [] as readonly string[],
});

const stressed = (stress: readonly string[], options = small()) =>
  loadScenario('small.yaml', { ...options, set: stressedSet('small.yaml', stress, options) });

/** Amounts that settle, and how many payments are never sent. */
const BY_HAND: readonly [stress: string[], settled: string[], unsent: number][] = [
  [[], ['40', '60', '80', '20'], 0],
  [['none'], ['40', '60', '80', '20'], 0],
  // A's 40 are deferred, and B has no line: its 60 do not settle, C has 30 and 20 for its 80.
  [['own=BBBBDE00'], ['20'], 1],
  // Nobody pays C: its 80 are more than the 30 that its collateral gives. Collateral stays its own.
  [['own=CCCCDE00'], ['40'], 2],
  // A sends nothing. B has 30 for 60, and C 30 for 80.
  [['counterparty=AAAADE00'], [], 2],
  // C sends nothing and is paid: A has 10 for its 20.
  [['counterparty=CCCCDE00'], ['40', '60'], 1],
  // B sends nothing: C has 30 for its 80, and A has 10 for its 20.
  [['counterparty=BBBBDE00'], ['40'], 1],
  // C's collateral gives 15: 75 for its 80, and A has 10 for its 20.
  [['market=50'], ['40', '60'], 0],
  // It gives 20.00 of 26.67, which is just enough, and 19.99 of 26.66.
  [['market=33.33'], ['40', '60', '80', '20'], 0],
  [['market=33.34'], ['40', '60'], 0],
  // The second is of the scenario as the first leaves it.
  [['market=50', 'counterparty=AAAADE00'], [], 2],
];

for (const [stress, settled, unsent] of BY_HAND)
  test(`${stress.join(' and ') || 'no stress'}: what settles by hand`, async () => {
    const { rows, summary } = await runDirectly(stressed(stress));
    const amounts = rows.filter(({ status }) => status === 'settled');
    assert.deepEqual(
      amounts.map(({ amountMinor }) => `${amountMinor / 100n}`),
      settled,
    );
    assert.equal(summary.unsent, unsent);
  });

test('own stress withdraws lines that events set, market stress is of collateral that events set', () => {
  const options = small(`${SMALL}events:
  creditLines: [{ participant: BBBBDE00, currency: EUR, amount: "9.00", at: "09:00" }, { participant: AAAADE00, currency: EUR, amount: "9.00", at: "09:00" }]
  collaterals: [{ participant: CCCCDE00, currency: EUR, amount: "10.00", at: "09:00" }]
  outages: [{ participant: AAAADE00, from: "11:00" }]
`);
  const { document } = stressed(['own=BBBBDE00', 'market=25'], options);
  assert.deepEqual(
    document.events.creditLines.map(({ amount }) => Number(amount)),
    [0, 9],
  );
  assert.equal(document.participants[1]?.accounts.EUR?.creditLine, '0');
  assert.equal(document.events.collaterals[0]?.amount, '7.50');
  assert.equal(document.participants[2]?.accounts.EUR?.collateral?.amount, '30.00');
  assert.deepEqual(
    document.events.outages.map(({ participant, from, sends }) => [participant, from, sends]),
    [
      ['AAAADE00', '11:00', undefined],
      ['BBBBDE00', '08:00:00', true],
    ],
  );
});

/** C at A pays D at B 10 through both banks' reserves; B has nothing else to pay A 10 from. */
const TWO_LAYERS = `name: layers
seed: 1
tickMs: 60000
businessDates: [2026-03-16]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
participants:
  - { bic: AAAADE00, name: A, accounts: { EUR: { balance: "30.00" } } }
  - { bic: BBBBDE00, name: B, accounts: { EUR: { balance: "0.00" } } }
deposits:
  - { bank: AAAADE00, currency: EUR, customers: 1, balance: "50.00" }
  - { bank: BBBBDE00, currency: EUR, customers: 2, balance: "20.00" }
payments: { csv: layers.csv }
settlement: { queue: fifo, cycle: off }
`;
const LAYERS_CSV = `date,time,debtor,creditor,currency,amount,priority
2026-03-16,10:00,BBBBDE00,AAAADE00,EUR,10.00,normal
`;
/** The ISINs of the deposits have check digits: the scenario without the chain tells them. */
function twoLayers(): string {
  const readFile = (path: string) => (path.endsWith('.csv') ? LAYERS_CSV : TWO_LAYERS);
  const { deposits, currencies } = loadScenario('layers.yaml', { readFile });
  const [atA, atB] = deposits.map(({ asset }) => currencies[asset]?.code);
  return `${TWO_LAYERS}chains:
  - id: PAY-1
    at: "09:00"
    legs:
      - { from: AAAADE00000, to: AAAADE00, currency: ${atA}, amount: "10.00" }
      - { from: AAAADE00, to: BBBBDE00, currency: EUR, amount: "10.00" }
      - { from: BBBBDE00, to: BBBBDE00000, currency: ${atB}, amount: "10.00" }
`;
}

for (const [stress, settled, unsent] of [
  ['none', ['10', '10', '10', '10'], 0],
  // D is not paid, so the chain settles nowhere, and B has no reserves to pay A from.
  ['customer=BBBBDE00000', [], 1],
  // B's other customer is in no payment.
  ['customer=BBBBDE00001', ['10', '10', '10', '10'], 0],
  // C can still pay: only what it is paid is deferred.
  ['customer=AAAADE00000', ['10', '10', '10', '10'], 0],
] as const)
  test(`two layers, ${stress}: what settles by hand`, async () => {
    const text = twoLayers();
    const readFile = (path: string) => (path.endsWith('.csv') ? LAYERS_CSV : text);
    const set = stressedSet('layers.yaml', [stress], { readFile, set: [] });
    const { rows, summary } = await runDirectly(loadScenario('layers.yaml', { readFile, set }));
    assert.deepEqual(
      rows.flatMap(({ status, amountMinor }) =>
        status === 'settled' ? [`${amountMinor / 100n}`] : [],
      ),
      settled,
    );
    assert.equal(summary.unsent, unsent);
  });

const MISTAKES: readonly [stress: string, expected: RegExp][] = [
  [
    'own',
    /^--stress own: expected none, own=BIC, counterparty=BIC, customer=BIC or market=PERCENT/,
  ],
  ['owns=AAAADE00', /^--stress owns=AAAADE00: expected none, own=BIC/],
  ['own=AAAADE01', /expected a bank or dealer with accounts; did you mean "AAAADE00"\?$/],
  ['own=NOBODY00', /expected a bank or dealer with accounts: AAAADE00, BBBBDE00, CCCCDE00$/],
  ['customer=AAAADE00', /expected a scenario with a customer with deposits: this one has none$/],
  ['market=0', /expected market=PERCENT, a decimal above 0 and up to 100, such as market=40$/],
  ['market=100.5', /expected market=PERCENT/],
  ['market=x', /expected market=PERCENT/],
];
for (const [stress, expected] of MISTAKES)
  test(`--stress ${stress}: one line says what was expected`, () =>
    assert.throws(
      () => stressed([stress]),
      ({ message }: Error) => expected.test(message),
    ));

test('without collateral there is no market stress', () =>
  assert.throws(
    () => stressed(['market=40'], small(SMALL.replace(/, collateral: .*?}/, ''))),
    /expected a scenario with collateral: this one has none$/,
  ));

const settingsOf = (study: Study, setting: number) =>
  settingOverrides(study, picksAt(study, setting), small().readFile);
const DEFERS_B =
  'events.outages.+={ participant: BBBBDE00, from: "08:00:00", sends: true, othersStopPayingAfterSeconds: 0 }';
const OWN_B = [DEFERS_B, 'participants.BBBBDE00.accounts.EUR.creditLine="0"'];

/** What is varied beside `own=BBBBDE00`, and what the credit of B comes to in the last setting. */
const BESIDE: readonly [vary: string, creditMinor: bigint][] = [
  // The scenario's own line is 0: the other setting gives one.
  [
    'participants.BBBBDE00.accounts.EUR.creditLine: ["0.00", "30.00"]\n  stress: [none, own=BBBBDE00]',
    0n,
  ],
  [
    'stress: [none, own=BBBBDE00]\n  participants.BBBBDE00.accounts.EUR.creditLine: ["0.00", "30.00"]',
    0n,
  ],
  [
    'both: { hit: { participants.BBBBDE00.accounts.EUR.creditLine: "30.00", stress: own=BBBBDE00 } }',
    0n,
  ],
  [
    'both: { hit: { stress: own=BBBBDE00, participants.BBBBDE00.accounts.EUR.creditLine: "30.00" } }',
    0n,
  ],
  [
    'line: { late: { events.creditLines: [{ participant: BBBBDE00, currency: EUR, amount: "30.00", at: "08:30" }] } }\n  stress: [own=BBBBDE00]',
    0n,
  ],
  // Without stress the same settings have it.
  [
    'participants.BBBBDE00.accounts.EUR.creditLine: ["0.00", "30.00"]\n  stress: [own=BBBBDE00, none]',
    3000n,
  ],
];
for (const [vary, creditMinor] of BESIDE)
  test(`a cell's other settings do not undo its stress: ${vary.replace('\n ', ',')}`, async () => {
    const text = SMALL.replace('creditLine: "30.00"', 'creditLine: "0.00"');
    const { readFile } = small(text);
    const { study } = readStudy('study.yaml', `scenario: small.yaml\nvary:\n  ${vary}\n`, readFile);
    const cell = cellAt(study, cellCount(study));
    const { banks, figures } = await runCell(cellScenarios(study, readFile)(cell), compiledCore());
    const b = banks.find(({ participant }) => participant === 'BBBBDE00');
    assert.equal(b?.availableMinor, `${creditMinor}`);
    // By hand: under stress the 40 to B are deferred, B cannot pay 60, nor C 80 of its 30; with a line of 30 all settle.
    assert.equal(figures.settled, creditMinor === 0n ? 1 : 4);
  });

test('two stress scenarios of a cell are one of the other, scales are of both', () => {
  const text = `scenario: small.yaml
vary:
  participants.CCCCDE00.accounts.EUR.collateral.amount: ["80.00"]
  first: { market: { stress: market=50 } }
  second: { market: { stress: market=25 } }
scale: { liquidity: { factors: [2], participants: [CCCCDE00] } }
`;
  const { study } = readStudy('study.yaml', text, small().readFile);
  const collateral = 'participants.CCCCDE00.accounts.EUR.collateral.amount=';
  assert.deepEqual(
    settingsOf(study, 0),
    ['"80.00"', '40.00', '30.00', '60.00'].map((amount) => collateral + amount),
  );
});

test('a study varies the stress scenarios by name', () => {
  const text = `scenario: small.yaml
vary:
  stress: [none, own=BBBBDE00]
  both:
    calm: { settlement.queue: fifo }
    market: { stress: market=50, settlement.queue: fifo }
`;
  const { study } = readStudy('study.yaml', text, small().readFile);
  assert.deepEqual(
    [0, 1, 2, 3].map((setting) => settingsOf(study, setting)),
    [
      ['settlement.queue=fifo'],
      ['settlement.queue=fifo', 'participants.CCCCDE00.accounts.EUR.collateral.amount=20.00'],
      ['settlement.queue=fifo', ...OWN_B],
      [
        ...['settlement.queue=fifo', ...OWN_B],
        'participants.CCCCDE00.accounts.EUR.collateral.amount=20.00',
      ],
    ],
  );
  for (const [stress, message] of [
    ['[own=BBBBDE01]', /^study\.yaml:3: vary\.stress: "own=BBBBDE01": expected a bank or dealer/],
    ['[3]', /^study\.yaml:3: vary\.stress: 3: expected a stress scenario, such as own=BANKDE00$/],
  ] as const)
    assert.throws(
      () =>
        readStudy(
          'study.yaml',
          `scenario: small.yaml\nvary:\n  stress: ${stress}\n`,
          small().readFile,
        ),
      ({ message: told }: Error) => message.test(told),
    );
});

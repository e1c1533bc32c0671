/** SimCash's scenarios in: fields, ticks, its event stream, draws by its distributions, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RivalImport } from '../../services/import/rival-folder.ts';
import { importSimcash } from '../../services/import/simcash.ts';
import { atLeast } from '../support/at-least.ts';
import { scenarioOf, settledMinutes } from './pssimpy-files.ts';

const CHOICES = {
  ...{ currency: 'USD', firstDate: '2026-03-16', opens: '08:00', closes: '18:00', draw: false },
};
type Document = Readonly<Record<string, unknown>>;

/** JSON is YAML. */
const imported = (
  document: Document,
  choices: Partial<Parameters<typeof importSimcash>[2]> = {},
  events: { file: string; text: string } | null = null,
): RivalImport =>
  importSimcash({ file: 's.yaml', text: JSON.stringify(document, null, 1) }, events, {
    ...CHOICES,
    ...choices,
  });

const BANKS = [
  { id: 'BANK_A', opening_balance: 100_000 },
  { id: 'BANK_B', opening_balance: 0 },
];
const SIMULATION = { ticks_per_day: 100, num_days: 1, rng_seed: 42 };
const pays = (tick: number, amount: number, from = 'BANK_A', to = 'BANK_B') => ({
  ...{ type: 'CustomTransactionArrival', from_agent: from, to_agent: to, amount },
  schedule: { type: 'OneTime', tick },
});
const plain = (more: Document = {}): Document => ({
  ...{ simulation: SIMULATION, agents: BANKS, scenario_events: [pays(3, 2_500)] },
  lsm_config: { enable_bilateral: false, enable_cycles: false },
  ...more,
});
const agentWith = (more: Document) => plain({ agents: [{ ...BANKS[0], ...more }, BANKS[1]] });
const accountOf = ({ scenario }: RivalImport, index = 0) =>
  (scenario.participants as { accounts: { USD: unknown } }[])[index]!.accounts.USD;

test('ticks are times, cents are minor units, and agents have test BICs', async () => {
  const made = imported(
    plain({
      simulation: { ...SIMULATION, num_days: 2 },
      scenario_events: [
        pays(3, 2_500),
        { ...pays(0, 1), schedule: { type: 'Repeating', start_tick: 99, interval: 60 } },
      ],
    }),
  );
  assert.deepEqual(
    made.payments.map(({ date, time, amount }) => [date, time, amount]),
    [
      ['2026-03-16', '08:18:00', '25.00'],
      ['2026-03-16', '17:54:00', '0.01'],
      ['2026-03-17', '13:54:00', '0.01'],
    ],
  );
  assert.deepEqual(
    [...made.bics],
    [
      ['BANK_A', 'BANKXX00'],
      ['BANK_B', 'BANKXXA0'],
    ],
  );
  assert.deepEqual(await settledMinutes(scenarioOf(made, 'simcash')), [498, 1074, 834]);
});

test('accounts: pool and balance, credit, collateral with its haircut, limits', () => {
  const made = imported(
    agentWith({
      ...{ unsecured_cap: 5_000, posted_collateral: 1_000, collateral_haircut: 0.15 },
      ...{ liquidity_pool: 1_001, liquidity_allocation_fraction: 0.5 },
      limits: { bilateral_limits: { BANK_B: 700 }, multilateral_limit: 900 },
    }),
  );
  assert.deepEqual(accountOf(made), {
    ...{ balance: '1005.00', creditLine: '50.00', limit: '9.00' },
    collateral: { amount: '10.00', haircutBasisPoints: 1_500 },
    bilateralLimits: { BANKXXA0: '7.00' },
  });
  assert.deepEqual(accountOf(made, 1), { balance: '0.00' });
  const standard = imported(agentWith({ posted_collateral: 1_000 }));
  assert.deepEqual((accountOf(standard) as { collateral: unknown }).collateral, {
    amount: '10.00',
    haircutBasisPoints: 200,
  });
});

test('its liquidity saving, by what of it is on', () => {
  const settlementOf = (lsm: Document) => imported(plain({ lsm_config: lsm })).scenario.settlement;
  const base = { queue: 'bypass-fifo', atClose: 'carry-over' };
  const cycles = { cycle: 'gridlockResolution', cycleEverySeconds: 360 };
  assert.deepEqual(settlementOf({}), { ...base, ...cycles, offsetting: { bilateral: true } });
  assert.deepEqual(settlementOf({ enable_bilateral: false }), { ...base, ...cycles });
  assert.deepEqual(settlementOf({ enable_cycles: false }), {
    ...{ ...base, cycle: 'off', offsetting: { entry: true } },
  });
  assert.deepEqual(settlementOf({ enable_cycles: false, enable_bilateral: false }), {
    ...{ ...base, cycle: 'off' },
  });
});

test('a gridlock of three agents settles at the next tick by cycles, and never without', async () => {
  const ring = [pays(0, 10, 'A', 'B'), pays(0, 10, 'B', 'C'), pays(0, 10, 'C', 'A')];
  const agents = ['A', 'B', 'C'].map((id) => ({ id, opening_balance: 0 }));
  const minutes = (lsm: Document) =>
    settledMinutes(
      scenarioOf(imported(plain({ agents, scenario_events: ring, lsm_config: lsm })), 'simcash'),
    );
  const [first, ...others] = await minutes({});
  assert.ok(first! >= 480 && first! <= 486, `${first}`);
  assert.deepEqual(others, [first, first]);
  assert.deepEqual(await minutes({ enable_cycles: false }), [-1, -1, -1]);
});

test('events: transfers without a payment, credit, and a settlement at once', () => {
  const { scenario, payments } = imported(
    plain({
      scenario_events: [
        { ...pays(1, 500), type: 'DirectTransfer' },
        { ...pays(2, 600), type: 'ScheduledSettlement' },
        {
          type: 'CollateralAdjustment',
          agent: 'BANK_A',
          delta: 300,
          schedule: { type: 'OneTime', tick: 9 },
        },
        {
          type: 'CollateralAdjustment',
          agent: 'BANK_A',
          delta: -100,
          schedule: { type: 'OneTime', tick: 20 },
        },
      ],
    }),
  );
  const at = { currency: 'USD', date: '2026-03-16' };
  assert.deepEqual(scenario.events, {
    redemptions: [{ participant: 'BANKXX00', ...at, at: '08:06:00', amount: '5.00' }],
    issues: [{ participant: 'BANKXXA0', ...at, at: '08:06:00', amount: '5.00' }],
    creditLines: [
      { participant: 'BANKXX00', ...at, at: '08:54:00', amount: '3.00' },
      { participant: 'BANKXX00', ...at, at: '10:00:00', amount: '2.00' },
    ],
  });
  assert.deepEqual(
    payments.map(({ time, amount }) => [time, amount]),
    [['08:12:00', '6.00']],
  );
});

const ARRIVES = {
  rate_per_tick: 2,
  amount_distribution: { type: 'LogNormal', mean: 10_000, std_dev: 5_000 },
  counterparty_weights: { BANK_B: 1 },
  deadline_range: [5, 9],
};
const drawing = agentWith({ arrival_config: ARRIVES });
const event = (type: string, tick: number, more: Document) => ({ event_type: type, tick, ...more });
const arrival = (id: string, tick: number, amount: number) =>
  event('Arrival', tick, {
    ...{ tx_id: id, sender_id: 'BANK_A', receiver_id: 'BANK_B', amount, priority: 5, deadline: 50 },
  });
const STREAM = [
  arrival('t1', 0, 100),
  arrival('t2', 1, 200),
  arrival('t3', 2, 300),
  arrival('t4', 3, 400),
  arrival('t5', 4, 500),
  event('PolicySubmit', 0, { agent_id: 'BANK_A', tx_id: 't1' }),
  event('PolicySubmit', 7, { agent_id: 'BANK_A', tx_id: 't2' }),
  event('RtgsImmediateSettlement', 0, {
    tx_id: 't1',
    sender: 'BANK_A',
    receiver: 'BANK_B',
    amount: 100,
  }),
  event('Queue2LiquidityRelease', 8, { tx_id: 't2' }),
  event('LsmBilateralOffset', 9, { tx_ids: ['t3', 'other'] }),
  event('PolicySplit', 3, { tx_id: 't4', child_ids: ['c1', 'c2'] }),
  event('RtgsImmediateSettlement', 4, { tx_id: 'c1' }),
  event('LsmCycleSettlement', 12, { tx_ids: ['c2', 'x', 'y'] }),
  event('RtgsImmediateSettlement', 5, {
    ...{
      tx_id: 'scheduled_settlement_BANK_B_BANK_A_700_5',
      sender: 'BANK_B',
      receiver: 'BANK_A',
      amount: 700,
    },
  }),
  event('CostAccrual', 5, { agent_id: 'BANK_A' }),
];

test('its event stream: the payments are those, and what settled when is observed', () => {
  const lines = STREAM.map((one) => JSON.stringify(one)).join('\n');
  const made = imported(drawing, {}, { file: 'e.jsonl', text: `${lines}\n` });
  const tick = (count: number) => Date.parse('2026-03-16T08:00Z') + count * 360_000;
  assert.deepEqual(
    made.payments.map(({ time, amount, debtor }, row) => [
      time,
      amount,
      debtor,
      made.observed![row]!.settledMs,
    ]),
    [
      ['08:00:00', '1.00', 'BANKXX00', tick(0)],
      ['08:06:00', '2.00', 'BANKXX00', tick(8)],
      ['08:12:00', '3.00', 'BANKXX00', tick(9)],
      ['08:18:00', '4.00', 'BANKXX00', tick(12)],
      ['08:24:00', '5.00', 'BANKXX00', null],
      ['08:30:00', '7.00', 'BANKXXA0', tick(5)],
    ],
  );
  assert.deepEqual(made.observed![1]!.submittedMs, tick(1));
  const told = made.differences.join('\n');
  assert.match(told, /held back 1 for some ticks/);
  assert.match(told, /policies split 1/);
  assert.match(
    told,
    /3 settlements of payments that the events have no arrival of \(e\.jsonl:10, e\.jsonl:13, e\.jsonl:13\)/,
  );
  assert.doesNotMatch(told, /drawn|LogNormal/);
  for (const text of atLeast(2, [
    JSON.stringify(STREAM),
    JSON.stringify({ events: STREAM, total_count: STREAM.length }),
  ]))
    assert.deepEqual(
      { ...imported(drawing, {}, { file: 'e.json', text }), differences: [] },
      { ...made, differences: [] },
    );
});

const TABLE =
  'simulation_id,tx_id,sender_id,receiver_id,amount,priority,arrival_tick,deadline_tick,settlement_tick,parent_tx_id\n';
test('its table of transactions: parts of split payments are none, and ticks give the order', () => {
  const text = `${TABLE}s,t2,BANK_A,BANK_B,200,5,4,9,,\ns,t1,BANK_A,BANK_B,100,9,0,9,2,\ns,c1,BANK_A,BANK_B,50,5,4,9,5,t2\ns,c2,BANK_A,BANK_B,150,5,4,9,,t2\n`;
  const made = imported(drawing, {}, { file: 't.csv', text });
  assert.deepEqual(
    made.payments.map(({ amount }) => amount),
    ['1.00', '2.00'],
  );
  assert.deepEqual(
    made.observed!.map(({ settledMs }) => settledMs),
    [Date.parse('2026-03-16T08:12Z'), null],
  );
  assert.match(made.differences.join('\n'), /policies split 1/);
  assert.match(made.differences.join('\n'), /does not look at priorities/);
});

test('a payment that was split has settled with the last of its parts, by the table as by the events', () => {
  const table = (...rows: string[]) => ({ file: 't.csv', text: `${TABLE}${rows.join('\n')}\n` });
  const part = (id: string, of: string, settled: string) =>
    `s,${id},BANK_A,BANK_B,50,5,0,9,${settled},${of}`;
  const parent = (settled: string) => `s,t,BANK_A,BANK_B,100,5,0,9,${settled},`;
  const splits = (id: string, ...parts: string[]) =>
    event('PolicySplit', 0, { tx_id: id, child_ids: parts });
  const settles = (id: string, tick: number) =>
    event('Queue2LiquidityRelease', tick, { tx_id: id });
  const started = [arrival('t', 0, 100), splits('t', 'a', 'b'), settles('a', 1)];
  const log = (...events: Document[]) => ({
    ...{ file: 'e.json', text: JSON.stringify([...started, ...events]) },
  });
  for (const [tick, rows, events] of atLeast(4, [
    // The parent's row has none, as where SimCash nets the parts.
    [3, [parent(''), part('a', 't', '1'), part('b', 't', '3')], [settles('b', 3)]],
    [null, [part('a', 't', '1'), part('b', 't', ''), parent('')], []],
    [3, [parent('3'), part('a', 't', '1'), part('b', 't', '3')], [settles('b', 3)]],
    [
      7,
      [
        part('c', 'b', '7'),
        parent(''),
        part('a', 't', '1'),
        part('b', 't', ''),
        part('d', 'b', '5'),
      ],
      [splits('b', 'c', 'd'), settles('c', 7), settles('d', 5)],
    ],
  ] as const))
    for (const source of [table(...rows), log(...events)]) {
      const { observed } = imported(drawing, {}, source);
      const wanted = tick === null ? null : Date.parse('2026-03-16T08:00Z') + tick * 360_000;
      assert.deepEqual(
        observed!.map(({ settledMs }) => settledMs),
        [wanted],
      );
    }
});

test('two settlements of the scenario of one tick, two banks and one amount are two payments', () => {
  const tx_id = 'scheduled_settlement_BANK_A_BANK_B_700_5';
  const parties = { sender: 'BANK_A', receiver: 'BANK_B', amount: 700 };
  const one = event('RtgsImmediateSettlement', 5, { tx_id, ...parties });
  const { observed } = imported(drawing, {}, { file: 'e.json', text: JSON.stringify([one, one]) });
  const at = Date.parse('2026-03-16T08:30Z');
  assert.deepEqual(observed, new Array(2).fill({ submittedMs: at, settledMs: at }));
});

test('what is drawn has its distributions, and the same seed draws the same', () => {
  const simulation = { ticks_per_day: 1_000, num_days: 2, rng_seed: 7 };
  const amountsOf = (distribution: Document, seed = 7) =>
    imported(
      {
        ...agentWith({ arrival_config: { ...ARRIVES, amount_distribution: distribution } }),
        ...{ simulation, scenario_events: [] },
      },
      { draw: true, seed },
    ).payments.map(({ amount }) => Number(amount) * 100);
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const deviation = (numbers: readonly number[], center = mean(numbers)) =>
    Math.sqrt(mean(numbers.map((one) => (one - center) * (one - center))));
  const cases: [distribution: Document, mean: number, deviation: number][] = [
    [{ type: 'LogNormal', mean: 10_000, std_dev: 5_000 }, 10_000, 5_000],
    [{ type: 'Normal', mean: 10_000, std_dev: 500 }, 10_000, 500],
    [{ type: 'Uniform', min: 100, max: 300 }, 200, Math.sqrt((201 * 201 - 1) / 12)],
    [{ type: 'Exponential', lambda: 0.001 }, 1_000, 1_000],
  ];
  for (const [distribution, wanted, spread] of atLeast(4, cases)) {
    const drawn = amountsOf(distribution);
    // 4,000 expected: five standard errors of the count, the mean and about the deviation.
    assert.ok(Math.abs(drawn.length - 4_000) < 320, `${drawn.length}`);
    assert.ok(
      Math.abs(mean(drawn) - wanted) < (5 * spread) / 63,
      `${distribution.type}: ${mean(drawn)}`,
    );
    assert.ok(
      Math.abs(deviation(drawn) / spread - 1) < 0.1,
      `${distribution.type}: ${deviation(drawn)}`,
    );
  }
  const again = amountsOf(cases[0]![0]);
  assert.deepEqual(amountsOf(cases[0]![0]), again);
  assert.notDeepEqual(amountsOf(cases[0]![0], 8), again);
});

test('weights choose counterparties, and rates change as its events say', () => {
  const agents = [
    {
      ...BANKS[0],
      arrival_config: { ...ARRIVES, counterparty_weights: { BANK_A: 9, BANK_B: 3, BANK_C: 1 } },
    },
    { ...BANKS[1], arrival_bands: { low: { ...ARRIVES, counterparty_weights: undefined } } },
    { id: 'BANK_C', opening_balance: 0 },
  ];
  const rate = (type: string, tick: number, multiplier: number) => ({
    ...{ type, agent: 'BANK_A', multiplier, schedule: { type: 'OneTime', tick } },
  });
  const { payments } = imported(
    {
      simulation: { ...SIMULATION, ticks_per_day: 3_000 },
      agents,
      scenario_events: [
        rate('AgentArrivalRateChange', 1_000, 2),
        rate('AgentArrivalRateChange', 1_000, 2),
        rate('GlobalArrivalRateChange', 2_000, 0.5),
      ],
    },
    { draw: true },
  );
  const [a, b, c] = ['BANKXX00', 'BANKXXA0', 'BANKXXB0'];
  const count = (debtor: string, creditor: string | null, from: string, to: string) =>
    payments.filter(
      (one) =>
        one.debtor === debtor &&
        (creditor ?? one.creditor) === one.creditor &&
        one.time >= from &&
        one.time < to,
    ).length;
  // 12 s a tick: a thousand ticks are 3 h 20 min.
  const thirds = [
    ['08:00', '11:20'],
    ['11:20', '14:40'],
    ['14:40', '18:00'],
  ] as const;
  const of = (debtor: string) => thirds.map(([from, to]) => count(debtor, null, from, to));
  for (const [index, wanted] of [2_000, 8_000, 1_000].entries())
    assert.ok(Math.abs(of(a!)[index]! - wanted) < 5 * Math.sqrt(wanted), `${of(a!)}`);
  for (const one of of(b!))
    assert.ok(Math.abs(one - 2_000) < 5 * Math.sqrt(2_000), 'bands keep theirs');
  const share = count(a!, b!, '00:00', '24:00') / count(a!, null, '00:00', '24:00');
  assert.ok(Math.abs(share - 0.75) < 0.03, `${share}`);
  const even = count(b!, c!, '00:00', '24:00') / count(b!, null, '00:00', '24:00');
  assert.ok(Math.abs(even - 0.5) < 0.04, `${even}`);
});

test('each difference is told where it applies, and nowhere else', () => {
  const none = imported(plain()).differences.join('\n');
  const draw = { draw: true };
  const cases: [said: RegExp, document: Document, choices?: { draw: boolean }][] = [
    [/weekends included/, plain({ simulation: { ...SIMULATION, num_days: 2 } })],
    [/arrivals of BANK_A are drawn/, drawing, draw],
    [
      /mean 10000 and std_dev 5000 for those of the amounts in cents.*median 89\.44 USD, sigma 0\.472/,
      drawing,
      draw,
    ],
    [
      /mean 9\.8 .*whose median would be 180\.34 USD/,
      agentWith({
        arrival_config: {
          ...ARRIVES,
          amount_distribution: { type: 'LogNormal', mean: 9.8, std_dev: 1 },
        },
      }),
      draw,
    ],
    [/bands of BANK_A differ/, agentWith({ arrival_bands: { urgent: ARRIVES } }), draw],
    [
      /not look at priorities/,
      plain({ scenario_events: [{ ...pays(0, 1), priority: 9 }, pays(1, 1)] }),
    ],
    [
      /policy Deadline of BANK_A/,
      agentWith({ policy: { type: 'Deadline', urgency_threshold: 3 } }),
    ],
    [/cycles of at most 4 banks, and offsets/, plain({ lsm_config: null })],
    [/an arriving payment is offset/, plain({ lsm_config: { enable_cycles: false } })],
    [
      /1 event after the last tick, 99 \(scenario_events\[1\]\): SimCash never comes to it/,
      plain({ scenario_events: [pays(99, 1), pays(100, 1)] }),
    ],
    [
      /2 events after the last tick/,
      plain({
        scenario_events: [
          { ...pays(0, 1), schedule: { type: 'Repeating', start_tick: 500, interval: 1 } },
          { ...pays(100, 1), type: 'DirectTransfer' },
        ],
      }),
    ],
    [/deferred_crediting lets/, plain({ deferred_crediting: true })],
    [
      /posted_collateral of BANK_A gives credit.*does not hand it to its engine/,
      agentWith({ posted_collateral: 1 }),
    ],
    [/no collateral_haircut: here 2 %/, agentWith({ posted_collateral: 1 })],
    [/limits of BANK_A: .*net of what came in/, agentWith({ limits: { multilateral_limit: 5 } })],
    [
      /with a limit of their own do not count/,
      agentWith({ limits: { multilateral_limit: 5, bilateral_limits: { BANK_B: 1 } } }),
    ],
    [/liquidity_pool of BANK_A/, agentWith({ liquidity_pool: 5 })],
    [
      /1 DirectTransfer: money is redeemed/,
      plain({ scenario_events: [pays(0, 1), { ...pays(1, 1), type: 'DirectTransfer' }] }),
    ],
    [
      /1 ScheduledSettlement: in SimCash/,
      plain({ scenario_events: [{ ...pays(1, 1), type: 'ScheduledSettlement' }] }),
    ],
    [
      /CollateralAdjustment changes the credit line/,
      plain({
        scenario_events: [
          pays(0, 1),
          {
            type: 'CollateralAdjustment',
            agent: 'BANK_A',
            delta: 1,
            schedule: { type: 'OneTime', tick: 1 },
          },
        ],
      }),
    ],
    [
      /1 event of CounterpartyWeightChange/,
      {
        ...drawing,
        scenario_events: [{ type: 'DeadlineWindowChange', schedule: { type: 'OneTime', tick: 1 } }],
      },
      draw,
    ],
    [
      /cost_rates \(deadline_penalty\) are left out/,
      plain({ cost_rates: { deadline_penalty: 1 } }),
    ],
    [
      /no such key and ignore it: priority_mode; bilateral_limits of BANK_A\./,
      { ...agentWith({ bilateral_limits: { BANK_B: 1 } }), priority_mode: true },
    ],
  ];
  for (const [said, document, choices] of atLeast(23, cases)) {
    assert.match(imported(document, choices).differences.join('\n'), said);
    assert.doesNotMatch(none, said);
  }
});

const from = (events: unknown, file = 'e.jsonl') => ({
  file,
  text: typeof events === 'string' ? events : JSON.stringify(events),
});

test('bad input is one line: file, line or path, value and what was expected', () => {
  const cases: [made: () => unknown, message: RegExp][] = [
    [
      () => imported(drawing),
      /^s\.yaml:\d+: agents\[0\]\.arrival_config: \{.*\.\.\.: expected the payments that SimCash drew from it \(--events FILE\).*get_all_events\(\).*or --draw, /,
    ],
    [
      () => imported(agentWith({ opening_balance: 1.5 })),
      /^s\.yaml:\d+: agents\[0\]\.opening_balance: 1\.5: expected whole cents$/,
    ],
    [
      () => imported(agentWith({ opening_balance: -5 })),
      /agents\[0\]\.opening_balance: -5: expected a balance of 0 or more$/,
    ],
    [
      () => imported(agentWith({ collateral_haircut: 0.12345 })),
      /collateral_haircut: 0\.12345: expected whole basis points, such as 0\.0250$/,
    ],
    [
      () => imported(agentWith({ collateral_haircut: 1.5 })),
      /collateral_haircut: 1\.5: expected a number from 0 to 1$/,
    ],
    [
      () => imported(agentWith({ id: 'BANK_B' })),
      /agents\[1\]\.id: "BANK_B": expected an id that no agent before has$/,
    ],
    [
      () => imported(agentWith({ limits: { bilateral_limits: { BANK_Z: 1 } } })),
      /bilateral_limits\.BANK_Z: "BANK_Z": expected an agent of the scenario; did you mean "BANK_A"\?$/,
    ],
    [
      () => imported(plain({ scenario_events: [pays(0, 1, 'BANK_A', 'X')] })),
      /scenario_events\[0\]\.to_agent: "X": expected an agent of the scenario$/,
    ],
    [
      () => imported(plain({ scenario_events: [pays(0, 1, 'BANK_A', 'BANK_A')] })),
      /^scenario_events\[0\]: receiver: "BANK_A": expected another agent than the sender$/,
    ],
    [
      () => imported(plain({ scenario_events: [{ ...pays(0, 1), amount: 0 }] })),
      /scenario_events\[0\]\.amount: 0: expected/,
    ],
    [
      () => imported(plain({ scenario_events: [null] })),
      /^s\.yaml:\d+: scenario_events\[0\]: null: expected an event: /,
    ],
    [
      () => imported(plain({ scenario_events: [{ ...pays(0, 1), type: 'CustomArrival' }] })),
      /scenario_events\[0\]\.type: "CustomArrival": expected one of DirectTransfer, CustomTransactionArrival, /,
    ],
    [
      () =>
        imported(
          plain({ scenario_events: [{ ...pays(0, 1), schedule: { type: 'OneTime', tik: 2 } }] }),
        ),
      /scenario_events\[0\]\.schedule\.(?:tik|tick).*expected/,
    ],
    [
      () => imported(plain({ simulation: { ...SIMULATION, ticks_per_day: 40_000 } })),
      /^--opens 08:00 --closes 18:00: expected a day of at least 40000 seconds, one for each of ticks_per_day$/,
    ],
    [() => imported(plain(), { opens: '8' }), /^--opens 8: expected a time of day as HH:MM$/],
    [
      () => imported(plain(), { currency: 'DOLLAR' }),
      /^--currency DOLLAR: expected a currency of ISO 4217, or XTS$/,
    ],
    [
      () =>
        imported(
          agentWith({
            arrival_config: {
              ...ARRIVES,
              amount_distribution: { type: 'LogNormal', mean: -1, std_dev: 1 },
            },
          }),
          { draw: true },
        ),
      /expected a mean of amounts above 0 in LogNormal$/,
    ],
    [
      () =>
        imported(
          plain({
            scenario_events: [
              pays(0, 1),
              {
                type: 'CollateralAdjustment',
                agent: 'BANK_A',
                delta: -7,
                schedule: { type: 'OneTime', tick: 1 },
              },
            ],
          }),
        ),
      /scenario_events\[1\]\.delta: -7: expected a change that leaves 0 or more of a credit of 0: SimCash stops else$/,
    ],
    [
      () => imported(drawing, {}, from('[Tick 0] Arrival: TX a1b2c3d4')),
      /^e\.jsonl.*expected JSON .*--event-stream prints none/,
    ],
    [
      () => imported(drawing, {}, from({ ...arrival('t', 0, 1), amount: 'x' })),
      /^e\.jsonl:1: amount: "x": expected a whole number of 1 or more$/,
    ],
    [
      () => imported(drawing, {}, from([arrival('t', 0, 1), arrival('t', 1, 1)])),
      /^e\.jsonl: events\[1\]: tx_id: "t": expected one arrival of it$/,
    ],
    [
      () => imported(drawing, {}, from(arrival('t', 100, 1))),
      /^e\.jsonl:1: tick: 100: expected a tick below 100 \(ticks_per_day times num_days\)$/,
    ],
    [
      () => imported(drawing, {}, from({ ...arrival('t', 0, 1), sender_id: 'BANK_Q' })),
      /^e\.jsonl:1: sender: "BANK_Q": expected an agent of the scenario; did you mean "BANK_A"\?$/,
    ],
    [
      () => imported(drawing, {}, from([event('CostAccrual', 0, {})])),
      /^e\.jsonl: no Arrival: expected the events of a run of SimCash$/,
    ],
    [
      () => imported(drawing, {}, from({ events: [arrival('t', 0, 1)], total_count: 9 }, 'e.json')),
      /^e\.json: 1 of 9 events: expected all of them/,
    ],
    [
      () => imported(drawing, {}, from(`${TABLE}s,t,BANK_A,BANK_B,1.5,5,0,9,,\n`, 't.csv')),
      /^t\.csv:2: amount: "1\.5": expected a whole number of 1 or more$/,
    ],
    [
      () => imported(drawing, {}, from('a,b\n1,2\n', 't.csv')),
      /^t\.csv:1: column tx_id: missing: expected SimCash’s table transactions/,
    ],
    [
      () =>
        imported(
          drawing,
          {},
          from(`${TABLE}s,t,BANK_A,BANK_B,1,5,0,9,,\nr,u,BANK_A,BANK_B,1,5,0,9,,\n`, 't.csv'),
        ),
      /^t\.csv: 2 values of simulation_id: expected the transactions of one simulation$/,
    ],
  ];
  const settles = (tick: number) => event('Queue2LiquidityRelease', tick, { tx_id: 't' });
  const lines = (...events: Document[]) => events.map((one) => JSON.stringify(one)).join('\n');
  const rounded = (document: Document, from: string) =>
    importSimcash(
      { file: 's.yaml', text: JSON.stringify(document, null, 1).replace(from, '9007199254740993') },
      null,
      CHOICES,
    );
  cases.push(
    [
      () => imported(drawing, {}, from(lines(arrival('t', 5, 1), settles(4)))),
      /^e\.jsonl:2: settlement tick: 4: expected 5, when it arrives, or later$/,
    ],
    [
      () => imported(drawing, {}, from(lines(arrival('t', 5, 1), settles(100)))),
      /^e\.jsonl:2: settlement tick: 100: expected a tick below 100 /,
    ],
    [
      () => imported(drawing, {}, from(`${TABLE}s,t,BANK_A,BANK_B,1,5,3,9,2,\n`, 't.csv')),
      /^t\.csv:2: settlement tick: 2: expected 3, when it arrives, or later$/,
    ],
    [
      () => rounded(plain(), '100000'),
      /^s\.yaml:\d+: agents\[0\]\.opening_balance: 9007199254740993: expected a whole number of at most 9007199254740991$/,
    ],
    [
      () => rounded(plain(), '2500'),
      /scenario_events\[0\]\.amount: 9007199254740993: expected a whole number of at most 9007199254740991$/,
    ],
    [
      () => imported(agentWith({ unsecured_cap: 2 ** 53 })),
      /agents\[0\]\.unsecured_cap: 9007199254740992: expected a whole number of at most 9007199254740991$/,
    ],
    [
      () => imported(drawing, {}, from(arrival('t', 0, 2 ** 53))),
      /^e\.jsonl:1: amount: a number above 9007199254740991: expected a whole number of 1 or more, at most 9007199254740991$/,
    ],
    [
      () => imported(drawing, {}, from(lines(arrival('t', 5, 1), settles(6), settles(7)))),
      /^e\.jsonl:3: tx_id: "t": expected one settlement of it, e\.jsonl:2 is another$/,
    ],
    [
      () => imported(drawing, {}, from(lines(arrival('t', 5, 60), { ...settles(6), amount: 59 }))),
      /^e\.jsonl:2: amount: 59: expected 60, as the arrival of "t" has$/,
    ],
    [
      () =>
        imported(
          drawing,
          {},
          from(
            lines(
              event('LsmCycleSettlement', 6, { tx_ids: ['u', 't'], tx_amounts: [60, 61] }),
              arrival('t', 5, 60),
              arrival('u', 5, 60),
            ),
          ),
        ),
      /^e\.jsonl:1: amount: 61: expected 60, as the arrival of "t" has$/,
    ],
    [
      () => imported(drawing, {}, from(TABLE + 's,t,BANK_A,BANK_B,1,5,0,9,,\n'.repeat(2), 't.csv')),
      /^t\.csv:3: tx_id: "t": expected one row of it$/,
    ],
    [
      () =>
        imported(
          drawing,
          {},
          from(`${TABLE}s,t,BANK_A,BANK_B,9007199254740993,5,0,9,,\n`, 't.csv'),
        ),
      /^t\.csv:2: amount: "9007199254740993": expected a whole number of 1 or more, at most 9007199254740991$/,
    ],
  );
  for (const [made, message] of atLeast(37, cases))
    assert.throws(made, { name: 'ScenarioError', message });
});

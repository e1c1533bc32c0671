import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyOverrides, overridesOf } from '../../services/scenario/overrides-by-flags.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

describe('overrides', () => {
  test('reach every kind of place', () => {
    const scenario = loadText(TEST_YAML, [
      'settlement.queue=fifo',
      'settlement.cycle=off',
      'currencies.EUR.closes=15:30',
      'participants.BBBBDE00.accounts.EUR.balance=7.5',
      'participants[0].accounts.EUR.creditLine=0.10',
      'traffic.eur.paymentsPerDate=3',
      'quotes.DDDDJP00.spreadBasisPoints=0',
      'network=pilot-2',
    ]);
    assert.equal(scenario.settlement.common.queueRule, 'fifo');
    assert.equal(scenario.settlement.cycleEveryMs, 0);
    assert.equal(scenario.currencies[0]?.hours[0]?.closesMs, Date.UTC(2026, 2, 16, 15, 30));
    assert.equal(scenario.participants[1]?.accounts[0]?.balanceMinor, 750n);
    assert.equal(scenario.participants[0]?.accounts[0]?.creditLineMinor, 10n);
    assert.equal(scenario.flows[0]?.paymentsPerDate, 3);
    assert.deepEqual(scenario.quotes[0]?.rate, { mantissa: 1605n, scale: 1 });
    assert.equal(scenario.network, 'pilot-2');
  });

  test('of which the last one counts', () => {
    assert.equal(loadText(TEST_YAML, ['seed=1', 'seed=2']).seed, 2);
    assert.equal(loadText(TEST_YAML, overridesOf({ set: ['seed=1'], seed: 2 })).seed, 2);
  });

  test('make the mappings that the file leaves out', () => {
    const set = ['settlement.currencies.JPY.cycle=off', 'settlement.cycleEverySeconds=5'];
    const { settlement } = loadText(TEST_YAML, set);
    assert.equal(settlement.cycleEveryMs, 5000);
    assert.deepEqual(
      settlement.rules.map(({ cycleMechanism }) => cycleMechanism),
      ['gridlockResolution', 'none'],
    );
  });

  test('do not touch what an alias shares with the place', () => {
    const yaml = TEST_YAML.replace('amounts: {', 'amounts: &same {').replace(
      /amounts: \{ median.*\n$/,
      'amounts: *same\n',
    );
    const scenario = loadText(yaml, ['traffic.eur.amounts.median=30.00']);
    assert.deepEqual(
      scenario.flows.map(({ medianMinor }) => medianMinor),
      [3000n, 2000n],
    );
  });

  test('leave the document that they are given as it was', () => {
    const document = { settlement: { queue: 'fifo' } };
    const { applied } = applyOverrides(document, ['settlement.queue=bypass-fifo']);
    assert.equal(document.settlement.queue, 'fifo');
    assert.deepEqual(applied, [
      { path: ['settlement', 'queue'], text: 'settlement.queue=bypass-fifo' },
    ]);
  });

  const minor = (set: string, of: 'balanceMinor' | 'creditLineMinor') =>
    loadText(TEST_YAML, [set]).participants.map(({ accounts }) =>
      accounts.map((account) => account[of]),
    );

  test('of * reach every key of a mapping and every element of a list', () => {
    assert.deepEqual(minor('participants.*.accounts.*.balance=7', 'balanceMinor'), [
      [700n, 7n],
      [700n, 7n],
      [700n, 7n],
    ]);
    assert.deepEqual(minor('participants.*.accounts.JPY.balance=7', 'balanceMinor'), [
      [100_000n, 7n],
      [100_000n, 7n],
      [500_000n, 7n],
    ]);
    const { flows } = loadText(TEST_YAML, ['traffic.*.paymentsPerDate=3']);
    assert.deepEqual(
      flows.map(({ paymentsPerDate }) => paymentsPerDate),
      [3, 3],
    );
  });

  test('of * set what the file leaves out, and make no account', () => {
    assert.deepEqual(minor('participants.*.accounts.EUR.creditLine=1.00', 'creditLineMinor'), [
      [100n, 0n],
      [100n, 0n],
      [100n, 0n],
    ]);
    const without = TEST_YAML.replace('      JPY: { balance: "100000" }\n', '');
    const { participants } = loadText(without, ['participants.*.accounts.JPY.creditLine=9']);
    assert.deepEqual(
      participants.map(({ accounts }) => accounts.map(({ creditLineMinor }) => creditLineMinor)),
      [[5000n], [0n, 9n], [0n, 9n]],
    );
    const outage = ['events.outages.+={participant: BBBBDE00, from: "09:00"}'];
    const named = loadText(TEST_YAML, [...outage, 'events.*.BBBBDE00.until=10:00']);
    assert.equal(named.outages[0]?.untilMs, Date.UTC(2026, 2, 16, 10));
  });

  test('of * give each place a value of its own', () => {
    const value = 'profiles.*.parts=[{ from: "09:00", to: "10:00", weight: 1 }]';
    const { document, applied } = applyOverrides(
      { profiles: { one: { zone: 'UTC' }, other: { zone: 'UTC' } } },
      [value],
    );
    const { one, other } = (document as { profiles: Record<string, { parts: unknown }> }).profiles;
    assert.deepEqual(one?.parts, other?.parts);
    assert.notEqual(one?.parts, other?.parts);
    assert.deepEqual(applied, [
      { path: ['profiles', 'one', 'parts'], text: value },
      { path: ['profiles', 'other', 'parts'], text: value },
    ]);
  });

  test('of + add to a list, also to one that the file leaves out', () => {
    const set = [
      'events.outages.+={participant: BBBBDE00, from: "09:00"}',
      'events.outages.+={participant: AAAADE00, from: "10:00", until: "11:00"}',
      'quotes.DDDDJP00.pairs.+=JPY/EUR',
    ];
    const { outages, document } = loadText(TEST_YAML, set.slice(0, 2));
    assert.deepEqual(
      outages.map(({ participant }) => participant),
      [1, 0],
    );
    assert.equal(document.events.outages[1]?.until, '11:00');
    assert.throws(() => loadText(TEST_YAML, set), /quotes\[0\]\.pairs\[1\].*JPY\/EUR/);
    const all = loadText(TEST_YAML, ['profiles.*.parts.+={from: "14:00", to: "15:00", weight: 2}']);
    assert.equal(all.document.profiles.day?.parts.length, 3);
  });

  const wrong: [string, string][] = [
    [
      'participants.*.accounts.USD.balance=1',
      '--set participants.*.accounts.USD.balance=1: participants.*.accounts.USD: expected a path that matches something in the scenario; there is EUR, JPY',
    ],
    [
      'participants.*.accounts.EUR.bilateralLimits.*=2',
      '--set participants.*.accounts.EUR.bilateralLimits.*=2: participants.*.accounts.EUR.bilateralLimits: expected a path that matches something in the scenario; there is balance, creditLine',
    ],
    [
      'settlement.currencies.*.cycle=off',
      '--set settlement.currencies.*.cycle=off: settlement: expected a path that matches something in the scenario; there is name, seed, businessDates, zone, currencies, participants, rates, quotes and 2 more',
    ],
    [
      'participants.*.acounts.EUR.balance=1',
      '--set participants.*.acounts.EUR.balance=1: participants[0].acounts: expected a path of the scenario; did you mean "accounts"?',
    ],
    [
      'participants.*.accounts.EUR.balance=x',
      'pilots/test.yaml: --set participants.*.accounts.EUR.balance=x: participants[0].accounts.EUR.balance: "x": expected an amount of 0 or more as a decimal in quotes, such as "1250.00"',
    ],
    [
      'events.+=1',
      '--set events.+=1: events["+"]: expected + at the end of the path, behind a list',
    ],
    [
      'events.outages.+.from=09:00',
      '--set events.outages.+.from=09:00: events.outages["+"]: expected + at the end of the path, behind a list',
    ],
    [
      'events.outages.+={participant: NOBODY00, from: "09:00"}',
      'pilots/test.yaml: --set events.outages.+={participant: NOBODY00, from: "09:00"}: events.outages[0].participant: "NOBODY00": expected a participant of the scenario',
    ],
    [
      'settlement.queu=fifo',
      '--set settlement.queu=fifo: settlement.queu: expected a path of the scenario; did you mean "queue"?',
    ],
    [
      'participants.BBBBDE01.name=x',
      '--set participants.BBBBDE01.name=x: participants.BBBBDE01: expected a path of the scenario; did you mean "BBBBDE00"?',
    ],
    [
      'participants.9.name=x',
      '--set participants.9.name=x: participants.9: expected a path of the scenario; there is AAAADE00, BBBBDE00, DDDDJP00',
    ],
    [
      'currencies.eur.closes=15:00',
      '--set currencies.eur.closes=15:00: currencies.eur: expected a path of the scenario; did you mean "EUR"?',
    ],
    [
      'traffic.0.amounts.sigma=.inf',
      'pilots/test.yaml: --set traffic.0.amounts.sigma=.inf: traffic[0].amounts.sigma: Infinity: expected a number from 0 to 10',
    ],
    [
      'profiles.day.parts.morning.weight=2',
      '--set profiles.day.parts.morning.weight=2: profiles.day.parts.morning: expected a path of the scenario; there is 0 to 1',
    ],
    [
      'profiles.*.parts.7.weight=2',
      '--set profiles.*.parts.7.weight=2: profiles.*.parts.7: expected a path that matches something in the scenario; there is 0 to 1',
    ],
    [
      'businessDates.1=2026-03-17',
      '--set businessDates.1=2026-03-17: businessDates.1: expected a path of the scenario; there is 0',
    ],
    [
      'events.outages.0.from=09:00',
      '--set events.outages.0.from=09:00: events.outages.0: expected a path of the scenario; there is nothing',
    ],
    ['seed.x=1', '--set seed.x=1: seed.x: expected a path of the scenario; there is nothing'],
    ['seed', '--set seed: expected dot.path=value on a scenario'],
    ['=1', '--set =1: expected dot.path=value on a scenario'],
    ['quotes=[', '--set quotes=[: "[": expected a YAML value'],
    [
      'settlement.queue=lifo',
      'pilots/test.yaml: --set settlement.queue=lifo: settlement.queue: "lifo": expected one of fifo, bypass-fifo',
    ],
    [
      'participants.AAAADE00.accounts.EUR.balance=-1',
      'pilots/test.yaml: --set participants.AAAADE00.accounts.EUR.balance=-1: participants[0].accounts.EUR.balance: "-1": expected an amount of 0 or more as a decimal in quotes, such as "1250.00"',
    ],
    [
      'participants.AAAADE00.accounts.EUR.balance=1.001',
      'pilots/test.yaml: --set participants.AAAADE00.accounts.EUR.balance=1.001: participants[0].accounts.EUR.balance: "1.001": expected at most 2 decimals, as EUR has',
    ],
  ];
  for (const [set, message] of wrong)
    test(`${set} is refused`, () => {
      assert.throws(() => loadText(TEST_YAML, [set]), { name: 'ScenarioError', message });
    });
});

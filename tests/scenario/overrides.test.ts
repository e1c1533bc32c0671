import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyOverrides } from '../../services/scenario/overrides.ts';
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

  const wrong: [string, string][] = [
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
      '--set participants.9.name=x: participants.9: expected a path of the scenario',
    ],
    [
      'currencies.eur.closes=15:00',
      '--set currencies.eur.closes=15:00: currencies.eur: expected a path of the scenario; did you mean "EUR"?',
    ],
    ['seed.x=1', '--set seed.x=1: seed.x: expected a path of the scenario'],
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

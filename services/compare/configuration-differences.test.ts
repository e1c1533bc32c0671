import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configurationDifferences, planDifferences } from './configuration-differences.ts';
import type { ComparedRun } from './finished-run.ts';

interface Given {
  readonly document?: unknown;
  readonly overrides?: readonly string[];
  readonly seed?: number;
}

const runs = (...given: readonly Given[]): ComparedRun[] =>
  given.map(
    ({ document = null, overrides = [], seed = 1 }, index) =>
      ({
        ...{ name: `run-${index}`, document, paymentsCsv: null, inputLog: null },
        observedTimes: null,
        summary: { scenario: 's', seed, version: '1', signatures: true, overrides },
      }) as unknown as ComparedRun,
  );

const bank = (bic: string, rest: object = {}) => ({
  ...{ bic, size: 1, accounts: { EUR: { balance: '1.00' } } },
  ...rest,
});

describe('differences of configuration', () => {
  const cases: readonly [string, unknown[], [string, unknown[]][]][] = [
    ['a field', [{ a: { b: 1 } }, { a: { b: 2 } }], [['a.b', [1, 2]]]],
    ['nothing', [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }], []],
    [
      'an element of a list by its name, in another order too',
      [
        { participants: [bank('A'), bank('B')] },
        {
          participants: [bank('B'), bank('A', { accounts: { EUR: { balance: '2.00' } } })],
        },
      ],
      [['participants.A.accounts.EUR.balance', ['1.00', '2.00']]],
    ],
    [
      'elements of one name by their number',
      [
        { outages: [{ participant: 'A', from: '1' }] },
        {
          outages: [
            { participant: 'A', from: '1' },
            { participant: 'A', from: '2' },
          ],
        },
      ],
      [['outages.1', [undefined, { participant: 'A', from: '2' }]]],
    ],
    [
      'what one lacks once, however much is below it',
      [{ quotes: {} }, { quotes: { one: { spread: 1, covers: { EUR: 2 } } } }],
      [['quotes.one', [undefined, { spread: 1, covers: { EUR: 2 } }]]],
    ],
    ['a value that is of another kind', [{ a: [1] }, { a: { b: 1 } }], [['a', [[1], { b: 1 }]]]],
    ['three runs', [{ a: 1 }, { a: 1 }, { a: 3 }], [['a', [1, 1, 3]]]],
  ];
  for (const [name, documents, expected] of cases)
    test(`tell ${name}`, () => {
      const found = configurationDifferences(runs(...documents.map((document) => ({ document }))));
      assert.deepEqual(
        found.map(({ path, values }) => [path, values]),
        expected,
      );
    });

  test('without a known scenario are those that summaries tell', () => {
    const found = configurationDifferences(
      runs({ seed: 1, document: { a: 1 } }, { seed: 2, overrides: ['a=2'] }),
    );
    assert.deepEqual(
      found.map(({ path, values }) => [path, values]),
      [
        ['seed', [1, 2]],
        ['overrides', [[], ['a=2']]],
      ],
    );
  });
});

describe('the plan of payments is another', () => {
  const plan = (one: unknown, other: unknown) => {
    const both = runs({ document: one }, { document: other });
    return planDifferences(configurationDifferences(both), both, 1);
  };
  const cases: readonly [unknown, unknown, string[]][] = [
    [{ seed: 1 }, { seed: 2 }, ['seed']],
    [
      { chainFlows: [{ name: 'x', n: 1 }] },
      { chainFlows: [{ name: 'x', n: 2 }] },
      ['chainFlows.x.n'],
    ],
    [{ customerPayments: { n: 1 } }, { customerPayments: { n: 2 } }, ['customerPayments.n']],
    [{ traffic: [{ name: 'x', n: 1 }] }, { traffic: [{ name: 'x', n: 2 }] }, ['traffic.x.n']],
    [
      { participants: [bank('A')] },
      { participants: [bank('A', { size: 2 })] },
      ['participants.A.size'],
    ],
    [{ participants: [bank('A')] }, { participants: [bank('A'), bank('B')] }, ['participants.B']],
    [
      { participants: [bank('A')] },
      { participants: [bank('A', { accounts: { EUR: { balance: '9.00' } } })] },
      [],
    ],
    [{ settlement: { cycle: 'off' } }, { settlement: { cycle: 'partial' } }, []],
    [{ events: { outages: [] } }, { events: { outages: [{ participant: 'A' }] } }, []],
    [{ currencies: { EUR: { closes: '17' } } }, { currencies: { EUR: { closes: '16' } } }, []],
  ];
  for (const [one, other, expected] of cases)
    test(`${JSON.stringify(one)} against ${JSON.stringify(other)}: ${expected.join() || 'it is not'}`, () =>
      assert.deepEqual(plan(one, other), expected));

  test('where overrides alone tell so', () => {
    const both = runs(
      { overrides: ['settlement.cycle=off'] },
      { overrides: ['settlement.cycle=off', 'traffic.eur.paymentsPerDate=5'] },
    );
    const found = planDifferences(configurationDifferences(both), both, 1);
    assert.deepEqual(found, ['traffic.eur.paymentsPerDate']);
  });

  test('of each run against the first alone', () => {
    const three = runs(
      { document: { seed: 1 } },
      { document: { seed: 1 } },
      { document: { seed: 3 } },
    );
    const differences = configurationDifferences(three);
    assert.deepEqual(
      [1, 2].map((other) => planDifferences(differences, three, other)),
      [[], ['seed']],
    );
  });
});

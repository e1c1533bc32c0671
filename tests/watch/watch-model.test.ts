/** How a model of the watched flow is read and asked, by arithmetic; and how a ranking is judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atBudget } from '../../services/analysis/watch/alert-budgets.ts';
import { MODEL_FORMAT, WatchModel } from '../../services/analysis/watch/watch-model.ts';
import { FEATURES, type FeatureName } from '../../services/analysis/watch/watched-features.ts';
import { accountsWarning } from '../../services/watch/flow-scores.ts';

const column = (name: FeatureName) => FEATURES.findIndex((feature) => feature.name === name);
const [VELOCITY, ROUND] = [column('payer60m'), column('roundness')];
const split = (by: number, threshold: number, low: number, high: number) => ({
  ...{ feature: [by, -1, -1], threshold: [threshold, 0, 0], left: [1, -1, -1] },
  ...{ right: [2, -1, -1], value: [0, low, high] },
});

const document = {
  ...{ format: MODEL_FORMAT, features: FEATURES.map(({ name }) => name), runs: [], kinds: {} },
  ...{ parameters: {}, libraries: {}, medians: FEATURES.map(() => 0), alertFrom: 0.9 },
  ...{ unusualFrom: 0.5, meanPath: 4, without: [], withAccounts: 0.9 },
  boosting: [split(VELOCITY, 2.5, -3, 1), split(ROUND, 3, 0, 2)],
  isolation: [split(VELOCITY, 10, 4, 2), split(VELOCITY, 20, 8, 2)],
};
const modelOf = (change: object = {}) =>
  new WatchModel(Buffer.from(JSON.stringify({ ...document, ...change })));
const rowOf = (values: Partial<Record<FeatureName, number>>) =>
  Float32Array.from(FEATURES, ({ name }) => values[name] ?? 0);
const odds = (log: number) => 1 / (1 + Math.exp(-log));
const near = (value: number, expected: number) =>
  assert.ok(Math.abs(value - expected) < 1e-12, `${value}, not ${expected}`);

test('known and isolated are what the trees add up to, and the score is what either finds', () => {
  const model = modelOf();
  const { known, isolated, score } = model.suspicion(rowOf({ payer60m: 12, roundness: 4 }));
  near(known, odds(3));
  near(isolated, 2 ** (-(2 + 8) / 2 / 4));
  near(score, 1 - (1 - known) * (1 - isolated));
  // At the threshold a row goes left.
  near(model.suspicion(rowOf({ payer60m: 10, roundness: 3 })).known, odds(1));
  near(model.suspicion(rowOf({ payer60m: 10 })).isolated, 2 ** (-6 / 4));
});

test('a row may stand anywhere in a flow', () => {
  const rows = new Float32Array(3 * FEATURES.length);
  rows.set(rowOf({ payer60m: 30 }), FEATURES.length);
  const model = modelOf();
  assert.deepEqual(
    model.suspicion(rows, FEATURES.length),
    model.suspicion(rowOf({ payer60m: 30 })),
  );
  assert.deepEqual(model.reasons(rows, FEATURES.length), model.reasons(rowOf({ payer60m: 30 })));
});

test('reasons are the features whose median would lower the score most, and leave the row as it was', () => {
  const model = modelOf();
  const row = rowOf({ payer60m: 30, roundness: 5, hourHabit: 9 });
  const before = row.slice();
  const reasons = model.reasons(row);
  assert.deepEqual(row, before);
  assert.deepEqual(
    reasons.map(({ feature, says }) => [feature, says]),
    [
      ['payer60m', 'many payments of the payer in an hour'],
      ['roundness', 'a round amount'],
    ],
  );
  const without = model.suspicion(rowOf({ payer60m: 30, hourHabit: 9 })).score;
  near(reasons[1]!.by, model.suspicion(row).score - without);
});

test('a value below the median is told as one', () => {
  const medians = FEATURES.map((_, at) => (at === VELOCITY ? 40 : 0));
  const isolation = [split(VELOCITY, 10, 1, 9)];
  const model = modelOf({ medians, isolation, boosting: [split(ROUND, 3, 0, 2)] });
  const [reason] = model.reasons(rowOf({ payer60m: 3 }));
  assert.equal(reason?.says, 'few payments of the payer in an hour');
});

test('the digest is that of the file, byte by byte', () => {
  assert.match(modelOf().digest, /^[0-9a-f]{64}$/);
  assert.notEqual(modelOf().digest, modelOf({ alertFrom: 0.91 }).digest);
});

const broken = (change: object) => ({ ...split(VELOCITY, 1, 0, 1), ...change });
const FAULTS: readonly (readonly [string, object, RegExp])[] = [
  ['another format', { format: 'other.1' }, /format "other.1": expected "corridor.watch-model.1"/],
  [
    'features of another version',
    { features: ['amount'] },
    /features amount: expected amountToCurrency/,
  ],
  ['a median too few', { medians: [1] }, /medians: expected 19 numbers/],
  ['no threshold of alerts', { alertFrom: null }, /alertFrom null: expected a number/],
  ['each payment an alert', { alertFrom: 0 }, /^alertFrom 0: expected a number above 0; each/],
  ['no mean path', { meanPath: undefined }, /meanPath undefined: expected a number, 1 or more/],
  ['a mean path below 1', { meanPath: 0.99 }, /meanPath 0.99: expected a number, 1 or more/],
  ['a threshold beyond 1', { alertFrom: 2 }, /alertFrom 2: expected a number from 0 to 1/],
  ['no share of accounts', { withAccounts: '1' }, /withAccounts 1: expected a number from 0 to 1/],
  ['features that are no list', { features: 'abc' }, /features abc: expected amountToCurrency/],
  [
    'features that only read the same',
    { features: FEATURES.map(({ name }) => [name]) },
    /features amountToCurrency.*: expected amountToCurrency/,
  ],
  ['medians that are no list', { medians: 'x'.repeat(19) }, /medians: expected 19 numbers/],
  ['a tree that is none', { boosting: [null] }, /boosting: expected trees/],
  ['trees that are no list', { boosting: 'abc' }, /boosting: expected trees/],
  [
    'a child between two nodes',
    { boosting: [broken({ left: [1.5, -1, -1] })] },
    /boosting: expected trees/,
  ],
  ['a child in words', { boosting: [broken({ left: ['1', -1, -1] })] }, /boosting: expected trees/],
  [
    'a feature between two',
    { boosting: [broken({ feature: [0.5, -1, -1] })] },
    /boosting: expected trees/,
  ],
  [
    'a leaf that is beyond all',
    { boosting: [broken({ value: [0, -1e308, 1] })] },
    /boosting: expected trees whose nodes lead forward to leaves from -1000000 to 1000000/,
  ],
  [
    'a path of less than nothing',
    { isolation: [broken({ value: [0, -1, 1] })] },
    /isolation: expected trees whose nodes lead forward to leaves from 0 to 1000000/,
  ],
  ['no trees', { isolation: [] }, /isolation: expected trees/],
  [
    'a walk without an end',
    { boosting: [broken({ left: [0, -1, -1] })] },
    /boosting: expected trees/,
  ],
  [
    'a child outside the tree',
    { boosting: [broken({ right: [3, -1, -1] })] },
    /boosting: expected trees/,
  ],
  [
    'a feature that is none',
    { boosting: [broken({ feature: [19, -1, -1] })] },
    /boosting: expected trees/,
  ],
  [
    'a leaf without a value',
    { boosting: [broken({ value: [0, null, 1] })] },
    /boosting: expected trees/,
  ],
  [
    'lists of other lengths',
    { boosting: [broken({ threshold: [1] })] },
    /boosting: expected trees/,
  ],
];
for (const [name, change, message] of FAULTS)
  test(`a model with ${name} is refused with words`, () =>
    assert.throws(() => modelOf(change), { message }));

test('a file that is no JSON is refused with words', () =>
  assert.throws(() => new WatchModel(Buffer.from('{')), { message: /^it is no JSON/ }));

test('a flow whose payments name accounts more seldom than those of the training is told', () => {
  const payment = {
    ...{ pool: 'main', uetr: 'u', timeMs: 0, debtorAgent: 'A', creditorAgent: 'B' },
    ...{ creditorAccount: '', currency: 'EUR', amountMinor: 1n, label: '' },
  };
  const flow = (named: number) => ({
    ...{ folder: 'runs/day', run: 'day', eventsHash: '', features: new Float32Array() },
    payments: Array.from({ length: 10 }, (_, at) => ({
      ...payment,
      debtorAccount: at < named ? 'A-1' : '',
    })),
  });
  const model = modelOf();
  assert.equal(accountsWarning(flow(9), model), null);
  assert.equal(accountsWarning(flow(10), model), null);
  assert.match(
    accountsWarning(flow(0), model)!,
    /^watch score: runs\/day: 0\.0 % of the payments name the payer's account; expected about 90\.0 %/,
  );
  assert.ok(accountsWarning(flow(7), model));
});

test('a ranking is judged by the payments that a budget lets one look at', () => {
  const labels = ['', 'ring', '', 'run', '', '', 'run', '', '', 'run'];
  const scores = [0, 9, 8, 7, 1, 1, 1, 0, 0, 0];
  const figures = atBudget(labels, scores, 0.3);
  assert.deepEqual(figures, {
    ...{ budget: 0.3, alerts: 3, precision: 2 / 3, recall: 1 / 2, kindsFound: 1 },
    byKind: { ring: 1, run: 1 / 3 },
  });
  // Of equal scores the earlier come first; one alert at least.
  assert.equal(atBudget(labels, scores, 0.5).recall, 1 / 2);
  assert.equal(atBudget(labels, scores, 0.6).recall, 3 / 4);
  assert.equal(atBudget(labels, scores, 0.001).alerts, 1);
  assert.equal(atBudget(['', ''], [1, 2], 0.5).recall, 0);
});

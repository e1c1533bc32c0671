/** What each feature of the watched flow says, by arithmetic. feature-cases.ts has what both computations share. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  FEATURES,
  type FeatureName,
  FlowWatch,
} from '../../services/analysis/watch/watched-features.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { featuresOf, type PlacedPayment } from './feature-cases.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NINE = Date.UTC(2026, 2, 16, 9);

/** From x at bank A to y at bank B, EUR 1.00, but for what is said. */
const pays = (afterMs: number, change: Partial<PlacedPayment> = {}): PlacedPayment => ({
  ...{ pool: 'main', uetr: '', timeMs: NINE + afterMs, debtorAgent: 'A', creditorAgent: 'B' },
  ...{ debtorAccount: 'x', creditorAccount: 'y', currency: 'EUR', amountMinor: 100n },
  ...change,
});

/** Features of the last payment are, to the thousandth in which logarithms are added up. */
function assertLast(
  payments: readonly PlacedPayment[],
  expected: Partial<Record<FeatureName, number>>,
): void {
  const last = featuresOf(payments).at(-1) as Record<string, number>;
  for (const [name, value] of Object.entries(expected))
    assert.ok(
      Math.abs((last[name] as number) - value) < 1e-3,
      `${name}: ${last[name]}, not ${value}`,
    );
}

test('the first payment of all has no history', () => {
  assertLast([pays(0, { amountMinor: 25_000n })], {
    ...{ amountToCurrency: 0, amountToPayer: 0, amountToPair: 0, payerPayments: 0 },
    ...{ pairPayments: 0, payeePayments: 0, payer5m: 0, payer60m: 0, bank5m: 1, bankShare60m: 0 },
    ...{ newPayees60m: 1, roundness: 3, sameAmount60m: 0, fanOut60m: 0, fanIn60m: 0 },
    ...{ flowBack24h: 0, passedOn24h: 0, hourHabit: 0, bankGap: 0 },
  });
});

test('amounts stand against the mean logarithm of currency, payer and pair', () => {
  const payments = [
    pays(0, { debtorAccount: 'other', amountMinor: 1_000_000n }),
    pays(1, { creditorAccount: 'z', amountMinor: 10_000n }),
    pays(2, { amountMinor: 100n }),
    pays(3, { currency: 'SGD', amountMinor: 7n }),
    pays(4, { amountMinor: 1_000n }),
  ];
  const ten = Math.log(10);
  assertLast(payments, { amountToCurrency: -ten, amountToPayer: 0, amountToPair: ten });
});

test('histories count all earlier payments of payer, pair and payee', () => {
  const payments = [
    ...[pays(0), pays(30 * HOUR), pays(31 * HOUR, { creditorAccount: 'z' })],
    ...[pays(32 * HOUR, { debtorAccount: 'w' }), pays(90 * HOUR)],
  ];
  assertLast(payments, {
    ...{ payerPayments: Math.log(4), pairPayments: Math.log(3), payeePayments: Math.log(4) },
  });
});

test('an account is one at its agent: of the same name at another it has a history of its own', () => {
  const payments = [
    ...[pays(0, { debtorAgent: 'C' }), pays(1, { creditorAgent: 'D' })],
    pays(2, { debtorAgent: 'D', creditorAgent: 'A', debtorAccount: 'y', creditorAccount: 'x' }),
    pays(3),
  ];
  assertLast(payments, {
    ...{ payerPayments: Math.log(2), pairPayments: 0, payeePayments: Math.log(2), payer60m: 1 },
    ...{ fanOut60m: 1, fanIn60m: 1, flowBack24h: 0, passedOn24h: 1, sameAmount60m: 0 },
  });
});

test('windows reach to the very millisecond of 5 and 60 minutes before', () => {
  const payments = [
    ...[pays(0), pays(1), pays(55 * MINUTE), pays(55 * MINUTE + 1)],
    pays(60 * MINUTE + 1, { amountMinor: 50n }),
  ];
  assertLast(payments, { payer60m: 3, payer5m: 1, sameAmount60m: 0 });
  // At the edge itself those count that are not before it in their millisecond.
  assertLast([...payments.slice(0, 4), pays(60 * MINUTE)], {
    payer60m: 4,
    payer5m: 2,
    sameAmount60m: 4,
  });
});

test('a bank is held against its hour and against its usual share', () => {
  const other = (afterMs: number) => pays(afterMs, { debtorAgent: 'C', debtorAccount: 'c' });
  const payments = [
    ...[pays(0), other(1), other(2), other(3)],
    ...[other(2 * HOUR), pays(2 * HOUR + 1), pays(2 * HOUR + 2), pays(2 * HOUR + 3)],
  ];
  // Of four payments in seven, and of two in three of the hour.
  assertLast(payments, { bankShare60m: 2 / 3 - 3 / 7, bank5m: 3 / (1 + 2 / 12) });
});

test('new payees are a share of the hour, and distinct ones are counted both ways', () => {
  const payments = [
    ...[pays(0), pays(2 * HOUR), pays(2 * HOUR + 1, { creditorAccount: 'z' })],
    ...[pays(2 * HOUR + 2, { debtorAccount: 'w' }), pays(2 * HOUR + 3, { debtorAccount: 'v' })],
    pays(2 * HOUR + 4),
  ];
  assertLast(payments, { newPayees60m: 1 / 3, fanOut60m: 2, fanIn60m: 3 });
});

test('money that comes back and amounts that are passed on are seen for a day', () => {
  const toX = { debtorAgent: 'B', creditorAgent: 'A', creditorAccount: 'x' };
  const back = { ...toX, debtorAccount: 'y', amountMinor: 77n };
  const from = { ...toX, debtorAccount: 'q', amountMinor: 5_000n };
  const payments = [pays(0, back), pays(23 * HOUR, back), pays(23 * HOUR + 1, from)];
  assertLast([...payments, pays(24 * HOUR - 1, { amountMinor: 5_000n })], {
    ...{ flowBack24h: 2, passedOn24h: 1, roundness: 3 },
  });
  assertLast([...payments, pays(24 * HOUR + 1, { amountMinor: 77n })], {
    ...{ flowBack24h: 1, passedOn24h: 1 },
  });
  assertLast([...payments, pays(24 * HOUR, { currency: 'SGD', amountMinor: 77n })], {
    passedOn24h: 0,
  });
});

test('an hour stands against the bank’s habit, a silence against its usual gap', () => {
  const payments = [pays(0), pays(10_000), pays(20_000), pays(3 * HOUR)];
  const since = (3 * HOUR - 20_000 + 1_000) / (10_000 + 1_000);
  assertLast(payments, { hourHabit: Math.log(24 / 27), bankGap: Math.log(since) });
  assertLast([...payments, pays(3 * HOUR + 1)], { hourHabit: Math.log((24 * 2) / 28) });
});

test('what is held are accounts, pairs, means by currency, and the payments of a day', () => {
  const watch = new FlowWatch();
  const heldAfter = (payment: PlacedPayment) => {
    watch.take(payment);
    return Math.floor(watch.held);
  };
  // Two accounts, a pair, its means and the payer's, the payment.
  assert.equal(heldAfter(pays(0)), 6);
  assert.equal(heldAfter(pays(1)), 7);
  assert.equal(heldAfter(pays(2, { currency: 'SGD' })), 10);
  assert.equal(heldAfter(pays(25 * HOUR)), 8);
  const long = heldAfter(pays(25 * HOUR, { creditorAccount: 'z'.repeat(6_400) }));
  assert.equal(long, 8 + 4 + 100);
});

test('pools know nothing of each other', () => {
  const others = Array.from({ length: 20 }, (_, at) => pays(at, { pool: 'other' }));
  const [alone] = featuresOf([pays(50)]);
  assert.deepEqual(featuresOf([...others, pays(50)]).at(-1), alone);
});

test('each feature has a name of its own and says what a high and a low value mean', () => {
  assert.equal(new Set(FEATURES.map(({ name }) => name)).size, FEATURES.length);
  const words = FEATURES.flatMap(({ more, less }) => [more, less]);
  assert.equal(new Set(words).size, 2 * FEATURES.length);
});

test('docs/watch.md has a row of each feature, with the words of its definition', () => {
  const page = readFileSync(join(packageFolder, 'docs/watch.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (.+?) +\|$/gm)].map(([, name, says]) => [
    name,
    says,
  ]);
  assert.deepEqual(
    rows.slice(0, FEATURES.length),
    FEATURES.map(({ name, says }) => [name, says]),
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FateComparison } from './payment-fates.ts';
import { PaymentIndex } from './payment-index.ts';
import type { CsvPayment } from './payments-csv-reader.ts';

const payment = (uetr: string, rest: Partial<CsvPayment> = {}): CsvPayment => ({
  ...{ uetr, status: 'settled', reason: '', mechanism: 'entry' },
  ...{ debtorAgent: 'A', creditorAgent: 'B', currency: 'EUR', amountMinor: 100n },
  ...{ submittedAtMs: 0, finalAtMs: 10, isCounted: true },
  ...rest,
});
const ORDER = { by: 'value', weight: (minor: bigint) => Number(minor) };

function compare(first: readonly CsvPayment[], other: readonly CsvPayment[], listed = 20) {
  const index = new PaymentIndex();
  for (const one of first) index.add(one);
  const fates = new FateComparison(index, ORDER, listed);
  for (const one of other) fates.take(one);
  const { counts, largest } = fates.end();
  const matrix = Object.entries(counts.matrix).flatMap(([from, row]) =>
    Object.entries(row).flatMap(([to, count]) => (count > 0 ? [`${from} ${to} ${count}`] : [])),
  );
  return { ...counts, matrix, largest: largest.map(({ uetr }) => uetr), listed: largest };
}

describe('fates', () => {
  const open = { status: 'queued', mechanism: '', finalAtMs: null } as const;
  const cases: readonly [string, Partial<CsvPayment>, Partial<CsvPayment>, string, number][] = [
    ['the same', {}, {}, 'settled settled 1', 0],
    ['later', {}, { finalAtMs: 11 }, 'settled settled 1', 1],
    ['earlier', {}, { finalAtMs: 9 }, 'settled settled 1', 1],
    ['by another mechanism at the same time', {}, { mechanism: 'queue' }, 'settled settled 1', 0],
    ['rejected', {}, { status: 'rejected', reason: 'AM13' }, 'settled rejected 1', 1],
    ['cancelled before', { status: 'cancelled' }, {}, 'cancelled settled 1', 1],
    ['queued', {}, open, 'settled queued 1', 1],
    ['rejected in both', { status: 'rejected' }, { status: 'rejected' }, 'rejected rejected 1', 0],
    [
      'cancelled later',
      { status: 'cancelled' },
      { status: 'cancelled', finalAtMs: 99 },
      'cancelled cancelled 1',
      0,
    ],
  ];
  for (const [name, first, other, cell, changed] of cases)
    test(`${name}: ${cell}`, () => {
      const found = compare([payment('u', first)], [payment('u', other)]);
      assert.deepEqual(found.matrix, [cell]);
      assert.equal(found.changed, changed);
      assert.equal(found.matched, 1);
      assert.equal(found.largest.length, changed);
    });

  test('of what settled in both, by time', () => {
    const at = (...times: readonly number[]) =>
      times.map((finalAtMs, index) => payment(`u${index}`, { finalAtMs }));
    const { settledInBoth } = compare(at(5, 5, 5, 5, 5, 5), at(5, 6, 7, 8, 4, 3));
    assert.deepEqual(settledInBoth, { sameTime: 1, earlier: 2, later: 3 });
  });

  test('of what was sent at another time, whatever became of it', () => {
    const at = (...times: readonly number[]) =>
      times.map((submittedAtMs, index) => payment(`u${index}`, { submittedAtMs }));
    const found = compare(at(1, 2, 3), [...at(1, 3, 2), payment('c', { submittedAtMs: 9 })]);
    assert.deepEqual([found.matched, found.sentAtAnotherTime, found.changed], [3, 2, 1]);
  });

  test('of what one run alone has', () => {
    const found = compare([payment('a'), payment('b')], [payment('b'), payment('c')]);
    assert.deepEqual(found.matrix, [
      'settled settled 1',
      'settled notSubmitted 1',
      'notSubmitted settled 1',
    ]);
    assert.equal(found.matched, 1);
    assert.equal(found.changed, 2);
  });

  test('a UETR with other terms is no longer the same payment', () => {
    for (const terms of [
      { amountMinor: 101n },
      { currency: 'USD' },
      { debtorAgent: 'C' },
      { creditorAgent: 'C' },
    ]) {
      const found = compare([payment('u')], [payment('u', { ...terms, status: 'rejected' })]);
      assert.deepEqual([found.otherTerms, found.matched, found.matrix], [1, 0, []]);
    }
  });

  test('a message that failed authentication has the terms of the other run', () => {
    const forged: Partial<CsvPayment> = {
      ...{ currency: '', amountMinor: 0n, creditorAgent: '' },
      ...{ status: 'rejected', reason: 'DS0B' },
    };
    const ways: readonly (readonly Partial<CsvPayment>[])[] = [
      [forged, {}],
      [{}, forged],
    ];
    for (const [first, other] of ways) {
      const { listed, changed } = compare([payment('u', first)], [payment('u', other)]);
      assert.equal(changed, 1);
      assert.deepEqual(
        [listed[0]?.currency, listed[0]?.amountMinor, listed[0]?.creditorAgent],
        ['EUR', '100', 'B'],
      );
    }
  });

  test('two legs of a pair are one payment, by the leg that came first in the first run', () => {
    const pair = (first: boolean) => [
      payment('a', { isCounted: first }),
      payment('b', { isCounted: !first }),
    ];
    const found = compare(pair(true), pair(false));
    assert.deepEqual([found.matched, found.matrix], [1, ['settled settled 1']]);
  });

  test('what has no UETR, or one that came before, is not matched', () => {
    const found = compare(
      [payment(''), payment('u'), payment('u', { status: 'rejected' })],
      [payment(''), payment('u'), payment('u', { status: 'rejected' })],
    );
    assert.deepEqual([found.matched, found.changed], [1, 0]);
  });

  test('the largest are listed, the largest first, and of the same value by UETR', () => {
    const amounts = Array.from({ length: 300 }, (_, i) => BigInt((i * 7919) % 100));
    const first = amounts.map((amountMinor, i) =>
      payment(`u${String(i).padStart(3, '0')}`, { amountMinor }),
    );
    const other = first.map((one) => ({ ...one, status: 'rejected' as const }));
    const expected = [...first]
      .sort((a, b) => Number(b.amountMinor - a.amountMinor) || (a.uetr < b.uetr ? -1 : 1))
      .map(({ uetr }) => uetr);
    assert.deepEqual(compare(first, other).largest, expected.slice(0, 20));
    assert.deepEqual(compare(first, other, 50).largest, expected.slice(0, 50));
    assert.equal(compare(first, other).changed, 300);
  });
});

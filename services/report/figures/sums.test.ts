import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupBy, sumMinor } from './sums.ts';

test('sums are exact, however large the amounts are and wherever they turn', () => {
  const minor = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 2n ** 52n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -9n, max: 9n }),
  );
  fc.assert(
    fc.property(fc.array(minor, { maxLength: 40 }), (amounts) => {
      const plain = amounts.reduce((sum, amount) => sum + amount, 0n);
      assert.equal(
        sumMinor(amounts, (amount) => amount),
        plain,
      );
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test('groups have their items in order', () => {
  const groups = groupBy([5, 2, 3, 8, 1], (number) => number % 2 === 0);
  assert.deepEqual(
    [...groups],
    [
      [false, [5, 3, 1]],
      [true, [2, 8]],
    ],
  );
});

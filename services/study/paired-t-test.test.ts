import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairedDifference } from './paired-t-test.ts';

const near = (actual: number | null | undefined, expected: number) =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) < 1e-6,
    `${actual}, expected ${expected}`,
  );

/**
 * Student's sleep data (1908), extra hours with one drug and with the other: the example of R's
 * t.test(extra ~ group, data = sleep, paired = TRUE).
 */
const SLEEP = [
  [0.7, 1.9],
  [-1.6, 0.8],
  [-0.2, 1.1],
  [-1.2, 0.1],
  [-0.1, -0.1],
  [3.4, 4.4],
  [3.7, 5.5],
  [0.8, 1.6],
  [0, 4.6],
  [2, 3.4],
] as const;

test('a paired difference is that of R', () => {
  const difference = pairedDifference(SLEEP);
  near(difference?.mean, 1.58);
  near((difference?.mean ?? 0) - (difference?.halfWidth ?? 0), 0.7001142);
  near((difference?.mean ?? 0) + (difference?.halfWidth ?? 0), 2.4598858);
  near(difference?.p, 0.00283289);
  assert.equal(difference?.n, 10);
});

test('pairs that do not differ have neither interval nor p, and no pairs no difference', () => {
  const same = [
    [1, 2],
    [3, 4],
  ] as const;
  assert.deepEqual(pairedDifference(same), { mean: 1, halfWidth: null, n: 2, p: null });
  assert.equal(pairedDifference([]), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimate, holmAdjusted, pairedDifference } from './confidence-intervals.ts';

const near = (actual: number | null | undefined, expected: number, digits = 6) =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) < Number(`1e-${digits}`),
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

test('the interval of a mean of two is as wide as a table of Student’s t says', () => {
  // t(0.975, 1) = 12.7062 and the standard error of 1 and 3 is 1.
  const of = estimate([1, 3]);
  near(of?.mean, 2);
  near(of?.halfWidth, 12.7062047, 5);
});

test('what does not differ has neither interval nor p, and nothing has no estimate', () => {
  assert.deepEqual(estimate([2, 2, 2]), { mean: 2, halfWidth: null, n: 3 });
  assert.deepEqual(estimate([5]), { mean: 5, halfWidth: null, n: 1 });
  assert.equal(estimate([]), null);
  const same = [
    [1, 2],
    [3, 4],
  ] as const;
  assert.deepEqual(pairedDifference(same), { mean: 1, halfWidth: null, n: 2, p: null });
});

test('Holm’s adjustment is that of R: p.adjust(p, "holm")', () => {
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.02, 0.5]);
  for (const [at, expected] of [0.05, 0.09, 0.09, 0.08, 0.5].entries())
    near(adjusted[at], expected, 12);
  assert.deepEqual(holmAdjusted([0.9, 0.8]), [1, 1]);
  assert.deepEqual(holmAdjusted([]), []);
});

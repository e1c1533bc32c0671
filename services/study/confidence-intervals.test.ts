import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimate, holmAdjusted } from './confidence-intervals.ts';

const near = (actual: number | null | undefined, expected: number, digits = 6) =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) < Number(`1e-${digits}`),
    `${actual}, expected ${expected}`,
  );

test('the interval of a mean of two is as wide as a table of Student’s t says', () => {
  // t(0.975, 1) = 12.7062 and the standard error of 1 and 3 is 1.
  const of = estimate([1, 3]);
  near(of?.mean, 2);
  near(of?.halfWidth, 12.7062047, 5);
});

test('what does not differ has no interval, and nothing has no estimate', () => {
  assert.deepEqual(estimate([2, 2, 2]), { mean: 2, halfWidth: null, n: 3 });
  assert.deepEqual(estimate([5]), { mean: 5, halfWidth: null, n: 1 });
  assert.equal(estimate([]), null);
});

test('Holm’s adjustment is that of R: p.adjust(p, "holm")', () => {
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.02, 0.5]);
  for (const [at, expected] of [0.05, 0.09, 0.09, 0.08, 0.5].entries())
    near(adjusted[at], expected, 12);
  assert.deepEqual(holmAdjusted([0.9, 0.8]), [1, 1]);
  assert.deepEqual(holmAdjusted([]), []);
});

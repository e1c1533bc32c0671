import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PENALTY_FIRST, PENALTY_MAX, Penalties } from './keys-kept-out-of-batches.ts';

const KEY = 7;

/** Signatures of the key that stay out of batches from now on. */
function served(penalties: Penalties): number {
  let count = 0;
  while (penalties.takes(KEY)) count += 1;
  return count;
}

test('each batch that a key spoils after its penalty doubles the next, up to a limit', () => {
  const penalties = new Penalties();
  const periods: number[] = [];
  for (let i = 0; i < 13; i++) {
    penalties.poisoned(KEY, penalties.fill());
    periods.push(served(penalties));
  }
  assert.deepEqual(
    periods,
    Array.from({ length: 13 }, (_, i) => Math.min(PENALTY_FIRST * 2 ** i, PENALTY_MAX)),
  );
  // The doc's figures: a change of them is a change of docs/crypto.md.
  assert.deepEqual([periods[0], periods[12]], [1024, 1_048_576]);
});

test('batches that were under way when the penalty came do not double it', () => {
  const penalties = new Penalties();
  const underWay = Array.from({ length: 12 }, () => penalties.fill());
  for (const fill of underWay) penalties.poisoned(KEY, fill);
  assert.equal(served(penalties), PENALTY_FIRST);
  // The last of them starts the time anew.
  penalties.poisoned(KEY, underWay[11] as number);
  assert.equal(served(penalties), PENALTY_FIRST);
  penalties.poisoned(KEY, penalties.fill());
  assert.equal(served(penalties), 2 * PENALTY_FIRST);
});

test('a bad signature under penalty starts it anew', () => {
  const penalties = new Penalties();
  penalties.poisoned(KEY, penalties.fill());
  for (let i = 0; i < 1000; i++) assert.ok(penalties.takes(KEY));
  penalties.renew(KEY);
  assert.equal(served(penalties), PENALTY_FIRST);
  penalties.renew(8);
  assert.equal(penalties.size, 1);
});

test('as many good ones after the penalty as in it, and the past is forgotten', () => {
  for (const [good, next] of [
    [1022, 2 * PENALTY_FIRST],
    [1023, PENALTY_FIRST],
  ] as const) {
    const penalties = new Penalties();
    penalties.poisoned(KEY, penalties.fill());
    served(penalties); // its last call was the first on probation
    for (let i = 0; i < good; i++) assert.equal(penalties.takes(KEY), false);
    assert.equal(penalties.size, next === PENALTY_FIRST ? 0 : 1);
    penalties.poisoned(KEY, penalties.fill());
    assert.equal(served(penalties), next);
  }
});

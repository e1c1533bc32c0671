import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POOL_PATTERN, poolEvents, poolInput, poolsOf } from './topic-plan.ts';

test('the pools of a log are those whose names may be given', () => {
  const names = ['main', 'a', '0', 'eur-usd', 'a'.repeat(32), 'Main', 'Main_1', 'a-', '-a', ''];
  const wrong = ['a'.repeat(33), 'a.b'];
  const topics = [...names, ...wrong].flatMap((pool) => [poolInput(pool), poolEvents(pool)]);
  const found = poolsOf(new Set([...topics, 'payments', 'pool', 'xpool.main.input']));
  assert.deepEqual(found, ['main', 'a', '0', 'eur-usd', 'a'.repeat(32)]);
  const allowed = new RegExp(POOL_PATTERN);
  assert.deepEqual(
    found,
    [...names, ...wrong].filter((name) => allowed.test(name)),
  );
});

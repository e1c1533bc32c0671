import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckPlan, type Segment } from './check-plan.ts';

const HOUR_MS = 3_600_000;
const segment = (from: number): Segment => ({ pool: 'main', from, to: from + 9, messages: 3 });

function draws(plan: CheckPlan, count: number, elapsedMs = 0): number[] {
  return Array.from({ length: count }, () => plan.draw(elapsedMs, 1_000 + elapsedMs)?.from ?? -1);
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const all = Array.from({ length: 50 }, (_, index) => index * 10);

test('a pass reaches each segment once, in an order that follows from the seed', () => {
  const orders = [1, 2, 1].map((seed) => {
    const plan = new CheckPlan(seed, HOUR_MS);
    for (const from of all) plan.add(segment(from), 0);
    assert.equal(plan.owedMessages, 150);
    const order = draws(plan, all.length);
    assert.deepEqual(sorted(order), all);
    assert.equal(plan.owedMessages, 0);
    assert.equal(plan.coveredAtMs, null, 'told by the next draw');
    assert.equal(plan.draw(5, 1_005), null);
    assert.equal(plan.coveredAtMs, 1_005);
    return order;
  });
  assert.notDeepEqual(orders[0], all);
  assert.notDeepEqual(orders[0], orders[1]);
  assert.deepEqual(orders[0], orders[2]);
});

test('what comes during a pass is in the next, before what was proven already', () => {
  const plan = new CheckPlan(3, HOUR_MS);
  for (const from of all) plan.add(segment(from), 0);
  const first = draws(plan, 10);
  plan.add(segment(900), 40);
  plan.add(segment(910), 40);
  const rest = draws(plan, 40);
  assert.deepEqual(sorted([...first, ...rest]), all);
  assert.equal(plan.oldestOwedMs(100), 60);
  assert.deepEqual(sorted(draws(plan, 2)), [900, 910]);
  assert.equal(plan.oldestOwedMs(100), 0);
});

test('what was proven is proven again, all of it, once an hour at most', () => {
  const plan = new CheckPlan(4, HOUR_MS);
  plan.add(segment(0), 7);
  plan.add(segment(10), null);
  assert.deepEqual(draws(plan, 2, 7), [0, -1]);
  assert.deepEqual(draws(plan, 1, 7 + HOUR_MS - 1), [-1]);
  assert.deepEqual(sorted(draws(plan, 3, 7 + HOUR_MS)), [-1, 0, 10]);
  assert.equal(plan.oldestOwedMs(2 * HOUR_MS), 0, 'none waits for its first proof');
  assert.deepEqual(draws(plan, 1, 7 + 2 * HOUR_MS - 1), [-1]);
  assert.deepEqual(sorted(draws(plan, 3, 7 + 2 * HOUR_MS)), [-1, 0, 10]);
});

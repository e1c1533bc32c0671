import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckPlan, type Segment } from './background-log-check-plan.ts';

const HOUR_MS = 3_600_000;
/** Segments of a pool of their own: what lies together in one pool is joined. */
const segment = (from: number): Segment => ({ pool: `p${from}`, from, to: from + 9, messages: 3 });

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

const part = (from: number, records = 3): Segment => ({
  pool: 'main',
  from,
  to: from + records,
  messages: 1,
});

test('what is read a few records at a time is few segments, each with all that lies in it', () => {
  for (const sinceMs of [0, null]) {
    const plan = new CheckPlan(5, HOUR_MS);
    const from = Array.from({ length: 1_000 }, (_, index) => index * 5);
    for (const one of from) plan.add(part(one), sinceMs);
    assert.equal(plan.segments, 10);
    if (sinceMs === null) plan.add(part(10_000), 0);
    assert.equal(plan.owedMessages, sinceMs === null ? 1 : 1_000);
    const elapsedMs = sinceMs === null ? HOUR_MS : 0;
    if (sinceMs === null) assert.equal(plan.draw(0, 0)?.from, 10_000);
    const drawn: Segment[] = [];
    for (let one = plan.draw(elapsedMs, 0); one; one = plan.draw(elapsedMs, 0)) drawn.push(one);
    for (const one of from)
      assert.ok(
        drawn.some((within) => within.from <= one && one + 3 <= within.to),
        `${one} lies in none of them`,
      );
    assert.ok(drawn.every(({ from, to }) => to - from <= 512));
    assert.equal(
      drawn.filter(({ from }) => from < 10_000).reduce((sum, { messages }) => sum + messages, 0),
      1_000,
    );
    assert.equal(plan.owedMessages, 0);
  }
});

test('what is owed is not joined to what was proven, nor to what waits in a pass', () => {
  const plan = new CheckPlan(6, HOUR_MS);
  plan.add(part(0), null);
  plan.add(part(3), 1);
  plan.add(part(6), 2);
  assert.equal(plan.segments, 2);
  assert.equal(plan.oldestOwedMs(10), 9);
  const { from, to, messages } = plan.draw(10, 10) as Segment;
  assert.deepEqual({ from, to, messages }, { from: 3, to: 9, messages: 2 });

  const inPass = new CheckPlan(7, HOUR_MS);
  inPass.add(part(0), 0);
  inPass.add({ ...part(0), pool: 'other' }, 0);
  inPass.draw(0, 0);
  inPass.add(part(3), 1);
  inPass.add({ ...part(3), pool: 'other' }, 1);
  assert.equal(inPass.segments, 4);
});

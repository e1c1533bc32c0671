import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uetrOf } from '../../services/analysis/certificates/gridlock-certificate.ts';
import {
  closureOf,
  resolve,
  shortagesOf,
} from '../../services/analysis/queues/gridlock-resolution.ts';
import { allowedSets, isAllowed, isInOrder, totalOf } from './feasible-sets.ts';
import { type Played, play } from './played-day.ts';

const TIMES = process.env.CORRIDOR_LONG_TESTS === '1' ? 40 : 1;
for (const [currencyCount, instances] of [
  [1, 150 * TIMES],
  [2, 100 * TIMES],
  [3, 300 * TIMES],
] as const) {
  test(`${instances} instances, ${currencyCount} currencies, limits and reservations: gridlock resolution is the unique optimum`, () => {
    const reached = { settled: 0, linked: 0, limits: 0 };
    for (let seed = 1; seed <= instances; seed += 1) {
      const where = `seed ${seed}, ${currencyCount} currencies`;
      const { runs } = play(seed, currencyCount, false);
      const { run, state } = runs[0] as Played['runs'][number];
      const sets = allowedSets(state, state.payments).filter((set) => isInOrder(state, set));
      const best = sets.reduce((a, b) => (totalOf(b) > totalOf(a) ? b : a));
      const positions = state.payments.filter((p) => best.has(p)).map((p) => p.position);
      assert.deepEqual(run.settled, positions, where);
      // It has every other feasible set inside it: the only optimum, in value and in number alike.
      for (const set of sets) for (const payment of set) assert.ok(best.has(payment), where);
      const currencies = state.mechanisms.map((_, c) => c);
      assert.deepEqual(new Set(resolve(state, currencies).settled), best, where);
      if (positions.length > 0) reached.settled += 1;
      if ([...best].some((p) => p.legs.length === 2)) reached.linked += 1;
      const unlimited = { ...state, limits: [] };
      if (resolve(unlimited, currencies).settled.size > best.size) reached.limits += 1;
    }
    assert.ok(reached.settled >= instances / 20, `only ${reached.settled} settled something`);
    assert.ok(reached.limits >= instances / 50, `limits mattered in ${reached.limits} only`);
    if (currencyCount > 1) assert.ok(reached.linked >= 5 * TIMES, `only ${reached.linked} linked`);
  });
}

test('the heuristic for the Bank Clearing Problem is never worse than the order, and near the best', () => {
  let reached = 0n;
  let best = 0n;
  for (let seed = 1; seed <= 100 * TIMES; seed += 1) {
    const { runs } = play(seed, 1, true);
    for (const { run, state } of runs.filter((r) => r.run.mechanism === 'bankClearing')) {
      const set = new Set(state.payments.filter((p) => run.settled.includes(p.position)));
      const optimum = allowedSets(state, state.payments)
        .map(totalOf)
        .reduce((a, b) => (b > a ? b : a));
      assert.ok(totalOf(set) >= totalOf(resolve(state, [0]).settled), `seed ${seed}`);
      assert.ok(totalOf(set) <= optimum, `seed ${seed}`);
      reached += totalOf(set);
      best += optimum;
    }
  }
  // Over all instances together; deterministic, so a change of the heuristic shows here.
  assert.ok(best > 0n && reached * 100n >= best * 80n, `${reached} of ${best}`);
});

test('what holds a payment up is what its closure leaves short', () => {
  let short = 0;
  for (let seed = 1; seed <= 75 * TIMES; seed += 1) {
    const { state } = play(seed, 1 + (seed % 3), false);
    for (const payment of state.payments) {
      const shortages = shortagesOf(state, payment);
      const isFree = isAllowed(state, closureOf(state, payment));
      assert.equal(shortages.length === 0, isFree, `seed ${seed} ${uetrOf(payment.id)}`);
      if (!isFree) short += 1;
    }
  }
  assert.ok(short > 25 * TIMES, `${short}`);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Certificate, type CycleRun, makeCertificate, uetrOf } from '../certificate.ts';
import { checkCertificate } from '../certificate-check.ts';
import { readEvent } from '../event-reader.ts';
import { EVENT_BYTES } from '../events.ts';
import type { QueueState } from '../queue-state.ts';
import { CYCLE_MECHANISMS } from '../records.ts';
import { closureOf, resolve, shortagesOf } from '../resolution.ts';
import { allowedSets, isAllowed, isInOrder, totalOf } from './feasible-sets.ts';
import { smallDay } from './random-queues.ts';
import { createWorld } from './words.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url)),
);
const NAMES = { participant: (h: number) => `P${h}`, currency: (h: number) => `C${h}` };

interface Played {
  readonly state: QueueState;
  readonly runs: readonly { readonly state: QueueState; readonly run: CycleRun }[];
}

/** Plays a small day and then a cycle over all currencies; the queues before it and before each run. */
function play(seed: number, currencyCount: number, mixed: boolean): Played {
  const day = smallDay(seed, currencyCount, { bounds: true, mixed });
  const rules = { gridlockResolution: true, quotesMax: 20 };
  const world = createWorld(wasm, rules, day.accounts);
  for (const row of day.rows) world.say(row);
  const state = world.settlement.queues();
  const before: QueueState[] = [];
  for (let cycle = 1; cycle <= currencyCount; cycle += 1) before[cycle] = state;
  let watched = 1;
  const watch = (taken: QueueState): void => {
    before[watched] = taken;
  };
  // Each run is watched in a world of its own: the same records give the same events.
  for (; watched <= currencyCount; watched += 1) {
    const again = createWorld(wasm, rules, day.accounts);
    for (const row of day.rows) again.say(row);
    again.settlement.watchCycle(watched, watch);
    again.say('cycle');
  }
  world.say('cycle');
  const events = world.events();
  const runs: (CycleRun & { readonly settled: string[] })[] = [];
  for (let i = 0; i < events.length / EVENT_BYTES; i += 1) {
    const event = readEvent(events, i);
    if (event.kind === 'cycled') {
      const currency = event.mechanism === 'gridlockResolution' ? null : event.currency1;
      const { cycle, mechanism, priority: outcome } = event;
      runs.push({ cycle, mechanism, outcome, currency, settled: [] });
    } else if (event.kind === 'settled' && event.cycle > 0) {
      const run = runs.find((r) => r.cycle === event.cycle);
      run?.settled.push(Buffer.from(event.id).toString('hex'));
    }
  }
  return { state, runs: runs.map((run) => ({ run, state: before[run.cycle] as QueueState })) };
}

for (const [currencyCount, instances] of [
  [1, 600],
  [2, 400],
  [3, 300],
] as const) {
  test(`${instances} instances, ${currencyCount} currencies, limits and reservations: gridlock resolution is the unique optimum`, () => {
    const reached = { settled: 0, linked: 0, limits: 0 };
    for (let seed = 1; seed <= instances; seed += 1) {
      const where = `seed ${seed}, ${currencyCount} currencies`;
      const { runs } = play(seed, currencyCount, false);
      const { run, state } = runs[0] as Played['runs'][number];
      const sets = allowedSets(state, state.payments).filter((set) => isInOrder(state, set));
      const best = sets.reduce((a, b) => (totalOf(b) > totalOf(a) ? b : a));
      const ids = state.payments.filter((p) => best.has(p)).map((p) => p.id);
      assert.deepEqual(run.settled, ids, where);
      // It has every other feasible set inside it: the only optimum, in value and in number alike.
      for (const set of sets) for (const payment of set) assert.ok(best.has(payment), where);
      const currencies = state.mechanisms.map((_, c) => c);
      assert.deepEqual(new Set(resolve(state, currencies).settled), best, where);
      if (ids.length > 0) reached.settled += 1;
      if ([...best].some((p) => p.legs.length === 2)) reached.linked += 1;
      const unlimited = { ...state, limits: [] };
      if (resolve(unlimited, currencies).settled.size > best.size) reached.limits += 1;
    }
    assert.ok(reached.settled >= instances / 20, `only ${reached.settled} settled something`);
    assert.ok(reached.limits >= instances / 50, `limits mattered in ${reached.limits} only`);
    if (currencyCount > 1) assert.ok(reached.linked >= 10, `only ${reached.linked} linked`);
  });
}

test('every run of mixed mechanisms is allowed, and its certificate holds', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 400; seed += 1) {
    for (const { run, state } of play(seed, 1 + (seed % 3), true).runs) {
      const certificate = makeCertificate(state, run, NAMES);
      assert.deepEqual(checkCertificate(certificate), [], `seed ${seed}, cycle ${run.cycle}`);
      const set = new Set(state.payments.filter((p) => run.settled.includes(p.id)));
      assert.ok(isAllowed(state, set), `seed ${seed}, cycle ${run.cycle}`);
      if (set.size > 0) seen.set(run.mechanism, (seen.get(run.mechanism) ?? 0) + 1);
    }
  }
  for (const mechanism of CYCLE_MECHANISMS.slice(1, 6))
    assert.ok((seen.get(mechanism) ?? 0) >= 2, `${mechanism}: ${seen.get(mechanism)}`);
});

test('the heuristic for the Bank Clearing Problem is never worse than the order, and near the best', () => {
  let reached = 0n;
  let best = 0n;
  for (let seed = 1; seed <= 400; seed += 1) {
    const { runs } = play(seed, 1, true);
    for (const { run, state } of runs.filter((r) => r.run.mechanism === 'bankClearing')) {
      const set = new Set(state.payments.filter((p) => run.settled.includes(p.id)));
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

test('a certificate that says anything else does not hold', () => {
  let tampered = 0;
  for (let seed = 1; seed <= 120; seed += 1) {
    for (const { run, state } of play(seed, 1 + (seed % 3), false).runs) {
      const certificate = makeCertificate(state, run, NAMES);
      for (const changed of tamper(certificate)) {
        tampered += 1;
        assert.notDeepEqual(checkCertificate(changed), [], `seed ${seed}: ${JSON.stringify(run)}`);
      }
    }
  }
  assert.ok(tampered > 200);
});

/** Each settles one payment more or less than the certificate proves, or leaves a drop out. */
function* tamper(certificate: Certificate): Generator<Certificate> {
  const { settled, drops } = certificate;
  const [first] = drops;
  if (first !== undefined) {
    yield { ...certificate, settled: [...settled, first.uetr] };
    yield { ...certificate, drops: drops.slice(1) };
  }
  if (settled.length > 0) yield { ...certificate, settled: settled.slice(1) };
}

test('what holds a payment up is what its closure leaves short', () => {
  let short = 0;
  for (let seed = 1; seed <= 150; seed += 1) {
    const { state } = play(seed, 1 + (seed % 3), false);
    for (const payment of state.payments) {
      const shortages = shortagesOf(state, payment);
      const isFree = isAllowed(state, closureOf(state, payment));
      assert.equal(shortages.length === 0, isFree, `seed ${seed} ${uetrOf(payment.id)}`);
      if (!isFree) short += 1;
    }
  }
  assert.ok(short > 50, `${short}`);
});

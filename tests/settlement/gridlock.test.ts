import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CycleMechanism } from '../../services/core/settlement/records.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { createWorld } from './case-language.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

interface Vector {
  readonly name: string;
  readonly balances: Readonly<Record<string, number>>;
  readonly queue: readonly { id: string; from: string; to: string; value: number }[];
  readonly expect: {
    readonly fifo: Outcome;
    readonly bypassFifo: Outcome;
    readonly allOrNothing: readonly string[];
    readonly partialGridlockResolution: readonly (readonly string[])[];
    readonly sequenceConstrainedOptimum: { readonly sets: readonly (readonly string[])[] };
    readonly unconstrainedOptimum: { readonly maxValue: number };
  };
}
interface Outcome {
  readonly settled: readonly string[];
  readonly balances: Readonly<Record<string, number>>;
}

/** The vectors give the queue as it stands, so nothing is open until all of it waits. */
function play(
  vector: Vector,
  queueRule: 'fifo' | 'bypassFifo',
  cycle: CycleMechanism = 'none',
): ReturnType<typeof createWorld> {
  const accounts = Object.fromEntries(
    Object.entries(vector.balances).map(([bank, balance]) => [`${bank} XTS`, balance]),
  );
  const world = createWorld(wasm, { queueRule, cycle }, accounts, { XTS: 0 });
  for (const { id, from, to, value } of vector.queue)
    world.say(`pay ${id} ${from}>${to} ${value} XTS`);
  return world;
}

const settledIn = (events: readonly string[]): string[] =>
  events
    .filter((event) => event.includes(' settled '))
    .map((event) => event.split(' ')[0] as string)
    .sort();

function vectors(): Vector[] {
  return atLeast(
    10,
    JSON.parse(readFileSync(fixture('vectors/settlement/gridlock.json'), 'utf8')) as Vector[],
  );
}

/** What a mechanism settles of the queue as it stands. */
function settledBy(vector: Vector, mechanism: CycleMechanism): string[] {
  const world = play(vector, 'fifo', mechanism);
  assert.deepEqual(settledIn(world.say('open XTS 1')), []);
  return settledIn(world.say('cycle XTS'));
}

test('the known gridlocks: FIFO and bypass FIFO', { skip: needsFixtures }, () => {
  for (const vector of vectors()) {
    for (const rule of ['fifo', 'bypassFifo'] as const) {
      const world = play(vector, rule);
      const settled = settledIn(world.say('open XTS 1'));
      assert.deepEqual(settled, [...vector.expect[rule].settled].sort(), `${vector.name} ${rule}`);
      for (const [bank, balance] of atLeast(2, Object.entries(vector.expect[rule].balances)))
        assert.equal(world.balance(bank, 'XTS'), BigInt(balance), `${vector.name} ${rule} ${bank}`);
    }
  }
});

test('the known gridlocks: all or nothing, partial, the optimum', { skip: needsFixtures }, () => {
  for (const vector of vectors()) {
    const { allOrNothing, partialGridlockResolution, sequenceConstrainedOptimum } = vector.expect;
    const expected = {
      allOrNothing,
      partial: partialGridlockResolution[0] ?? [],
      gridlockResolution: sequenceConstrainedOptimum.sets[0] ?? [],
    };
    assert.equal(sequenceConstrainedOptimum.sets.length, 1);
    for (const [mechanism, settled] of Object.entries(expected))
      assert.deepEqual(
        settledBy(vector, mechanism as CycleMechanism),
        [...settled].sort(),
        `${vector.name} ${mechanism}`,
      );
  }
});

test('the known gridlocks: without the order, the heuristic finds the best value', {
  skip: needsFixtures,
}, () => {
  for (const vector of vectors()) {
    const settled = settledBy(vector, 'bankClearing');
    const value = vector.queue
      .filter(({ id }) => settled.includes(id))
      .reduce((sum, payment) => sum + payment.value, 0);
    assert.equal(value, vector.expect.unconstrainedOptimum.maxValue, vector.name);
  }
});

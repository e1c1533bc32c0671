/**
 * Which accounts take part in a set is told by a number, which begins anew after 2^32 sets, and what is marked in one by a
 * number of 63: nothing old may take part then, or be marked.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createSettlement, type Settlement } from '../../services/core/settlement/settlement.ts';
import { createWorld } from './case-language.ts';
import { seeded } from './random-draft.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const OUTPUT_EVENTS = 4096;
const BANKS = ['A', 'B', 'C', 'D', 'E', 'F'];
// Without cycles, which number all accounts anew.
const RULES = { chainLegsMax: 6 };

/** Chains of two or three legs among six banks, of which most settle as they come in; some count on limits. */
function rowsOf(seed: number): string[] {
  const pick = seeded(seed);
  const bank = (): string => BANKS[pick(BANKS.length)] as string;
  const other = (than: string): string =>
    BANKS.filter((name) => name !== than)[pick(BANKS.length - 1)] as string;
  const limits = Array.from({ length: 3 }, (_, i) => {
    const owner = bank();
    return `limit l${i} ${owner}>${other(owner)} EUR ${pick(20)}`;
  });
  const chains = Array.from({ length: 10 }, (_, i) => {
    const count = 2 + pick(2);
    return Array.from({ length: count }, (_, k) => {
      const from = bank();
      const leg = `${from}>${other(from)} ${1 + pick(9)} EUR`;
      return `link c${i}${k} ${leg} as ${k + 1}/${count} of x${i}`;
    });
  });
  return [...limits, ...chains.flat()];
}

/** A core as another is, but for the numbers that are left. */
function withNumbersLeft(settlement: Settlement, left: number): Settlement {
  const { globals, ...memory } = settlement.capture();
  const names = [...globals.keys()].filter((name) => /set-members\W+stamp$/.test(name));
  assert.equal(names.length, 1, `${[...globals.keys()]}`);
  const late = new Map(globals).set(names[0] as string, -left);
  return createSettlement(wasm, OUTPUT_EVENTS, { ...memory, globals: late });
}

/** What a core tells of rows, and one that goes on from where it was with few numbers left. */
function compare(seed: number, left: number): number {
  const accounts = Object.fromEntries(BANKS.map((name) => [`${name} EUR`, 30]));
  const world = createWorld(wasm, RULES, accounts);
  world.say('open EUR 1');
  const rows = rowsOf(seed);
  // Soon: what the first chains touched bears the numbers that come again first.
  const half = 5 + (seed % 9);
  for (const row of rows.slice(0, half)) world.say(row);
  const core = withNumbersLeft(world.settlement, left);
  let settled = 0;
  for (const row of rows.slice(half)) {
    const words = world.say(row);
    const told = core.apply(world.record(), 1);
    const where = `seed ${seed}, ${left} left: ${row}`;
    assert.deepEqual(Buffer.from(told), Buffer.from(world.events()), where);
    settled += words.filter((word) => word.includes('settled')).length;
  }
  assert.ok(core.conserved(), `seed ${seed}`);
  return settled;
}

test('sets are the same ones before and after their numbers begin anew', () => {
  let settled = 0;
  for (let seed = 1; seed <= 60; seed += 1) settled += compare(seed, 1 + (seed % 3));
  assert.ok(settled > 100, `${settled} settled`);
});

for (const [what, limit] of [
  ['accounts', 'none'],
  ['limits', '7'],
] as const)
  test(`what the first set left in ${what} is not taken for what a later one of its number has`, () => {
    const world = createWorld(wasm, RULES, { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 });
    const legs = ['A>B 5 EUR as 1/2', 'B>C 5 EUR as 2/2'];
    const link = (of: string) => legs.map((leg, k) => `link ${of}${k} ${leg} of ${of}`);
    // The first set that is tried, and fails.
    const first = ['open EUR 1', `limit l1 A>B EUR ${limit}`, ...link('x'), 'cancel k1 x0'];
    for (const row of [...first, 'issue A EUR 20']) world.say(row);
    const core = withNumbersLeft(world.settlement, 1);
    for (const row of link('y')) {
      world.say(row);
      assert.deepEqual(Buffer.from(core.apply(world.record(), 1)), Buffer.from(world.events()));
    }
    assert.equal(core.balance(0, 0), 15n);
  });

/** So many sets have marks of their own. */
const SETS = 63;

test('what a cycle left out is in every later one that can have it, however many came between', () => {
  for (let between = SETS - 3; between <= SETS + 3; between += 1) {
    const accounts = { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0, 'A USD': 0, 'B USD': 0 };
    const world = createWorld(wasm, { chainLegsMax: 4, cycle: 'partial' }, accounts);
    const rows = ['open EUR 1', 'open USD 1', 'pay p1 A>B 5 EUR', 'pay p2 A>B 5 USD'];
    const chain = ['link c1 B>C 7 EUR as 1/2 of c', 'link c2 C>A 7 EUR as 2/2 of c'];
    for (const row of [...rows, ...chain, 'cycle EUR']) world.say(row);
    for (let i = 0; i < between; i += 1) world.say('cycle USD');
    for (const row of ['pay p3 A>B 7 EUR', 'pay p4 B>A 5 EUR']) world.say(row);
    assert.equal(world.settlement.queued(), 6, `${between} between`);
    world.say('cycle EUR');
    assert.equal(world.settlement.queued(), 1, `${between} between`);
  }
});

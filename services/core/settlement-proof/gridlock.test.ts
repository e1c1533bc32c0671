import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seeded } from './random-draft.ts';
import { type Accounts, createWorld } from './words.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../../assembly/corridor.wasm', import.meta.url)),
);

interface Payment {
  readonly name: string;
  readonly row: string;
  readonly priority: number;
  /** Accounts by name, amounts in minor units: one leg or two. */
  readonly legs: readonly { readonly from: string; readonly to: string; readonly amount: bigint }[];
}

interface Instance {
  readonly accounts: Accounts;
  readonly quotes: readonly string[];
  readonly payments: readonly Payment[];
}

const CURRENCIES = ['EUR', 'USD', 'CNY'];
const PRIORITIES = ['urgent', 'high', 'normal'];

/** Three to ten payments among two to four banks with little money; D deals at par. */
function randomInstance(seed: number, currencyCount: number): Instance {
  const pick = seeded(seed);
  const banks = currencyCount > 1 ? ['A', 'B', 'D'] : ['A', 'B', 'C', 'D'].slice(0, 2 + pick(3));
  const currencies = CURRENCIES.slice(0, currencyCount);
  const spread = currencyCount > 1 ? 3 : 9;
  const accounts: Record<string, readonly [number, number]> = {};
  for (const bank of banks)
    for (const currency of currencies)
      accounts[`${bank} ${currency}`] = [
        pick(3) === 0 ? pick(spread) : 0,
        pick(4) === 0 ? pick(spread) : 0,
      ];
  const quotes = currencies.flatMap((base) =>
    currencies.filter((c) => c !== base).map((c) => `quote ${base}${c} D ${base}/${c} 1 for 1000`),
  );
  const other = (bank: string, names: readonly string[]): string => {
    const rest = names.filter((name) => name !== bank);
    return rest[pick(rest.length)] as string;
  };
  const payments = Array.from({ length: 3 + pick(8) }, (_, i): Payment => {
    const name = `p${i}`;
    const amount = 1 + pick(spread);
    const priority = pick(3) === 0 ? pick(2) : 2;
    const currency = currencies[pick(currencyCount)] as string;
    const tail = PRIORITIES[priority];
    const value = BigInt(amount);
    if (currencyCount > 1 && pick(2) === 0) {
      const [from, to] = [other('D', banks), other('D', banks)];
      const second = other(currency, currencies);
      return {
        name,
        priority,
        row: `pay ${name} ${from}>${to} ${amount} ${currency} via D ${amount} ${second} at 1 ${tail}`,
        legs: [
          { from: `${from} ${currency}`, to: `D ${currency}`, amount: value },
          { from: `D ${second}`, to: `${to} ${second}`, amount: value },
        ],
      };
    }
    const from = banks[pick(banks.length)] as string;
    const to = other(from, banks);
    const legs = [{ from: `${from} ${currency}`, to: `${to} ${currency}`, amount: value }];
    return { name, priority, row: `pay ${name} ${from}>${to} ${amount} ${currency} ${tail}`, legs };
  });
  return { accounts, quotes, payments };
}

/** Every subset that is a prefix of each queue and leaves no account below min(floor, balance). */
function feasibleSets(
  queued: readonly Payment[],
  balances: ReadonlyMap<string, bigint>,
  lines: ReadonlyMap<string, bigint>,
): Set<Payment>[] {
  const accounts = [...balances.keys()];
  const queues = accounts.map((account) =>
    queued
      .filter((p) => p.legs.some((leg) => leg.from === account))
      .sort((a, b) => a.priority - b.priority),
  );
  const sets: Set<Payment>[] = [];
  for (let bits = 0; bits < 2 ** queued.length; bits += 1) {
    const set = new Set(queued.filter((_, i) => (bits >> i) & 1));
    const isPrefix = queues.every((queue) => {
      const included = queue.filter((p) => set.has(p)).length;
      return queue.slice(0, included).every((p) => set.has(p));
    });
    const isFunded = accounts.every((account) => {
      const balance = balances.get(account) ?? 0n;
      const floor = -(lines.get(account) ?? 0n);
      let after = balance;
      for (const { legs } of set) {
        for (const leg of legs) {
          if (leg.from === account) after -= leg.amount;
          if (leg.to === account) after += leg.amount;
        }
      }
      return after >= floor || after >= balance;
    });
    if (isPrefix && isFunded) sets.push(set);
  }
  return sets;
}

const totalOf = (set: ReadonlySet<Payment>): bigint =>
  [...set].reduce((sum, p) => sum + p.legs.reduce((part, leg) => part + leg.amount, 0n), 0n);

function check(seed: number, currencyCount: number): { settled: number; linked: boolean } {
  const { accounts, quotes, payments } = randomInstance(seed, currencyCount);
  const world = createWorld(wasm, { gridlockResolution: true, quotesMax: 20 }, accounts);
  for (const currency of CURRENCIES.slice(0, currencyCount)) world.say(`open ${currency} 1`);
  for (const quote of quotes) world.say(quote);
  const waiting = new Map<string, Payment>();
  for (const payment of payments) {
    waiting.set(payment.name, payment);
    for (const event of world.say(payment.row))
      if (event.includes('settled')) waiting.delete(event.split(' ')[0] as string);
  }
  const names = Object.keys(accounts).map((name) => name.split(' ') as [string, string]);
  const balances = new Map(names.map(([p, c]) => [`${p} ${c}`, world.balance(p, c)]));
  const lines = new Map(
    Object.entries(accounts).map(([name, money]) => [
      name,
      BigInt((money as readonly number[])[1] as number),
    ]),
  );
  const queued = [...waiting.values()];
  const sets = feasibleSets(queued, balances, lines);
  const best = sets.reduce((a, b) => (totalOf(b) > totalOf(a) ? b : a));
  const settled = world
    .say('close EUR 1')
    .filter((event) => event.endsWith('gridlockResolution'))
    .map((event) => event.split(' ')[0]);
  const where = `seed ${seed}, ${currencyCount} currencies`;
  assert.deepEqual(
    settled,
    queued.filter((p) => best.has(p)).map((p) => p.name),
    where,
  );
  // It has every other feasible set inside it: the only optimum, in value and in number alike.
  for (const set of sets) for (const payment of set) assert.ok(best.has(payment), where);
  return { settled: settled.length, linked: [...best].some((p) => p.legs.length === 2) };
}

for (const [currencyCount, instances] of [
  [1, 1000],
  [2, 700],
  [3, 500],
] as const) {
  test(`gridlock resolution is the unique optimum: ${instances} instances, ${currencyCount} currencies`, () => {
    let resolved = 0;
    let linked = 0;
    for (let seed = 1; seed <= instances; seed += 1) {
      const result = check(seed, currencyCount);
      if (result.settled > 0) resolved += 1;
      if (result.linked) linked += 1;
    }
    assert.ok(resolved >= instances / 20, `only ${resolved} instances settled something`);
    if (currencyCount > 1) assert.ok(linked >= 20, `only ${linked} settled a linked payment`);
  });
}

interface Vector {
  readonly name: string;
  readonly balances: Readonly<Record<string, number>>;
  readonly queue: readonly { id: string; from: string; to: string; value: number }[];
  readonly expect: {
    readonly fifo: Outcome;
    readonly bypassFifo: Outcome;
    readonly sequenceConstrainedOptimum: { readonly sets: readonly (readonly string[])[] };
  };
}
interface Outcome {
  readonly settled: readonly string[];
  readonly balances: Readonly<Record<string, number>>;
}

const fixtures = process.env.CORRIDOR_FIXTURES;
const NO_FIXTURES =
  fixtures === undefined
    ? 'CORRIDOR_FIXTURES does not name a folder with vectors/settlement'
    : false;

/** The vectors give the queue as it stands, so nothing is open until all of it waits. */
function play(vector: Vector, queueRule: 'fifo' | 'bypassFifo'): ReturnType<typeof createWorld> {
  const accounts = Object.fromEntries(
    Object.entries(vector.balances).map(([bank, balance]) => [`${bank} XTS`, balance]),
  );
  const world = createWorld(wasm, { queueRule, gridlockResolution: true }, accounts, { XTS: 0 });
  for (const { id, from, to, value } of vector.queue)
    world.say(`pay ${id} ${from}>${to} ${value} XTS`);
  return world;
}

const settledIn = (events: readonly string[]): string[] =>
  events
    .filter((event) => event.includes(' settled '))
    .map((event) => event.split(' ')[0] as string)
    .sort();

test('the known gridlocks: FIFO, bypass FIFO and the optimum', { skip: NO_FIXTURES }, () => {
  const path = join(fixtures as string, 'vectors/settlement/gridlock.json');
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vector[];
  assert.ok(vectors.length >= 10);
  for (const vector of vectors) {
    for (const rule of ['fifo', 'bypassFifo'] as const) {
      const world = play(vector, rule);
      const settled = settledIn(world.say('open XTS 1'));
      assert.deepEqual(settled, [...vector.expect[rule].settled].sort(), `${vector.name} ${rule}`);
      for (const [bank, balance] of Object.entries(vector.expect[rule].balances))
        assert.equal(world.balance(bank, 'XTS'), BigInt(balance), `${vector.name} ${rule} ${bank}`);
      if (rule === 'bypassFifo') continue;
      // Nothing settled under FIFO before the cycle, or the optimum would be that of another queue.
      assert.deepEqual(settled, []);
      const optimum = vector.expect.sequenceConstrainedOptimum.sets;
      assert.equal(optimum.length, 1);
      assert.deepEqual(settledIn(world.say('close XTS 1')), [...(optimum[0] ?? [])].sort());
    }
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  closureOf,
  resolve,
  shortagesOf,
} from '../../services/analysis/queues/gridlock-resolution.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import type {
  QueueAccount,
  QueuedPayment,
  QueueState,
} from '../../services/core/settlement/queue-state.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { createWorld, type World } from './case-language.ts';
import { isAllowed } from './feasible-sets.ts';
import { chainRounds } from './random-chains.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const TIMES = process.env.CORRIDOR_LONG_TESTS === '1' ? 20 : 1;

/** Of each account's queue the payments, as places in `payments`: by class, then in entry order. */
function queuesOf({ accounts, payments }: QueueState): number[][] {
  return accounts.map(({ participant, currency }) =>
    payments
      .map((payment, i) => ({ payment, i }))
      .filter(({ payment }) =>
        payment.legs.some((leg) => leg.debtor === participant && leg.currency === currency),
      )
      .sort((a, b) => a.payment.priority - b.payment.priority)
      .map(({ i }) => i),
  );
}

const setOf = (state: QueueState, bits: number): Set<QueuedPayment> =>
  new Set(state.payments.filter((_, i) => (bits >> i) & 1));

/** Every set that is the front of each queue and leaves everybody as it may be left, as bits. */
function feasibleSets(state: QueueState): Set<number> {
  const queues = queuesOf(state);
  const isInOrder = (bits: number): boolean =>
    queues.every((queue) => {
      const out = queue.findIndex((i) => !((bits >> i) & 1));
      return out === -1 || queue.slice(out).every((i) => !((bits >> i) & 1));
    });
  const sets = new Set<number>();
  for (let bits = 0; bits < 2 ** state.payments.length; bits += 1)
    if (isInOrder(bits) && isAllowed(state, setOf(state, bits))) sets.add(bits);
  return sets;
}

/** Positions of the payments and chains that a cycle settles, in its order: a chain by its leg 1. */
function settledByCycle(world: World, state: QueueState): number[] {
  world.say('cycle');
  const events = world.events();
  const first = new Set(state.payments.map(({ position }) => position));
  const settled: number[] = [];
  for (let i = 0; i < events.length / EVENT_BYTES; i += 1) {
    const event = readFlatEvent(events, i);
    if (event.kind === 'settled' && event.cycle > 0 && first.has(event.paymentPosition))
      settled.push(event.paymentPosition);
  }
  return settled;
}

/** Whether a chain brings money into an account that it takes some from. */
const comesBack = ({ legs }: QueuedPayment): boolean =>
  legs.some((leg) =>
    legs.some((other) => other.creditor === leg.debtor && other.currency === leg.currency),
  );

const isReserved = ({ reserved }: QueueAccount): boolean => reserved[0] + reserved[1] > 0n;

/** In how many instances each must have mattered. */
const LEAST =
  TIMES === 1
    ? { chains: 25, parts: 15, back: 20, limits: 1, reserved: 1, unions: 2 }
    : { chains: 50, parts: 30, back: 40, limits: 1, reserved: 3, unions: 5 };
const ROUNDS = 20;

for (const [strained, queueRule, worlds] of [
  [false, 'fifo', 30 * TIMES],
  [true, 'fifo', 13 * TIMES],
  [false, 'bypassFifo', 10 * TIMES],
] as const)
  test(`${worlds * ROUNDS} instances with chains, ${queueRule}${strained ? ', strained' : ''}: feasible sets are closed under union, and gridlock resolution and the checker's find the largest`, () => {
    const reached = { chains: 0, parts: 0, back: 0, limits: 0, reserved: 0, unions: 0 };
    const rules = { queueRule, gridlockResolution: true, chainLegsMax: 6, identitiesMax: 4000 };
    for (let seed = 1; seed <= worlds; seed += 1) {
      const { accounts, rounds } = chainRounds(seed, ROUNDS, strained);
      const world = createWorld(wasm, rules, accounts);
      for (const currency of ['EUR', 'USD', 'CNY'])
        if (`A ${currency}` in accounts) world.say(`open ${currency} 1`);
      for (const [number, round] of rounds.entries()) {
        const where = `seed ${seed}, round ${number}, strained ${strained}`;
        for (const row of round.rows) world.say(row);
        const state = world.settlement.queues();
        const sets = feasibleSets(state);
        const best = judge(sets, where);
        for (const payment of state.payments)
          assert.ok(!canSettleAlone(state, payment), `${where}: ${payment.position} could alone`);
        for (const one of sets)
          for (const other of sets)
            if ((one & ~other) !== 0 && (other & ~one) !== 0) reached.unions += 1;
        const largest = [...setOf(state, best)];
        const settled = settledByCycle(world, state);
        const currencies = state.mechanisms.map((_, currency) => currency);
        assert.deepEqual(resolve(state, currencies).settled, new Set(largest), where);
        for (const payment of state.payments) {
          const isFree = isAllowed(state, closureOf(state, payment));
          assert.equal(shortagesOf(state, payment).length === 0, isFree, where);
        }
        assert.deepEqual(
          settled,
          largest.map(({ position }) => position),
          where,
        );
        assert.ok(world.settlement.conserved(), where);
        const chains = largest.filter(({ legs }) => legs.length > 1);
        if (chains.length > 0) reached.chains += 1;
        if (chains.length > 0 && largest.length < state.payments.length) reached.parts += 1;
        if (chains.some(comesBack)) reached.back += 1;
        if (number % 5 === 0) countBounds(state, best, reached);
        for (const name of round.names) world.say(`cancel k${name} ${name}`);
        assert.equal(world.settlement.queued(), 0, where);
      }
    }
    for (const [what, count] of Object.entries(reached))
      assert.ok(count >= LEAST[what as keyof typeof reached], `${what}: ${count}`);
  });

const CROWDS = 13 * TIMES;

test(`${CROWDS} crowds of 120 payments and chains among ten banks: gridlock resolution finds what the checker does`, () => {
  const rules = { gridlockResolution: true, chainLegsMax: 6, livePaymentsMax: 1000 };
  const reached = { settled: 0, left: 0, halves: 0 };
  for (let seed = 1; seed <= CROWDS; seed += 1) {
    const strained = seed % 4 === 0;
    const { accounts, rounds } = chainRounds(seed, 1, strained, 120);
    const money = Object.keys(accounts).map((name) => [name, 1 + (seed % 8)] as const);
    const world = createWorld(wasm, rules, Object.fromEntries(money));
    const currencies = ['EUR', 'USD', 'CNY'].filter((currency) => `A ${currency}` in accounts);
    for (const currency of currencies) world.say(`open ${currency} 1`);
    // A ring in each currency holds up what comes behind it.
    for (const [i, name] of Object.keys(accounts).entries()) {
      const [bank = '', currency] = name.split(' ');
      const next = bank === 'J' ? 'A' : String.fromCharCode(bank.charCodeAt(0) + 1);
      world.say(`pay ring${i} ${bank}>${next} 1000 ${currency} urgent`);
    }
    for (const row of rounds[0]?.rows ?? [])
      if (seed % 4 < 2 || !/^(limit|reserve)/.test(row)) world.say(row);
    const state = world.settlement.queues();
    const best = resolve(state, [...currencies.keys()]).settled;
    const expected = state.payments.filter((payment) => best.has(payment));
    assert.deepEqual(
      settledByCycle(world, state),
      expected.map(({ position }) => position),
      `seed ${seed}`,
    );
    assert.ok(world.settlement.conserved(), `seed ${seed}`);
    const chains = state.payments.filter(({ legs }) => legs.length > 1);
    const settled = expected.filter(({ legs }) => legs.length > 1).length;
    reached.settled += settled;
    reached.left += chains.length - settled;
    if (settled > 9 && chains.length - settled > 9) reached.halves += 1;
  }
  assert.ok(reached.settled > 100 * TIMES && reached.left > 100 * TIMES, JSON.stringify(reached));
  assert.ok(reached.halves > 1.5 * TIMES, `${reached.halves} of which much stays and much settles`);
});

/** The union of all feasible sets, which is one. */
function judge(sets: ReadonlySet<number>, where: string): number {
  let best = 0;
  for (const one of sets) {
    for (const other of sets)
      assert.ok(sets.has(one | other), `${where}: no union of ${one} and ${other}`);
    best |= one;
  }
  return best;
}

/** What is next in each of its queues and leaves everybody as it may be left has settled before a cycle. */
function canSettleAlone(state: QueueState, payment: QueuedPayment): boolean {
  const isNext = queuesOf(state).every((queue, q) => {
    const before = queue.map((i) => state.payments[i] as QueuedPayment);
    const place = before.indexOf(payment);
    const passes = state.bypasses[state.accounts[q]?.currency as number] && payment.priority === 2;
    return before.slice(0, Math.max(0, place)).every(({ priority }) => passes && priority === 2);
  });
  return isNext && isAllowed(state, new Set([payment]));
}

/** Notes whether limits and reservations kept something out. */
function countBounds(
  state: QueueState,
  best: number,
  reached: { limits: number; reserved: number },
): void {
  const isBound = (bound: Partial<QueueState>): boolean =>
    [...feasibleSets({ ...state, ...bound })].some((bits) => (bits & ~best) !== 0);
  const accounts = state.accounts.map((a) => ({ ...a, reserved: [0n, 0n] as const }));
  if (state.limits.length > 0 && isBound({ limits: [] })) reached.limits += 1;
  if (state.accounts.some(isReserved) && isBound({ accounts })) reached.reserved += 1;
}

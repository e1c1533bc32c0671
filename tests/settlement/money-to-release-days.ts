import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  isForeseeable,
  moreThanEnough,
  smallestInjection,
  whatIf,
} from '../../services/analysis/queues/money-to-release.ts';
import { type AccountName, nameOf } from '../../services/analysis/queues/queue-set.ts';
import type { InstanceState } from '../../services/core/settlement/core-snapshot.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import type { QueuedPayment, QueueState } from '../../services/core/settlement/queue-state.ts';
import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { type Accounts, createWorld } from './case-language.ts';
import { encodeRecord } from './flat-records.ts';
import { seeded } from './random-draft.ts';
import { smallDay } from './random-queues.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
/** Of each core: room that is seldom filled, small enough that tens of thousands of cores are soon made. */
const OUTPUT_EVENTS = 64;
/** Later than every record of a small day. */
const LATER = { position: 1_000_000, timeMs: 20_000 * 86_400_000 + 43_200_000 };
const MECHANISMS = ['none', 'gridlockResolution', 'partial', 'allOrNothing'];

interface Day {
  readonly state: QueueState;
  readonly captured: InstanceState;
  /** What the core settled, by account and amount. */
  readonly known: Map<string, ReadonlySet<string>>;
}

/** Queues that nobody may pass or that may be passed, and some in which accounts have too little. */
const KINDS = {
  fifo: {},
  'fifo, limits and reservations': { bounds: true },
  'fifo, strained': { bounds: true, strained: true },
  'bypassFifo, limits and reservations': { bounds: true },
  'bypassFifo, strained': { bounds: true, strained: true },
} as const;
type Kind = keyof typeof KINDS;

/** @param only what the cycles of all currencies do; without it each has a mechanism of its own */
function play(seed: number, kind: Kind, only?: string): Day {
  const pick = seeded(seed + 77);
  const currencyCount = 1 + (seed % 3);
  const rule = kind.split(',')[0];
  const day = smallDay(seed, currencyCount, KINDS[kind]);
  return playRows(day.accounts, day.rows, (currency) => {
    const mechanism = only ?? MECHANISMS[pick(MECHANISMS.length)];
    return `rules ${currency}${rule === 'fifo' ? '' : ' bypassFifo'} ${mechanism}`;
  });
}

export function playRows(
  accounts: Accounts,
  rows: readonly string[],
  rulesOf: (currency: string) => string,
): Day {
  const world = createWorld(wasm, { quotesMax: 20, chainLegsMax: 16 }, accounts, {}, OUTPUT_EVENTS);
  for (const row of rows) {
    world.say(row);
    const [verb, currency] = row.split(' ');
    if (verb === 'open') world.say(rulesOf(currency as string));
  }
  return {
    state: world.settlement.queues(),
    captured: world.settlement.capture(),
    known: new Map(),
  };
}

/** The core itself: money comes in, then a cycle of all currencies; ids of what settles. */
export function inCore(day: Day, account: AccountName, amount: bigint): ReadonlySet<string> {
  const place = `${account} + ${amount}`;
  const known = day.known.get(place) ?? runCore(day.captured, account, amount);
  day.known.set(place, known);
  return known;
}

function runCore(captured: InstanceState, account: AccountName, amount: bigint): Set<string> {
  const core = createSettlement(wasm, OUTPUT_EVENTS, captured);
  const [participant, currency1] = account.split('/').map(Number) as [number, number];
  const records = [
    encodeRecord('cycle', { ...LATER, position: LATER.position + 1, currency1: NONE16 }),
  ];
  if (amount > 0n)
    records.unshift(
      encodeRecord('issue', { ...LATER, participant, currency1, amount1: amount, issuer: NONE32 }),
    );
  const events = core.apply(Buffer.concat(records), records.length);
  const settled = new Set<string>();
  for (let i = 0; i < events.length / EVENT_BYTES; i += 1) {
    const event = readFlatEvent(events, i);
    if (event.kind === 'settled') settled.add(Buffer.from(event.id).toString('hex'));
    if (event.kind === 'refused' && amount > 0n) assert.notEqual(event.count, 6, 'issue refused');
  }
  return settled;
}

function* payers(state: QueueState): Generator<[QueuedPayment, AccountName]> {
  for (const payment of state.payments)
    for (const { debtor, currency } of payment.legs) yield [payment, nameOf(debtor, currency)];
}

/** Days of a kind by which the least numbers below were counted. */
const SEEDS = 120;

/**
 * Makes the tests over random days.
 * @param seeds days of each kind, of which every amount is tried in the core itself
 * @param more days that what more money settles is compared of, of two kinds
 * @param first of those days' seeds
 */
export function releaseDays(seeds: number, more: number, first = 1): void {
  const share = seeds / SEEDS;
  for (const kind of Object.keys(KINDS) as Kind[]) {
    /** Of both tests: what the core settled in the first it does not settle again in the second. */
    const days = new Map<number, Day>();
    const dayOf = (seed: number): Day => {
      const day = days.get(seed) ?? play(seed, kind);
      days.set(seed, day);
      return day;
    };

    test(`${kind}: what more money settles is what the core settles with it, at every amount`, () => {
      let [compared, settled] = [0, 0];
      for (let seed = first; seed < first + seeds; seed += 1) {
        const day = dayOf(seed);
        for (const { participant, currency } of day.state.accounts) {
          const account = nameOf(participant, currency);
          if (
            !day.state.payments.some((p) =>
              p.legs.some((l) => nameOf(l.debtor, l.currency) === account),
            )
          )
            continue;
          for (let amount = 0n; amount <= moreThanEnough(day.state, account); amount += 3n) {
            const foreseen = whatIf(day.state, { account, amount });
            const ids = new Set([...foreseen.settled].map((p) => p.id));
            assert.deepEqual(
              ids,
              inCore(day, account, amount),
              `seed ${seed}, ${account} + ${amount}`,
            );
            compared += 1;
            settled += ids.size;
          }
        }
      }
      assert.ok(
        compared > 300 * share && settled > 300 * share,
        `${compared} compared, ${settled} settled`,
      );
    });

    test(`${kind}: the smallest injection releases in the core, and no smaller one does`, () => {
      const found = { settles: 0, releases: 0, none: 0, reversals: 0 };
      for (let seed = first; seed < first + seeds; seed += 1) {
        const day = dayOf(seed);
        days.delete(seed);
        assert.ok(isForeseeable(day.state));
        for (const [payment, account] of payers(day.state)) {
          const where = `seed ${seed}, ${payment.id} from ${account}`;
          const enough = moreThanEnough(day.state, account);
          const result = smallestInjection(day.state, payment, account);
          assert.notEqual(result.kind, 'unknown', where);
          // Every amount that could be smaller, in the core itself.
          const last = result.kind === 'releases' ? result.amount : enough;
          for (let amount = 0n; amount < last; amount += 1n)
            assert.ok(
              !inCore(day, account, amount).has(payment.id),
              `${where}: ${amount} is enough`,
            );
          if (result.kind !== 'releases') {
            assert.ok(!inCore(day, account, enough).has(payment.id), where);
            found.none += 1;
            continue;
          }
          assert.ok(inCore(day, account, result.amount).has(payment.id), where);
          if (!inCore(day, account, enough).has(payment.id)) found.reversals += 1;
          found[result.amount === 0n ? 'settles' : 'releases'] += 1;
        }
      }
      assert.ok(
        found.releases > 100 * share &&
          found.none > 50 * share &&
          found.settles >= Math.floor(11 * share),
        JSON.stringify(found),
      );
      // More money keeps a payment back only where queues may be passed, or accounts have too little.
      if (kind === 'fifo') assert.equal(found.reversals, 0);
      if (share >= 0.5 && kind.startsWith('bypass')) assert.ok(found.reversals > 0, 'no reversal');
    });
  }

  for (const kind of ['fifo, strained', 'bypassFifo, strained'] as const)
    test(`${kind}: no smaller amount releases, of many more days, by what more money settles`, () => {
      const found = { releases: 0, none: 0, reversals: 0 };
      for (let seed = 1001; seed <= 1000 + more; seed += 1) {
        const { state } = play(seed, kind, 'gridlockResolution');
        for (const { participant, currency } of state.accounts) {
          const account = nameOf(participant, currency);
          const own = [...payers(state)].filter(([, name]) => name === account).map(([p]) => p);
          if (own.length === 0) continue;
          const least = new Map<QueuedPayment, bigint>();
          const enough = moreThanEnough(state, account);
          for (let amount = 0n; amount <= enough; amount += 1n) {
            const { settled } = whatIf(state, { account, amount });
            for (const payment of settled) if (!least.has(payment)) least.set(payment, amount);
            if ([...least.keys()].some((p) => !settled.has(p))) found.reversals += 1;
          }
          for (const payment of own) {
            const amount = least.get(payment);
            const expected = amount === undefined ? { kind: 'none' } : { kind: 'releases', amount };
            const where = `seed ${seed}, ${payment.id} from ${account}`;
            assert.deepEqual(smallestInjection(state, payment, account), expected, where);
            found[amount === undefined ? 'none' : 'releases'] += 1;
          }
        }
      }
      assert.ok(found.releases > more && found.none > more / 2, JSON.stringify(found));
      assert.ok(found.reversals > more / 50, JSON.stringify(found));
    });
}

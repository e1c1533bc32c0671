import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { NONE32 } from '../../services/core/settlement/records.ts';
import { createSettlement, type Settlement } from '../../services/core/settlement/settlement.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { encodeRecord } from './flat-records.ts';
import { seeded } from './random-draft.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

/** Two banks with all the money they need in two open currencies. */
function opened(legsMax: number, pvpTimeoutMs = 0): Settlement {
  const settlement = createSettlement(wasm);
  const accounts = [0, 1].flatMap((participant) =>
    [0, 1].map((currency1) =>
      encodeRecord('account', { participant, currency1, amount1: 1_000_000_000 }),
    ),
  );
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: 2, currenciesMax: 2, livePaymentsMax: legsMax, pvpTimeoutMs },
      ...{ identitiesMax: 2 * legsMax + 10, identityDays: 1 },
    }),
    ...[0, 1].map((participant) => encodeRecord('participant', { participant })),
    ...[0, 1].map((currency1) => encodeRecord('currency', { currency1, currency2: 2 })),
    ...accounts,
    ...[0, 1].map((currency1) => encodeRecord('open', { currency1, date: 1 })),
  ];
  settlement.apply(Buffer.concat(records), records.length);
  return settlement;
}

interface Leg {
  readonly position: number;
  readonly own: number;
  readonly amount?: number;
  readonly matchKey?: number;
  readonly timeMs?: number;
}

/** Bank 0 delivers `amount` of currency 0 for 7 of currency 1, or the other way round. */
function leg({ position, own, amount = 5, matchKey = 1, timeMs = 0 }: Leg): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, position);
  return encodeRecord('pvpLeg', {
    ...{ position, timeMs, id, matchKey, date: 1, priority: 2, dealer: NONE32 },
    ...{ participant: own, debtorAgent: own, creditorAgent: 1 - own },
    ...{ currency1: own, currency2: 1 - own },
    ...{ amount1: own === 0 ? amount : 7, amount2: own === 0 ? 7 : amount },
  });
}

function apply(settlement: Settlement, records: readonly Uint8Array[]): FlatEvent[] {
  const events = settlement.apply(Buffer.concat(records), records.length);
  return Array.from({ length: events.length / EVENT_BYTES }, (_, at) => readFlatEvent(events, at));
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

test('20,000 equal legs: mirrors take them in order of arrival, and none is lost', () => {
  const count = 20_000;
  const settlement = opened(count + 1);
  apply(
    settlement,
    numbers(count).map((position) => leg({ position, own: 0 })),
  );
  assert.equal(settlement.queued(), count);
  const events = apply(
    settlement,
    numbers(count).map((at) => leg({ position: count + at, own: 1 })),
  );
  const firsts = events.filter((e) => e.kind === 'settled' && e.debtorAgent === 0);
  assert.deepEqual(
    firsts.map((event) => event.paymentPosition),
    numbers(count),
  );
  assert.equal(settlement.queued(), 0);
  assert.equal(settlement.balance(0, 0), 1_000_000_000n - 5n * BigInt(count));
});

test('a full table refuses a leg, also one that would match; time-outs make room', () => {
  const settlement = opened(3, 1000);
  const legs = numbers(3).map((position) => leg({ position, own: 0, timeMs: position }));
  apply(settlement, legs);
  const [refused] = apply(settlement, [leg({ position: 4, own: 1, timeMs: 1000 })]);
  assert.deepEqual([refused?.kind, refused?.reason], ['rejected', 'limitReached']);
  const events = apply(settlement, [leg({ position: 5, own: 1, timeMs: 1001 })]);
  assert.deepEqual(
    events.map(({ kind, paymentPosition }) => [kind, paymentPosition]),
    [
      ['cancelled', 1],
      ['matched', 5],
      ['matched', 2],
      ['settled', 2],
      ['settled', 5],
    ],
  );
});

test('legs of many terms come and go in any order: each finds its own mirror', () => {
  const pick = seeded(7);
  const count = 3000;
  const settlement = opened(count);
  const terms = numbers(count).map((at) => ({ amount: 1 + pick(40), matchKey: pick(60), at }));
  apply(settlement, terms.map(({ at, ...t }) => leg({ position: at, own: 0, ...t })).slice(0, -1));
  // Mirrors in another order; those of equal terms meet first come, first served.
  const open = terms.slice(0, -1);
  for (let position = count + 1; open.length > 0; position += 1) {
    const { amount, matchKey } = open[pick(open.length)] as (typeof terms)[number];
    const first = open.findIndex((t) => t.amount === amount && t.matchKey === matchKey);
    const events = apply(settlement, [leg({ position, own: 1, amount, matchKey })]);
    assert.equal(events[1]?.paymentPosition, (open[first] as (typeof terms)[number]).at);
    open.splice(first, 1);
  }
  assert.equal(settlement.queued(), 0);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import { createSettlement, type Settlement } from '../../services/core/settlement/settlement.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { encodeRecord } from './flat-records.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

function apply(settlement: Settlement, records: readonly Uint8Array[]): FlatEvent[] {
  const events = settlement.apply(Buffer.concat(records), records.length);
  return Array.from({ length: events.length / EVENT_BYTES }, (_, i) => readFlatEvent(events, i));
}

/** A pool of so many participants without money, in one open currency that resolves gridlocks. */
function pool(participants: number, payments: number): Settlement {
  const settlement = createSettlement(wasm);
  const all = Array.from({ length: participants }, (_, participant) => participant);
  apply(settlement, [
    encodeRecord('genesis', {
      ...{ participantsMax: participants, currenciesMax: 1, livePaymentsMax: payments },
      ...{ identitiesMax: 2 * payments, identityDays: 1, cycleMechanism: 1, certificates: 1 },
      limitsMax: 1,
    }),
    ...all.map((participant) => encodeRecord('participant', { participant })),
    encodeRecord('currency', {}),
    ...all.map((participant) => encodeRecord('account', { participant })),
    encodeRecord('open', { date: 1 }),
  ]);
  return settlement;
}

let ids = 0;
function payment(debtor: number, creditor: number, amount1: bigint): Uint8Array {
  ids += 1;
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, ids);
  return encodeRecord('payment', {
    ...{ id, participant: debtor, debtorAgent: debtor, creditorAgent: creditor, amount1 },
    ...{ dealer: NONE32, currency2: NONE16, date: 1, priority: 2 },
  });
}

const cycle = encodeRecord('cycle', { currency1: NONE16 });

test('one participant: it pays nobody, limits nobody, and its cycles find nothing', () => {
  const settlement = pool(1, 10);
  const own = { id: new Uint8Array(16).fill(9), amount1: 5 };
  const said = apply(settlement, [
    payment(0, 0, 5n),
    payment(0, 1, 5n),
    encodeRecord('limit', { ...own, creditorAgent: 0, messageType: 2 }),
    encodeRecord('issue', { amount1: 7 }),
    cycle,
    encodeRecord('close', { date: 1 }),
  ]);
  assert.deepEqual(
    said.map(({ kind, reason, priority }) => `${kind} ${reason} ${priority}`),
    [
      ...['rejected sameAgent 2', 'rejected accountMissing 2', 'rejected sameAgent 0'],
      ...['issued none 0', 'cycled none 0', 'cycled none 0', 'closed none 0'],
    ],
  );
  assert.equal(settlement.balance(0, 0), 7n);
});

test('5,000 participants, everything queued, 10^18 each: a ring and a broken one', () => {
  const count = 5000;
  const settlement = pool(count, count + 1);
  const amount = 10n ** 18n;
  const ring = Array.from({ length: count }, (_, i) => payment(i, (i + 1) % count, amount));
  const queued = apply(settlement, ring);
  assert.ok(queued.every(({ kind }) => kind === 'queued'));
  assert.equal(settlement.queued(), count);
  const [cycled, ...settled] = apply(settlement, [cycle]);
  assert.deepEqual([cycled?.priority, cycled?.count], [1, count]);
  assert.equal(settled.length, count);
  assert.ok(settled.every(({ balances }) => balances[0] === 0n));
  // One unit more from one of them, and nobody can pay: a deadlock, which each queue's head explains.
  const broken = Array.from({ length: count }, (_, i) =>
    payment(i, (i + 1) % count, amount + (i === 7 ? 1n : 0n)),
  );
  apply(settlement, broken);
  const [stuck, ...heldUp] = apply(settlement, [cycle]);
  assert.deepEqual([stuck?.priority, stuck?.count, stuck?.amount1], [2, 0, BigInt(count)]);
  assert.equal(heldUp.length, count);
  assert.equal(heldUp[7]?.amount1, amount + 1n);
  const freed = apply(settlement, [encodeRecord('issue', { participant: 7, amount1: 1 }), cycle]);
  assert.deepEqual([freed[1]?.priority, freed[1]?.count], [1, count]);
  assert.equal(settlement.balance(8, 0), 1n);
  assert.equal(settlement.queued(), 0);
});

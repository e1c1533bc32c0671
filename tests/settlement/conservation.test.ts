import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { type CoreExports, instantiate } from '../../services/core/wasm-module.ts';
import { encodeRecord } from './flat-records.ts';
import { randomDay } from './random-day.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

test('random days: balances add up to what was put in less what was taken out, after every batch', () => {
  let moved = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const settlement = createSettlement(wasm);
    const putIn = new Map<number, bigint>();
    const accounts = new Map<string, readonly [participant: number, currency: number]>();
    const add = (currency: number, amount: bigint) =>
      putIn.set(currency, (putIn.get(currency) ?? 0n) + amount);
    for (const { record } of randomDay(seed, false, true)) {
      for (const event of readEvents(settlement.apply(record, 1))) {
        if (event.kind === 'settled') moved += 1;
        if (event.kind === 'issued') add(event.currency, event.amount);
        if (event.kind === 'redeemed') add(event.currency, -event.amount);
        if (event.kind !== 'accountOpened') continue;
        const { participant, currency, opening } = event;
        accounts.set(`${participant} ${currency}`, [participant, currency]);
        add(currency, opening);
      }
      const held = new Map<number, bigint>();
      for (const [participant, currency] of accounts.values())
        held.set(currency, (held.get(currency) ?? 0n) + settlement.balance(participant, currency));
      assert.deepEqual(held, putIn, `seed ${seed}`);
    }
  }
  assert.ok(moved > 300, `${moved} payments settled`);
});

/** Three banks with 100 each; A has paid B 10, and a payment of A stands in its queue. */
function started(): CoreExports {
  const core = instantiate(wasm);
  const input = core.settlementStart(64);
  const pay = (id: number, amount1: number): Uint8Array =>
    encodeRecord('payment', {
      ...{ id: new Uint8Array(16).fill(id), date: 1, amount1, priority: 2 },
      ...{ debtorAgent: 0, creditorAgent: 1, dealer: NONE32, currency2: NONE16 },
    });
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: 3, currenciesMax: 1, livePaymentsMax: 4 },
      ...{ identitiesMax: 4, identityDays: 1 },
    }),
    ...[0, 1, 2].map((participant) => encodeRecord('participant', { participant })),
    encodeRecord('currency', {}),
    ...[0, 1, 2].map((participant) => encodeRecord('account', { participant, amount1: 100 })),
    encodeRecord('open', { date: 1 }),
    pay(1, 10),
    pay(2, 1000),
  ];
  new Uint8Array(core.memory.buffer).set(Buffer.concat(records), input);
  core.settlementPut(records.length);
  core.settlementStep();
  assert.equal(core.settlementDone(), 1);
  assert.equal(core.settlementLive(), 1);
  return core;
}

/** Adds to a balance behind the core's back. */
function tamper(core: CoreExports, participant: number, amount: bigint): void {
  const view = new DataView(core.memory.buffer);
  const account = core.settlementAccount(participant, 0);
  view.setBigInt64(account, view.getBigInt64(account, true) + amount, true);
}

test('the core notices money that came from nowhere', () => {
  const core = started();
  assert.equal(core.settlementConserved(), 1);
  tamper(core, 2, 1n);
  assert.equal(core.settlementConserved(), 0);
  tamper(core, 2, -1n);
  assert.equal(core.settlementConserved(), 1);
});

test('the core notices a leg that no event tells, although the balances add up', () => {
  for (const [from, to] of [
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 0],
  ] as const) {
    const core = started();
    tamper(core, from, -10n);
    tamper(core, to, 10n);
    assert.equal(core.settlementConserved(), 0, `${from} to ${to}`);
  }
});

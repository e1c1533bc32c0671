import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { createWorld } from './case-language.ts';
import { encodeRecord } from './flat-records.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const MAX = 2n ** 63n - 1n;

test('the largest amounts: every unit of 2^63 - 1 moves, and more cannot be issued or lent', () => {
  const world = createWorld(wasm, {}, { 'A EUR': MAX, 'B EUR': 0 });
  world.say('open EUR 1');
  assert.deepEqual(world.say('issue B EUR 1'), ['refused recordInvalid']);
  assert.deepEqual(world.say('line B EUR 1'), ['refused recordInvalid']);
  assert.deepEqual(world.say(`pay p1 A>B ${MAX} EUR`), ['p1 settled entry']);
  assert.equal(world.balance('B', 'EUR'), MAX);
  assert.deepEqual(world.say('redeem B EUR 10'), ['redeemed']);
  assert.deepEqual(world.say('line A EUR 10'), ['creditLineSet']);
  assert.deepEqual(world.say('issue A EUR 1'), ['refused recordInvalid']);
  assert.deepEqual(world.say('pay p2 A>B 10 EUR'), ['p2 settled entry']);
  assert.equal(world.balance('B', 'EUR'), MAX);
  assert.ok(world.settlement.conserved());
});

test('a line of 2^63 - 1: all of it can be drawn, and a redeemed line leaves no overflow', () => {
  const world = createWorld(wasm, {}, { 'A EUR': 0, 'B EUR': 0 });
  world.say('open EUR 1');
  assert.deepEqual(world.say(`line A EUR ${MAX}`), ['creditLineSet']);
  assert.deepEqual(world.say(`pay p1 A>B ${MAX} EUR`), ['p1 settled entry']);
  assert.equal(world.balance('A', 'EUR'), -MAX);
  assert.deepEqual(world.say('pay p2 A>B 1 EUR'), ['p2 queued']);
  assert.deepEqual(world.say(`redeem B EUR ${MAX}`), ['redeemed']);
  // Less than nothing is outstanding now, but lines alone may not pass 2^63 - 1 either.
  assert.deepEqual(world.say('line B EUR 1'), ['refused recordInvalid']);
  assert.ok(world.settlement.conserved());
});

test('queued amounts may pass 2^64 in sum: a cycle still nets them exactly', () => {
  const world = createWorld(
    wasm,
    { gridlockResolution: true },
    { 'A EUR': 0, 'B EUR': 0, 'C EUR': 0 },
  );
  world.say('open EUR 1');
  for (let i = 0; i < 5; i += 1) {
    assert.deepEqual(world.say(`pay a${i} A>B ${MAX} EUR`), [`a${i} queued`]);
    assert.deepEqual(world.say(`pay b${i} B>A ${MAX} EUR`), [`b${i} queued`]);
  }
  assert.deepEqual(world.say(`pay c A>C ${MAX} EUR`), ['c queued']);
  assert.equal(world.settlement.queued(), 11);
  const events = world.say('close EUR 1');
  assert.equal(events[0], 'cycle 1 resolved: 10 settled, 1 left');
  assert.ok(world.settlement.conserved());
});

test('a conversion of the largest amounts is checked in 128 bits', () => {
  const accounts = { 'A EUR': 10n ** 18n, 'D EUR': 0, 'B JPY': 0, 'D JPY': 10n ** 18n };
  const world = createWorld(wasm, {}, accounts, { EUR: 4, JPY: 4 });
  world.say('open EUR 1');
  world.say('open JPY 1');
  const rate = '0.999999999999999999';
  assert.deepEqual(world.say(`quote q1 D EUR/JPY ${rate} for ${10n ** 18n}`), ['q1 quoted']);
  const exact = 10n ** 18n - 1n;
  const pay = (name: string, amount2: bigint): string[] =>
    world.say(`pay ${name} A>B ${10n ** 18n} EUR via D ${amount2} JPY at ${rate}`);
  assert.deepEqual(pay('p1', exact + 1n), ['p1 rejected amountNotAsQuoted']);
  assert.deepEqual(pay('p2', exact - 1n), ['p2 rejected amountNotAsQuoted']);
  assert.deepEqual(pay('p3', exact), ['p3 settled entry']);

  // (2^62 + 1) x 2 x 10 is 5 x 2^64 + 20: what is left of it in 64 bits is not the amount.
  const wide = createWorld(wasm, {}, accounts, { EUR: 0, JPY: 1 });
  wide.say('open EUR 1');
  wide.say('open JPY 1');
  wide.say(`quote q1 D EUR/JPY 2 for ${MAX}`);
  const wrapped = wide.say(`pay p1 A>B ${2n ** 62n + 1n} EUR via D 20 JPY at 2`);
  assert.deepEqual(wrapped, ['p1 rejected amountNotAsQuoted']);
});

test('full tables refuse and say so; what was there goes on', () => {
  const rules = { livePaymentsMax: 2, identitiesMax: 6, quotesMax: 1 };
  const world = createWorld(wasm, rules, { 'A EUR': 10, 'B EUR': 0, 'A USD': 0, 'B USD': 0 });
  world.say('open EUR 1');
  assert.deepEqual(world.say('pay p1 A>B 11 EUR'), ['p1 queued']);
  assert.deepEqual(world.say('pay p2 A>B 11 EUR'), ['p2 queued']);
  assert.deepEqual(world.say('pay p3 A>B 11 EUR'), ['p3 rejected limitReached']);
  assert.deepEqual(world.say('pay p4 A>B 1 EUR urgent'), ['p4 settled entry']);
  assert.deepEqual(world.say('quote q1 A EUR/USD 2 for 5 until 9000'), ['q1 quoted']);
  assert.deepEqual(world.say('quote q2 A EUR/USD 2 for 5'), ['q2 rejected limitReached']);
  assert.deepEqual(world.say('pay p5 A>B 1 EUR urgent'), ['p5 rejected limitReached']);
  assert.deepEqual(world.say('again p3'), ['p3 repeated: rejected limitReached']);
  assert.deepEqual(world.say('issue A EUR 2'), ['issued', 'p1 settled queue']);
  assert.equal(world.settlement.queued(), 1);
});

test('nothing registered, nothing queued, nothing applied', () => {
  const settlement = createSettlement(wasm);
  assert.equal(settlement.apply(new Uint8Array(0), 0).length, 0);
  assert.equal(settlement.queued(), 0);
  assert.equal(settlement.balance(0, 0), 0n);
  assert.equal(settlement.creditLine(7, 7), 0n);
  assert.ok(settlement.conserved());
  assert.throws(() => settlement.apply(new Uint8Array(128), 2), RangeError);
  const genesis = encodeRecord('genesis', { identityDays: 1 });
  assert.equal(readFlatEvent(settlement.apply(genesis, 1), 0).kind, 'genesis');
  const participant = encodeRecord('participant', { participant: 0 });
  assert.equal(readFlatEvent(settlement.apply(participant, 1), 0).reason, 'limitReached');
});

test('tables that no memory can hold are refused, and the instance stays usable', () => {
  const settlement = createSettlement(wasm);
  const sizes = [
    { participantsMax: 0xffffffff, currenciesMax: 0xffff },
    { identitiesMax: 0xffffffff },
    { livePaymentsMax: 0xffffffff },
    { quotesMax: 0xffffffff },
    {
      participantsMax: 4,
      currenciesMax: 4,
      identitiesMax: 50_000_000,
      livePaymentsMax: 12_000_000,
    },
  ];
  for (const size of sizes) {
    const event = readFlatEvent(
      settlement.apply(encodeRecord('genesis', { identityDays: 1, ...size }), 1),
      0,
    );
    assert.deepEqual([event.kind, event.reason], ['refused', 'limitReached']);
  }
  const genesis = encodeRecord('genesis', { identityDays: 1, participantsMax: 1 });
  assert.equal(readFlatEvent(settlement.apply(genesis, 1), 0).kind, 'genesis');
});

/** A bank that queues `count` payments of 1 behind one that does not fit, and gets the money. */
function released(count: number, outputEvents: number): Uint8Array {
  const settlement = createSettlement(wasm, outputEvents);
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: 2, currenciesMax: 1, livePaymentsMax: count + 1 },
      ...{ identitiesMax: count + 1, identityDays: 1, cycleMechanism: 1 },
    }),
    encodeRecord('participant', { participant: 0 }),
    encodeRecord('participant', { participant: 1 }),
    encodeRecord('currency', {}),
    encodeRecord('account', { participant: 0 }),
    encodeRecord('account', { participant: 1 }),
    encodeRecord('open', { date: 1 }),
  ];
  for (let i = 0; i < count; i += 1) {
    const id = new Uint8Array(16);
    new DataView(id.buffer).setUint32(0, i);
    const parties = { debtorAgent: 0, creditorAgent: 1, dealer: NONE32, currency2: NONE16 };
    records.push(
      encodeRecord('payment', {
        ...parties,
        id,
        date: 1,
        amount1: i === 0 ? count : 1,
        priority: 2,
      }),
    );
  }
  records.push(
    encodeRecord('issue', { amount1: 2 * count - 1 }),
    encodeRecord('close', { date: 1 }),
  );
  return settlement.apply(Buffer.concat(records), records.length);
}

test('one record that settles 20,000 payments: drained in pieces, nothing is lost', () => {
  const count = 20_000;
  const events = released(count, 4096);
  assert.equal(events.length / EVENT_BYTES, 7 + count + 1 + count + 2);
  const last = readFlatEvent(events, events.length / EVENT_BYTES - 3);
  assert.deepEqual([last.kind, last.mechanism, last.balances[0]], ['settled', 'queue', 0n]);
  for (let i = 0; i < events.length / EVENT_BYTES; i += 1)
    assert.equal(readFlatEvent(events, i).number, i + 1);
  assert.equal(Buffer.compare(events, released(count, 3)), 0);
});

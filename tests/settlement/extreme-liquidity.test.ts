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

test('limits: a position passes 64 bits when money goes round, and still counts exactly', () => {
  const world = createWorld(wasm, {}, { 'A EUR': MAX, 'B EUR': 0, 'C EUR': 0 });
  world.say('open EUR 1');
  assert.deepEqual(world.say(`limit l1 B>A EUR ${MAX}`), ['l1 limitSet, 0 counted']);
  // Three times round: A pays B all there is, and B gets rid of it through C.
  for (const round of [1, 2, 3]) {
    for (const [from, to] of ['AB', 'BC', 'CA'])
      assert.deepEqual(world.say(`pay r${round}${from} ${from}>${to} ${MAX} EUR`), [
        `r${round}${from} settled entry`,
      ]);
  }
  // -3 (2^63 - 1) is shown as the smallest number that there is.
  assert.deepEqual(world.say('limit l2 B>A EUR 0'), [`l2 limitSet, ${-MAX - 1n} counted`]);
  world.say(`pay s1 A>B ${MAX} EUR`);
  for (const name of ['t1', 't2', 't3', 't4']) {
    assert.deepEqual(world.say(`pay ${name} B>A ${MAX} EUR`), [`${name} settled entry`]);
    if (name === 't4') break;
    // C gives B the money again, so that B's position against A only rises.
    world.say(`pay u${name} A>C ${MAX} EUR`);
    world.say(`pay v${name} C>B ${MAX} EUR`);
  }
  assert.deepEqual(world.say('limit l3 B>A EUR 0'), ['l3 limitSet, 0 counted']);
  world.say('pay w1 A>C 1 EUR');
  world.say('pay w2 C>B 1 EUR');
  assert.deepEqual(world.say('pay w3 B>A 1 EUR'), ['w3 queued']);
  assert.ok(world.settlement.conserved());
});

test('limits of 2^63 - 1 and 0', () => {
  const world = createWorld(wasm, {}, { 'A EUR': MAX, 'B EUR': 0 });
  world.say('open EUR 1');
  world.say(`limit l1 A>B EUR ${MAX}`);
  assert.deepEqual(world.say(`pay p1 A>B ${MAX} EUR`), ['p1 settled entry']);
  world.say(`pay p2 B>A ${MAX} EUR`);
  world.say('limit l2 A>B EUR 0');
  assert.deepEqual(world.say('pay p3 A>B 1 EUR'), ['p3 queued']);
});

test('collateral and line together reach 2^63 - 1 and not beyond', () => {
  const world = createWorld(wasm, {}, { 'A EUR': 0, 'B EUR': 0 });
  world.say('open EUR 1');
  assert.deepEqual(world.say(`collateral A EUR ${MAX} haircut 1`), [
    `collateralSet, capacity ${(MAX * 9999n) / 10_000n}`,
  ]);
  const room = MAX - (MAX * 9999n) / 10_000n;
  assert.deepEqual(world.say(`line A EUR ${room + 1n}`), ['refused recordInvalid']);
  assert.deepEqual(world.say(`line A EUR ${room}`), ['creditLineSet']);
  assert.deepEqual(world.say('issue B EUR 1'), ['refused recordInvalid']);
  assert.deepEqual(world.say(`pay p1 A>B ${MAX} EUR`), ['p1 settled entry']);
  assert.deepEqual(world.say('pay p2 A>B 1 EUR'), ['p2 queued']);
  // The collateral goes; what it once allowed stays reserved in the accounting of overflow.
  assert.deepEqual(world.say('collateral A EUR 0'), [`collateralSet, capacity ${room}`]);
  assert.deepEqual(world.say('line B EUR 1'), ['refused recordInvalid']);
  assert.ok(world.settlement.conserved());
});

test('reservations of 2^63 - 1 in both classes leave the normal class nothing, and overflow nothing', () => {
  const world = createWorld(wasm, {}, { 'A EUR': [0, 0], 'B EUR': 0 });
  world.say('open EUR 1');
  world.say(`line A EUR ${MAX}`);
  world.say(`reserve v1 A EUR urgent ${MAX}`);
  world.say(`reserve v2 A EUR high ${MAX}`);
  assert.deepEqual(world.say('pay p1 A>B 1 EUR'), ['p1 queued']);
  assert.deepEqual(world.say('pay p2 A>B 1 EUR high'), ['p2 queued']);
  assert.deepEqual(world.say(`pay p3 A>B ${MAX} EUR urgent`), ['p3 settled entry']);
  assert.ok(world.settlement.conserved());
});

/** A pool of two banks; `count` payments of 1 from the first, which has 0, with the given fields. */
function pool(count: number, fields: (i: number) => Parameters<typeof encodeRecord>[1]): Buffer {
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: 2, currenciesMax: 1, livePaymentsMax: count },
      ...{ identitiesMax: 3 * count, identityDays: 1, limitsMax: 2 },
    }),
    encodeRecord('participant', { participant: 0 }),
    encodeRecord('participant', { participant: 1 }),
    encodeRecord('currency', {}),
    encodeRecord('account', { participant: 0 }),
    encodeRecord('account', { participant: 1 }),
    encodeRecord('open', { date: 1 }),
  ];
  for (let i = 0; i < count; i += 1) {
    const parties = { debtorAgent: 0, creditorAgent: 1, dealer: NONE32, currency2: NONE16 };
    const common = { id: idOf(i), messageType: 1, date: 1, amount1: 1, priority: 2 };
    records.push(encodeRecord('payment', { ...parties, ...common, ...fields(i) }));
  }
  return Buffer.concat(records);
}

function idOf(i: number): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, i);
  return id;
}

const numberIn = (id: Uint8Array): number => new DataView(id.buffer, id.byteOffset).getUint32(0);

const kindsIn = (events: Uint8Array): string[] =>
  Array.from({ length: events.length / EVENT_BYTES }, (_, i) => readFlatEvent(events, i).kind);

test('20,000 latest times, two to a second and in no order: each at its instant, in order of arrival', () => {
  const count = 20_000;
  const settlement = createSettlement(wasm, 100);
  // 7,919 is prime to 10,000: the times are a permutation of the seconds, twice.
  const seconds = (i: number): number => 1 + ((i * 7919) % 10_000);
  const input = pool(count, (i) => ({ latest: seconds(i) }));
  settlement.apply(input, input.length / 128);
  assert.equal(settlement.queued(), count);
  const events = settlement.apply(encodeRecord('tick', { timeMs: 20_000_000 }), 1);
  assert.equal(events.length / EVENT_BYTES, count);
  let before = { timeMs: 0, serial: -1 };
  for (let i = 0; i < count; i += 1) {
    const event = readFlatEvent(events, i);
    const serial = numberIn(event.id);
    assert.deepEqual([event.kind, event.reason], ['cancelled', 'latestTimePassed']);
    assert.equal(event.timeMs, seconds(serial) * 1000);
    assert.ok(
      event.timeMs > before.timeMs || (event.timeMs === before.timeMs && serial > before.serial),
    );
    before = { timeMs: event.timeMs, serial };
  }
  assert.equal(settlement.queued(), 0);
});

test('20,000 payments, every other one cancelled, the rest re-ordered: the queue is what remains', () => {
  const count = 20_000;
  const settlement = createSettlement(wasm);
  const input = pool(count, (i) => ({ latest: 1 + i }));
  settlement.apply(input, input.length / 128);
  const instructions: Uint8Array[] = [];
  for (let i = 0; i < count; i += 1) {
    const target = { target: idOf(i), targetType: 1 };
    const message = { id: idOf(i), messageType: 2 + (i % 2), ...target };
    instructions.push(
      i % 2 === 0
        ? encodeRecord('cancellation', message)
        : encodeRecord('reordering', { ...message, priority: i % 3, move: 1 }),
    );
  }
  const kinds = kindsIn(settlement.apply(Buffer.concat(instructions), count));
  assert.equal(kinds.filter((kind) => kind === 'cancelled').length, count / 2);
  assert.equal(kinds.filter((kind) => kind === 'reordered').length, count / 2);
  assert.equal(settlement.queued(), count / 2);
  // Money for all but one: the last to settle is the normal one that was re-ordered first.
  const issued = settlement.apply(encodeRecord('issue', { amount1: count / 2 - 1 }), 1);
  assert.equal(issued.length / EVENT_BYTES, count / 2);
  assert.equal(settlement.queued(), 1);
  const rest = settlement.apply(encodeRecord('issue', { amount1: 1 }), 1);
  const last = readFlatEvent(rest, 1);
  assert.equal(numberIn(last.id), 5);
  const ticked = settlement.apply(encodeRecord('tick', { timeMs: 86_400_000 }), 1);
  assert.equal(ticked.length, 0);
});

test('300 participants with a limit against each of the others; one more is refused', () => {
  const count = 300;
  const settlement = createSettlement(wasm);
  const records = [
    encodeRecord('genesis', {
      ...{ participantsMax: count, currenciesMax: 1, livePaymentsMax: 10, identityDays: 1 },
      ...{ identitiesMax: 100_000, limitsMax: count * (count - 1) },
    }),
  ];
  for (let participant = 0; participant < count; participant += 1)
    records.push(encodeRecord('participant', { participant }));
  records.push(encodeRecord('currency', {}));
  for (let participant = 0; participant < count; participant += 1)
    records.push(encodeRecord('account', { participant, amount1: 1000 }));
  records.push(encodeRecord('open', { date: 1 }));
  settlement.apply(Buffer.concat(records), records.length);
  let id = 0;
  const limit = (participant: number, creditorAgent: number): Uint8Array => {
    id += 1;
    return encodeRecord('limit', { id: idOf(id), participant, creditorAgent, amount1: 5 });
  };
  for (let participant = 0; participant < count; participant += 1) {
    const own: Uint8Array[] = [];
    for (let other = 0; other < count; other += 1)
      if (other !== participant) own.push(limit(participant, other));
    const events = settlement.apply(Buffer.concat(own), own.length);
    assert.equal(events.length / EVENT_BYTES, count - 1);
    assert.equal(readFlatEvent(events, count - 2).kind, 'limitSet');
  }
  assert.equal(readFlatEvent(settlement.apply(limit(0, NONE32), 1), 0).reason, 'limitReached');
  const parties = { debtorAgent: 7, participant: 7, dealer: NONE32, currency2: NONE16 };
  const pay = (amount1: number): string => {
    id += 1;
    const fields = { id: idOf(id), creditorAgent: 293, amount1, priority: 0, date: 1 };
    return (
      kindsIn(settlement.apply(encodeRecord('payment', { ...parties, ...fields }), 1))[0] ?? ''
    );
  };
  assert.deepEqual([pay(5), pay(1)], ['settled', 'queued']);
  assert.ok(settlement.conserved());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Uetr, uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { EventChain, LINK_EVENTS } from '../../services/protocol/records/event-chain.ts';
import { ChainLinks } from '../../services/view/hash-chain-links.ts';
import { UetrPlaces } from '../../services/view/uetr-places.ts';
import { eventBytes } from '../core/reference-events.ts';

const uetr = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Uetr;
const events = (...numbers: number[]) =>
  Buffer.from(
    eventBytes(
      numbers.map((number) => ({ number: 1, kind: 'queued', id: uetrBytes(uetr(number)) })),
    ),
  );

test('finds the messages of a UETR, forgets the oldest, and says how far a search must go', () => {
  const places = new UetrPlaces(3);
  places.take(events(1, 2), 10);
  places.take(events(1), 11);
  places.take(events(2, 2, 3), 12);
  assert.deepEqual(places.of(uetrBytes(uetr(1))).offsets, [10, 11]);
  assert.deepEqual(places.of(uetrBytes(uetr(2))).offsets, [10, 12]);
  assert.equal(places.searchEnds, 0);
  places.take(events(4), 13);
  assert.deepEqual(places.of(uetrBytes(uetr(1))).offsets, []);
  // What was forgotten of 1 stands up to offset 11.
  assert.equal(places.searchEnds, 12);
  places.take(events(5), 14);
  assert.equal(places.searchEnds, 13);
  assert.deepEqual(places.of(uetrBytes(uetr(5))).offsets, [14]);
});

test('what is told aside has its places too, alone or beside the rest, and is forgotten with them', () => {
  const rejected = (number: number) =>
    Buffer.from(eventBytes([{ number: 1, kind: 'rejected', id: uetrBytes(uetr(number)) }]));
  const places = new UetrPlaces(2);
  places.take(rejected(1), 10);
  assert.deepEqual(places.of(uetrBytes(uetr(1))).offsets, [10]);
  places.take(events(1), 12);
  places.take(events(2), 13);
  places.take(rejected(2), 15);
  assert.deepEqual(places.of(uetrBytes(uetr(1))).offsets, [10, 12]);
  assert.deepEqual(places.of(uetrBytes(uetr(2))).offsets, [13, 15]);
  places.take(rejected(3), 16);
  assert.equal(places.searchEnds, 13);
  places.take(events(4), 17);
  assert.equal(places.searchEnds, 16, 'of 2, with what was told aside');
  places.take(events(5), 18);
  assert.equal(places.searchEnds, 17, 'of 3, which was told aside alone');
});

test('ids of other kinds take no room', () => {
  const places = new UetrPlaces(1);
  places.take(events(1), 1);
  places.take(Buffer.from(eventBytes([{ number: 1, kind: 'quoted', id: new Uint8Array(16) }])), 2);
  assert.deepEqual(places.of(uetrBytes(uetr(1))).offsets, [1]);
});

test('the ends of links are those of the chain, however the events come', () => {
  const all = eventBytes(
    Array.from({ length: 2 * LINK_EVENTS + 5 }, (_, index) => ({
      number: index + 1,
      kind: 'queued' as const,
    })),
  );
  const links = new ChainLinks();
  for (let at = 0; at < all.length; at += 700 * 128) links.append(all.subarray(at, at + 700 * 128));
  const ends = [1, 2].map((link) => {
    const chain = new EventChain();
    chain.append(all.subarray(0, link * LINK_EVENTS * 128));
    return chain.digest().toString('hex');
  });
  assert.equal(links.linkOf(1).digestBefore.toString('hex'), '00'.repeat(32));
  assert.equal(links.linkOf(LINK_EVENTS).firstNumber, 1);
  for (const [index, end] of ends.entries()) {
    const { firstNumber, digestBefore } = links.linkOf((index + 1) * LINK_EVENTS + 1);
    assert.equal(firstNumber, (index + 1) * LINK_EVENTS + 1);
    assert.equal(digestBefore.toString('hex'), end);
  }
  assert.throws(() => links.linkOf(4 * LINK_EVENTS), RangeError);
});

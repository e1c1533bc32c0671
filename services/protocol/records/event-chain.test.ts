import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVENT_BYTES } from '../../core/settlement/events.ts';
import { EventChain, eventsHash, LINK_EVENTS } from './event-chain.ts';

const sha256 = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** The definition, link by link. */
function definition(events: Uint8Array): Buffer {
  let digest = Buffer.alloc(32);
  for (let at = 0; at < events.length; at += LINK_EVENTS * EVENT_BYTES)
    digest = sha256(digest, events.subarray(at, at + LINK_EVENTS * EVENT_BYTES)) as typeof digest;
  return digest;
}

const events = Buffer.alloc(EVENT_BYTES * 3000, 1);
for (let i = 0; i < events.length; i += 7) events[i] = i % 251;

test('however events are grouped, the digest is that of the definition', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 8 }), (groups) => {
      const chain = new EventChain();
      let count = 0;
      for (const group of groups) {
        const end = Math.min(count + group, 3000);
        chain.append(events.subarray(count * EVENT_BYTES, end * EVENT_BYTES));
        count = end;
        assert.equal(chain.count, count);
        assert.deepEqual(chain.digest(), definition(events.subarray(0, count * EVENT_BYTES)));
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('its state holds when the events that it took in are gone', () => {
  const chain = new EventChain();
  for (const count of [100, LINK_EVENTS, 700]) {
    const taken = new Uint8Array(events.subarray(0, count * EVENT_BYTES));
    chain.append(taken);
    // Given to a thread: nothing is left of them here.
    structuredClone(taken, { transfer: [taken.buffer] });
    assert.equal(taken.length, 0);
  }
  assert.deepEqual(EventChain.from(chain.state()).digest(), chain.digest());
});

test('a run of one pool has its digest, a run of several a hash over all in order of name', () => {
  const a = Buffer.alloc(32, 1);
  const b = Buffer.alloc(32, 2);
  assert.equal(eventsHash(new Map([['main', a]])), a.toString('hex'));
  const both = createHash('sha256')
    .update(`asia ${a.toString('hex')}\neurope ${b.toString('hex')}\n`)
    .digest('hex');
  assert.equal(
    eventsHash(
      new Map([
        ['europe', b],
        ['asia', a],
      ]),
    ),
    both,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { EventChain } from '../protocol/records/event-chain.ts';
import {
  appendEvents,
  type EventsMessage,
  eventsHeaders,
} from '../protocol/records/events-message.ts';
import { EventsFollower, HistoryFault } from './events-follower.ts';

/** What a reader takes of a pool's events topic, and what stops it. */
const COUNT = 3_000;
const history = (seed: number) => {
  const events = Buffer.alloc(EVENT_BYTES * COUNT);
  for (let at = 0; at < events.length; at += 5) events[at] = (at * seed) % 251;
  return events;
};
const events = history(1);
const slice = (of: Buffer, first: number, last: number) =>
  of.subarray((first - 1) * EVENT_BYTES, last * EVENT_BYTES);

function digestOf(bytes: Uint8Array): string {
  const chain = new EventChain();
  chain.append(bytes);
  return chain.digest().toString('hex');
}

/** The message that a writer of the history `of` makes of the events `first` to `last`. */
function message(first: number, last: number, of = events, change: Partial<EventsMessage> = {}) {
  const chain = new EventChain();
  chain.append(slice(of, 1, first - 1));
  const value = slice(of, first, last);
  return {
    logOffset: 7,
    value,
    headers: eventsHeaders({ ...appendEvents(chain, value), ...change }),
  };
}

/** A reader that has the events up to `last`. */
function readerAt(last: number): EventsFollower {
  const reader = new EventsFollower('main');
  if (last > 0) assert.equal(reader.take(message(1, last)).length, last * EVENT_BYTES);
  return reader;
}

test('however messages overlap, each event is taken once', () => {
  const reader = new EventsFollower('main');
  const taken: Uint8Array[] = [];
  const groups = [
    [1, 10],
    [1, 10],
    [3, 9],
    [5, 1_100],
    [1_101, 1_101],
    [1, 1_101],
    [900, 2_500],
    [2_501, COUNT],
  ] as const;
  for (const [first, last] of groups) taken.push(reader.take(message(first, last)));
  assert.equal(Buffer.compare(Buffer.concat(taken), events), 0);
  assert.equal(reader.digest().toString('hex'), digestOf(events));
  assert.equal(reader.count, COUNT);
});

test('a message of another history is not taken: where it is known it is passed over', () => {
  const other = history(2);
  const reader = readerAt(10);
  assert.equal(reader.take(message(1, 10, other)).length, 0, 'the first in the topic counts');
  assert.equal(reader.digest().toString('hex'), digestOf(slice(events, 1, 10)));
});

test('what contradicts the history stops its reader', () => {
  const other = history(2);
  const rows: [string, number, ReturnType<typeof message>, RegExp][] = [
    ['a gap', 10, message(12, 20), /begins with number 12; 11 is missing/],
    ['what follows another history', 10, message(11, 20, other), /follows another history/],
    ['an overlap with another history', 10, message(5, 20, other), /contradicts what stands/],
    ['bytes that were changed', 10, changed(message(11, 20)), /contradicts what stands/],
    ['a wrong digest behind it', 10, message(11, 20, events, { digestAfter: 'ab' }), /contradicts/],
    ['fewer events than it says', 0, message(1, 20, events, { count: 21 }), /says 21 events/],
  ];
  for (const [what, last, one, text] of rows)
    assert.throws(
      () => readerAt(last).take(one),
      (error) => error instanceof HistoryFault && text.test(error.message),
      what,
    );
});

function changed(one: ReturnType<typeof message>) {
  const value = Buffer.from(one.value);
  value[200] = (value[200] as number) ^ 1;
  return { ...one, value };
}

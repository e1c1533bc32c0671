import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EVENT_BYTES,
  EVENT_KINDS,
  EVENT_OFFSETS,
  type EventKind,
} from '../core/settlement/events.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { addOpenings, type Openings, openingFor } from './told-commitment-openings.ts';

const HANDLES = new Map([
  ['ALFADE00', 3],
  ['BETASG00', 4],
  ['GAMMFR00', 5],
]);
const NOBODY = 0xffffffff;

/** Numbers 11 and 12: from ALFADE00 to BETASG00, and of GAMMFR00 alone. */
const events = Buffer.alloc(2 * EVENT_BYTES);
for (const [at, [debtor, creditor]] of [
  [3, 4],
  [5, NOBODY],
].entries()) {
  const event = events.subarray(at * EVENT_BYTES);
  event.writeBigUInt64LE(BigInt(11 + at), EVENT_OFFSETS.number);
  event.writeUInt16LE(EVENT_KINDS.settled, EVENT_OFFSETS.kind);
  event.writeUInt32LE(debtor as number, EVENT_OFFSETS.debtorAgent);
  event.writeUInt32LE(creditor as number, EVENT_OFFSETS.creditorAgent);
}

const told = (topic: string, number: number) => ({
  topic,
  message: {
    key: 'one',
    value: Buffer.from('{}'),
    headers: { ce_id: `main-${number}`, ce_eventnumber: String(number) },
  },
});
const [OF_11, OF_12] = ['of 11', 'of 12'];
const BOTH = { of: (index: number) => [OF_11, OF_12][index] ?? null };
const DELETED = { of: () => null };
function opened(of: Uint8Array, messages: AddressedMessage[], by: Openings, from = 0) {
  addOpenings(
    messages,
    from,
    openingFor(of, (bic) => HANDLES.get(bic), by),
  );
  return messages;
}
const openings = (
  topics: readonly [string, number][],
  by: Openings = BOTH,
  of: Uint8Array = events,
) => {
  const messages = topics.map(([topic, number]) => told(topic, number));
  return opened(of, messages, by).map(({ message }) => message.headers.ce_opening ?? null);
};

test('both banks of an event have its opening, and the bank of the next has that of its own', () => {
  const given = openings([
    ['statuses.ALFADE00', 11],
    ['deliveries.BETASG00', 11],
    ['statuses.GAMMFR00', 12],
  ]);
  assert.deepEqual(given, [OF_11, OF_11, OF_12]);
});

test('nobody else is shown an event, whatever is told along with it', () => {
  const given = openings([
    // As of the business day, which is told with an event of others.
    ['statuses.GAMMFR00', 11],
    ['statuses.ALFADE00', 12],
    ['statuses.NOBODY00', 12],
    ['statements.ALFADE00', 11],
    ['participants', 11],
    ['statuses.ALFADE00', 10],
    ['statuses.ALFADE00', 13],
  ]);
  assert.deepEqual(
    given,
    given.map(() => null),
  );
});

test('headers that are of several messages show one bank nothing of the other', () => {
  const named = told('statuses.ALFADE00', 11);
  const [before, behind] = ['statuses.GAMMFR00', 'participants'].map((topic) => ({
    ...named,
    topic,
  }));
  const messages = [told('statuses.ALFADE00', 11), before, named, behind].filter((one) => !!one);
  const given = opened(events, [...messages, told('deliveries.BETASG00', 11)], BOTH, 1);
  assert.deepEqual(
    given.map(({ topic, message }) => [topic, message.headers]),
    [
      ['statuses.ALFADE00', { ce_id: 'main-11', ce_eventnumber: '11' }],
      ['statuses.GAMMFR00', { ce_id: 'main-11', ce_eventnumber: '11' }],
      ['statuses.ALFADE00', { ce_id: 'main-11', ce_eventnumber: '11', ce_opening: OF_11 }],
      ['participants', { ce_id: 'main-11', ce_eventnumber: '11' }],
      ['deliveries.BETASG00', { ce_id: 'main-11', ce_eventnumber: '11', ce_opening: OF_11 }],
    ],
  );
});

test('a message stays as it is where the key of its day was deleted', () => {
  const given = openings([['statuses.ALFADE00', 11]], DELETED);
  assert.deepEqual(given, [null]);
  assert.deepEqual(openings([['statuses.ALFADE00', 11]], BOTH, Buffer.alloc(0)), [null]);
});

const ofKind = (kind: EventKind) => {
  const event = Buffer.from(events.subarray(0, EVENT_BYTES));
  event.writeUInt16LE(EVENT_KINDS[kind], EVENT_OFFSETS.kind);
  const given = openings(
    [
      ['statuses.ALFADE00', 11],
      ['statuses.BETASG00', 11],
    ],
    BOTH,
    event,
  );
  return given.map((one) => one !== null);
};

for (const kind of ['heldUp', 'setRefused', 'limitSet', 'capSet', 'lossShared'] as const)
  test(`the bank that a ${kind} is against is not shown it: the amount is another's`, () => {
    assert.deepEqual(ofKind(kind), [true, false]);
  });

for (const kind of ['queued', 'matched', 'unwound', 'earmarked', 'passedOn'] as const)
  test(`both banks are shown a ${kind}`, () => {
    assert.deepEqual(ofKind(kind), [true, true]);
  });

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventCursor } from '../../services/core/settlement/event-cursor.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import {
  EVENT_BYTES,
  EVENT_KINDS,
  EVENT_OFFSETS,
  MECHANISMS,
} from '../../services/core/settlement/events.ts';
import { reasonFromNumber } from '../../services/core/settlement/reasons.ts';
import { atLeast } from '../support/at-least.ts';
import { load, runDirectly } from '../support/run.ts';

test('each field that the cursor reads in place is the event’s', async () => {
  const batches: Uint8Array[] = [];
  await runDirectly(load('smoke'), {
    signatures: true,
    onSlice: ({ steps }) => batches.push(...steps.map(({ batch }) => batch.events)),
  });
  const bytes = new Uint8Array(Buffer.concat(batches));
  const events = readEvents(bytes);
  const cursor = new EventCursor(bytes);
  const known = new EventCursor(bytes, events);
  for (const event of atLeast(400, events)) {
    assert.deepEqual([cursor.next(), known.next()], [true, true]);
    assert.deepEqual(cursor.read(), event);
    assert.equal(cursor.read(), cursor.read(), 'it is one object to all who ask');
    assert.equal(known.read(), event, 'what was read is read once');
    assert.equal(cursor.kind, EVENT_KINDS[event.kind]);
    assert.equal(cursor.timeMs, event.timeMs);
    assert.equal(cursor.number, event.number);
    assert.equal(cursor.position, event.position);
    for (const field of [
      ...(['paymentPosition', 'messageType', 'id', 'debtorAgent', 'priority'] as const),
      ...(['creditorAgent', 'dealer', 'currency1', 'currency2', 'amount1', 'amount2'] as const),
      'cycle' as const,
    ])
      if (field in event && (event.kind === 'settled' || field !== 'priority'))
        assert.deepEqual(cursor[field], (event as never)[field], `${event.kind} ${field}`);
    if ('reason' in event) assert.equal(reasonFromNumber(cursor.reason), event.reason);
    if (event.kind !== 'settled') continue;
    assert.equal(MECHANISMS[cursor.mechanism], event.mechanism);
    const { balance1, balance2, balance3, balance4 } = cursor;
    assert.deepEqual(
      event.bookings.map(({ balance }) => balance),
      event.bookings.length === 2 ? [balance1, balance2] : [balance1, balance3, balance4, balance2],
    );
    assert.equal(
      cursor.isTransfer(),
      event.bookings.length === 2 && event.mechanism !== 'deferredNet',
    );
  }
  assert.equal(cursor.next(), false);
});

test('events that begin at any byte of a message are read as those that begin at a word', () => {
  const event = Uint8Array.from({ length: EVENT_BYTES }, (_, at) => (73 * at + 11) & 0xff);
  const at = new EventCursor(event);
  at.next();
  for (const offset of [1, 2, 3, 4]) {
    const message = new Uint8Array(offset + EVENT_BYTES);
    message.set(event, offset);
    const cursor = new EventCursor(message.subarray(offset));
    assert.equal(cursor.next(), true);
    for (const field of [
      ...(['number', 'kind', 'position', 'timeMs', 'reason', 'mechanism', 'priority'] as const),
      ...(['messageType', 'paymentPosition', 'id', 'debtorAgent', 'creditorAgent'] as const),
      ...(['dealer', 'currency1', 'currency2', 'amount1', 'amount2', 'cycle', 'mate'] as const),
      ...(['legCount', 'balance1', 'balance2', 'balance3', 'balance4'] as const),
    ])
      assert.deepEqual(cursor[field], at[field], `${field} behind ${offset} bytes`);
    const view = new DataView(message.buffer, offset);
    assert.equal(cursor.amount1, view.getBigInt64(EVENT_OFFSETS.amount1, true));
    assert.equal(cursor.low(EVENT_OFFSETS.balance2), view.getUint32(EVENT_OFFSETS.balance2, true));
    assert.equal(
      cursor.high(EVENT_OFFSETS.balance2),
      view.getInt32(EVENT_OFFSETS.balance2 + 4, true),
    );
    assert.equal(cursor.next(), false);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventCursor } from '../../services/core/settlement/event-cursor.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_KINDS, MECHANISMS } from '../../services/core/settlement/events.ts';
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
    assert.equal(known.read(), event, 'what was read is read once');
    assert.equal(cursor.kind, EVENT_KINDS[event.kind]);
    assert.equal(cursor.timeMs, event.timeMs);
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

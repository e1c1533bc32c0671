import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { QueueBook } from '../../services/report/figures/queues-and-standstills.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

type EventFields = Omit<ReferenceEvent, 'number'>;

function bookOf(events: readonly EventFields[]): QueueBook {
  const book = new QueueBook();
  book.fold(eventBytes(events.map((event, index) => ({ ...event, number: index + 1 }))));
  book.end();
  return book;
}

const CUSTOMER = MESSAGE_TYPES.indexOf('pacs.008.001.08');
const LEG = MESSAGE_TYPES.indexOf('corridor.pvp.1');
const ALL = 0xffff;
const opened = (currency1 = 0): EventFields => ({ kind: 'opened', currency1 });
const closed = (timeMs: number, currency1 = 0): EventFields => ({
  kind: 'closed',
  currency1,
  timeMs,
});
const of = (
  kind: 'queued' | 'settled' | 'cancelled' | 'matched' | 'carriedOver',
  paymentPosition: number,
  timeMs: number,
  change: EventFields | Partial<EventFields> = {},
): EventFields => ({
  kind,
  paymentPosition,
  timeMs,
  messageType: CUSTOMER,
  amount1: 10n,
  mechanism: kind === 'settled' ? 'queue' : 'none',
  ...change,
});
const cycle = (
  number: number,
  timeMs: number,
  outcome: 'gridlock' | 'deadlock',
  settled = 0,
  change: Partial<EventFields> = {},
): EventFields => ({
  kind: 'cycled',
  cycle: number,
  timeMs,
  currency1: ALL,
  priority: outcome === 'gridlock' ? 1 : 2,
  count: settled,
  amount1: 1n,
  mechanism: 'gridlockResolution',
  ...change,
});
const inSet = (number: number) => ({ cycle: number, mechanism: 'gridlockResolution' as const });

test('peaks are kept by number and by value, of each currency', () => {
  const book = bookOf([
    of('queued', 1, 0, { amount1: 100n }),
    of('settled', 1, 5),
    of('queued', 2, 6, { amount1: 30n }),
    of('queued', 3, 6, { amount1: 30n }),
    of('queued', 4, 6, { currency1: 1, amount1: 7n }),
  ]);
  assert.deepEqual(book.peak(0), { payments: 2, valueMinor: 100n });
  assert.deepEqual(book.peak(1), { payments: 1, valueMinor: 7n });
  assert.deepEqual(book.peak(2), { payments: 0, valueMinor: 0n });
});

test('a gridlock lasts from its last payment on', () => {
  const { gridlocks } = bookOf([
    opened(),
    of('queued', 1, 100),
    of('queued', 2, 700),
    cycle(1, 1000, 'gridlock', 2),
    of('settled', 1, 1000, inSet(1)),
    of('settled', 2, 1000, inSet(1)),
  ]);
  assert.deepEqual(gridlocks, [{ fromMs: 700, untilMs: 1000, payments: 2 }]);
});

test('but no longer than since the cycle before, which would have settled it', () => {
  const { gridlocks, deadlocks } = bookOf([
    opened(),
    of('queued', 1, 100),
    of('queued', 2, 200),
    cycle(1, 500, 'deadlock'),
    of('settled', 9, 600, { mechanism: 'entry' }),
    cycle(2, 1000, 'gridlock', 2),
    of('settled', 1, 1000, inSet(2)),
    of('settled', 2, 1000, inSet(2)),
  ]);
  assert.deepEqual(gridlocks, [{ fromMs: 500, untilMs: 1000, payments: 2 }]);
  assert.deepEqual(deadlocks, [{ fromMs: 500, untilMs: 1000, payments: 1 }]);
});

test('cycles that find a deadlock again are one; a waiting payment that settles ends it', () => {
  const { deadlocks } = bookOf([
    opened(),
    of('queued', 1, 100),
    of('queued', 2, 100),
    cycle(1, 500, 'deadlock'),
    cycle(2, 800, 'deadlock'),
    of('settled', 1, 900),
    cycle(3, 1000, 'deadlock'),
    of('cancelled', 2, 1400),
  ]);
  assert.deepEqual(
    deadlocks.map(({ fromMs, untilMs }) => [fromMs, untilMs]),
    [
      [500, 900],
      [1000, 1400],
    ],
  );
});

test('while nothing is open nothing stands still: a night is no deadlock', () => {
  const { deadlocks } = bookOf([
    opened(0),
    opened(1),
    of('queued', 1, 100),
    cycle(1, 500, 'deadlock'),
    closed(900, 1),
    of('carriedOver', 1, 1000),
    closed(1000, 0),
    { kind: 'genesis', timeMs: 90_000 },
  ]);
  assert.deepEqual(deadlocks, [{ fromMs: 500, untilMs: 1000, payments: 1 }]);
});

test('a leg that looks for its mirror stands in no queue', () => {
  const leg = { messageType: LEG };
  const { deadlocks, gridlocks } = bookOf([
    opened(),
    of('queued', 1, 50, leg),
    of('queued', 2, 100),
    cycle(1, 500, 'deadlock'),
    of('cancelled', 2, 700),
    // The mirror comes; the two wait, and settle in a set.
    of('matched', 1, 800, leg),
    of('matched', 3, 800, leg),
    cycle(2, 1000, 'gridlock', 2),
    of('settled', 1, 1000, { ...leg, ...inSet(2) }),
    of('settled', 3, 1000, { ...leg, ...inSet(2) }),
  ]);
  assert.deepEqual(deadlocks, [{ fromMs: 500, untilMs: 700, payments: 1 }]);
  assert.deepEqual(gridlocks, [{ fromMs: 800, untilMs: 1000, payments: 2 }]);
});

test('a pair that a close carries over waits once, as its first leg', () => {
  const first = { messageType: LEG, amount1: 70n };
  const second = { messageType: LEG, currency1: 1, amount1: 90n };
  const book = bookOf([
    of('queued', 1, 50, first),
    of('matched', 2, 60, { ...second, balances: [1n] }),
    of('matched', 1, 60, { ...first, balances: [2n] }),
    of('carriedOver', 1, 1000, first),
    of('carriedOver', 2, 1000, second),
    of('queued', 3, 1100, { amount1: 5n }),
    of('settled', 1, 2000, first),
    of('settled', 2, 2000, second),
    of('queued', 4, 2100, { currency1: 1, amount1: 1n }),
  ]);
  assert.deepEqual(book.peak(0), { payments: 2, valueMinor: 75n });
  assert.deepEqual(book.peak(1), { payments: 1, valueMinor: 1n });
});

test('what nets finds no gridlock', () => {
  const { gridlocks, deadlocks } = bookOf([
    cycle(1, 500, 'gridlock', 2, { mechanism: 'deferredNet', currency1: 0 }),
  ]);
  assert.deepEqual([gridlocks, deadlocks], [[], []]);
});

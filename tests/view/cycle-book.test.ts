import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { CycleBook } from '../../services/view/cycle-book.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

type Event = Omit<ReferenceEvent, 'number'>;

const NONE32 = 0xffffffff;
const directory = Directory.from({
  participants: ['ALFADE00', 'BETASG00'].map((bic) => ({
    ...{ bic: bic as Bic, name: bic, role: 'bank' },
  })),
  currencies: ['EUR', 'SGD'].map((currency) => ({ currency, minorUnits: 2 })),
});

function take(book: CycleBook, ...events: Event[]): void {
  const bytes = eventBytes(events.map((event, index) => ({ number: index + 1, ...event })));
  for (let at = 0; at < bytes.length / EVENT_BYTES; at++) book.take(readEvent(bytes, at));
}

const cycled = (cycle: number, priority: number, count: number, left: bigint): Event => ({
  ...{ kind: 'cycled', mechanism: 'gridlockResolution', cycle, priority, count },
  ...{ amount1: left, currency1: 0xffff, timeMs: 1000 * cycle },
});
const settled = (cycle: number, currency1: number, amount1: bigint) =>
  ({ kind: 'settled', mechanism: 'gridlockResolution', cycle, currency1, amount1 }) as const;

test('a cycle is told with what it settled by currency, and what holds up the rest', () => {
  const book = new CycleBook('main', directory);
  take(
    book,
    cycled(1, 1, 3, 2n),
    settled(1, 0, 100n),
    settled(1, 1, 7n),
    settled(1, 0, 11n),
    { kind: 'settled', mechanism: 'queue', amount1: 1_000n },
    {
      ...{ kind: 'heldUp', cycle: 1, debtorAgent: 1, creditorAgent: NONE32, currency1: 1 },
      // Byte 28 says what is short: 1, the balance, as mechanism number 1.
      ...{ amount1: 55n, mechanism: 'entry' },
    },
    cycled(2, 0, 0, 0n),
  );
  const [row, ...others] = book.rows(true);
  assert.deepEqual(others, [], 'a run that found nothing is not told');
  assert.deepEqual(row?.value, { EUR: '111', SGD: '7' });
  assert.deepEqual([row?.outcome, row?.settled, row?.left, row?.currency], ['resolved', 3, 2, '']);
  assert.deepEqual(row?.heldUp, [
    {
      ...{ uetr: '', by: 'balance', bic: 'BETASG00', currency: 'SGD', counterparty: null },
      amountMinor: '55',
    },
  ]);
});

test('outcomes by mechanism; only what changed is told again, and the last forty are kept', () => {
  const book = new CycleBook('main', directory);
  take(book, cycled(1, 2, 0, 4n), cycled(2, 3, 0, 4n), cycled(3, 4, 0, 4n), {
    ...cycled(4, 1, 5, 0n),
    mechanism: 'deferredNet',
    currency1: 1,
  });
  assert.deepEqual(
    book.rows(false).map(({ outcome }) => outcome),
    ['deadlock', 'gridlock', 'undecided', 'netted'],
  );
  assert.equal(book.rows(false)[3]?.currency, 'SGD');
  book.forgetChanges();
  take(book, settled(4, 1, 9n));
  assert.deepEqual(
    book.rows(false).map(({ number, value }) => [number, value]),
    [[4, { SGD: '9' }]],
  );
  for (let cycle = 5; cycle < 60; cycle++) take(book, cycled(cycle, 1, 2, 1n));
  assert.equal(book.rows(true).length, 40);
  assert.equal(book.rows(true)[0]?.number, 20);
});

test('runs in a row that settle nothing are one row, which tells the last', () => {
  const book = new CycleBook('main', directory);
  take(book, cycled(1, 2, 0, 4n), cycled(2, 2, 0, 6n), cycled(3, 1, 2, 1n), cycled(4, 2, 0, 1n));
  assert.deepEqual(
    book
      .rows(true)
      .map(({ number, runs, sinceMs, atMs, left }) => [number, runs, sinceMs, atMs, left]),
    [
      [2, 2, 1_000, 2_000, 6],
      [3, 1, 3_000, 3_000, 1],
      [4, 1, 4_000, 4_000, 1],
    ],
  );
  assert.equal(book.rows(true)[0]?.eventNumber, 1);
});

test('a deadlock stands since its first run, by currency, until a run of the same finds none', () => {
  const book = new CycleBook('main', directory);
  const at = () => book.deadlocks.map(({ currency, sinceMs }) => [currency, sinceMs]);
  const eur = { currency1: 0 };
  take(book, { ...cycled(1, 2, 0, 4n), ...eur }, { ...cycled(2, 2, 0, 5n), ...eur });
  take(book, { ...cycled(3, 1, 2, 0n), currency1: 1 });
  assert.deepEqual(at(), [['EUR', 1_000]], 'a run in another currency does not end it');
  take(book, { ...cycled(4, 0, 0, 0n), ...eur });
  assert.deepEqual(at(), [], 'a run that finds nothing queued does');
  take(book, { ...cycled(5, 2, 0, 4n), ...eur }, cycled(6, 2, 0, 9n));
  assert.deepEqual(at(), [
    ['EUR', 5_000],
    ['', 6_000],
  ]);
  book.dissolve(new Set([1]));
  assert.deepEqual(at(), [['', 6_000]]);
  book.dissolve(new Set());
  assert.deepEqual(at(), []);
});

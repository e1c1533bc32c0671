import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SenderBook } from './sender-book.ts';

const MINUTE = 60_000;

test('minutes of a bank are counted once each, over six hours, whatever order they come in', () => {
  const book = new SenderBook();
  for (const at of [0, 1, MINUTE - 1, 3 * MINUTE, 2 * MINUTE, 3 * MINUTE + 5])
    book.take('ALFADE00', at);
  book.take('', 9 * MINUTE);
  assert.deepEqual(book.senders(10 * MINUTE), [
    { bic: 'ALFADE00', latestMs: 3 * MINUTE, minutes: 3 },
  ]);
  assert.deepEqual(book.senders(361 * MINUTE), [
    { bic: 'ALFADE00', latestMs: 3 * MINUTE, minutes: 2 },
  ]);
  assert.deepEqual(book.senders(364 * MINUTE), []);
});

test('a bank that sends for days is remembered by its last hours', () => {
  const book = new SenderBook();
  const days = 3 * 24 * 60;
  for (let minute = 0; minute <= days; minute++) book.take('ALFADE00', minute * MINUTE);
  assert.deepEqual(book.senders(days * MINUTE), [
    { bic: 'ALFADE00', latestMs: days * MINUTE, minutes: 361 },
  ]);
});

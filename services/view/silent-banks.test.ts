import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SenderBook } from './silent-banks.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A day of 2026, so that no range reaches before the first. */
const DAY = 20_000 * 24 * HOUR;

/** A message in each minute from `from` up to `to`. */
function sends(
  book: SenderBook,
  bic: string,
  currency: string,
  from: number,
  to: number,
  every = 1,
) {
  for (let minute = from; minute < to; minute += every)
    book.take(bic, currency, DAY + minute * MINUTE, false);
}
const silentAt = (book: SenderBook, minute: number) =>
  book
    .silent(DAY + minute * MINUTE)
    .map(({ bic, latestMs, silentMs }) => [bic, (latestMs - DAY) / MINUTE, silentMs / MINUTE]);

test('a bank is silent after more than half an hour in which others sent in its currency', () => {
  const book = new SenderBook();
  sends(book, 'ALFADE00', 'EUR', 0, 120);
  sends(book, 'BETADE00', 'EUR', 0, 60);
  sends(book, 'GAMADE00', 'EUR', 51, 60);
  book.take('', 'EUR', DAY + 61 * MINUTE, false);
  assert.deepEqual(silentAt(book, 60), []);
  const late = new SenderBook();
  sends(late, 'ALFADE00', 'EUR', 0, 90);
  sends(late, 'BETADE00', 'EUR', 0, 60);
  assert.deepEqual(silentAt(late, 90), [], 'just half an hour');
  sends(late, 'ALFADE00', 'EUR', 90, 91);
  assert.deepEqual(silentAt(late, 91), [['BETADE00', 59, 31]]);
  assert.deepEqual(silentAt(book, 120), [['BETADE00', 59, 60]], 'nine minutes are too few');
  sends(late, 'BETADE00', 'SGD', 91, 92);
  assert.deepEqual(silentAt(late, 91), [], 'a message in any currency ends it');
});

test('a currency that has closed, or where nobody sends, makes nobody silent', () => {
  const book = new SenderBook();
  sends(book, 'ALFADE00', 'EUR', 0, 300);
  sends(book, 'ALFADE00', 'SGD', 0, 60);
  sends(book, 'BETASG00', 'SGD', 0, 60);
  assert.deepEqual(silentAt(book, 299), []);
  // A message after the close is refused, and opens nothing.
  for (let minute = 60; minute < 300; minute++)
    book.take('ALFADE00', 'SGD', DAY + minute * MINUTE, true);
  assert.deepEqual(silentAt(book, 299), []);
  const closing = new SenderBook();
  sends(closing, 'ALFADE00', 'EUR', 0, 100);
  sends(closing, 'BETADE00', 'EUR', 0, 60);
  assert.equal(silentAt(closing, 114).length, 1);
  assert.deepEqual(silentAt(closing, 115), [], 'a quarter of an hour after the last message');
});

test('a night between two days is no time in which others sent', () => {
  const book = new SenderBook();
  sends(book, 'ALFADE00', 'EUR', 0, 120);
  sends(book, 'BETADE00', 'EUR', 0, 110);
  sends(book, 'ALFADE00', 'EUR', 300, 321);
  assert.deepEqual(silentAt(book, 320), []);
  sends(book, 'ALFADE00', 'EUR', 321, 322);
  assert.deepEqual(silentAt(book, 321), [['BETADE00', 109, 31]]);
});

test('who sends seldom is silent later: by its own pace it must have missed ten minutes', () => {
  const book = new SenderBook();
  sends(book, 'ALFADE00', 'EUR', 0, 240);
  sends(book, 'BETADE00', 'EUR', 0, 120, 10);
  // Twelve messages in 111 minutes: ten are missing after 92.5.
  assert.deepEqual(silentAt(book, 202), []);
  const [[bic, latest] = []] = silentAt(book, 239);
  assert.deepEqual([bic, latest], ['BETADE00', 110]);
});

test('days are remembered by their last hours', () => {
  const book = new SenderBook();
  sends(book, 'BETADE00', 'EUR', 0, 3 * 24 * 60);
  sends(book, 'ALFADE00', 'EUR', 0, 3 * 24 * 60 + 32);
  assert.deepEqual(silentAt(book, 3 * 24 * 60 + 31), [['BETADE00', 3 * 24 * 60 - 1, 32]]);
});

test('a message counts in the minute that it came in, from its first ms to its last', () => {
  for (const withinMs of [0, 1, MINUTE - 1]) {
    const book = new SenderBook();
    sends(book, 'ALFADE00', 'EUR', 0, 120);
    sends(book, 'BETADE00', 'EUR', 0, 59);
    book.take('BETADE00', 'EUR', DAY + 59 * MINUTE + withinMs, false);
    assert.deepEqual(silentAt(book, 120), [['BETADE00', 59, 60]], `${withinMs} ms`);
  }
});

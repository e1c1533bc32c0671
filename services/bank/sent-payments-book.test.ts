import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandingBook } from './sent-payments-book.ts';

test('counts go on, and of what ended the last are remembered', () => {
  const book = new StandingBook(2);
  for (const [index, uetr] of ['a', 'b', 'c', 'd'].entries()) book.enter(uetr, `digest ${index}`);
  book.set('a', 'PDNG');
  for (const uetr of ['b', 'c', 'd']) book.set(uetr, 'ACSC');
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((uetr) => book.standing(uetr)),
    ['PDNG', undefined, 'ACSC', 'ACSC'],
  );
  assert.equal(book.uetrOf('digest 1'), undefined);
  assert.equal(book.uetrOf('digest 2'), 'c');
  assert.equal(book.uetrOf('digest 0'), 'a', 'what waits is never forgotten');
  assert.deepEqual([book.entered, book.count('ACSC'), book.count('PDNG')], [4, 3, 1]);

  // A UETR that is sent again has not ended, and does not push itself out.
  book.enter('c', 'digest 4');
  book.set('a', 'RJCT');
  assert.equal(book.standing('c'), 'sent');
  assert.deepEqual([book.uetrOf('digest 2'), book.uetrOf('digest 4')], ['c', 'c']);
  assert.deepEqual([book.entered, book.count('ACSC'), book.count('RJCT')], [4, 2, 1]);

  // What is forgotten once digests were asked for is not found by them.
  book.set('c', 'ACSC');
  assert.equal(book.standing('d'), undefined);
  assert.deepEqual(
    ['digest 0', 'digest 3', 'digest 4'].map((digest) => book.uetrOf(digest)),
    ['a', undefined, 'c'],
  );
});

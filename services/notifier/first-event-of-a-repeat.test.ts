import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastTold } from './first-event-of-a-repeat.ts';

test('the last event of a message is known, also where it has the number 0', () => {
  const told = new LastTold();
  assert.equal(told.of(7), null);
  told.take(7, 0);
  assert.equal(told.of(7), 0);
  told.take(7, 9);
  told.take(8, 4);
  assert.deepEqual([told.of(7), told.of(8), told.of(9), told.of(1e9)], [9, 4, null, null]);
});

test('what lies far back is forgotten, and does not come back by a late event', () => {
  const told = new LastTold();
  told.take(3, 1);
  told.take(15 * 65_536, 2);
  assert.equal(told.of(3), 1, 'the window has sixteen chunks');
  told.take(16 * 65_536, 3);
  assert.equal(told.of(3), null);
  told.take(3, 4);
  assert.deepEqual([told.of(3), told.of(15 * 65_536)], [null, 2]);
});

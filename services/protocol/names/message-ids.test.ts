import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ID_MAX, toldId } from './message-ids.ts';

test('an id that fits stays as it is', () => {
  assert.equal(toldId('main-812-EUR-closed'), 'main-812-EUR-closed');
  assert.equal(toldId('x'.repeat(35)), 'x'.repeat(35));
});

test('one that does not is told apart by what is cut off, and ends as before', () => {
  const [one, other] = ['a', 'b'].map((first) => toldId(`${first.repeat(32)}-1234567-EUR-closed`));
  assert.equal(one, 'c48b80c33a229e1e-1234567-EUR-closed');
  assert.match(other as string, /^[0-9a-f]{16}-1234567-EUR-closed$/);
  assert.notEqual(one, other);
});

test('any pool, event and ending give an id of at most 35 characters', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9-]{1,32}$/),
      fc.maxSafeNat(),
      fc.stringMatching(/^[A-Z0-9a-z-]{0,40}$/),
      (pool, number, end) => toldId(`${pool}-${number}-${end}`).length <= ID_MAX,
    ),
  );
});

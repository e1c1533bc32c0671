import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByPosition } from './values-by-position.ts';

test('what there is by position is what a map has, also far ahead and where another stood', () => {
  const position = fc.oneof(fc.nat(4), fc.nat(3_000));
  const step = fc.record({ position, what: fc.constantFrom('set', 'delete', 'get') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const map = new Map<number, number>();
      const mine = new ByPosition<number>();
      for (const [value, { position, what }] of steps.entries()) {
        if (what === 'set') {
          map.set(position, value);
          mine.set(position, value);
        } else if (what === 'delete') assert.equal(mine.delete(position), map.delete(position));
        assert.equal(mine.get(position), map.get(position));
        assert.equal(mine.size, map.size);
      }
      for (let position = 0; position < 5; position++)
        assert.equal(mine.get(position), map.get(position));
    }),
    { seed: 1 },
  );
});

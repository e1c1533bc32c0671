import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NumbersByPosition } from './numbers-by-position.ts';

test('numbers by position are those of a map, whatever was set and deleted', () => {
  const near = fc.integer({ min: 0, max: 40 });
  const position = fc.oneof(
    near,
    near.map((at) => 1024 * at),
    near.map((at) => 2 ** 40 + at),
  );
  const step = fc.tuple(position, fc.integer({ min: -1, max: 9 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const numbers = new NumbersByPosition();
      const map = new Map<number, number>();
      for (const [at, number] of steps) {
        if (number < 0) {
          numbers.delete(at);
          map.delete(at);
        } else {
          numbers.set(at, number);
          map.set(at, number);
        }
        assert.equal(numbers.size, map.size);
      }
      for (const [at] of steps) assert.equal(numbers.get(at), map.get(at) ?? -1);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('of thousands that come and go in the order of a log each has its own', () => {
  const numbers = new NumbersByPosition();
  const stays = (at: number) => at % 7 === 0;
  for (let at = 0; at < 60_000; at++) {
    numbers.set(at, at % 1000);
    const gone = at - 3000;
    if (gone >= 0 && !stays(gone)) numbers.delete(gone);
  }
  let found = 0;
  for (let at = 0; at < 60_000; at++) {
    const isThere = stays(at) || at >= 57_000;
    assert.equal(numbers.get(at), isThere ? at % 1000 : -1);
    if (isThere) found += 1;
  }
  assert.equal(numbers.size, found);
});

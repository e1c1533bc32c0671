import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostOf, type Written } from './drill.ts';

const topics = (written: Record<string, readonly string[]>): Written =>
  new Map(Object.entries(written));

test('a record of the log is lost where it is gone or another stands there, and not where more came', () => {
  const before = topics({ 'input/0': ['a', 'b', 'c'], 'events/0': ['d', 'e'] });
  const lost = (after: Record<string, readonly string[]>) => lostOf(before, topics(after));
  assert.deepEqual(
    lost({ 'input/0': ['a', 'b', 'c', 'x'], 'events/0': ['d', 'e'], 'new/0': ['y'] }),
    {
      ...{ records: 5, lost: 0 },
    },
  );
  assert.deepEqual(lost({ 'input/0': ['a', 'b'], 'events/0': ['d', 'e'] }), {
    records: 5,
    lost: 1,
  });
  assert.deepEqual(lost({ 'input/0': ['a', 'x', 'c'], 'events/0': ['d', 'e'] }), {
    ...{ records: 5, lost: 1 },
  });
  assert.deepEqual(lost({ 'input/0': ['b', 'c', 'a'] }), { records: 5, lost: 5 });
});

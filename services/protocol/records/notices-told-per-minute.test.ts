import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTICES_PER_MINUTE, NoticeLimit } from './notices-told-per-minute.ts';

const told = (limit: NoticeLimit, participant: number, notices: number) => {
  let count = 0;
  for (let notice = 0; notice < notices; notice++) if (limit.tells(participant)) count += 1;
  return count;
};

test('ten notices of a bank in a minute are told, then their number once', () => {
  assert.equal(NOTICES_PER_MINUTE, 10);
  const limit = new NoticeLimit();
  assert.deepEqual(limit.pass(60_000), []);
  assert.equal(told(limit, 1, 10), 10);
  assert.equal(told(limit, 2, 12), 10);
  assert.equal(told(limit, 3, 4_727), 10);
  assert.deepEqual(limit.pass(119_999), [], 'the minute lasts');
  assert.equal(told(limit, 1, 1), 0);
  assert.deepEqual(limit.pass(120_000), [
    { participant: 1, count: 1, fromMs: 60_000 },
    { participant: 2, count: 2, fromMs: 60_000 },
    { participant: 3, count: 4_717, fromMs: 60_000 },
  ]);
  assert.deepEqual(limit.pass(120_000), [], 'once');
  assert.equal(told(limit, 3, 11), 10, 'a minute later there are ten again');
  assert.deepEqual(limit.pass(600_000), [{ participant: 3, count: 1, fromMs: 120_000 }]);
});

test('a minute with no more than ten has nothing to tell', () => {
  const limit = new NoticeLimit();
  limit.pass(0);
  told(limit, 1, 10);
  assert.deepEqual(limit.pass(60_000), []);
  assert.deepEqual(limit.pass(120_000), []);
});

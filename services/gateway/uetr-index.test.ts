import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedMessage } from '../live/service-context.ts';
import { UetrIndex } from './uetr-index.ts';

const record = (logOffset: number, key: string | null, bytes = 400): LoggedMessage => ({
  ...{ partition: 0, logOffset, timestampMs: 0, key, headers: {} },
  value: new Uint8Array(bytes),
});
const offsets = (records: readonly LoggedMessage[] | null) =>
  records?.map(({ logOffset }) => logOffset) ?? null;

test('the records under one UETR are found in their order, those of another topic apart', () => {
  const index = new UetrIndex(1_000_000);
  index.take('statuses.A', record(3, 'one'));
  index.take('statuses.B', record(4, 'one'));
  index.take('statuses.A', record(5, 'other'));
  index.take('statuses.A', record(6, 'one'));
  index.take('statuses.A', record(7, null));
  assert.deepEqual(offsets(index.find('statuses.A', 'one')), [3, 6]);
  assert.deepEqual(offsets(index.find('statuses.B', 'one')), [4]);
  assert.equal(index.find('statuses.B', 'other'), null);
});

test('a topic is whole where the subscription began at the first record that is kept', () => {
  const index = new UetrIndex(1_000_000);
  index.begin('whole', 20, 20);
  index.begin('empty', 0, 0);
  index.begin('late', 20, 25);
  assert.deepEqual(
    ['whole', 'empty', 'late'].map((topic) => [index.isWhole(topic), index.missingBefore(topic)]),
    [
      [true, 20],
      [true, 0],
      [false, 25],
    ],
  );
});

test('beyond its bytes the payment first seen goes with all its records, and is known to be missing', () => {
  // A record takes 600 bytes beside its 400: three fit.
  const index = new UetrIndex(3_000);
  index.begin('statuses.A', 10, 10);
  index.begin('statuses.B', 0, 0);
  index.take('statuses.A', record(10, 'first'));
  index.take('statuses.A', record(11, 'second'));
  index.take('statuses.A', record(12, 'first'));
  assert.ok(index.isWhole('statuses.A'), 'what fits to the byte stays');
  index.take('statuses.B', record(0, 'third'));
  assert.equal(index.find('statuses.A', 'first'), null);
  assert.deepEqual(offsets(index.find('statuses.A', 'second')), [11]);
  assert.equal(index.missingBefore('statuses.A'), 13, 'behind the last of what went');
  assert.deepEqual([index.isWhole('statuses.A'), index.isWhole('statuses.B')], [false, true]);

  // Two fit in beside what is left; the length that is told counts, not that of the value.
  index.take('statuses.B', record(1, 'fourth', 0), 400);
  assert.deepEqual(offsets(index.find('statuses.A', 'second')), [11]);
  index.take('statuses.B', record(2, 'fifth', 0), 400);
  assert.equal(index.find('statuses.A', 'second'), null);
  assert.equal(index.missingBefore('statuses.A'), 13, 'it never falls');
});

test('a record larger than all room is not held, and nothing else of it is', () => {
  const index = new UetrIndex(1_000);
  index.take('statuses.A', record(5, 'large', 5_000));
  assert.equal(index.find('statuses.A', 'large'), null);
  assert.equal(index.missingBefore('statuses.A'), 6);
  index.take('statuses.A', record(6, 'small'));
  assert.deepEqual(offsets(index.find('statuses.A', 'small')), [6]);
});

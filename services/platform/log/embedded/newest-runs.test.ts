import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tail, Tails } from './newest-runs.ts';
import { RunWriter, runChecksum } from './record-runs.ts';

const PLACE = { folder: 'log', topic: 'input', partition: 0, unchecked: 0 };
const BYTES_MAX = 2_000;

/** Records whose values are their offsets. */
function runOf(firstOffset: number, count: number) {
  const writer = new RunWriter();
  for (let offset = firstOffset; offset < firstOffset + count; offset++)
    writer.put(offset, null, '{}', Buffer.from(String(offset)));
  const bytes = Buffer.from(writer.memory, 0, writer.length);
  const run = { firstOffset, count, lastMs: firstOffset + count - 1, bytes };
  return { ...run, checksum: runChecksum(PLACE, run) };
}

test('a tail gives consecutive records from the offset asked for, or none', () => {
  let state = 1;
  const below = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % bound;
  };
  const tail = new Tail();
  const tails = new Tails(BYTES_MAX);
  let end = 0;
  let found = 0;
  let left = 0;
  for (let step = 0; step < 5_000; step++) {
    const run = runOf(end, 1 + below(9));
    end += run.count;
    if (tail.isRead) {
      tail.add(run);
      tails.added(run.bytes.length, [tail]);
    } else left += 1;
    // Long stretches in which nobody reads.
    if (step % 1_000 > 700 || below(3) > 0) continue;
    const from = end - 1 - below(Math.min(end, 150));
    const records = tail.read(PLACE, from, 1 + below(40));
    found += records?.length ?? 0;
    records?.forEach(({ logOffset, value, timestampMs }, index) => {
      assert.equal(logOffset, from + index);
      assert.equal(Buffer.from(value).toString(), String(logOffset));
      assert.equal(timestampMs, logOffset);
    });
    if (records) assert.ok(records.length > 0);
  }
  assert.ok(found > 1_000, `${found} records found`);
  assert.ok(left > 100, `${left} runs left out`);
});

test('a tail gives records of several runs at once, and none from behind a gap', () => {
  const tail = new Tail();
  for (const firstOffset of [10, 13, 16]) tail.add(runOf(firstOffset, 3));
  const offsets = (from: number, most: number) =>
    tail.read(PLACE, from, most)?.map(({ logOffset }) => logOffset) ?? null;
  assert.deepEqual(offsets(10, 9), [10, 11, 12, 13, 14, 15, 16, 17, 18]);
  assert.deepEqual(offsets(12, 3), [12, 13, 14]);
  assert.equal(offsets(9, 9), null);
  assert.equal(offsets(19, 9), null);
  tail.add(runOf(25, 2));
  assert.deepEqual(offsets(17, 9), [17, 18], 'what lies behind the gap comes with the next read');
  assert.deepEqual(offsets(25, 9), [25, 26]);
});

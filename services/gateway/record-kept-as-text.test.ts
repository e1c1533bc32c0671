import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldRecord } from './record-kept-as-text.ts';

test('a held record has the bytes that it was made of, whatever they are, and holds no others', () => {
  const read = Buffer.from(Array.from({ length: 1_024 }, (_, index) => index % 256));
  const value = read.subarray(300, 700);
  const before = Uint8Array.from(value);
  const record = { partition: 0, logOffset: 7, timestampMs: 1.5, key: 'k', headers: { a: 'b' } };
  const held = new HeldRecord({ ...record, value });
  read.fill(0);
  assert.deepEqual(Uint8Array.from(held.value), before);
  const { partition, logOffset, timestampMs, key, headers } = held;
  assert.deepEqual({ partition, logOffset, timestampMs, key, headers }, record);
});

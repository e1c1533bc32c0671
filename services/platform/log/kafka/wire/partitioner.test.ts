import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { murmur2, partitionOfKey } from './partitioner.ts';

/** Apache Kafka, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2. */
const KNOWN: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('the partitioner', () => {
  for (const [key, hash] of KNOWN)
    it(`hashes ${key} as Kafka does`, () => {
      assert.equal(murmur2(new TextEncoder().encode(key)), hash);
      const positive = hash < 0 ? hash + 2 ** 31 : hash;
      assert.equal(partitionOfKey(key, 12), positive % 12);
    });

  it('takes keys of any length', () => {
    const long = 'ü'.repeat(1_000);
    const hash = murmur2(new TextEncoder().encode(long));
    assert.equal(partitionOfKey(long, 1_000), (hash & 0x7fffffff) % 1_000);
    assert.equal(partitionOfKey('abc', 12), 479470107 % 12);
  });
});

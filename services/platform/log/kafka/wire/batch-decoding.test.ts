import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBatches } from './batch-decoding.ts';
import { encodeProduce } from './request-encoding.ts';

const TOPIC = 't';
/** Of a request with one batch, what stands before it. */
const BEFORE = 2 + 2 + 4 + 4 + 2 + TOPIC.length + 4 + 4 + 4;

/** As a broker hands it out that stored it. */
function batchOf(
  messages: Parameters<typeof encodeProduce>[0]['topicData'][0]['partitions'][0]['messages'],
) {
  const { whole, start } = encodeProduce({
    ...{ acks: -1, timeout: 1, producerId: '7', producerEpoch: 1 },
    topicData: [{ topic: TOPIC, partitions: [{ partition: 0, firstSequence: 0, messages }] }],
  });
  return whole.subarray(start + BEFORE);
}

/** Many short names have one sum. */
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('ce_id', 'ce_source', 'ce_signature'),
  fc.string({ unit: 'binary', minLength: 30, maxLength: 40 }),
);
const message = fc.record({
  key: fc.string({ unit: 'binary', maxLength: 20 }),
  value: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  headers: fc.dictionary(name, fc.string({ unit: 'binary', maxLength: 200 }), { maxKeys: 8 }),
  timestamp: fc.integer({ min: 1_000_000_000_000, max: 9_000_000_000_000 }).map(String),
});

test('a record is read with the headers that it was written with, and so are those after it', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
      const read = decodeBatches(batchOf(messages));
      assert.deepEqual(
        read.map(({ key, value, headers, timestamp }) => [
          key?.toString(),
          value,
          headers,
          timestamp,
        ]),
        messages.map(({ key, value, headers, timestamp }) => [
          key,
          value,
          { ...headers },
          timestamp,
        ]),
      );
    }),
  );
});

test('a header whose bytes are no UTF-8 is read all the same, and one that ends beyond its batch is not', () => {
  const batch = batchOf([{ key: 'k', value: Buffer.from('v'), headers: { name: 'text' } }]);
  const [record] = decodeBatches(batch);
  assert.deepEqual(record?.headers, { name: 'text' });
  const at = batch.indexOf('text');
  batch[at] = 0xff;
  assert.deepEqual(decodeBatches(batch)[0]?.headers, { name: '\ufffdext' });
  batch[batch.indexOf('name')] = 0xff;
  assert.deepEqual(decodeBatches(batch)[0]?.headers, { '\ufffdame': '\ufffdext' });
  batch[at - 1] = 20;
  assert.throws(() => decodeBatches(batch), /a record is longer than its batch/);
});

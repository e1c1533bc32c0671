import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { decodeBatches } from './batch-decoding.ts';
import {
  answered,
  encodeProduce,
  type MeasuredMessage,
  measureOf,
  type ProduceRequest,
} from './request-encoding.ts';

/** As produce-batches.ts hands it over. */
function measured(one: Message): MeasuredMessage {
  const headers = (one.headers ?? {}) as Record<string, string>;
  const value = (one.value ?? Buffer.alloc(0)) as Buffer;
  return { ...one, ...measureOf({ key: (one.key ?? null) as string | null, value, headers }) };
}

type Encode = (request: ProduceRequest) => { encode(): Promise<{ readonly buffer: Buffer }> };

/** kafkajs' own encoder, though another test may have mended it in this process. */
function unmended(): Encode {
  const load = createRequire(import.meta.url);
  const path = load.resolve('kafkajs/src/protocol/requests/produce/v3/request');
  const mended = load.cache[path];
  delete load.cache[path];
  const own = load(path) as Encode;
  if (mended) load.cache[path] = mended;
  return own;
}
const original = unmended();

/** As they are sent, whatever room there is before them. */
const encoded = (one: ProduceRequest): Buffer => {
  const { whole, start } = encodeProduce(one);
  return whole.subarray(start);
};

/** Also such as are written otherwise than short ones. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'binary', minLength: 120, maxLength: 300 }),
);
const message = fc
  .record({
    key: fc.option(text, { nil: null }),
    value: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    headers: fc.dictionary(text, text, { maxKeys: 5 }),
    timestamp: fc.integer({ min: 1_000_000_000_000, max: 9_000_000_000_000 }).map(String),
  })
  .map(measured);
const partition = fc.record({
  partition: fc.nat(500),
  firstSequence: fc.nat(0x7fffffff),
  messages: fc.array(message, { minLength: 1, maxLength: 8 }),
});
const topic = fc.record({
  topic: fc.stringMatching(/^[A-Za-z0-9._-]{1,80}$/),
  partitions: fc.array(partition, { minLength: 1, maxLength: 3 }),
});
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  acks: fc.constant(-1),
  timeout: fc.nat(60_000),
  producerId: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map(String),
  producerEpoch: fc.nat(0x7fff),
  topicData: fc.array(topic, { minLength: 1, maxLength: 3 }),
});

/** What is empty is written as what is none: a compacted topic forgets its key by it. */
const withoutEmpty = (one: ProduceRequest): ProduceRequest => ({
  ...one,
  topicData: one.topicData.map(({ partitions, ...of }) => ({
    ...of,
    partitions: partitions.map(({ messages, ...at }) => ({
      ...at,
      messages: messages.map((sent) => ({
        ...sent,
        value: sent.value?.length ? sent.value : null,
      })),
    })),
  })),
});

test('a produce request has the bytes that kafkajs gives it, an empty value those of none', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const { buffer } = await original(withoutEmpty(one)).encode();
      assert.deepEqual(encoded(one), buffer);
    }),
  );
});

test('so has one of megabytes, and one whose messages have no time', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_773_651_600_000 });
  const messages = Array.from({ length: 2_000 }, (_, index) =>
    measured({
      key: `LB${index}`,
      value: Buffer.alloc(1_000, index),
      headers: { ce_id: `id ${index}` },
    }),
  );
  const one: ProduceRequest = {
    acks: -1,
    timeout: 1,
    producerId: '7',
    producerEpoch: 1,
    topicData: [{ topic: 'payments', partitions: [{ partition: 0, firstSequence: 0, messages }] }],
  };
  const { buffer } = await original(one).encode();
  assert.equal(Buffer.compare(encoded(one), buffer), 0);
});

const TOPIC = 't';
/** Of a request with one batch, what stands before it. */
const BEFORE = 2 + 2 + 4 + 4 + 2 + TOPIC.length + 4 + 4 + 4;

/** As a broker hands it out that stored it. */
function batchOf(given: readonly Message[]) {
  const messages = given.map(measured);
  const { whole, start } = encodeProduce({
    ...{ acks: -1, timeout: 1, producerId: '7', producerEpoch: 1 },
    topicData: [{ topic: TOPIC, partitions: [{ partition: 0, firstSequence: 0, messages }] }],
  });
  return whole.subarray(start + BEFORE);
}

/** Many short names have one sum. */
const headerName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('ce_id', 'ce_source', 'ce_signature'),
  fc.string({ unit: 'binary', minLength: 30, maxLength: 40 }),
);
const readMessage = fc.record({
  key: fc.string({ unit: 'binary', maxLength: 20 }),
  value: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  headers: fc.dictionary(headerName, fc.string({ unit: 'binary', maxLength: 200 }), { maxKeys: 8 }),
  timestamp: fc.integer({ min: 1_000_000_000_000, max: 9_000_000_000_000 }).map(String),
});

test('a record is read with the headers that it was written with, and so are those after it', () => {
  fc.assert(
    fc.property(fc.array(readMessage, { minLength: 1, maxLength: 6 }), (messages) => {
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

test('what a name is read as does not hang on names that were read before', () => {
  // Its UTF-8 has the sum of the bytes A2 80, which are no UTF-8.
  const name = '\u00a2\u0080';
  const withName = (one: string) =>
    batchOf([{ key: 'k', value: Buffer.from('v'), headers: { [one]: 'x' } }]);
  const foreign = withName('ab');
  foreign.set([0xa2, 0x80], foreign.indexOf('ab'));
  const before = decodeBatches(foreign)[0]?.headers;
  assert.deepEqual(decodeBatches(withName(name))[0]?.headers, { [name]: 'x' });
  assert.deepEqual(decodeBatches(foreign)[0]?.headers, before);
});

test('a request is written where one was that is answered, and nowhere else', () => {
  const of = (bytes: number, fill: number): ProduceRequest => ({
    ...{ acks: -1, timeout: 1, producerId: '7', producerEpoch: 1 },
    topicData: [
      {
        topic: 'payments',
        partitions: [
          {
            ...{ partition: 0, firstSequence: 0 },
            messages: [
              measured({ key: null, value: Buffer.alloc(bytes, fill), timestamp: '1773651600000' }),
            ],
          },
        ],
      },
    ],
  });
  const kept = (one: ProduceRequest) => {
    const { whole } = encodeProduce(one);
    return { memory: whole.buffer, bytes: whole, copy: Buffer.from(whole), one };
  };
  // Whatever others have left in this process is taken first.
  const before = [kept(of(70_000, 1)), kept(of(70_000, 2)), kept(of(70_000, 3))];
  const waiting = kept(of(80_000, 4));
  const first = kept(of(80_000, 5));
  answered(first.one.topicData);
  // Twice is once.
  answered(first.one.topicData);
  const second = kept(of(90_000, 6));
  const third = kept(of(90_000, 7));
  assert.equal(second.memory, first.memory);
  const memories = [...before, waiting, second, third].map(({ memory }) => memory);
  assert.equal(new Set(memories).size, memories.length);
  for (const { bytes, copy } of [...before, waiting, second, third])
    assert.equal(Buffer.compare(bytes, copy), 0);
  // What is too large to be kept is not, and of what is kept the largest are.
  const large = kept(of(5_000_000, 8));
  answered(large.one.topicData);
  for (const { one } of [third, waiting, second]) answered(one.topicData);
  assert.notEqual(kept(of(5_000_000, 9)).memory, large.memory);
});

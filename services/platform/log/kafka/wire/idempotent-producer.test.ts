import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../connection-tls-and-timeouts.ts';
import { type Link, passing } from './broker-retries.ts';
import { createProducer } from './idempotent-producer.ts';
import { encodeProduce, type ProduceRequest } from './request-encoding.ts';

/** A request as it was sent, and what its bytes were then. */
interface Sent {
  readonly bytes: Buffer;
  readonly copy: Buffer;
}

/** A broker that answers each request as `answers` says, in turn, and the requests that it was sent. */
function atBroker(answers: readonly ('stored' | 'lost')[]) {
  const sent: Sent[] = [];
  let stored = 0;
  const broker = {
    initProducerId: async () => ({ producerId: '7', producerEpoch: 0 }),
    async produce(request: ProduceRequest) {
      const { whole } = encodeProduce(request);
      sent.push({ bytes: whole, copy: Buffer.from(whole) });
      if (answers[sent.length - 1] === 'lost') throw passing('REQUEST_TIMED_OUT', 'no answer');
      const baseOffset = String(stored);
      stored += request.topicData[0]?.partitions[0]?.messages.length ?? 0;
      return { topics: [{ topicName: 'payments', partitions: [{ partition: 0, baseOffset }] }] };
    },
  };
  const cluster = {
    addMultipleTargetTopics: async () => {},
    getNodeIds: () => ['1'],
    findLeaderForPartitions: () => ({ 1: [0] }),
    findBroker: async () => broker,
  };
  const link = {
    async run(work: (it: unknown) => Promise<unknown>) {
      for (;;)
        try {
          return await work(cluster);
        } catch (error) {
          if ((error as { retriable?: boolean }).retriable !== true) throw error;
        }
    },
  } as unknown as Link;
  const producer = createProducer(readSettings({ brokers: ['127.0.0.1:9092'] }), link);
  const produce = (fill: number) =>
    producer.produce(
      'payments',
      [{ key: null, value: Buffer.alloc(70_000, fill), headers: {} }],
      [0],
    );
  return { sent, produce };
}

test('the memory of a request that was answered takes the next, of one that was not it takes none', async () => {
  const { sent, produce } = atBroker(['stored', 'stored', 'lost', 'stored', 'stored']);
  const placed = [];
  for (const fill of [1, 2, 3, 4]) placed.push(...(await produce(fill)));
  assert.deepEqual(
    placed.map(({ logOffset }) => logOffset),
    [0, 1, 2, 3],
  );
  const [first, second, lost, again, last] = sent as [Sent, Sent, Sent, Sent, Sent];
  assert.equal(second.bytes.buffer, first.bytes.buffer);
  assert.equal(lost.bytes.buffer, second.bytes.buffer);
  // It may still lie in a socket.
  assert.notEqual(again.bytes.buffer, lost.bytes.buffer);
  assert.equal(last.bytes.buffer, again.bytes.buffer);
  assert.equal(Buffer.compare(lost.bytes, lost.copy), 0);
});

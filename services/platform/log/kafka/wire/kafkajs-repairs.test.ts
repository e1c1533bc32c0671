import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { repairKafkajs } from './kafkajs-repairs.ts';
import { encodeProduce, measureOf, type ProduceRequest } from './request-encoding.ts';

repairKafkajs();
const load = createRequire(import.meta.url);

interface Encoder {
  readonly buffer: Buffer;
}
interface Request {
  readonly apiKey: number;
  readonly apiVersion: number;
  encode(): Promise<Encoder>;
}
type Send = (whole: {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: Request;
}) => Promise<Encoder>;

const createRequestBytes = load('kafkajs/src/protocol/request') as Send;
const produceRequest = load('kafkajs/src/protocol/requests/produce/v3/request') as (
  request: ProduceRequest,
) => Request;

const request: ProduceRequest = {
  ...{ acks: -1, timeout: 1, producerId: '7', producerEpoch: 1 },
  topicData: [
    {
      topic: 'payments',
      partitions: [
        {
          ...{ partition: 0, firstSequence: 0 },
          messages: Array.from({ length: 300 }, (_, index) => {
            const headers = { ce_id: `id ${index}` };
            const one = { key: `LB${index}`, value: Buffer.alloc(1_000, index), headers };
            return { ...one, ...measureOf(one), timestamp: '1773651600000' };
          }),
        },
      ],
    },
  ],
};

/** Its head as Kafka has it, and the body. */
function expected(clientId: string, correlationId: number): Buffer {
  const { whole, start } = encodeProduce(request);
  const head = Buffer.alloc(14 + clientId.length);
  head.writeInt32BE(head.length - 4 + whole.length - start, 0);
  head.writeInt16BE(0, 4);
  head.writeInt16BE(3, 6);
  head.writeInt32BE(correlationId, 8);
  head.writeInt16BE(clientId.length, 12);
  head.write(clientId, 14);
  return Buffer.concat([head, whole.subarray(start)]);
}

test('a produce request has its head before the body that it was encoded as, which is not copied', async () => {
  const encoded: Encoder[] = [];
  const original = produceRequest(request);
  const encode = async () => {
    const one = await original.encode();
    encoded.push(one);
    return one;
  };
  const { buffer } = await createRequestBytes({
    ...{ correlationId: 77, clientId: 'corridor' },
    request: { ...original, encode },
  });
  assert.equal(Buffer.compare(buffer, expected('corridor', 77)), 0);
  assert.equal(buffer.buffer, encoded[0]?.buffer.buffer);
});

test('one that has no room for its head has the same bytes, and so has the next', async () => {
  const clientId = 'c'.repeat(400);
  for (const correlationId of [1, 2]) {
    const { buffer } = await createRequestBytes({
      ...{ correlationId, clientId },
      request: produceRequest(request),
    });
    assert.equal(Buffer.compare(buffer, expected(clientId, correlationId)), 0);
  }
});

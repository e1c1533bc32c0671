import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { repairKafkajs } from './kafkajs-repairs.ts';
import { encodeProduce, measureOf, type ProduceRequest } from './request-encoding.ts';
import { socketInto } from './response-frames.ts';

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

/** A cluster of kafkajs that has asked a broker for so many topics, how often it looked at a topic's name, and for what it asked anew. */
function clusterOf(count: number) {
  const names = Array.from({ length: count }, (_, at) => `statuses.${at}`);
  let looks = 0;
  const asked: string[][] = [];
  const topicMetadata = names.map((name, at) => ({
    get topic() {
      looks += 1;
      return name;
    },
    partitionMetadata: [{ partitionId: 0, leader: at }],
  }));
  const { prototype: pool } = load('kafkajs/src/cluster/brokerPool');
  const brokerPool = Object.assign(Object.create(pool), {
    ...{ metadata: { topicMetadata }, metadataExpireAt: Date.now() + 3_600_000 },
    refreshMetadata: async (topics: string[]) => void asked.push(topics),
  });
  const free = { acquire: async () => {}, release: async () => {} };
  const cluster = Object.assign(Object.create(load('kafkajs/src/cluster').prototype), {
    ...{ brokerPool, targetTopics: new Set(names), mutatingTargetTopics: free },
    refreshMetadata: async () => void asked.push([...cluster.targetTopics]),
  });
  return { names, brokerPool, cluster, asked, looks: () => looks };
}

test('topics are found by their names, however many there are', async () => {
  const { names, brokerPool, cluster, asked, looks } = clusterOf(1_000);
  for (let request = 0; request < 3; request++) {
    await brokerPool.refreshMetadataIfNecessary(names);
    await cluster.addMultipleTargetTopics(names);
    for (const [at, name] of names.entries())
      assert.deepEqual(cluster.findLeaderForPartitions(name, [0]), { [at]: [0] });
  }
  assert.deepEqual(cluster.findTopicPartitionMetadata('unknown'), []);
  assert.deepEqual(asked, []);
  assert.equal(looks(), names.length);
});

test('the broker is asked where a topic is new, or what it said is old or lost', async () => {
  const { names, brokerPool, cluster, asked } = clusterOf(2);
  await brokerPool.refreshMetadataIfNecessary([...names, 'new']);
  await cluster.addMultipleTargetTopics(['new']);
  assert.deepEqual(asked.splice(0), [
    [...names, 'new'],
    [...names, 'new'],
  ]);
  // The answer has it now.
  const [first] = brokerPool.metadata.topicMetadata;
  const topicMetadata = [...brokerPool.metadata.topicMetadata, { ...first, topic: 'new' }];
  brokerPool.metadata = { topicMetadata };
  await brokerPool.refreshMetadataIfNecessary([...names, 'new']);
  await cluster.addMultipleTargetTopics(['new']);
  assert.deepEqual(asked, []);
  brokerPool.metadataExpireAt = Date.now() - 1;
  await brokerPool.refreshMetadataIfNecessary(names);
  brokerPool.metadata = null;
  await brokerPool.refreshMetadataIfNecessary(names);
  await cluster.addMultipleTargetTopics(names);
  assert.deepEqual(asked, [names, names, [...names, 'new']]);
  assert.throws(() => cluster.findTopicPartitionMetadata('new'), {
    name: 'KafkaJSTopicMetadataNotLoaded',
  });
});

test('a connection that is opened anew hears nothing of the socket that it had before', async () => {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.on('data', (request: Buffer) => {
      const response = Buffer.alloc(8);
      response.writeInt32BE(4);
      request.copy(response, 4, 8, 12);
      socket.write(response);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = { debug() {}, info() {}, warn() {}, error() {}, namespace: () => silent };
  const Connection = load('kafkajs/src/network/connection');
  const connection = new Connection({
    ...{ host: '127.0.0.1', port, logger: silent, clientId: 'corridor', requestTimeout: 5_000 },
    ...{ enforceRequestTimeout: true, maxInFlightRequests: null, connectionTimeout: 5_000 },
    socketFactory: (to: { host: string; port: number; onConnect: () => void }) =>
      socketInto(to.host, to.port, to.onConnect),
  });
  const Encoder = load('kafkajs/src/protocol/encoder');
  const ask = () =>
    connection.send({
      request: {
        apiKey: 3,
        apiVersion: 1,
        apiName: 'Metadata',
        encode: async () => new Encoder(4),
      },
      response: { decode: async () => ({}), parse: async () => 'answered' },
    });
  await connection.connect();
  assert.equal(await ask(), 'answered');
  await connection.disconnect();
  await connection.connect();
  assert.equal(await ask(), 'answered');
  const [before = assert.fail()] = sockets;
  // Half of a response, and the end.
  before.end(Buffer.from([0, 0, 0, 77, 1]));
  await once(before, 'close');
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.ok(connection.isConnected());
  assert.equal(await ask(), 'answered');
  await connection.disconnect();
  for (const socket of sockets) socket.destroy();
  server.close();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type KafkaSettings, readSettings } from '../connection-tls-and-timeouts.ts';
import { type Link, openLink, passing } from './broker-retries.ts';
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

/**
 * A broker that keeps what it has stored and tells repeats and strangers as Kafka does, by a producer's epoch and
 * sequence numbers, behind a link of ours.
 * @param reach what a client waits for before it is connected, before it has the leader, and before that takes up its
 *   request
 */
function brokerThatTellsRepeats(reach: {
  readonly connect?: () => Promise<void>;
  readonly find?: () => Promise<void>;
  readonly takeUp?: (texts: readonly string[]) => Promise<void>;
}) {
  const { connect = async () => {}, find = async () => {}, takeUp = async () => {} } = reach;
  const stored: string[] = [];
  const last = new Map<string, { epoch: number; first: number; count: number; offset: number }>();
  let ids = 0;
  const broker = {
    initProducerId: async () => ({ producerId: String(++ids), producerEpoch: 0 }),
    async produce({ producerId, producerEpoch: epoch, topicData }: ProduceRequest) {
      const [{ firstSequence: first, messages } = assert.fail()] = topicData[0]?.partitions ?? [];
      const texts = messages.map(({ value }) => String(value));
      await takeUp(texts);
      const id = String(producerId);
      const known = last.get(id);
      const refuse = (type: string) => Object.assign(new Error(type), { type, retriable: false });
      if (known && epoch < known.epoch) throw refuse('INVALID_PRODUCER_EPOCH');
      const isSame = known?.epoch === epoch;
      const isRepeat = isSame && known.first === first && known.count === texts.length;
      if (!isRepeat && first !== (isSame ? known.first + known.count : 0))
        throw refuse('OUT_OF_ORDER_SEQUENCE_NUMBER');
      const offset = isRepeat ? known.offset : stored.length;
      if (!isRepeat) stored.push(...texts);
      last.set(id, { epoch, first, count: texts.length, offset });
      const partitions = [{ partition: 0, baseOffset: String(offset) }];
      return { topics: [{ topicName: 'payments', partitions }] };
    },
  };
  const cluster = {
    connect,
    refreshMetadataIfNecessary: async () => {},
    refreshMetadata: async () => {},
    disconnect: async () => {},
    addMultipleTargetTopics: async () => {},
    getNodeIds: () => ['1'],
    findLeaderForPartitions: () => ({ 1: [0] }),
    async findBroker() {
      await find();
      return broker;
    },
  };
  const kafka = () => ({
    consumer({ partitionAssigners: [assign] }: { partitionAssigners: ((of: object) => void)[] }) {
      assign?.({ cluster });
    },
  });
  const settings = {
    ...{ brokers: 'broker', prefix: '', patienceMs: 300 },
    ...{ logger: undefined, kafka },
  } as unknown as KafkaSettings;
  const producer = createProducer(settings, openLink(settings));
  const produce = (text: string) =>
    producer.produce('payments', [{ key: null, value: Buffer.from(text), headers: {} }], [0]);
  return { stored, produce };
}

/** What was acknowledged lies where it was said to, and nothing lies behind what came after it. */
function checkPlaced(stored: readonly string[], texts: readonly (readonly [string, number])[]) {
  for (const [text, logOffset] of texts) assert.equal(stored[logOffset], text, stored.join());
  assert.equal(new Set(stored).size, stored.length, stored.join());
}

for (const waitsFor of ['connect', 'find'] as const)
  test(`what was given up while it waited to ${waitsFor} takes nobody’s place`, async () => {
    let open: () => void = () => {};
    let away: Promise<void> | undefined;
    // All that wait go on at once, in the order in which they came.
    const { stored, produce } = brokerThatTellsRepeats({ [waitsFor]: async () => away });
    await produce('before');
    away = new Promise((go) => {
      open = go;
    });
    await assert.rejects(produce('given up'), { kind: 'unavailable' });
    const next = produce('next');
    await turn();
    open();
    const [{ logOffset } = assert.fail()] = await next;
    const [last = assert.fail()] = await produce('last');
    checkPlaced(stored, [
      ['next', logOffset],
      ['last', last.logOffset],
    ]);
    assert.deepEqual(stored, ['before', 'next', 'last']);
  });

test('what was given up and then refused, as too late, is not sent again behind what came later', async () => {
  let takeUp: (() => void) | undefined;
  const held = async ([text]: readonly string[]) => {
    if (text === 'given up' && !takeUp) await new Promise<void>((go) => (takeUp = go));
  };
  const { stored, produce } = brokerThatTellsRepeats({ takeUp: held });
  await produce('before');
  await assert.rejects(produce('given up'), { kind: 'unavailable' });
  const [next = assert.fail()] = await produce('next');
  takeUp?.();
  await turn();
  const [last = assert.fail()] = await produce('last');
  checkPlaced(stored, [
    ['next', next.logOffset],
    ['last', last.logOffset],
  ]);
  assert.deepEqual(stored, ['before', 'next', 'last']);
});

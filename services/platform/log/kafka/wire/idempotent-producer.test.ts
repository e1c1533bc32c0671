import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
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
    async run(work: (it: unknown, isOver: () => boolean) => Promise<unknown>) {
      for (;;)
        try {
          return await work(cluster, () => false);
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

/** What a client waits for before it is connected, before it has the leader, and before that takes up its request. */
interface Reach {
  readonly connect?: () => Promise<void>;
  readonly find?: () => Promise<void>;
  readonly takeUp?: (texts: readonly string[]) => Promise<void>;
}

/**
 * A broker that keeps what it has stored in each partition and tells repeats and strangers as Kafka does, by a producer's
 * epoch and sequence numbers, behind a link of ours.
 */
function brokerThatTellsRepeats(reach: Reach, sequenceMax?: number) {
  const { connect = async () => {}, find = async () => {}, takeUp = async () => {} } = reach;
  const stored: string[][] = [[], []];
  const last = new Map<string, { epoch: number; first: number; count: number; offset: number }>();
  let ids = 0;
  const epochs = new Set<number>();
  const refuse = (type: string) => Object.assign(new Error(type), { type, retriable: false });
  function store(
    producer: string,
    epoch: number,
    partition: number,
    first: number,
    texts: string[],
  ) {
    const place = `${producer}/${partition}`;
    const known = last.get(place);
    if (known && epoch < known.epoch) throw refuse('INVALID_PRODUCER_EPOCH');
    const isSame = known?.epoch === epoch;
    const isRepeat = isSame && known.first === first && known.count === texts.length;
    if (!isRepeat && known && first !== (isSame ? known.first + known.count : 0))
      throw refuse('OUT_OF_ORDER_SEQUENCE_NUMBER');
    const there = stored[partition] as string[];
    const offset = isRepeat ? known.offset : there.length;
    if (!isRepeat) there.push(...texts);
    last.set(place, { epoch, first, count: texts.length, offset });
    return { partition, baseOffset: String(offset) };
  }
  const broker = {
    initProducerId: async () => ({ producerId: String(++ids), producerEpoch: 0 }),
    async produce({ producerId, producerEpoch, topicData }: ProduceRequest) {
      const asked = topicData[0]?.partitions ?? [];
      epochs.add(producerEpoch);
      await takeUp(asked.flatMap(({ messages }) => messages.map(({ value }) => String(value))));
      // Each partition takes its own or refuses it; the client hears of the first refusal.
      let refusal: unknown;
      const partitions = asked.flatMap(({ partition, firstSequence, messages }) => {
        const texts = messages.map(({ value }) => String(value));
        try {
          return [store(String(producerId), producerEpoch, partition, firstSequence, texts)];
        } catch (error) {
          refusal ??= error;
          return [];
        }
      });
      if (refusal) throw refusal;
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
    ...{ brokers: 'broker', prefix: '', patienceMs: 1_000 },
    ...{ logger: undefined, kafka },
  } as unknown as KafkaSettings;
  const producer = createProducer(settings, openLink(settings), sequenceMax);
  /** Where what was acknowledged lies. */
  const acknowledged: { text: string; partition: number; logOffset: number }[] = [];
  const produce = async (text: string, partition = 0) => {
    const message = { key: null, value: Buffer.from(text), headers: {} };
    const [{ logOffset } = assert.fail()] = await producer.produce(
      ...(['payments', [message], [partition]] as const),
    );
    acknowledged.push({ text, partition, logOffset });
  };
  const check = (...expected: readonly (readonly string[])[]) => {
    assert.deepEqual(stored, expected);
    for (const { text, partition, logOffset } of acknowledged)
      assert.equal(stored[partition]?.[logOffset], text);
  };
  /** As a broker that has lost the end of what it knew of a partition's producers. */
  const forget = (partition: number) => {
    for (const [place, known] of last)
      if (place.endsWith(`/${partition}`)) last.set(place, { ...known, first: known.first - 1 });
  };
  /** Ids that were asked for, and epochs under which something came. */
  const identities = () => ({ ids, epochs: epochs.size });
  return { produce, check, forget, identities };
}

for (const waitsFor of ['connect', 'find'] as const)
  test(`what was given up while it waited to ${waitsFor} takes nobody’s place`, async () => {
    let open: () => void = () => {};
    let away: Promise<void> | undefined;
    // All that wait go on at once, in the order in which they came.
    const { produce, check } = brokerThatTellsRepeats({ [waitsFor]: async () => away });
    await produce('before');
    away = new Promise((go) => {
      open = go;
    });
    await assert.rejects(produce('given up'), { kind: 'unavailable' });
    // The request that carried it has hardly more patience.
    await pause(100);
    const next = produce('next');
    await pause(10);
    open();
    await next;
    await produce('last');
    check(['before', 'next', 'last'], []);
  });

test('what was given up and then refused, as too late, is not sent again behind what came later', async () => {
  let takeUp: (() => void) | undefined;
  const held = async ([text]: readonly string[]) => {
    if (text === 'given up' && !takeUp) await new Promise<void>((go) => (takeUp = go));
  };
  const { produce, check, identities } = brokerThatTellsRepeats({ takeUp: held });
  await produce('before');
  await assert.rejects(produce('given up'), { kind: 'unavailable' });
  await pause(100);
  await produce('next');
  takeUp?.();
  await pause(10);
  await produce('last');
  check(['before', 'next', 'last'], []);
  assert.equal(identities().ids, 1, 'nor does it take the others’ id from them');
});

test('where one partition has lost who sends, what another has stored already is not stored again', async () => {
  const { produce, check, forget } = brokerThatTellsRepeats({});
  await Promise.all([produce('a', 0), produce('b', 1)]);
  await Promise.all([produce('c', 0), produce('d', 1)]);
  forget(1);
  await Promise.all([produce('e', 0), produce('f', 1)]);
  await Promise.all([produce('g', 0), produce('h', 1)]);
  check(['a', 'c', 'e', 'g'], ['b', 'd', 'f', 'h']);
});

test('the next epoch begins for all partitions at once', async () => {
  const { produce, check, identities } = brokerThatTellsRepeats({}, 3);
  const rounds = Array.from({ length: 9 }, (_, round) => round);
  for (const round of rounds) await Promise.all([produce(`a${round}`, 0), produce(`b${round}`, 1)]);
  check(
    rounds.map((round) => `a${round}`),
    rounds.map((round) => `b${round}`),
  );
  assert.deepEqual(identities(), { ids: 1, epochs: 3 });
});

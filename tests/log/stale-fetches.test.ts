/**
 * The member of a group on kafkajs' own fetchers, with lanes behind it, while the partition's leader moves:
 * whatever a fetch brings that was asked for before the group was shared out anew, nothing is lost.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EachBatchPayload } from 'kafkajs';
import type { MessageBatch } from '../../services/live/service-context.ts';
import { createHandling } from '../../services/platform/log/kafka/fetch-handling.ts';
import { startLanes } from '../../services/verifier/messages-waiting-for-verification.ts';
import { seededDraws } from '../../services/verifier/seeded-draws.ts';

interface Manager {
  resolveOffset(place: { topic: string; partition: number; offset: string }): void;
}
interface Group extends Manager {
  offsetManager: Manager;
  readonly subscriptionState: {
    assign(topics: readonly { topic: string; partitions: readonly number[] }[]): void;
  };
  seek(place: { topic: string; partition: number; offset: string }): void;
  connect(): Promise<void>;
  joinAndSync(): Promise<void>;
  heartbeat(): Promise<void>;
  leave(): Promise<void>;
}
type Made<T> = new (options: Readonly<Record<string, unknown>>) => T;
const load = createRequire(import.meta.url);
const OffsetManager = load('kafkajs/src/consumer/offsetManager') as Made<Manager>;
const ConsumerGroup = load('kafkajs/src/consumer/consumerGroup') as Made<Group>;
const Runner = load('kafkajs/src/consumer/runner') as Made<{
  start(): Promise<void>;
  stop(): Promise<void>;
}>;

const TOPIC = 't';
const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One partition on two brokers, as its leader moves, and one member of the group that reads it. */
async function readAll(seed: number): Promise<{ joins: number; again: number }> {
  const draw = seededDraws(seed);
  const ticks = async (below: number) => {
    for (let left = draw(below); left > 0; left--) await soon();
  };
  const count = 100 + draw(200);
  const most = draw(3) === 0 ? 1 : 12;
  // Marks of transactions are never handed.
  const isMark = Array.from({ length: count }, (_, at) => at < count - 1 && draw(8) === 0);
  const durable = new Set<number>();
  let committed = -1;
  let generation = 0;
  let leader = 1;
  let knownLeader = 1;
  let moves = 0;
  let joins = 0;
  let again = 0;

  const fetchFrom = async (nodeId: number, from: number) => {
    if (nodeId !== leader)
      throw Object.assign(new Error('moved'), { type: 'NOT_LEADER_FOR_PARTITION' });
    const to = Math.min(count, from + 1 + draw(most));
    await ticks(30);
    const messages = Array.from({ length: Math.max(to - from, 0) }, (_, at) => ({
      ...{ offset: String(from + at), timestamp: '0', key: Buffer.from(`bank-${(from + at) % 5}`) },
      ...{ value: Buffer.from('x'), headers: {}, isControlRecord: isMark[from + at] },
    }));
    const partitions = [{ partition: 0, highWatermark: String(count), messages }];
    return { responses: [{ topicName: TOPIC, partitions }] };
  };
  const shared = {};
  const cluster = {
    committedOffsets: () => shared,
    getNodeIds: () => [1, 2],
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: knownLeader }],
    async refreshMetadataIfNecessary() {},
    async refreshMetadata() {
      await ticks(3);
      knownLeader = leader;
    },
    fetchTopicsOffset: async () => [{ topic: TOPIC, partitions: [{ partition: 0, offset: '0' }] }],
    findBroker: async ({ nodeId }: { nodeId: string | number }) => ({
      fetch: ({ topics }: { topics: { partitions: { fetchOffset: string }[] }[] }) =>
        fetchFrom(Number(nodeId), Number(topics[0]?.partitions[0]?.fetchOffset)),
    }),
  };
  const coordinator = {
    isConnected: () => true,
    async offsetFetch() {
      const offset = String(committed);
      await ticks(2);
      return { responses: [{ topic: TOPIC, partitions: [{ partition: 0, offset }] }] };
    },
    async offsetCommit(request: {
      groupGenerationId: number;
      topics: { partitions: { offset: string }[] }[];
    }) {
      await ticks(2);
      if (request.groupGenerationId !== generation) throw new Error('ILLEGAL_GENERATION');
      committed = Number(request.topics[0]?.partitions[0]?.offset);
    },
  };
  const emitter = { emit() {} };
  const logger = {
    ...{ namespace: () => logger, debug() {}, info() {}, warn() {}, error() {} },
  } as { namespace: () => unknown };
  const group = new ConsumerGroup({
    ...{ cluster, logger, instrumentationEmitter: emitter, groupId: 'g', topics: [TOPIC] },
    ...{ topicConfigurations: { [TOPIC]: { fromBeginning: true } }, maxWaitTimeInMs: 1 },
    ...{ maxBytesPerPartition: 1, autoCommit: false, retry: {} },
  });
  group.subscriptionState.assign([{ topic: TOPIC, partitions: [0] }]);
  const stopping = new AbortController();
  const handling = createHandling(
    { prefix: '', paceMs: 0, logger: { info: () => (again += 1), warn() {} } },
    {
      committed: async () => {
        const offset = committed;
        await ticks(3);
        return offset < 0 ? null : offset;
      },
      rangeOf: async () => ({ start: 0, end: count }),
      firstFrom: async (_topic, _partition, from) => {
        const first = isMark.indexOf(false, from);
        return first < 0 ? null : first;
      },
    },
    {
      ...{ group: 'g', topics: [TOPIC], maxRecords: 5 },
      async handle(batch) {
        await lanes.offer(batch as unknown as MessageBatch);
        await ticks(4);
      },
      released: () => lanes.forget(),
    },
    stopping.signal,
    (error) => assert.fail(error as Error),
  );
  const lanes = startLanes({
    elapsedMs: () => 0,
    senderOf: ({ key }) => key ?? '',
    async take({ records }) {
      await ticks(20);
      for (const { logOffset } of records) durable.add(logOffset);
    },
    async commit({ partition, logOffset }) {
      const send = handling.handed.get(`${TOPIC}/${partition}`);
      const partitions = [{ partition, offset: String(logOffset) }];
      await send?.({ topics: [{ topic: TOPIC, partitions }] }).catch(() => {});
      for (let at = 0; at < committed; at++)
        assert.ok(isMark[at] || durable.has(at), `seed ${seed}: ${at} is passed over`);
    },
  });
  group.connect = async () => {};
  group.heartbeat = async () => {};
  group.leave = async () => {};
  group.joinAndSync = async () => {
    joins += 1;
    generation += 1;
    // Another member may have had it meanwhile.
    const others = draw(3) === 0 ? draw(10) : 0;
    for (let left = others; left > 0 && committed >= 0 && committed < count - 1; left--)
      durable.add(committed++);
    await ticks(6);
    group.offsetManager = new OffsetManager({
      ...{ cluster, coordinator, instrumentationEmitter: emitter, groupId: 'g', memberId: 'm' },
      ...{ topicConfigurations: { [TOPIC]: { fromBeginning: true } }, autoCommit: false },
      ...{ memberAssignment: { [TOPIC]: [0] }, generationId: generation },
    });
    handling.release();
  };
  const runner = new Runner({
    ...{ logger, consumerGroup: group, instrumentationEmitter: emitter, concurrency: 4 },
    ...{ eachBatchAutoResolve: false, autoCommit: false, heartbeatInterval: 1_000, retry: {} },
    eachBatch: (payload: EachBatchPayload) =>
      handling.eachBatch(payload, (place) => group.seek(place)),
    onCrash: (error: Error) => assert.fail(error),
  });
  await runner.start();
  for (let steps = 0; committed < count; steps++) {
    assert.ok(steps < 200_000, `seed ${seed}: stands at ${committed} of ${count}`);
    if (moves < 40 && draw(25) === 0) {
      leader = 3 - leader;
      moves += 1;
    }
    await soon();
  }
  stopping.abort();
  await runner.stop();
  await lanes.stop();
  await lanes.done;
  for (let at = 0; at < count; at++)
    assert.ok(isMark[at] || durable.has(at), `seed ${seed}: ${at}`);
  return { joins, again };
}

test('what was fetched before the group was shared out anew passes nothing over', async () => {
  let joins = 0;
  let again = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const read = await readAll(seed);
    joins += read.joins;
    again += read.again;
  }
  assert.ok(joins > 40, `only ${joins} joins`);
  assert.ok(again > 0, `only ${again} of ${joins} fetches that were asked for before`);
});

test('a clock that is set back while a batch is handled holds up nobody', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_773_651_600_000 });
  const stopping = new AbortController();
  const handling = createHandling(
    { prefix: '', paceMs: 1, logger: undefined },
    {
      committed: async () => 0,
      rangeOf: async () => ({ start: 0, end: 1 }),
      firstFrom: async () => 0,
    },
    {
      ...{ group: 'g', topics: [TOPIC] },
      handle: async () => t.mock.timers.setTime(1_773_651_570_000),
    },
    stopping.signal,
    (error) => assert.fail(error as Error),
  );
  const payload = {
    batch: {
      ...{ topic: TOPIC, partition: 0, fetchedOffset: '0', lastOffset: () => '0' },
      messages: [{ offset: '0', key: null, value: null, timestamp: '0', headers: {} }],
    },
    ...{ resolveOffset() {}, heartbeat: async () => {}, commitOffsetsIfNecessary: async () => {} },
  } as unknown as EachBatchPayload;
  const handled = handling.eachBatch(payload, () => assert.fail('read again')).then(() => true);
  assert.ok(await Promise.race([handled, sleep(10_000, false, { ref: false })]));
  assert.equal(Date.now(), 1_773_651_570_000);
});

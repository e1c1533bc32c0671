import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KafkaSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import type { KafkaTopics } from '../../services/platform/log/kafka/create-and-check-topics.ts';
import { createKafkaGroups } from '../../services/platform/log/kafka/kafka-groups.ts';
import type { Link } from '../../services/platform/log/kafka/wire/broker-retries.ts';

type Heard = (event: { payload: object }) => void;

test('a commit that failed is not tried again in a generation that another member may have its partition in', async () => {
  const listeners = new Map<string, Heard>();
  let hand: (payload: object) => Promise<void> = async () => {};
  const consumer = {
    events: { FETCH: 'fetch', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join', CRASH: 'crash' },
    on: (event: string, heard: Heard) => listeners.set(event, heard),
    async connect() {},
    async subscribe() {},
    async disconnect() {},
    async run({ eachBatch }: { eachBatch: typeof hand }) {
      hand = eachBatch;
      join();
    },
  };
  // Of two listeners for it the member's own is the last.
  const join = () => listeners.get('join')?.({ payload: {} });
  const told: unknown[] = [];
  const settings = {
    ...{ prefix: '', patienceMs: 5_000, kafka: () => ({ consumer: () => consumer }) },
    logger: { info() {}, warn: (fields: unknown) => told.push(fields) },
  } as unknown as KafkaSettings;
  const topics = {
    ...{ partitionsOf: async () => 1, check: async () => {}, nameOf: (topic: string) => topic },
  } as unknown as KafkaTopics;
  const link = { run: async () => null } as unknown as Link;
  const ports = { rangeOf: async () => ({ start: 0, end: 1 }), firstFrom: async () => 0 };
  const closing = new AbortController();
  const groups = createKafkaGroups(settings, link, topics, ports, closing.signal);
  const member = await groups.subscribe({
    ...{ group: 'g', topics: ['t'], handle: async () => {} },
  });
  const position = { topic: 't', partition: 0, logOffset: 1 };
  for (const isSharedOut of [false, true]) {
    let sent = 0;
    await hand({
      batch: {
        ...{ topic: 't', partition: 0, fetchedOffset: '0', lastOffset: () => '0' },
        messages: [{ offset: '0', timestamp: '0', key: null, value: null, headers: {} }],
      },
      resolveOffset() {},
      async heartbeat() {},
      async commitOffsetsIfNecessary() {
        sent += 1;
        if (sent > 1) return;
        if (isSharedOut) join();
        throw Object.assign(new Error('away'), { name: 'KafkaJSConnectionError' });
      },
    });
    await groups.commit('g', [position]);
    assert.equal(sent, isSharedOut ? 1 : 2);
    assert.equal(told.length, isSharedOut ? 1 : 0);
    join();
  }
  await member.stop();
});

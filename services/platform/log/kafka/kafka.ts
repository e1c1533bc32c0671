/**
 * The log on Apache Kafka, through kafkajs: topics are Kafka's topics, groups its consumer groups.
 *
 * A broker that is away is waited for: each call tries for `patienceMs` and then fails as
 * `unavailable`; a subscription tries for ever. What `produce` acknowledged is on all in-sync replicas.
 * On a single broker that means the operating system's memory: it survives the broker's end, and not
 * the machine's.
 */
import { setMaxListeners } from 'node:events';
import type { Cluster } from 'kafkajs';
import { checkRange } from '../embedded/topic-catalogue.ts';
import type { Log, LogMessage } from '../log.ts';
import { type KafkaLogOptions, readSettings } from './connection-tls-and-timeouts.ts';
import { createKafkaTopics } from './create-and-check-topics.ts';
import { createKafkaGroups } from './kafka-groups.ts';
import { atMost, brokerOf, closedError, leaderOf, openLink } from './wire/broker-retries.ts';
import { createProducer } from './wire/idempotent-producer.ts';
import { createReaders } from './wire/offset-reader.ts';
import { partitionOfKey } from './wire/partitioner.ts';

/** @throws LogError `optionsInvalid`, or `unavailable` where no broker answers at the start */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const settings = readSettings(options);
  const link = openLink(settings);
  await link
    .run(async () => {}, settings.openPatienceMs)
    .catch(async (error) => {
      await link.close();
      throw error;
    });
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each call that waits
  const topics = createKafkaTopics(settings, link, closing.signal);
  const producer = createProducer(settings, link);

  const offsetAt = async (topic: string, partition: number, where: 'start' | 'end') => {
    await topics.check(topic, partition);
    const name = topics.nameOf(topic);
    const ask = async (cluster: Cluster) => {
      await cluster.addMultipleTargetTopics([name]);
      const [found] = await cluster.fetchTopicsOffset([
        { topic: name, partitions: [{ partition }], fromBeginning: where === 'start' },
      ]);
      return Number(found?.partitions[0]?.offset);
    };
    return link.run(ask, settings.patienceMs, [name]);
  };
  const rangeOf = async (topic: string, partition: number) => ({
    start: await offsetAt(topic, partition, 'start'),
    end: await offsetAt(topic, partition, 'end'),
  });
  const readers = createReaders(settings, topics, rangeOf);
  const firstFrom = async (topic: string, partition: number, from: number) => {
    const options = { waitMs: 0, handsUnreadable: true };
    const [first] = await readers.read(topic, partition, from, 1, options);
    return first?.logOffset ?? null;
  };
  const groups = createKafkaGroups(settings, link, topics, { rangeOf, firstFrom }, closing.signal);

  /** By topic: the partition that messages without a key have next. */
  const keyless = new Map<string, number>();
  function choosePartitions(topic: string, partitions: number, messages: readonly LogMessage[]) {
    const turn = keyless.get(topic) ?? 0;
    keyless.set(topic, (turn + 1) % partitions);
    return messages.map(({ key }) => (key === null ? turn : partitionOfKey(key, partitions)));
  }

  let closed = false;
  let ended: Promise<void> | undefined;
  const ensureOpen = () => {
    if (closed) throw closedError();
  };

  return {
    async createTopics(specs) {
      ensureOpen();
      await topics.create(specs);
    },
    async missingTopics(specs) {
      ensureOpen();
      return topics.missing(specs);
    },
    async topics() {
      ensureOpen();
      return topics.list();
    },
    async produce(topic, messages) {
      ensureOpen();
      const partitions = await topics.partitionsOf(topic);
      if (messages.length === 0) return [];
      const chosen = choosePartitions(topic, partitions, messages);
      ensureOpen();
      return producer.produce(topics.nameOf(topic), messages, chosen);
    },
    async read(topic, partition, fromOffset, maxRecords, options = {}) {
      ensureOpen();
      await topics.check(topic, partition);
      ensureOpen();
      const { waitMs = 0, handsUnreadable = false } = options;
      return readers.read(topic, partition, fromOffset, maxRecords, { waitMs, handsUnreadable });
    },
    async startOffset(topic, partition) {
      ensureOpen();
      return offsetAt(topic, partition, 'start');
    },
    async endOffset(topic, partition) {
      ensureOpen();
      return offsetAt(topic, partition, 'end');
    },
    async deleteBefore(topic, partition, logOffset) {
      ensureOpen();
      await topics.check(topic, partition);
      const { start, end } = await rangeOf(topic, partition);
      checkRange({ topic, partition }, logOffset, 0, end);
      if (logOffset <= start) return;
      const name = topics.nameOf(topic);
      const remove = async (cluster: Cluster) => {
        const broker = await brokerOf(cluster, leaderOf(cluster, name, partition));
        const partitions = [{ partition, offset: String(logOffset) }];
        await broker.deleteRecords({ topics: [{ topic: name, partitions }] });
      };
      await link.run(remove, settings.patienceMs, [name]);
    },
    async commit(group, positions) {
      ensureOpen();
      await groups.commit(group, positions);
    },
    async committed(group, topic, partition) {
      ensureOpen();
      return groups.committed(group, topic, partition);
    },
    async subscribe(subscription) {
      ensureOpen();
      return groups.subscribe(subscription);
    },
    close() {
      ended ??= (async () => {
        // Batches in hand may produce and commit until they are done.
        await groups.close();
        closed = true;
        await atMost(producer.close());
        closing.abort();
        await Promise.all([readers.close(), link.close()]);
      })();
      return ended;
    },
  };
}

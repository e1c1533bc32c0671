/**
 * Consumer groups: kafkajs' consumer, one for each subscription, kept alive.
 *
 * - The handler commits for itself, through the member that holds the partition, so that a member
 *   which lost it cannot move the group back.
 * - While a batch is in hand the member goes on telling the broker that it lives. Where the group is
 *   shared out anew meanwhile, the batch in hand is finished and the rest of its fetch left to the
 *   partition's next holder.
 * - kafkajs restarts what failed by itself in some cases and stops in silence in others: here it never
 *   does the first, and every end of a consumer leads to a new one, until the subscription stops.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Consumer, EachBatchPayload, OffsetsByTopicPartition } from 'kafkajs';
import { atMost, failureOf, type Link, patiently, unavailable } from './kafka-link.ts';
import type { KafkaSettings } from './kafka-options.ts';
import { toRecord } from './kafka-records.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { LogPosition, SubscribeOptions, Subscription } from './log.ts';

const MAX_RECORDS_DEFAULT = 500;
/** A member that is not heard of for so long has lost its partitions. */
const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** So long may a member take to finish its batch when the group is shared out anew. */
const REBALANCE_MS = 60_000;
/** Bounds how late an idle member hears of a change of its group, and how long stopping takes. */
const FETCH_WAIT_MS = 500;
const FETCH_BYTES_PARTITION = 2 * 1_048_576;
const CONCURRENCY = 32;
const RESTART_FIRST_MS = 100;
const RESTART_MAX_MS = 2_000;
/**
 * kafkajs' own attempts, up to a second apart, before a consumer ends and a new one takes its place. A
 * new one is a stranger to the group, which then waits a session for the old one: short absences of
 * the broker are better sat out.
 */
const CONSUMER_RETRIES = 25;
/** A consumer that neither works nor hears from the broker for so long is replaced. */
const SILENCE_MS = 30_000;
const SILENCE_CHECK_MS = 2_000;

export interface KafkaGroups {
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  commit(group: string, positions: readonly LogPosition[]): Promise<void>;
  committed(group: string, topic: string, partition: number): Promise<number | null>;
  close(): Promise<void>;
}

interface Member {
  readonly group: string;
  /** By topic and partition: commits through the member that has a batch of it in hand. */
  readonly inHand: Map<string, (offsets: OffsetsByTopicPartition) => Promise<void>>;
  /** While it is in its group. */
  consumer: Consumer | undefined;
  stop(): Promise<void>;
}

const placeOf = (topic: string, partition: number) => `${topic}/${partition}`;

/** The partition has another holder by now. */
const LOST = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);

export function createGroups(
  settings: KafkaSettings,
  link: Link,
  topics: KafkaTopics,
  closing: AbortSignal,
): KafkaGroups {
  const members = new Set<Member>();
  const groupIdOf = (group: string) => settings.prefix + group;

  const toOffsets = (positions: readonly LogPosition[]) => {
    const byTopic = new Map<string, { partition: number; offset: string }[]>();
    for (const { topic, partition, logOffset } of positions) {
      const partitions = byTopic.get(topic) ?? [];
      byTopic.set(topic, partitions);
      partitions.push({ partition, offset: String(logOffset) });
    }
    return [...byTopic].map(([topic, partitions]) => ({ topic: topics.nameOf(topic), partitions }));
  };

  /** Through the member that has the batch in hand. */
  async function commitInHand(
    send: (offsets: OffsetsByTopicPartition) => Promise<void>,
    group: string,
    position: LogPosition,
  ): Promise<void> {
    await patiently(settings, closing, settings.patienceMs, async () => {
      try {
        await send({ topics: toOffsets([position]) });
      } catch (error) {
        if (!LOST.has(failureOf(error).type ?? '')) throw error;
        // As if this process had ended before: what was handled comes again, to the next holder.
        settings.logger?.warn(
          { group, ...position },
          'kafka: committed too late, partition is lost',
        );
      }
    });
  }

  /** Without a batch in hand: of a group that has no members, or by one of them. */
  async function commitOutside(group: string, positions: readonly LogPosition[]): Promise<void> {
    const groupId = groupIdOf(group);
    const mine = [...members].find((member) => member.group === group && member.consumer);
    const flat = toOffsets(positions);
    if (mine?.consumer !== undefined) {
      const { consumer } = mine;
      const each = flat.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, ...partition })),
      );
      await patiently(settings, closing, settings.patienceMs, () => consumer.commitOffsets(each));
      return;
    }
    await link.run(async (cluster) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await coordinator.offsetCommit({
        groupId,
        groupGenerationId: -1,
        memberId: '',
        topics: flat,
      });
    });
  }

  const groups: KafkaGroups = {
    async commit(group, positions) {
      const outside: LogPosition[] = [];
      const inside: Promise<void>[] = [];
      for (const position of positions) {
        await topics.check(position.topic, position.partition);
        const place = placeOf(position.topic, position.partition);
        const holder = [...members].find((one) => one.group === group && one.inHand.has(place));
        const send = holder?.inHand.get(place);
        if (send === undefined) outside.push(position);
        else inside.push(commitInHand(send, group, position));
      }
      await Promise.all(inside);
      if (outside.length > 0) await commitOutside(group, outside);
    },
    async committed(group, topic, partition) {
      await topics.check(topic, partition);
      const groupId = groupIdOf(group);
      return link.run((cluster) =>
        fetchCommitted(cluster, groupId, topics.nameOf(topic), partition),
      );
    },
    async subscribe(options) {
      for (const topic of options.topics) await topics.partitionsOf(topic);
      const member = await join(options);
      return member;
    },
    async close() {
      await Promise.all([...members].map((member) => member.stop()));
    },
  };

  /** Resolves once it is in the group. */
  async function join(options: SubscribeOptions): Promise<Subscription> {
    const { group, handle, maxRecords = MAX_RECORDS_DEFAULT } = options;
    const groupId = groupIdOf(group);
    const stopping = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    const member: Member = { group, inHand: new Map(), consumer: undefined, stop };
    const hands = new Set<Promise<void>>();

    const fail = (error: unknown) => {
      failure ??= { error };
      stopping.abort();
    };

    async function eachBatch(payload: EachBatchPayload): Promise<void> {
      const { batch, heartbeat, commitOffsetsIfNecessary, resolveOffset } = payload;
      const topic = batch.topic.slice(settings.prefix.length);
      const { partition, messages } = batch;
      const place = placeOf(topic, partition);
      let lost = false;
      const beating = setInterval(() => {
        heartbeat().catch((error) => {
          lost ||= LOST.has(failureOf(error).type ?? '');
        });
      }, HEARTBEAT_MS);
      member.inHand.set(place, commitOffsetsIfNecessary);
      try {
        for (let from = 0; from < messages.length; from += maxRecords) {
          if (lost || stopping.signal.aborted) return;
          const records = messages
            .slice(from, from + maxRecords)
            .map((message) => toRecord(topic, partition, message));
          try {
            await handle({ topic, partition, records });
          } catch (error) {
            fail(error);
            return;
          }
          const last = messages[Math.min(from + maxRecords, messages.length) - 1];
          if (last !== undefined) resolveOffset(last.offset);
        }
        // Also what compaction left of the end.
        resolveOffset(batch.lastOffset());
      } finally {
        clearInterval(beating);
        member.inHand.delete(place);
      }
    }

    const inHand = (payload: EachBatchPayload): Promise<void> => {
      const work = eachBatch(payload);
      hands.add(work);
      return work.finally(() => hands.delete(work));
    };

    /** One consumer's life: resolves when it ended, and why. */
    async function live(joined: () => void): Promise<string> {
      const consumer = settings.kafka(CONSUMER_RETRIES).consumer({
        groupId,
        sessionTimeout: SESSION_MS,
        heartbeatInterval: HEARTBEAT_MS,
        rebalanceTimeout: REBALANCE_MS,
        maxWaitTimeInMs: FETCH_WAIT_MS,
        maxBytesPerPartition: FETCH_BYTES_PARTITION,
        allowAutoTopicCreation: false,
        readUncommitted: true,
        retry: {
          retries: CONSUMER_RETRIES,
          initialRetryTime: 100,
          maxRetryTime: 1_000,
          restartOnFailure: async () => false,
        },
      });
      const watch = watchSilence(consumer, () => hands.size > 0);
      const ended = new Promise<string>((resolve) => {
        watch.onSilence(() => resolve(`silent for ${SILENCE_MS} ms`));
        consumer.on(consumer.events.CRASH, ({ payload }) =>
          resolve(failureOf(payload.error).message),
        );
        stopping.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
        if (stopping.signal.aborted) resolve('stopped');
      });
      consumer.on(consumer.events.GROUP_JOIN, () => {
        member.consumer = consumer;
        joined();
      });
      try {
        await consumer.connect();
        await consumer.subscribe({
          topics: options.topics.map((topic) => topics.nameOf(topic)),
          fromBeginning: true,
        });
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: CONCURRENCY,
          eachBatch: inHand,
        });
        return await ended;
      } catch (error) {
        return failureOf(error).message;
      } finally {
        member.consumer = undefined;
        watch.end();
        // Batches in hand are finished before the member leaves; the network may hang.
        await Promise.all([...hands]);
        await atMost(consumer.disconnect());
      }
    }

    let joined: () => void = () => {};
    const firstJoin = new Promise<void>((resolve) => {
      joined = resolve;
    });

    async function liveOn(): Promise<void> {
      members.add(member);
      let delayMs = RESTART_FIRST_MS;
      while (!stopping.signal.aborted) {
        const bornAtMs = Date.now();
        const reason = await live(joined);
        if (stopping.signal.aborted) break;
        settings.logger?.warn({ group, reason }, 'kafka: consumer ended, another takes its place');
        if (Date.now() - bornAtMs > SESSION_MS) delayMs = RESTART_FIRST_MS;
        await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
        delayMs = Math.min(delayMs * 2, RESTART_MAX_MS);
      }
      members.delete(member);
      if (failure !== undefined) throw failure.error;
    }

    const stopped = liveOn();
    stopped.catch(() => {}); // whoever holds the subscription hears of it
    function stop(): Promise<void> {
      stopping.abort();
      return stopped.then(
        () => {},
        () => {},
      );
    }

    const timer = new AbortController();
    const late = sleep(settings.patienceMs, 'late' as const, { signal: timer.signal }).catch(
      () => 'late' as const,
    );
    const outcome = await Promise.race([firstJoin, late, stopped.catch(() => {})]);
    timer.abort();
    if (outcome === 'late') {
      await stop();
      throw unavailable(settings, `not in group ${group} within ${settings.patienceMs} ms`);
    }
    return { stop, stopped };
  }

  return groups;
}

/** kafkajs has been seen to stop without a word: what counts is that the broker answers. */
function watchSilence(consumer: Consumer, busy: () => boolean) {
  let heardAtMs = Date.now();
  let tell = () => {};
  const { FETCH, HEARTBEAT, GROUP_JOIN } = consumer.events;
  for (const event of [FETCH, HEARTBEAT, GROUP_JOIN] as const)
    consumer.on(event as typeof FETCH, () => {
      heardAtMs = Date.now();
    });
  const timer = setInterval(() => {
    if (busy()) heardAtMs = Date.now();
    else if (Date.now() - heardAtMs > SILENCE_MS) tell();
  }, SILENCE_CHECK_MS);
  return {
    onSilence(listener: () => void) {
      tell = listener;
    },
    end: () => clearInterval(timer),
  };
}

async function fetchCommitted(
  cluster: Cluster,
  groupId: string,
  topic: string,
  partition: number,
): Promise<number | null> {
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  const { responses } = await coordinator.offsetFetch({
    groupId,
    topics: [{ topic, partitions: [{ partition, offset: '' }] }],
  });
  const offset = Number(responses[0]?.partitions[0]?.offset ?? -1);
  return offset < 0 ? null : offset;
}

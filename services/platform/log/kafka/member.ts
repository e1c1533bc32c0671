/**
 * One subscription: a member of a consumer group, by kafkajs' consumer, kept alive.
 *
 * - While a batch is in hand the member goes on telling the broker that it lives. Where the group is
 *   shared out anew meanwhile, the batch in hand is finished and the rest of its fetch left to the
 *   partition's next holder.
 * - kafkajs restarts what failed by itself in some cases and stops in silence in others: here it never
 *   does the first, and every end of a consumer leads to a new one, until the subscription stops.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, OffsetsByTopicPartition } from 'kafkajs';
import type { SubscribeOptions, Subscription } from '../log.ts';
import type { KafkaSettings } from './options.ts';
import { toRecord, unreadableError } from './records.ts';
import { partitionText } from './topics.ts';
import { atMost, failureOf } from './wire/link.ts';

const MAX_RECORDS_DEFAULT = 500;
/** A member that is not heard of for so long has lost its partitions. */
export const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** So long may a member take to finish its batch when the group is shared out anew. */
const REBALANCE_MS = 60_000;
/** Bounds how late an idle member hears of a change of its group, and how long stopping takes. */
const FETCH_WAIT_MS = 500;
/** Taking them apart holds up all else in the process: of one partition at most so many at once. */
const FETCH_BYTES_PARTITION = 524_288;
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

/** The partition has another holder by now. */
const LOST = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);
export const isLost = (error: unknown): boolean => LOST.has(failureOf(error).type ?? '');

/** Commits through a member, as long as it is in its group. */
export type Commit = (offsets: OffsetsByTopicPartition) => Promise<void>;

export interface Member extends Subscription {
  readonly group: string;
  /** By `partitionText`: of the partitions of which it was handed something since it has them. */
  readonly handed: ReadonlyMap<string, Commit>;
  /** The partitions of which it was handed something before the group was shared out anew, and nothing since. */
  readonly released: ReadonlySet<string>;
  /** While it is in its group. */
  readonly consumer: Consumer | undefined;
  /** Resolves when it is in its group for the first time. */
  readonly joined: Promise<void>;
}

interface Handling {
  readonly handed: Map<string, Commit>;
  readonly released: Set<string>;
  /** The group is shared out anew, or the consumer has ended. */
  readonly release: () => void;
  /** Handlers that run. */
  readonly hands: Set<Promise<void>>;
  readonly eachBatch: (payload: EachBatchPayload) => Promise<void>;
}

/** Hands batches to the subscription's handler, in pieces of at most `maxRecords`. */
function createHandling(
  settings: KafkaSettings,
  { handle, released: tell, maxRecords = MAX_RECORDS_DEFAULT, ...options }: SubscribeOptions,
  stopping: AbortSignal,
  fail: (error: unknown) => void,
): Handling {
  const { handsUnreadable = false } = options;
  const handed = new Map<string, Commit>();
  const released = new Set<string>();
  const hands = new Set<Promise<void>>();

  async function handlePieces(payload: EachBatchPayload, topic: string, lost: () => boolean) {
    const { partition, messages } = payload.batch;
    for (let from = 0; from < messages.length; from += maxRecords) {
      if (lost() || stopping.aborted) return;
      const piece = messages.slice(from, from + maxRecords);
      try {
        const records = piece.map((message) => toRecord(topic, partition, message));
        const unreadable = records.find((record) => record.unreadable !== undefined);
        if (unreadable !== undefined && !handsUnreadable) throw unreadableError(unreadable);
        await handle({ topic, partition, records });
      } catch (error) {
        fail(error);
        return;
      }
      payload.resolveOffset((piece.at(-1) as (typeof piece)[0]).offset);
    }
    // Also what compaction left of the end.
    payload.resolveOffset(payload.batch.lastOffset());
  }

  async function holdBatch(payload: EachBatchPayload): Promise<void> {
    const topic = payload.batch.topic.slice(settings.prefix.length);
    const place = partitionText(topic, payload.batch.partition);
    let lost = false;
    const beating = setInterval(() => {
      payload.heartbeat().catch((error) => {
        lost ||= isLost(error);
      });
    }, HEARTBEAT_MS);
    handed.set(place, payload.commitOffsetsIfNecessary);
    released.delete(place);
    try {
      await handlePieces(payload, topic, () => lost);
    } finally {
      clearInterval(beating);
    }
  }

  return {
    handed,
    released,
    hands,
    release() {
      for (const place of handed.keys()) released.add(place);
      handed.clear();
      tell?.();
    },
    eachBatch(payload) {
      const work = holdBatch(payload);
      hands.add(work);
      return work.finally(() => hands.delete(work));
    },
  };
}

function createConsumer(settings: KafkaSettings, group: string): Consumer {
  return settings.kafka(CONSUMER_RETRIES).consumer({
    groupId: settings.prefix + group,
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
}

/** Resolves when a consumer has ended by itself: it says so, or the broker hears nothing of it. */
function watchEnd(consumer: Consumer, busy: () => boolean) {
  const { FETCH, HEARTBEAT, GROUP_JOIN, CRASH } = consumer.events;
  let heardAtMs = Date.now();
  for (const event of [FETCH, HEARTBEAT, GROUP_JOIN] as const)
    consumer.on(event as typeof FETCH, () => {
      heardAtMs = Date.now();
    });
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<string>((resolve) => {
    consumer.on(CRASH, ({ payload }) => resolve(failureOf(payload.error).message));
    timer = setInterval(() => {
      if (busy()) heardAtMs = Date.now();
      else if (Date.now() - heardAtMs > SILENCE_MS) resolve(`silent for ${SILENCE_MS} ms`);
    }, SILENCE_CHECK_MS);
  });
  return { ended, stopWatching: () => clearInterval(timer) };
}

/** Joins a group and stays in it. */
export function createMember(settings: KafkaSettings, options: SubscribeOptions): Member {
  const { group, topics } = options;
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const stopRequested = new Promise<string>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  let failure: { readonly error: unknown } | undefined;
  let current: Consumer | undefined;
  let enter: () => void = () => {};
  const joined = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const { handed, released, release, hands, eachBatch } = createHandling(
    settings,
    options,
    stopping.signal,
    (error) => {
      failure ??= { error };
      stopping.abort();
    },
  );

  /** One consumer's life: resolves when it ended, with the reason. */
  async function live(): Promise<string> {
    const consumer = createConsumer(settings, group);
    let isOver = false;
    const { ended, stopWatching } = watchEnd(consumer, () => hands.size > 0);
    consumer.on(consumer.events.GROUP_JOIN, () => {
      release();
      current = consumer;
      enter();
    });
    try {
      await consumer.connect();
      await consumer.subscribe({
        topics: topics.map((topic) => settings.prefix + topic),
        fromBeginning: true,
      });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENCY,
        // What it still fetched has no place behind what is released.
        eachBatch: async (payload) => (isOver ? undefined : eachBatch(payload)),
      });
      return await Promise.race([ended, stopRequested]);
    } catch (error) {
      return failureOf(error).message;
    } finally {
      current = undefined;
      isOver = true;
      stopWatching();
      // Batches in hand are finished before the member leaves; the network may hang.
      while (hands.size > 0) await Promise.all(hands);
      release();
      await atMost(consumer.disconnect());
    }
  }

  async function liveOn(): Promise<void> {
    let delayMs = RESTART_FIRST_MS;
    while (!stopping.signal.aborted) {
      const bornAtMs = Date.now();
      const reason = await live();
      if (stopping.signal.aborted) break;
      settings.logger?.warn({ group, reason }, 'kafka: consumer ended, another takes its place');
      if (Date.now() - bornAtMs > SESSION_MS) delayMs = RESTART_FIRST_MS;
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
      delayMs = Math.min(delayMs * 2, RESTART_MAX_MS);
    }
    if (failure !== undefined) throw failure.error;
  }

  const stopped = liveOn();
  stopped.catch(() => {}); // whoever holds the subscription hears of it
  return {
    group,
    handed,
    released,
    joined,
    stopped,
    get consumer() {
      return current;
    },
    stop() {
      stopping.abort();
      return stopped.catch(() => {});
    },
  };
}

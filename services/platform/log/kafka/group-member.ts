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
import type { Consumer } from 'kafkajs';
import { LogError, type SubscribeOptions, type Subscription } from '../log.ts';
import type { KafkaSettings } from './connection-tls-and-timeouts.ts';
import { type Commit, createHandling, HEARTBEAT_MS, type OffsetPorts } from './fetch-handling.ts';
import { atMost, failureOf } from './wire/broker-retries.ts';

/** A member that is not heard of for so long has lost its partitions. */
export const SESSION_MS = 10_000;
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
/**
 * A member that neither works nor hears from its group for so long is replaced: what it still fetches says nothing, as a
 * connection of its own brings that. Longer than its own attempts take.
 */
const SILENCE_MS = 25_000;
const SILENCE_CHECK_MS = 2_000;

export const inUse = (group: string): LogError =>
  new LogError(
    'groupInUse',
    `another process reads as group ${group}: end it, or give this one a name of its own`,
  );

export interface Member extends Subscription {
  readonly group: string;
  /** By `partitionText`: of the partitions of which it was handed something since it has them. */
  readonly handed: ReadonlyMap<string, Commit>;
  /** The partitions of which it was handed something before the group was shared out anew, and nothing since. */
  readonly released: ReadonlySet<string>;
  /** How often the group was shared out anew, or its consumer ended. */
  readonly generation: number;
  /** While it is in its group. */
  readonly consumer: Consumer | undefined;
  /** Resolves when it is in its group for the first time. */
  readonly joined: Promise<void>;
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

/** Resolves when a consumer has ended by itself: it says so, or its group hears nothing of it. */
function watchEnd(consumer: Consumer, busy: () => boolean) {
  const { HEARTBEAT, GROUP_JOIN, REBALANCING, CRASH } = consumer.events;
  // Who is not in its group yet waits for those that it has lost.
  let heardAtMs = Number.POSITIVE_INFINITY;
  for (const event of [HEARTBEAT, GROUP_JOIN] as const)
    consumer.on(event as typeof HEARTBEAT, () => {
      heardAtMs = Date.now();
    });
  consumer.on(REBALANCING, () => {
    heardAtMs = Date.now() + REBALANCE_MS;
  });
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<string>((resolve) => {
    consumer.on(CRASH, ({ payload }) => resolve(failureOf(payload.error).message));
    timer = setInterval(() => {
      if (busy()) heardAtMs = Math.max(heardAtMs, Date.now());
      else if (Date.now() - heardAtMs > SILENCE_MS) resolve(`silent for ${SILENCE_MS} ms`);
    }, SILENCE_CHECK_MS);
  });
  return { ended, stopWatching: () => clearInterval(timer) };
}

/** Joins a group and stays in it. */
export function createMember(
  settings: KafkaSettings,
  offsets: OffsetPorts,
  options: SubscribeOptions,
): Member {
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
  const fail = (error: unknown) => {
    failure ??= { error };
    stopping.abort();
  };
  const { handed, released, generation, release, hands, eachBatch } = createHandling(
    settings,
    offsets,
    options,
    stopping.signal,
    fail,
  );

  /** One consumer's life: resolves when it ended, with the reason. */
  async function live(): Promise<string> {
    const consumer = createConsumer(settings, group);
    let isOver = false;
    const { ended, stopWatching } = watchEnd(consumer, () => hands.size > 0);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      // Another has its place.
      if (isOver) return;
      const handsNothing = () =>
        Object.values(payload.memberAssignment).every((of) => of.length === 0);
      if (options.isSole && handsNothing()) return fail(inUse(group));
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
        eachBatch: async (payload) => (isOver ? undefined : eachBatch(payload, consumer.seek)),
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
    get generation() {
      return generation();
    },
    get consumer() {
      return current;
    },
    stop() {
      stopping.abort();
      return stopped.catch(() => {});
    },
  };
}

/**
 * Requests to Kafka that go on while a broker is away.
 *
 * kafkajs has no consumer without a group and no producer whose sequence numbers can be steered. Both
 * are there one layer below, in the `Cluster` that it hands to partition assigners, with brokers that
 * take single requests (published types, version pinned): `openCluster` is the one place that gets it.
 * It retries nothing itself: `patiently` does, for all requests alike, for as long as a service has patience
 * (platform/service/log-variables.ts).
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Broker, type Cluster, type Kafka, PartitionAssigners } from 'kafkajs';
import { LogError } from '../../log.ts';
import type { KafkaSettings } from '../connection-tls-and-timeouts.ts';
import { refusedRights, tlsFault } from './refusals.ts';

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;
/**
 * A connection that gave no answer for so long, or for half of all patience, when who asked has no more of that, is not
 * used again.
 */
const UNANSWERED_MS = 2_000;
/** What has not ended by then when the log closes is left to end by itself. */
const CLOSE_MS = 3_000;

export interface Link {
  /**
   * Runs `work` with a connected cluster, again and again while no broker answers, until `patienceMs`
   * (default: the log's) are over. An attempt that is under way then goes on: `isOver` tells it that nobody hears of it.
   * @param topics that `work` asks for: a refusal names them
   * @throws LogError `unavailable`, `closed`, or `storeFailed` where the broker refuses
   */
  run<T>(
    work: (cluster: Cluster, isOver: () => boolean) => Promise<T>,
    patienceMs?: number,
    topics?: readonly string[],
  ): Promise<T>;
  close(): Promise<void>;
}

/** A kafkajs error's facts; its classes are not exported. */
export interface KafkaFailure {
  readonly name: string;
  /** Of a protocol error: Kafka's name for it. */
  readonly type: string | undefined;
  readonly message: string;
  readonly retriable: boolean;
}

const TEMPORARY = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
  'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSNoBrokerAvailableError',
]);

/** What a broker says that ends, or what Kafka has no word for: kafkajs takes it for final. */
const PASSING = new Set(['UNKNOWN', 'BROKER_NOT_AVAILABLE']);
/** The address does not answer, or not as a TLS peer that is trusted. */
const UNCONNECTABLE = 'KafkaJSConnectionError';
/** Of a broker that another call of kafkajs' has just found, and not come to yet. */
const UNCONNECTED = 'Broker not connected';
/** A connection that ends while it authenticates is told as if the broker had refused that. */
const UNAUTHENTICATED = 'KafkaJSSASLAuthenticationError';
const ENDED =
  /(Not connected|Closed connection|Connection error: .*|Connection timeout|timed out)$/;

/** The innermost cause: kafkajs wraps what it gave up on. */
export function failureOf(error: unknown): KafkaFailure {
  let inner = error as Partial<KafkaFailure> & { cause?: unknown };
  while (inner.cause !== undefined && inner.cause !== null) inner = inner.cause as typeof inner;
  const { name = 'Error', type, message = String(error), retriable } = inner;
  return {
    name,
    type,
    message: message.replace(/\s+/g, ' ').trim(), // OpenSSL's end in a line break
    retriable:
      retriable === true ||
      TEMPORARY.has(name) ||
      PASSING.has(type ?? '') ||
      message === UNCONNECTED ||
      (name === UNAUTHENTICATED && ENDED.test(message)),
  };
}

/** Rejects when the time is over; what `work` then still does goes unheard. */
async function within<T>(timeMs: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(timeMs, 0));
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for what may hang while a broker is away, for a bounded time, whatever it comes to. */
export const atMost = (work: Promise<unknown>): Promise<void> =>
  within(CLOSE_MS, work, () => new Error('late')).then(
    () => {},
    () => {},
  );

export const closedError = () => new LogError('closed', 'the log is closed');

export const unavailable = (settings: KafkaSettings, reason: string): LogError =>
  new LogError(
    'unavailable',
    tlsFault(settings, reason)?.message ??
      (reason === HELD_BACK
        ? `Kafka at ${settings.brokers} answers, and ${HELD_BACK}: try later, ask for less, or have the quota raised`
        : `no Kafka answers at ${settings.brokers} (${reason}): start it, correct the address, or try later`),
  );
const HELD_BACK = 'holds this client back, which has used up its quota';

/** A quota is used up: Kafka's name for it, in requests that may say so. */
const QUOTA_USED_UP = 'THROTTLING_QUOTA_EXCEEDED';
export const heldBack = (): Error => passing(QUOTA_USED_UP, HELD_BACK);

/**
 * Tries again what fails for a passing reason. `onRetry` sees each such failure, and the last attempt where it was given
 * up unanswered: patience may be less than a request's own time, of which nobody would hear. A refusal names `topics`.
 */
export async function patiently<T>(
  settings: KafkaSettings,
  closing: AbortSignal,
  patienceMs: number,
  work: () => Promise<T>,
  onRetry: (failure: KafkaFailure) => void = () => {},
  topics: () => readonly string[] = () => [],
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  let reason = `no answer in ${patienceMs} ms`;
  for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
    if (closing.aborted) throw closedError();
    const beganMs = Date.now();
    const late = () => {
      if (Date.now() - beganMs >= Math.min(UNANSWERED_MS, patienceMs / 2))
        onRetry({ name: 'KafkaJSTimeout', type: undefined, message: reason, retriable: true });
      return unavailable(settings, reason);
    };
    try {
      return await within(deadline - Date.now(), work(), late);
    } catch (error) {
      if (error instanceof LogError) throw error;
      const failure = failureOf(error);
      reason = failure.message;
      if (!failure.retriable)
        throw new LogError(
          'storeFailed',
          `Kafka at ${settings.brokers}: ${reason}${refusedRights(settings, failure.type, topics())}`,
          { cause: error },
        );
      onRetry(failure);
    }
    if (Date.now() + delayMs >= deadline) throw unavailable(settings, reason);
    await sleep(delayMs, undefined, { signal: closing }).catch(() => {});
  }
}

/** The topics of all requests to it, which its published type leaves out. */
type WholeCluster = Cluster & { readonly targetTopics?: ReadonlySet<string> };

/** A cluster of kafkajs without the consumer or producer that it would serve. */
function openCluster(kafka: Kafka): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    readUncommitted: true,
    partitionAssigners: [
      (config) => {
        found = config.cluster;
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (found === undefined) throw new Error('kafkajs hands no cluster to its assigners');
  return found;
}

/**
 * The first link of a log ends it where no broker has a certificate that it trusts, or speaks without TLS.
 * @param hasAnswered whether a broker did so to another link of the log: then this passes, as while its certificate is
 *   replaced
 */
export function openLink(settings: KafkaSettings, hasAnswered = false): Link {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each call that waits
  let current: Cluster | undefined;
  let away = false;
  let isTrusted = hasAnswered;

  /** To one broker after the other: kafkajs turns to the next where one cannot be connected to. */
  async function connect(cluster: Cluster): Promise<void> {
    const brokers = settings.brokers.split(',').length;
    const faults: LogError[] = [];
    for (let tried = 1; ; tried++)
      try {
        await cluster.connect();
        isTrusted = true;
        return;
      } catch (error) {
        const { name, message } = failureOf(error);
        const fault = isTrusted ? null : tlsFault(settings, message);
        if (fault?.kind === 'optionsInvalid') faults.push(fault);
        // Who gave up has opened another cluster, or none.
        const isLast = tried >= brokers || cluster !== current || closing.signal.aborted;
        if (!isLast && name === UNCONNECTABLE) continue;
        // One that may come back may be trusted.
        throw faults.length === brokers ? fault : error;
      }
  }

  return {
    run(work, patienceMs = settings.patienceMs, topics = []) {
      let used: Cluster | undefined;
      let isWorking = false;
      let over = false;
      const running = patiently(
        settings,
        closing.signal,
        patienceMs,
        async () => {
          current ??= openCluster(settings.kafka(0));
          const cluster = current;
          used = cluster;
          isWorking = false;
          await connect(cluster);
          await cluster.refreshMetadataIfNecessary();
          if (away) settings.logger?.info({ brokers: settings.brokers }, 'kafka: answers again');
          away = false;
          // Who gave up is not served any more.
          if (over) throw closedError();
          isWorking = true;
          return work(cluster, () => over);
        },
        (failure) => {
          // One request more would be held back too; what is being connected already will be.
          if (failure.type === QUOTA_USED_UP || failure.message === UNCONNECTED) return;
          if (failure.type !== undefined) {
            // The broker answered: a leader moved, or a coordinator is not ready yet.
            void used?.refreshMetadata().catch(() => {});
            return;
          }
          if (!away) {
            const { brokers, logger } = settings;
            logger?.warn({ brokers, reason: failure.message }, 'kafka: no answer, trying again');
          }
          away = true;
          // New connections and fresh metadata, rather than what kafkajs remembers of the old ones.
          if (current === used) current = undefined;
          void used?.disconnect().catch(() => {});
        },
        // Before that it is asked for all that ever were, the newest last.
        () => (isWorking ? topics : [...((used as WholeCluster | undefined)?.targetTopics ?? [])]),
      );
      return running.finally(() => {
        over = true;
      });
    },
    async close() {
      closing.abort();
      if (current !== undefined) await atMost(current.disconnect());
    },
  };
}

/** What passes by itself, as kafkajs says it: by an error's fields, since its classes are not exported. */
export const passing = (type: string, message: string): Error =>
  Object.assign(new Error(message), { type, retriable: true });

/** A broker that does not know a new topic's partition yet is asked again. */
export function leaderOf(cluster: Cluster, topic: string, partition: number): string {
  const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (leader === undefined)
    throw passing('LEADER_NOT_AVAILABLE', `partition ${partition} of topic ${topic} has no leader`);
  return leader;
}

/** A broker as kafkajs has it, with the requests that its published types leave out. */
export type WholeBroker = Broker & {
  initProducerId(request: {
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  deleteRecords(request: {
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
};

export const brokerOf = async (cluster: Cluster, nodeId: string): Promise<WholeBroker> =>
  (await cluster.findBroker({ nodeId })) as WholeBroker;

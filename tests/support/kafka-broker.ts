/**
 * Brokers for tests: the one that all test files of a run share, and one of a test's own to be stopped
 * and paused. Nothing outlives the process that started it.
 */

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Admin, ITopicConfig } from 'kafkajs';
import { KafkaMissing } from '../../services/platform/kafka-broker/jars.ts';
import {
  type KafkaBroker,
  startKafkaBroker,
} from '../../services/platform/kafka-broker/start-kafka-broker.ts';
import { readSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { patiently } from '../../services/platform/log/kafka/wire/broker-retries.ts';
import { freePorts } from './free-ports.ts';

/** Why there is none; the name of a test's `skip`. */
export interface NoBroker {
  readonly skip: string;
}

/** A test process whose run was killed ends too, and its broker with it. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 500).unref();
  // Where the runner ends this process, what is to be removed at its exit is removed.
  if (process.env.NODE_TEST_CONTEXT)
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
}

/**
 * Starts a broker in a temporary folder, ended with this process.
 * @param ports its own and KRaft's; default: free ones
 */
export async function startOwnBroker(
  properties: Readonly<Record<string, string>> = {},
  ports?: readonly [port: number, controllerPort: number],
): Promise<KafkaBroker | NoBroker> {
  try {
    endWithParent();
    const [port = 0, controllerPort = 0] = ports ?? (await freePorts(2));
    const folder = join(tmpdir(), `corridor-kafka-${randomBytes(6).toString('hex')}`);
    return await startKafkaBroker({ folder, port, controllerPort, temporary: true, properties });
  } catch (error) {
    if (error instanceof KafkaMissing) return { skip: error.message };
    throw error;
  }
}

/**
 * The addresses of the run's broker: `KAFKA_BROKERS`, which `scripts/test.mjs` sets where nobody else
 * did, or one started here where a test file runs by itself.
 */
export async function sharedBrokers(): Promise<readonly string[] | NoBroker> {
  const named = process.env.KAFKA_BROKERS;
  if (named) return named.split(',');
  if (process.env.CORRIDOR_NO_KAFKA) return { skip: process.env.CORRIDOR_NO_KAFKA };
  const own = await startOwnBroker();
  return 'skip' in own ? own : [own.brokers];
}

/** What a test puts before its topics and groups, apart from all others. */
export const randomPrefix = (): string => `test-${randomBytes(6).toString('hex')}.`;

/**
 * Works with a broker's admin client past the log that is tested: from the beginning again where that fails for a
 * passing reason. Kafka says so of a topic that it answered to have made and of which the broker does not know yet.
 */
export function withAdmin<T>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const settings = readSettings({ brokers });
  return patiently(settings, new AbortController().signal, settings.patienceMs, async () => {
    const admin = settings.kafka(0).admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  });
}

/** Makes a topic as an operator does, and resolves once the broker knows it and who leads it. */
export async function createForeignTopic(
  brokers: readonly string[],
  topic: ITopicConfig,
): Promise<void> {
  await withAdmin(brokers, (admin) =>
    admin.createTopics({ topics: [topic], waitForLeaders: false }),
  );
  await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: [topic.topic] }));
}

/** Removes topics and groups that a test left on a shared broker. */
export function removeTopics(
  brokers: readonly string[],
  prefixes: readonly string[],
): Promise<void> {
  const ours = (name: string) => prefixes.some((prefix) => name.startsWith(prefix));
  return withAdmin(brokers, async (admin) => {
    const topics = (await admin.listTopics()).filter(ours);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(ours);
    // Those that lost their topics' offsets are gone by themselves already.
    if (groups.length > 0) await admin.deleteGroups(groups).catch(() => {});
  });
}

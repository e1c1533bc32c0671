import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { type NoBroker, randomPrefix, removeTopics } from '../support/kafka-broker.ts';

/** A network's log in a test of one fault. */
interface TestedLog {
  readonly log: Log;
  /** One more connection to it, closed with it; null where the log admits one process alone. */
  readonly connect: (() => Promise<Log>) | null;
  /** What stands before its topics' names on a broker. */
  readonly prefix: string;
}

export type Brokers = readonly string[] | NoBroker;

type Body = (t: TestContext, tested: TestedLog) => Promise<void>;

/**
 * The same test of a fault on the embedded log and on a real Apache Kafka, each on topics of its own.
 * @param now the embedded log's clock, ms since 1970; a broker has its own
 */
export function onEachLog(brokers: Brokers, name: string, body: Body, now = Date.now): void {
  onEmbeddedLog(name, body, now);
  onKafka(brokers, name, body);
}

export function onEmbeddedLog(name: string, body: Body, now = Date.now): void {
  test(`${name}: embedded log`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'corridor-fault-'));
    const log = openEmbeddedLog({ folder, now });
    try {
      await orEnd(() => body(t, { log, connect: null, prefix: '' }));
    } finally {
      await log.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

export function onKafka(brokers: Brokers, name: string, body: Body): void {
  if ('skip' in brokers) test(`${name}: Kafka`, { skip: brokers.skip }, () => {});
  else
    test(`${name}: Kafka`, async (t) => {
      const prefix = randomPrefix();
      const logs: Log[] = [];
      const connect = async () => {
        const log = await openKafkaLog({ brokers, prefix });
        logs.push(log);
        return log;
      };
      try {
        const log = await connect();
        await orEnd(() => body(t, { log, connect, prefix }));
      } finally {
        for (const log of logs) await log.close();
        await removeTopics(brokers, [prefix]);
      }
    });
}

/** Services of a test that failed go on: they must not keep its process. */
async function orEnd(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    setTimeout(() => process.exit(1), 15_000).unref();
    throw error;
  }
}

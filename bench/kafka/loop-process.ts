/**
 * What the path over Kafka is held against: bare kafkajs that consumes a filled topic to its end and
 * produces each message to another one. A loop whose counts do not add up has no figure.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { LogMessage } from '../../services/platform/log/log.ts';
import { removeTopics } from '../../tests/support/kafka-broker.ts';
import type { LoopOrders } from './loop.child.ts';

export interface LoopOptions {
  readonly brokers: readonly string[];
  /** What lies in the input topic when the clock starts. */
  readonly messages: readonly LogMessage[];
  readonly partitions: number;
}

export interface LoopResult {
  /** From the first batch's arrival until the last message was acknowledged and committed. */
  readonly messagesPerSecond: number;
}

const INPUT = 'loop.input';
const OUTPUT = 'loop.output';
const FILL_BATCH = 1_000;
const CHILD = fileURLToPath(new URL('./loop.child.js', import.meta.url));
const run = promisify(execFile);

/** Over fresh topics, which are removed afterwards. */
export async function bareLoop(options: LoopOptions): Promise<LoopResult> {
  const { brokers, messages, partitions } = options;
  const prefix = `bench-${randomBytes(4).toString('hex')}.`;
  const log = await openKafkaLog({ brokers, prefix });
  try {
    await log.createTopics(
      [INPUT, OUTPUT].map((name) => ({ name, partitions, timestamps: 'create' })),
    );
    for (let from = 0; from < messages.length; from += FILL_BATCH)
      await log.produce(INPUT, messages.slice(from, from + FILL_BATCH));
    const orders: LoopOrders = {
      brokers,
      input: prefix + INPUT,
      output: prefix + OUTPUT,
      group: `${prefix}loop`,
      partitions,
      messages: messages.length,
    };
    const { stdout } = await run(process.execPath, [CHILD, JSON.stringify(orders)]);
    let stored = 0;
    for (let partition = 0; partition < partitions; partition++)
      stored += await log.endOffset(OUTPUT, partition);
    if (stored !== messages.length)
      throw new Error(`${messages.length} messages went in, ${stored} came out: no figure`);
    return { messagesPerSecond: Number(stdout) };
  } finally {
    await log.close();
    await removeTopics(brokers, [prefix]);
  }
}

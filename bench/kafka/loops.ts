/**
 * Consume and produce on a real broker, message for message: bare kafkajs, the way its documentation
 * shows it, and the same through the log. Both read a filled topic to its end and write each message
 * to another one; a loop whose counts do not add up throws, and has no figure.
 */
import { randomBytes } from 'node:crypto';
import { type Admin, Kafka, logLevel, Partitioners } from 'kafkajs';
import { openKafkaLog } from '../../services/platform/log/kafka.ts';
import type { Log, LogMessage } from '../../services/platform/log/log.ts';
import { nowNs } from '../measure.ts';

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

/** Fresh topics behind a prefix of their own, filled, and removed afterwards. */
async function withTopics<T>(
  { brokers, messages, partitions }: LoopOptions,
  work: (prefix: string, log: Log, admin: Admin) => Promise<T>,
): Promise<T> {
  const prefix = `bench-${randomBytes(4).toString('hex')}.`;
  const log = await openKafkaLog({ brokers, prefix });
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await log.createTopics(
      [INPUT, OUTPUT].map((name) => ({ name, partitions, timestamps: 'create' })),
    );
    for (let from = 0; from < messages.length; from += FILL_BATCH)
      await log.produce(INPUT, messages.slice(from, from + FILL_BATCH));
    const result = await work(prefix, log, admin);
    let stored = 0;
    for (let partition = 0; partition < partitions; partition++)
      stored += await log.endOffset(OUTPUT, partition);
    if (stored !== messages.length)
      throw new Error(`${messages.length} messages went in, ${stored} came out: no figure`);
    return result;
  } finally {
    await log.close();
    await admin.deleteTopics({ topics: [prefix + INPUT, prefix + OUTPUT] });
    await admin.disconnect();
  }
}

/** Counts up to the total; the clock runs from the first to the last. */
function createCounter(total: number) {
  let count = 0;
  let startNs = 0;
  let finish: (result: LoopResult) => void = () => {};
  const finished = new Promise<LoopResult>((resolve) => {
    finish = resolve;
  });
  return {
    finished,
    begin() {
      if (startNs === 0) startNs = nowNs();
    },
    add(some: number) {
      count += some;
      if (count >= total) finish({ messagesPerSecond: (total * 1e9) / (nowNs() - startNs) });
    },
  };
}

/** kafkajs alone: its consumer, its producer (acks from all replicas), offsets committed a batch. */
export function kafkajsLoop(options: LoopOptions): Promise<LoopResult> {
  return withTopics(options, async (prefix) => {
    const { brokers, messages, partitions } = options;
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    const consumer = kafka.consumer({ groupId: `${prefix}loop` });
    const counter = createCounter(messages.length);
    await producer.connect();
    await consumer.connect();
    await consumer.subscribe({ topics: [prefix + INPUT], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: partitions,
      async eachBatch({ batch, commitOffsetsIfNecessary }) {
        counter.begin();
        await producer.send({
          topic: prefix + OUTPUT,
          messages: batch.messages.map(({ key, value, headers = {} }) => ({ key, value, headers })),
        });
        const offset = String(Number(batch.lastOffset()) + 1);
        await commitOffsetsIfNecessary({
          topics: [{ topic: batch.topic, partitions: [{ partition: batch.partition, offset }] }],
        });
        counter.add(batch.messages.length);
      },
    });
    const result = await counter.finished;
    await consumer.disconnect();
    await producer.disconnect();
    return result;
  });
}

/** The same through the log that the services use. */
export function logLoop(options: LoopOptions): Promise<LoopResult> {
  return withTopics(options, async (_prefix, log) => {
    const counter = createCounter(options.messages.length);
    const member = await log.subscribe({
      group: 'loop',
      topics: [INPUT],
      maxRecords: 2_000,
      async handle({ topic, partition, records }) {
        counter.begin();
        await log.produce(OUTPUT, records);
        const logOffset = (records.at(-1)?.logOffset ?? 0) + 1;
        await log.commit('loop', [{ topic, partition, logOffset }]);
        counter.add(records.length);
      },
    });
    const result = await counter.finished;
    await member.stop();
    return result;
  });
}

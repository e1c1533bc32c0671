/**
 * A bare kafkajs loop in a process in which nothing of kafkajs is mended: see loop-process.ts.
 *   node loop.child.js ORDERS-AS-JSON
 * Prints messages a second once all that lies in the input topic is in the output topic.
 */
import { Kafka, logLevel, Partitioners } from 'kafkajs';

export interface LoopOrders {
  readonly brokers: readonly string[];
  readonly input: string;
  readonly output: string;
  readonly group: string;
  readonly partitions: number;
  readonly messages: number;
}

const orders = JSON.parse(process.argv[2] as string) as LoopOrders;
const { input, output, group, partitions } = orders;
const kafka = new Kafka({ brokers: [...orders.brokers], logLevel: logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const consumer = kafka.consumer({ groupId: group });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [input], fromBeginning: true });
let startNs = 0n;
let count = 0;
const seconds = await new Promise<number>((resolve) => {
  void consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: partitions,
    async eachBatch({ batch, commitOffsetsIfNecessary }) {
      if (startNs === 0n) startNs = process.hrtime.bigint();
      await producer.send({
        topic: output,
        messages: batch.messages.map(({ key, value, headers = {} }) => ({ key, value, headers })),
      });
      const offset = String(Number(batch.lastOffset()) + 1);
      await commitOffsetsIfNecessary({
        topics: [{ topic: batch.topic, partitions: [{ partition: batch.partition, offset }] }],
      });
      count += batch.messages.length;
      if (count >= orders.messages) resolve(Number(process.hrtime.bigint() - startNs) / 1e9);
    },
  });
});
await consumer.disconnect();
await producer.disconnect();
process.stdout.write(`${orders.messages / seconds}\n`);

/**
 * The whole path on a real Kafka, broker and services on the same cores: against a bare loop that
 * consumes the same payments from the same broker and produces them again (kafkajs, as its
 * documentation shows it, in a process of its own), round by round. `KAFKA_BROKERS` names a broker; else one is started.
 * Metrics are off, as Kafka's network has them in a process of their own, elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { openKafkaLog } from '../services/platform/log/kafka/kafka.ts';
import { removeTopics, sharedBrokers, startOwnBroker } from '../tests/support/kafka-broker.ts';
import { bareLoop } from './kafka/loop-process.ts';
import { median, printer, quantile, speedUp } from './measure.ts';
import { startLivePath } from './pipeline/live-path.ts';
import { checkAll, latencies, prepare, throughput } from './pipeline/load.ts';
import { printProfile, profiled } from './pipeline/profile.ts';

const PAYMENTS = Number(process.env.PIPELINE_PAYMENTS ?? 40_000);
const ROUNDS = Number(process.env.PIPELINE_ROUNDS ?? 3);
const WARM_UP = Math.min(PAYMENTS, 20_000);
const HALF_SECONDS = Number(process.env.PIPELINE_HALF_SECONDS ?? 10);
/** Half of what the path must take at least. */
const HALF_RATE = 4_000;
const PARTITIONS = 4;

const print = printer('kafka');
const own = process.env.KAFKA_BROKERS ? undefined : await startOwnBroker();
if (own && 'skip' in own) {
  process.stderr.write(`no broker, no figure: ${own.skip}\n`);
  process.exit(1);
}
const named = own ? [own.brokers] : await sharedBrokers();
if ('skip' in named) throw new Error(named.skip);
const prefix = `bench-${randomBytes(4).toString('hex')}.`;
const log = await openKafkaLog({ brokers: named, prefix });
const path = await startLivePath(log);
const sent = new Set<string>();
let seed = 0;
const next = (payments: number) => {
  const load = prepare(path, payments, ++seed);
  for (const uetr of load.uetrs) sent.add(uetr);
  return load;
};

try {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const load = next(round < 0 ? WARM_UP : PAYMENTS);
    const loop = await bareLoop({
      brokers: named,
      messages: load.messages(0, load.length),
      partitions: PARTITIONS,
    });
    const rate = await throughput(path, load);
    process.stderr.write(
      `round ${round}: ${rate.toFixed(0)} payments/s; kafkajs ${loop.messagesPerSecond.toFixed(0)} messages/s\n`,
    );
    if (round < 0) continue;
    ours.push(1 / rate);
    bare.push(1 / loop.messagesPerSecond);
  }
  const took = await latencies(path, next(HALF_RATE * HALF_SECONDS), HALF_RATE);
  const load = next(PAYMENTS);
  const profile = await profiled(
    async () => {
      await throughput(path, load);
    },
    own ? { broker: own.pid } : {},
  );
  await checkAll(path.log, sent);
  print({
    case: 'kafka-throughput',
    value: 1 / median(ours),
    unit: 'payments/s',
    vs: 'kafkajs-loop',
    ratio: speedUp(ours, bare),
  });
  const half = { unit: 'ms', vs: null, ratio: null };
  print({ case: 'kafka-p99-half-load', value: quantile(took, 0.99), ...half });
  printProfile('kafka', profile, PAYMENTS);
} finally {
  await path.stop();
  await log.close();
  await removeTopics(named, [prefix]);
  await own?.stop();
}

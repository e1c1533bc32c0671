import { Kafka, logLevel } from 'kafkajs';
import { loadMessages } from '../../services/drive/loadgen.ts';
import { simulatedSecretKey } from '../../services/simulator/setup.ts';
import { load } from '../../tests/support/run.ts';

/** A bank that writes to a topic as fast as its broker takes it, until the time is over; a process of its own. */
export interface FloodOrders {
  readonly kind: 'valid' | 'bogus';
  readonly topic: string;
  readonly seed: number;
  /** The banks' listener. */
  readonly brokers: string;
  readonly bic: string;
  readonly password: string;
  readonly seconds: number;
}

export interface FloodWritten {
  readonly messages: number;
}

const orders = JSON.parse(process.argv[2] as string) as FloodOrders;
const { kind, topic, seed, brokers, bic, password, seconds } = orders;
const BATCH = 100;
const IN_FLIGHT = 4;
/** More than the quota lets through in a second; what is bogus comes again and again. */
const VALID_PER_SECOND = 3_000;
const BOGUS = 1_000;

const scenario = load('load');
const wanted = kind === 'valid' ? seconds * VALID_PER_SECOND : BOGUS;
const messages: { key: string; value: Buffer; headers: Record<string, string> }[] = [];
for (const { from, message } of loadMessages({
  ...{ scenario, payments: wanted * 3, banks: 2, seed: 5_000 + seed, startMs: Date.now() },
  ...{ rate: 0, reads: false, secretKeyOf: (name) => simulatedSecretKey(scenario.seed, name) },
})) {
  if (from.bic !== bic) continue;
  const { headers, value } = message;
  // Of the right form, and of other bytes.
  const bytes = kind === 'bogus' ? Buffer.concat([value, Buffer.from(' ')]) : Buffer.from(value);
  messages.push({ key: bic, value: bytes, headers: { ...headers } });
  if (messages.length === wanted) break;
}

const kafka = new Kafka({
  ...{ brokers: [brokers], logLevel: logLevel.NOTHING, requestTimeout: 120_000 },
  sasl: { mechanism: 'scram-sha-512', username: bic, password },
});
const producer = kafka.producer();
await producer.connect();
process.send?.({ prepared: messages.length });
const endMs = performance.now() + seconds * 1000;
let next = 0;
let written = 0;
async function connection(): Promise<void> {
  while (performance.now() < endMs) {
    const batch = [];
    for (let i = 0; i < BATCH; i++) {
      const message = kind === 'valid' ? messages[next++] : messages[next++ % messages.length];
      if (message) batch.push(message);
    }
    if (batch.length === 0) return;
    await producer.send({ topic, messages: batch });
    written += batch.length;
  }
}
await Promise.all(Array.from({ length: IN_FLIGHT }, connection));
process.send?.({ messages: written } satisfies FloodWritten);
await producer.disconnect();
process.disconnect();

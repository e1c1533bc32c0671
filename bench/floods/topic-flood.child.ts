import { Kafka, logLevel } from 'kafkajs';
import { loadMessages } from '../../services/drive/loadgen.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { load } from '../../tests/support/run.ts';
import { serveFloods } from './flood-process.ts';

/** A bank that writes to a topic as fast as its broker takes it, until the time is over. */
export interface TopicFlooder {
  /** The banks' listener. */
  readonly brokers: string;
  readonly bic: string;
  readonly password: string;
  /** Messages that it writes in one go. */
  readonly batch: number;
}

const {
  brokers,
  bic,
  password,
  batch: batchSize,
} = JSON.parse(process.argv[2] as string) as TopicFlooder;
/** Messages; one batch where that has more. */
const IN_FLIGHT_MAX = 400;
/** More than the quota lets through in a second; what is bogus comes again and again. */
const VALID_PER_SECOND = 3_000;
const BOGUS = 1_000;

const scenario = load('load');
const kafka = new Kafka({
  ...{ brokers: [brokers], logLevel: logLevel.NOTHING, requestTimeout: 120_000 },
  sasl: { mechanism: 'scram-sha-512', username: bic, password },
});
const producer = kafka.producer();
await producer.connect();

interface Prepared {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}

function messages(isBogus: boolean, seed: number, wanted: number): Prepared[] {
  const prepared: Prepared[] = [];
  for (const { from, message } of loadMessages({
    ...{ scenario, payments: wanted * 3, banks: 2, seed: 5_000 + seed, startMs: Date.now() },
    ...{ rate: 0, reads: false, secretKeyOf: (name) => simulatedSecretKey(scenario.seed, name) },
  })) {
    if (from.bic !== bic) continue;
    const { headers, value } = message;
    // Of the right form, and of other bytes.
    const bytes = isBogus ? Buffer.concat([value, Buffer.from(' ')]) : Buffer.from(value);
    prepared.push({ key: bic, value: bytes, headers: { ...headers } });
    if (prepared.length === wanted) break;
  }
  return prepared;
}

serveFloods(
  async ({ kind, topic = PAYMENTS, seed, seconds }) => {
    const isBogus = kind === 'bogus';
    const prepared = messages(isBogus, seed, isBogus ? BOGUS : seconds * VALID_PER_SECOND);
    return async (endMs) => {
      let next = 0;
      let written = 0;
      const connection = async () => {
        while (performance.now() < endMs) {
          const batch: Prepared[] = [];
          for (let i = 0; i < batchSize; i++) {
            const message = prepared[isBogus ? next++ % prepared.length : next++];
            if (message) batch.push(message);
          }
          if (batch.length === 0) return;
          await producer.send({ topic, messages: batch });
          written += batch.length;
        }
      };
      await Promise.all(Array.from({ length: Math.max(1, IN_FLIGHT_MAX / batchSize) }, connection));
      return { written };
    };
  },
  () => producer.disconnect(),
);

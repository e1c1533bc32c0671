/** Kafka's messages as the log's records. */
import type { KafkaMessage } from 'kafkajs';
import { LogError, type LogRecord } from '../log.ts';
import type { FetchedMessage } from './wire/batch-decoding.ts';

const NO_BYTES = new Uint8Array(0);
const asText = (value: Buffer | string): string =>
  typeof value === 'string' ? value : value.toString('utf8');

/** A value of null, by which Kafka marks a key as deleted, is read as an empty one. */
export function toRecord(
  topic: string,
  partition: number,
  message: KafkaMessage | FetchedMessage,
): LogRecord {
  // As wire/batch-decoding.ts reads them; what older brokers keep has none.
  const { unreadable, claims = [], headers = {} } = message as Partial<FetchedMessage>;
  const record = {
    topic,
    partition,
    logOffset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key === null ? null : asText(message.key),
    value: message.value ?? NO_BYTES,
    headers,
  };
  return unreadable === undefined ? record : { ...record, unreadable, claims };
}

/** For a reader that cannot go on without what lies there. */
export const unreadableError = ({ topic, partition, logOffset, unreadable }: LogRecord): LogError =>
  new LogError(
    'unreadable',
    `topic ${topic} partition ${partition} cannot be read at offset ${logOffset}: ${unreadable}. No service of a network writes that: let nobody else write there, and restore the topic from a copy, or have it forget what lies before offset ${logOffset + 1} (kafka-delete-records.sh)`,
  );

/** Kafka's messages as the log's records. */
import type { KafkaMessage } from 'kafkajs';
import type { LogRecord } from './log.ts';

const NO_BYTES = new Uint8Array(0);
const asText = (value: Buffer | string): string =>
  typeof value === 'string' ? value : value.toString('utf8');

/** Foreign producers may repeat a header (the last counts) and write bytes that are no UTF-8. */
function toHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const given = headers[name];
    const value = Array.isArray(given) ? given.at(-1) : given;
    // Assigned, this one name would be lost; nobody has a header of that name.
    if (name !== '__proto__')
      texts[name] = value === undefined || value === null ? '' : asText(value);
  }
  return texts;
}

/** A value of null, by which Kafka marks a key as deleted, is read as an empty one. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  return {
    topic,
    partition,
    logOffset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key === null ? null : asText(message.key),
    value: message.value ?? NO_BYTES,
    headers: toHeaders(message.headers),
  };
}

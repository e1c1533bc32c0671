/**
 * What is to be produced, cut and gathered: calls into parts of one partition, parts into the batches
 * of one request.
 */
import { checkSizes } from '../../embedded/topic-catalogue.ts';
import { type LogMessage, MESSAGE_BYTES_MAX, type Placement } from '../../log.ts';
import { partitionText } from '../create-and-check-topics.ts';
import { BATCH_BYTES_MAX } from './batch-decoding.ts';
import { type MeasuredMessage, measureOf, type RecordMeasure } from './request-encoding.ts';

/** A batch is closed beyond this, by an estimate from above; a larger message has its own. */
const BATCH_BYTES = BATCH_BYTES_MAX / 2;
const REQUEST_BYTES = 8 * BATCH_BYTES;

export interface Call {
  readonly placements: Placement[];
  readonly deadline: number;
  /** Parts that are not settled. */
  left: number;
  over: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Messages of one call for one partition, at most a batch. */
export interface CallPart {
  readonly call: Call;
  readonly topic: string;
  readonly partition: number;
  readonly messages: MeasuredMessage[];
  /** Of each message in its call. */
  readonly indices: number[];
  bytes: number;
}

/** What one request stores in one partition. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly parts: CallPart[];
  bytes: number;
}

function toMessage(
  { key, value, headers, timestampMs }: LogMessage,
  { size, most, count }: RecordMeasure,
): MeasuredMessage {
  const { buffer, byteOffset, byteLength } = value;
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(buffer, byteOffset, byteLength);
  return timestampMs === undefined
    ? { key, value: bytes, headers, size, most, count }
    : { key, value: bytes, headers, size, most, count, timestamp: String(timestampMs) };
}

/**
 * A call's messages as parts, in order.
 * @param topic behind the prefix of the log's topics
 * @throws LogError where one is too large
 */
export function split(
  call: Call,
  topic: string,
  messages: readonly LogMessage[],
  partitions: readonly number[],
  prefix: string,
): CallPart[] {
  const open = new Map<number, CallPart>();
  const parts: CallPart[] = [];
  messages.forEach((message, index) => {
    const partition = partitions[index] as number;
    const measure = measureOf(message);
    const { most: bytes } = measure;
    if (bytes > MESSAGE_BYTES_MAX) checkSizes(topic.slice(prefix.length), [message]);
    let part = open.get(partition);
    if (part === undefined || part.bytes + bytes > BATCH_BYTES) {
      part = { call, topic, partition, messages: [], indices: [], bytes: 0 };
      open.set(partition, part);
      parts.push(part);
    }
    part.messages.push(toMessage(message, measure));
    part.indices.push(index);
    part.bytes += bytes;
  });
  return parts;
}

/** Takes what one request carries, in order, and leaves the rest. */
export function takeBatches(queue: CallPart[]): { batches: Batch[]; rest: CallPart[] } {
  const batches = new Map<string, Batch>();
  const full = new Set<string>();
  const rest: CallPart[] = [];
  let total = 0;
  for (const part of queue) {
    if (part.call.over) continue;
    const place = partitionText(part.topic, part.partition);
    const batch = batches.get(place);
    const bytes = (batch?.bytes ?? 0) + part.bytes;
    if (full.has(place) || (batch !== undefined && bytes > BATCH_BYTES) || total > REQUEST_BYTES) {
      full.add(place);
      rest.push(part);
      continue;
    }
    total += part.bytes;
    if (batch === undefined) {
      const { topic, partition } = part;
      batches.set(place, { topic, partition, parts: [part], bytes });
    } else {
      batch.parts.push(part);
      batch.bytes = bytes;
    }
  }
  return { batches: [...batches.values()], rest };
}

export const messagesIn = (batch: Batch): MeasuredMessage[] =>
  batch.parts.length === 1
    ? (batch.parts[0] as CallPart).messages
    : batch.parts.flatMap((part) => part.messages);

/**
 * Produce requests, version 3 to 7, as bytes: kafkajs makes several buffers of half a kilobyte for each
 * record and one more for each of its headers, which takes half of a busy process' time. The bytes
 * are the same.
 *
 *   request   transactional id (null), i16 acks, i32 timeout, topics
 *   topic     string, partitions: i32 number, i32 bytes of the batch, batch
 *   batch     i64 0, i32 bytes that follow, i32 0, i8 2, u32 CRC-32C of what follows, i16 0,
 *             i32 last delta, i64 first and i64 greatest time, i64 producer, i16 epoch,
 *             i32 sequence, i32 records
 *   record    varint bytes that follow, i8 0, varint time delta, varint delta, key and value (varint
 *             bytes, -1: none), varint headers: name, value
 *
 * Numbers are big-endian; varints are zigzag. https://kafka.apache.org/documentation/#recordbatch
 */
import type { Message } from 'kafkajs';
import type { LogMessage } from '../../log.ts';
import { crc32c } from './crc32c.ts';

export interface ProduceRequest {
  readonly acks: number;
  /** Ms. */
  readonly timeout: number;
  /** A decimal string: it has 64 bits. */
  readonly producerId: number | string;
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly MeasuredMessage[];
    }[];
  }[];
}

/** Bytes with room before them, into which whoever sends them writes what comes first. */
export interface RoomyBytes {
  readonly whole: Buffer;
  readonly start: number;
}

/**
 * Memory of requests that were answered, to write the next ones into. V8 collects the young objects for each 32 MiB of
 * new memory, and most of that was requests.
 */
const free: Buffer[] = [];
const FREE_MAX = 2;
const FREE_BYTES_MIN = 65_536;
const FREE_BYTES_MAX = 4 * 1_048_576;
/** By the topics of a request: where it was written. */
const written = new WeakMap<ProduceRequest['topicData'], Buffer>();

function memoryFor(bytes: number): Buffer {
  const at = free.findIndex(({ length }) => length >= bytes);
  if (at >= 0) return free.splice(at, 1)[0] as Buffer;
  if (bytes > FREE_BYTES_MAX) return Buffer.allocUnsafe(bytes);
  return Buffer.allocUnsafe(Math.max(FREE_BYTES_MIN, 2 ** Math.ceil(Math.log2(bytes))));
}

/** The broker has answered the request of these topics: nobody reads its bytes any more. */
export function answered(topicData: ProduceRequest['topicData']): void {
  const memory = written.get(topicData);
  written.delete(topicData);
  if (!memory || memory.length > FREE_BYTES_MAX) return;
  free.push(memory);
  // The smaller one goes: what was needed once is needed again.
  if (free.length > FREE_MAX) free.sort((a, b) => b.length - a.length).pop();
}

/** What kafkajs writes before a request: its size, what it asks for, and a client's id. */
const HEAD_BYTES = 128;
/** Of a topic beside its name, of a partition, and of a request. */
const FIELDS_BYTES = 16;
/** The fields of a batch before its records. */
const BATCH_HEAD_BYTES = 61;
const LENGTH_BYTES_MAX = 5;
/** Up to here a text is written unit by unit. */
const SHORT_TEXT = 128;
/** UTF-8 has at most so many bytes for a unit of UTF-16. */
const UNIT_BYTES = 3;

/** What a message takes: looked at once, for its headers are gone through a second time when they are written. */
export interface RecordMeasure {
  /** Bytes of its record from above, where its texts are ASCII. */
  readonly size: number;
  /** The same whatever they are. */
  readonly most: number;
  /** Its headers. */
  readonly count: number;
}
export type MeasuredMessage = Message & RecordMeasure;

/** From above: a length or a delta. */
const NUMBER_BYTES = 10;
/** Of a record beside those of its headers. */
const NUMBERS = 6;

export function measureOf({ key, value, headers }: LogMessage): RecordMeasure {
  let characters = key?.length ?? 0;
  let count = 0;
  for (const name in headers) {
    characters += name.length + (headers[name] as string).length;
    count += 1;
  }
  const size = value.length + characters + (NUMBERS + 2 * count) * NUMBER_BYTES;
  return { size, most: size + (UNIT_BYTES - 1) * characters, count };
}

/** The largest and smallest time of the messages; a message without one has the present. */
function timesOf(
  messages: readonly MeasuredMessage[],
  nowMs: number,
): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of messages) {
    if (timestamp === undefined) continue;
    const timeMs = Number(timestamp);
    if (timeMs < first) first = timeMs;
    if (timeMs > last) last = timeMs;
  }
  return first > last ? { first: nowMs, last: nowMs } : { first, last };
}

class Bytes {
  #bytes: Buffer;
  #at = HEAD_BYTES;
  /** Up to here there is room for what was asked for. */
  #end = HEAD_BYTES;

  /** @param bytes as many as will be written, or about so many */
  constructor(bytes: number) {
    this.#bytes = memoryFor(HEAD_BYTES + bytes);
  }

  get at(): number {
    return this.#at;
  }

  take(): RoomyBytes {
    return { whole: this.#bytes.subarray(0, this.#at), start: HEAD_BYTES };
  }

  get memory(): Buffer {
    return this.#bytes;
  }

  room(bytes: number): void {
    const needed = this.#at + bytes;
    this.#end = needed;
    if (needed <= this.#bytes.length) return;
    const larger = memoryFor(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  int8(value: number): void {
    this.#bytes[this.#at++] = value & 0xff;
  }

  int16(value: number): void {
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  int64(value: number | string): void {
    this.#at = this.#bytes.writeBigInt64BE(BigInt(value), this.#at);
  }

  /** Of 32 bits; beyond them as of 64. */
  varint(value: number): void {
    let left = value >= 0 ? value * 2 : -value * 2 - 1;
    while (left >= 0x80) {
      this.#bytes[this.#at++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#bytes[this.#at++] = left;
  }

  text(value: string): void {
    this.#at += this.#bytes.write(value, this.#at);
  }

  /**
   * With its bytes before it. Nearly all texts are short and ASCII: they are written in one pass, without a call into
   * Node for their length and one more to write them. Others take room beyond what was asked for.
   */
  sizedText(value: string): void {
    const { length } = value;
    const start = this.#at;
    if (length <= SHORT_TEXT) {
      this.varint(length);
      const bytes = this.#bytes;
      let at = this.#at;
      let index = 0;
      for (; index < length; index++) {
        const unit = value.charCodeAt(index);
        if (unit >= 0x80) break;
        bytes[at++] = unit;
      }
      this.#at = at;
      if (index === length) return;
    }
    this.#at = start;
    const size = Buffer.byteLength(value);
    this.room(this.#end - start + (size - length) + 1);
    this.varint(size);
    this.text(value);
  }

  /** Gives what was written since `at`, behind the length that stands there, its own length. */
  patchVarint(at: number, written: number): void {
    const from = at + varintBytes(written);
    const size = this.#at - from;
    const to = at + varintBytes(size);
    if (to > from) this.room(to - from);
    if (to !== from) this.#bytes.copyWithin(to, from, this.#at);
    this.#at = at;
    this.varint(size);
    this.#at = to + size;
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  patch32(at: number, value: number): void {
    this.#bytes.writeInt32BE(value | 0, at);
  }

  since(at: number): Buffer {
    return this.#bytes.subarray(at, this.#at);
  }
}

const varintBytes = (value: number): number => {
  let left = value >= 0 ? value * 2 : -value * 2 - 1;
  let bytes = 1;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes += 1;
  return bytes;
};

function writeSized(out: Bytes, value: Buffer | string): void {
  if (typeof value === 'string') {
    out.sizedText(value);
    return;
  }
  out.varint(value.length);
  out.bytes(value);
}

function writeRecord(out: Bytes, message: MeasuredMessage, delta: number, timeDelta: number): void {
  // Of the log's messages they are single strings.
  const headers = (message.headers ?? {}) as Record<string, string>;
  const value = message.value as Buffer;
  // A record without a value ends its key in a compacted topic; what is empty is read as what is none.
  const valueLength = value.length === 0 ? -1 : value.length;
  const key = message.key ?? null;
  out.room(message.size + LENGTH_BYTES_MAX);
  const lengthAt = out.at;
  // Mostly the number that it will be has as many bytes.
  out.varint(message.size);
  out.int8(0);
  out.varint(timeDelta);
  out.varint(delta);
  if (key === null) out.varint(-1);
  else writeSized(out, key);
  out.varint(valueLength);
  out.bytes(value);
  out.varint(message.count);
  for (const name in headers) {
    out.sizedText(name);
    out.sizedText(headers[name] as string);
  }
  out.patchVarint(lengthAt, message.size);
}

function writeBatch(
  out: Bytes,
  { producerId, producerEpoch }: ProduceRequest,
  firstSequence: number,
  messages: readonly MeasuredMessage[],
): void {
  const nowMs = Date.now();
  const { first, last } = timesOf(messages, nowMs);
  out.room(BATCH_HEAD_BYTES);
  out.int64(0);
  const lengthAt = out.at;
  out.int32(0);
  out.int32(0);
  out.int8(2);
  const crcAt = out.at;
  out.int32(0);
  out.int16(0);
  out.int32(messages.length - 1);
  out.int64(first);
  out.int64(last);
  out.int64(producerId);
  out.int16(producerEpoch);
  out.int32(firstSequence);
  out.int32(messages.length);
  messages.forEach((message, index) => {
    const timeMs = message.timestamp === undefined ? nowMs : Number(message.timestamp);
    writeRecord(out, message, index, timeMs - first);
  });
  out.patch32(lengthAt, out.at - lengthAt - 4);
  out.patch32(crcAt, crc32c(out.since(crcAt + 4)));
}

/** What the request takes where its texts are ASCII: with others it grows. */
function bytesOf({ topicData }: ProduceRequest): number {
  let bytes = FIELDS_BYTES;
  for (const { topic, partitions } of topicData) {
    bytes += FIELDS_BYTES + topic.length * UNIT_BYTES;
    for (const { messages } of partitions) {
      bytes += FIELDS_BYTES + BATCH_HEAD_BYTES;
      for (const { size } of messages) bytes += LENGTH_BYTES_MAX + size;
    }
  }
  return bytes;
}

/**
 * The body of the request, in memory that is taken once: of what is thrown away the collector makes pauses. It is the
 * request's until it is `answered`.
 */
export function encodeProduce(request: ProduceRequest): RoomyBytes {
  const out = new Bytes(bytesOf(request));
  out.int16(-1);
  out.int16(request.acks);
  out.int32(request.timeout);
  out.int32(request.topicData.length);
  for (const { topic, partitions } of request.topicData) {
    out.room(topic.length * UNIT_BYTES + 6);
    out.int16(Buffer.byteLength(topic));
    out.text(topic);
    out.int32(partitions.length);
    for (const { partition, firstSequence, messages } of partitions) {
      out.room(8);
      out.int32(partition);
      const sizeAt = out.at;
      out.int32(0);
      writeBatch(out, request, firstSequence, messages);
      out.patch32(sizeAt, out.at - sizeAt - 4);
    }
  }
  written.set(request.topicData, out.memory);
  return out.take();
}

/**
 * Eight faults of kafkajs 2.2.4, mended where they are; its version is pinned, and it is no longer
 * developed.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { LogMessage } from '../../log.ts';
import { areBatches, decodeBatches, type FetchedMessage } from './batch-decoding.ts';
import {
  encodeProduce,
  type MeasuredMessage,
  measureOf,
  type ProduceRequest,
  type RoomyBytes,
} from './request-encoding.ts';
import { ResponseFrames } from './response-frames.ts';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

interface Connection {
  /** Of its present connection, or of the last; none before the first. */
  readonly socket: Socket;
  /** While it authenticates. */
  readonly authHandlers: { onSuccess(raw: Buffer): void; onError(): void } | null;
  readonly authExpectResponse: boolean;
  readonly requestQueue: {
    fulfillRequest(response: { size: number; correlationId: number; payload: Buffer }): void;
  };
  isConnected(): boolean;
  connect(): Promise<unknown>;
  processData(piece: Buffer): void;
}

const load = createRequire(import.meta.url);

/**
 * It sets a timer with a negative delay after each response, of which newer versions of Node warn on
 * the console. Nothing waits for that timer unless requests are held back.
 */
function silenceTimers(): void {
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) original.call(this);
  };
}

/**
 * Requests that find a connection closed each open it anew, side by side: all but the last of these
 * sockets stay open unused, and when one of them ends, it takes the live one with it. So does the socket that it had
 * before, which is closed on this side alone, and what that still brings would be read as the new one's.
 */
function shareConnecting(): void {
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection };
  const original = prototype.connect;
  const underway = new WeakMap<Connection, Promise<unknown>>();
  prototype.connect = function (this: Connection) {
    let connecting = underway.get(this);
    if (connecting === undefined) {
      if (!this.isConnected()) {
        this.authHandlers?.onError();
        leave(this.socket as Socket | undefined);
      }
      connecting = original.call(this).finally(() => underway.delete(this));
      underway.set(this, connecting);
    }
    return connecting;
  };
}

function leave(socket: Socket | undefined): void {
  if (!socket) return;
  for (const event of ['data', 'end', 'error', 'timeout']) socket.removeAllListeners(event);
  socket.on('error', () => {});
  socket.destroy();
}

/** Where a response has what it answers, behind its size, and what comes behind that. */
const CORRELATION_AT = 4;
const PAYLOAD_AT = 8;

/** See response-frames.ts. */
function copyResponsesOnce(): void {
  const { prototype } = load('kafkajs/src/network/connection') as { prototype: Connection };
  const bySocket = new WeakMap<Socket, ResponseFrames>();
  prototype.processData = function (this: Connection, piece: Buffer) {
    const { socket, authHandlers, requestQueue } = this;
    // Of a mechanism whose answers have no form of Kafka's.
    if (authHandlers && !this.authExpectResponse) return authHandlers.onSuccess(Buffer.from(piece));
    const frames = bySocket.get(socket) ?? new ResponseFrames();
    bySocket.set(socket, frames);
    const hand = (response: Buffer) => {
      if (this.authHandlers) return this.authHandlers.onSuccess(response);
      requestQueue.fulfillRequest({
        size: response.length - CORRELATION_AT,
        correlationId: response.readInt32BE(CORRELATION_AT),
        payload: response.subarray(PAYLOAD_AT),
      });
    };
    try {
      frames.take(piece, hand);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // No `end` comes of it, at which who authenticates would be told.
      this.authHandlers?.onError();
      socket.destroy(error);
    }
  };
}

interface Encoder {
  buf: Buffer;
  offset: number;
  writeEncoder(value: Encoder): Encoder;
}

/** Of encoders that hold nothing but these bytes. */
const roomy = new WeakMap<Encoder, RoomyBytes>();

function hold(encoder: Encoder, bytes: RoomyBytes): Encoder {
  encoder.buf = bytes.whole.subarray(bytes.start);
  encoder.offset = encoder.buf.length;
  roomy.set(encoder, bytes);
  return encoder;
}

/**
 * It writes a request's head before a body by copying the body, twice, each time into a buffer of the next
 * power of two. Where there is room before the body the head is written into that.
 */
function copyNoBody(): void {
  const { prototype } = load('kafkajs/src/protocol/encoder') as { prototype: Encoder };
  const original = prototype.writeEncoder;
  prototype.writeEncoder = function (this: Encoder, body: Encoder) {
    const bytes = roomy.get(body);
    const start = (bytes?.start ?? 0) - this.offset;
    if (!bytes || start < 0) return original.call(this, body);
    this.buf.copy(bytes.whole, start, 0, this.offset);
    return hold(this, { whole: bytes.whole, start });
  };
}

/** What is sent past the log, by a producer of kafkajs' own, was measured by nobody. */
function measured(request: ProduceRequest): ProduceRequest {
  const isMeasured = ({ size }: Partial<MeasuredMessage>) => size !== undefined;
  const all = request.topicData.flatMap(({ partitions }) => partitions);
  if (all.every(({ messages }) => messages.every(isMeasured))) return request;
  const measure = (message: MeasuredMessage): MeasuredMessage => ({
    ...message,
    ...measureOf(message as unknown as LogMessage),
  });
  const topicData = request.topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((one) => ({ ...one, messages: one.messages.map(measure) })),
  }));
  return { ...request, topicData };
}

/** Half of a busy process' time goes into the buffers of its encoder: see request-encoding.ts. */
function encodeOnce(): void {
  const Encoder = load('kafkajs/src/protocol/encoder') as new (bytes: number) => Encoder;
  const path = load.resolve('kafkajs/src/protocol/requests/produce/v3/request');
  type Request = Record<string, unknown> & { encode(): Promise<Encoder> };
  const original = load(path) as (request: ProduceRequest) => Request;
  const encodesOnce = (request: ProduceRequest): Request => ({
    ...original(request),
    async encode() {
      return hold(new Encoder(1), encodeProduce(measured(request)));
    },
  });
  // Later versions take theirs from this module, when the first request is made.
  const cached = load.cache[path];
  if (cached) cached.exports = encodesOnce;
}

interface Decoder {
  readonly buffer: Buffer;
  readonly offset: number;
  readInt32(): number;
  readBytes(length: number): Buffer;
  canReadBytes(length: number): boolean;
}
type DecodeMessages = (decoder: Decoder) => Promise<FetchedMessage[]>;

/** A message of a stranger's must not be able to end or hold up its readers: see batch-decoding.ts. */
function decodeOnce(): void {
  const path = load.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages');
  const original = load(path) as DecodeMessages;
  const decodesOnce: DecodeMessages = async (decoder) => {
    const { buffer, offset } = decoder;
    const begin = offset + 4;
    const size = buffer.readInt32BE(offset);
    if (size > 0 && !areBatches(buffer.subarray(begin, begin + size))) return original(decoder);
    decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    return decodeBatches(decoder.readBytes(size));
  };
  // All versions take theirs from this module, when the first request is made.
  const cached = load.cache[path];
  if (cached) cached.exports = decodesOnce;
}

interface Metadata {
  metadata(request?: object): Promise<unknown>;
}

/** Where no broker answers it hands on that nothing was found, of which its callers then read a field. */
function missNoMetadata(): void {
  const { prototype } = load('kafkajs/src/cluster') as { prototype: Metadata };
  const original = prototype.metadata;
  prototype.metadata = async function (this: Metadata, request) {
    const found = await original.call(this, request);
    if (found !== null) return found;
    const { KafkaJSNoBrokerAvailableError: Unanswered } = load('kafkajs/src/errors');
    throw new Unanswered();
  };
}

interface TopicMetadata {
  readonly topic: string;
  readonly partitionMetadata: readonly unknown[];
}
interface ClusterMetadata {
  readonly topicMetadata: readonly TopicMetadata[];
}
interface BrokerPool {
  readonly metadata: ClusterMetadata | null;
  readonly metadataExpireAt: number | null;
  refreshMetadata(topics: readonly string[]): Promise<unknown>;
  refreshMetadataIfNecessary(topics: readonly string[]): Promise<unknown>;
}
interface Topics {
  readonly brokerPool: BrokerPool;
  readonly targetTopics: ReadonlySet<string>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<unknown>;
  findTopicPartitionMetadata(topic: string): readonly unknown[];
}

/** Each answer of a broker is an object of its own, which nobody changes. */
const byTopic = new WeakMap<ClusterMetadata, ReadonlyMap<string, TopicMetadata>>();

function topicsIn(metadata: ClusterMetadata): ReadonlyMap<string, TopicMetadata> {
  let known = byTopic.get(metadata);
  if (known === undefined) {
    known = new Map(metadata.topicMetadata.map((one) => [one.topic, one]));
    byTopic.set(metadata, known);
  }
  return known;
}

/**
 * Before each request it looks every topic up that it was ever asked for, each by going through all of them: with a
 * thousand banks' topics that takes a processor longer than the request.
 */
function findTopicsByName(): void {
  const { prototype: pool } = load('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool };
  pool.refreshMetadataIfNecessary = async function (this: BrokerPool, topics) {
    const { metadata, metadataExpireAt } = this;
    const known = metadata && topicsIn(metadata);
    const isFresh = metadataExpireAt !== null && Date.now() <= metadataExpireAt;
    if (known && isFresh && topics.every((topic) => known.has(topic))) return;
    await this.refreshMetadata(topics);
  };
  const { prototype: cluster } = load('kafkajs/src/cluster') as { prototype: Topics };
  const find = cluster.findTopicPartitionMetadata;
  cluster.findTopicPartitionMetadata = function (this: Topics, topic) {
    const { metadata } = this.brokerPool;
    if (!metadata?.topicMetadata) return find.call(this, topic);
    return topicsIn(metadata).get(topic)?.partitionMetadata ?? [];
  };
  const add = cluster.addMultipleTargetTopics;
  cluster.addMultipleTargetTopics = async function (this: Topics, topics) {
    const { metadata } = this.brokerPool;
    const known = metadata && topicsIn(metadata);
    // It would copy all that it was ever asked for, to find that nothing is new.
    const isKnown = (topic: string) => this.targetTopics.has(topic) && known?.has(topic);
    if (!topics.every(isKnown)) await add.call(this, topics);
  };
}

let repaired = false;

/** Once, before kafkajs is used. */
export function repairKafkajs(): void {
  if (repaired) return;
  repaired = true;
  silenceTimers();
  shareConnecting();
  encodeOnce();
  copyNoBody();
  decodeOnce();
  missNoMetadata();
  findTopicsByName();
  copyResponsesOnce();
}

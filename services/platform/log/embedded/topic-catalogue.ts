/**
 * The topics of a log that lives in this process, by name, with the checks that come before anything
 * is written, the choice of partitions, and the append clock.
 */

import { partitionOfKey } from '../kafka/wire/partitioner.ts';
import { LogError, type LogMessage, MESSAGE_BYTES_MAX, type TopicSpec } from '../log.ts';

/** Kafka's limits on a topic's name. */
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;

/** A topic with whatever `P` an implementation keeps for each of its partitions. */
export interface Topic<P> {
  readonly spec: TopicSpec;
  readonly partitions: readonly P[];
  /** The highest time stamped so far, ms. */
  lastAppendMs: number;
  /** Messages without a key go to the next partition at each call. */
  nextKeyless: number;
}

export interface Catalogue<P> {
  get(name: string): Topic<P>;
  partition(name: string, partition: number): P;
  add(topic: Topic<P>): void;
  /** The specs that do not exist yet; throws where one exists and differs, or makes no sense. */
  missing(specs: readonly TopicSpec[]): TopicSpec[];
  all(): IterableIterator<Topic<P>>;
}

/** Throws where a spec makes no sense. */
export function checkSpec(spec: TopicSpec): void {
  if (!TOPIC_NAME.test(spec.name) || spec.name === '.' || spec.name === '..')
    throw new LogError(
      'topicInvalid',
      `topic name '${spec.name}': expected 1 to 249 letters, digits, dots, dashes or underscores`,
    );
  if (!Number.isInteger(spec.partitions) || spec.partitions < 1)
    throw new LogError(
      'topicInvalid',
      `topic ${spec.name}: expected 1 or more partitions, not ${spec.partitions}`,
    );
  if (
    spec.retentionMs !== undefined &&
    !(Number.isInteger(spec.retentionMs) && spec.retentionMs > 0)
  )
    throw new LogError(
      'topicInvalid',
      `topic ${spec.name}: expected a retention of 1 ms or more, not ${spec.retentionMs}`,
    );
}

export const topicDiffers = (name: string, how: string): LogError =>
  new LogError(
    'topicDiffers',
    `topic ${name} exists with ${how}: configure what exists, or start a new log`,
  );

/** Throws where an existing topic is not what is wanted. */
export function checkSame(existing: TopicSpec, wanted: TopicSpec): void {
  const differs = (what: string, has: unknown, asked: unknown) =>
    topicDiffers(wanted.name, `${what} ${has}, not ${asked}`);
  if (existing.partitions !== wanted.partitions)
    throw differs('partitions', existing.partitions, wanted.partitions);
  if (existing.timestamps !== wanted.timestamps)
    throw differs('timestamps', existing.timestamps, wanted.timestamps);
  const compaction = (spec: TopicSpec) => (spec.compacted === true ? 'on' : 'off');
  if (compaction(existing) !== compaction(wanted))
    throw differs('compaction', compaction(existing), compaction(wanted));
}

export const topicUnknown = (name: string): LogError =>
  new LogError('topicUnknown', `no topic ${name}: create it by createTopics first`);

export const partitionUnknown = (name: string, partition: number, partitions: number): LogError =>
  new LogError(
    'partitionUnknown',
    `topic ${name} has no partition ${partition}: it has ${partitions}, from 0`,
  );

export function createCatalogue<P>(): Catalogue<P> {
  const topics = new Map<string, Topic<P>>();
  const get = (name: string): Topic<P> => {
    const topic = topics.get(name);
    if (topic === undefined) throw topicUnknown(name);
    return topic;
  };
  return {
    get,
    partition(name, partition) {
      const topic = get(name);
      const found = topic.partitions[partition];
      if (found === undefined) throw partitionUnknown(name, partition, topic.spec.partitions);
      return found;
    },
    add(topic) {
      topics.set(topic.spec.name, topic);
    },
    missing(specs) {
      const wanted = new Map<string, TopicSpec>();
      for (const spec of specs) {
        checkSpec(spec);
        const existing = topics.get(spec.name)?.spec ?? wanted.get(spec.name);
        if (existing !== undefined) checkSame(existing, spec);
        else wanted.set(spec.name, spec);
      }
      return [...wanted.values()];
    },
    all: () => topics.values(),
  };
}

/** Refuses the messages if one of them is too large. */
export function checkSizes(topic: string, messages: readonly LogMessage[]): void {
  for (const message of messages) {
    // Of an object that stays in one name V8 knows where each member is as it comes by.
    const { headers } = message;
    let characters = message.key?.length ?? 0;
    for (const name in headers) characters += name.length + headers[name]!.length;
    // A UTF-16 unit takes at most 3 bytes of UTF-8: only what comes near is measured exactly.
    if (message.value.length + characters * 3 <= MESSAGE_BYTES_MAX) continue;
    let bytes = message.value.length + Buffer.byteLength(message.key ?? '');
    for (const [name, text] of Object.entries(message.headers))
      bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    if (bytes > MESSAGE_BYTES_MAX)
      throw new LogError(
        'messageTooLarge',
        `message of ${bytes} bytes for topic ${topic}: at most ${MESSAGE_BYTES_MAX} fit`,
      );
  }
}

/** The partition of each message's key; all messages without one go to the same, the next in turn. */
export function choosePartition<P>(topic: Topic<P>, message: LogMessage, keyless: number): number {
  return message.key === null ? keyless : partitionOfKey(message.key, topic.spec.partitions);
}

/** Moves on to the partition that messages without a key have in this call. */
export function takeKeyless<P>(topic: Topic<P>): number {
  const partition = topic.nextKeyless;
  topic.nextKeyless = (partition + 1) % topic.spec.partitions;
  return partition;
}

/** The time of a record: the producer's, or the log's own, which never goes backwards. */
export function stamp<P>(topic: Topic<P>, message: LogMessage, nowMs: number): number {
  if (topic.spec.timestamps === 'create') return message.timestampMs ?? nowMs;
  if (nowMs > topic.lastAppendMs) topic.lastAppendMs = nowMs;
  return topic.lastAppendMs;
}

export function checkRange(
  where: { topic: string; partition: number },
  fromOffset: number,
  start: number,
  end: number,
): void {
  if (Number.isInteger(fromOffset) && fromOffset >= start && fromOffset <= end) return;
  throw new LogError(
    'offsetOutOfRange',
    `topic ${where.topic} partition ${where.partition} has offsets ${start} to ${end}, ` +
      `not ${fromOffset}`,
  );
}

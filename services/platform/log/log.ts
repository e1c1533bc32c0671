/**
 * The one interface through which services meet: topics of ordered, durable records.
 *
 * It promises what Apache Kafka promises and no more, so that the memory log, the embedded log and
 * Kafka pass one contract suite (`tests/log/log-contract.ts`) and a service cannot tell them apart:
 * - Inside a partition records keep the order in which they were produced and are numbered by their
 *   log offset, from 0. Nothing is promised between partitions.
 * - Offsets rise, but a reader must not count on there being no gaps (compaction and transactions
 *   leave them on Kafka): it goes on from the last record's offset + 1.
 * - `produce` is not atomic over several partitions. What it acknowledged survives a crash (but for
 *   the memory log); what it did not may be there or not.
 * - Delivery is at least once: a reader drops what it has seen by a number in the payload.
 *
 * Errors are `LogError`s; a call that fails by a check (topic, partition, size) has written nothing.
 */

/** A message to be produced. Neither it nor its value may be changed after it was handed over. */
export interface LogMessage {
  /** Decides the partition, by Kafka's default partitioner; null: any partition. */
  readonly key: string | null;
  /** Empty: there is none. In a compacted topic it ends what the key had. */
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** For topics with `create` timestamps (default: the log's clock); ignored where the log stamps. */
  readonly timestampMs?: number;
}

/** A record as read. Shared with other readers: must not be changed. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's offsets have 64 bits; a number is exact to 2^53, 285 years at a million a second. */
  readonly logOffset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Why what lies here cannot be read: all else of it is empty. Only for readers that ask for it. */
  readonly unreadable?: string;
  /** Of what cannot be read: whom its records name as their senders, as far as that can be seen. */
  readonly claims?: readonly string[];
}

export interface TopicSpec {
  /** Kafka's rule for names: 1 to 249 of `[A-Za-z0-9._-]`. */
  readonly name: string;
  readonly partitions: number;
  /**
   * `append`: the log stamps each record with its own clock, never backwards inside a topic (Kafka's
   * LogAppendTime, which goes back where the broker's clock is set back). `create`: the producer's
   * time.
   */
  readonly timestamps: 'create' | 'append';
  /** The log may forget a record when a later one has its key. It need not. */
  readonly compacted?: boolean;
  /** The log may forget a record that is older than this, in ms. It need not. Default: it never may. */
  readonly retentionMs?: number;
}

/** Where a record lies. */
export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly logOffset: number;
}

/** Where a produced message came to lie, in the order of the messages. */
export type Placement = Omit<LogPosition, 'topic'>;

export interface ReadOptions {
  /** How long to wait for the first record where there is none yet; default 0. */
  readonly waitMs?: number;
  /**
   * What cannot be read comes as a record that says so. Default: it is an error, `unreadable`, since
   * whoever passed it over would not know what is missing.
   */
  readonly handsUnreadable?: boolean;
}

/** Consecutive records of one partition, at least one. */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

export interface SubscribeOptions {
  /** Members of a group share out the partitions of its topics between them. */
  readonly group: string;
  readonly topics: readonly string[];
  /** At most so many records a batch; default 500. */
  readonly maxRecords?: number;
  /** As for `read`. */
  readonly handsUnreadable?: boolean;
  /**
   * Called with one batch at a time for each partition, several partitions side by side. It commits
   * for itself, by `Log.commit`, once what follows from the batch is safe, which may be later. If it
   * rejects, the subscription stops and `stopped` rejects with the same error.
   */
  readonly handle: (batch: LogBatch) => Promise<void>;
  /**
   * Called whenever the group is shared out anew, before anything of the new share is handed: what was
   * handed and is not committed comes again, to this member or another. A commit for what this member
   * no longer has is without effect on Kafka.
   */
  readonly released?: () => void;
  /**
   * The group is of one process: a member that is left without a partition, as another process's has them, ends with
   * `groupInUse`. Of effect where processes share a log: on Kafka.
   */
  readonly isSole?: boolean;
}

export interface Subscription {
  /** Leaves the group once the batches in hand are done. */
  stop(): Promise<void>;
  /** Resolves when it was stopped or the log was closed, rejects when it failed. */
  readonly stopped: Promise<void>;
}

export interface Log {
  /**
   * Creates what is missing. A topic that exists with another number of partitions, other timestamps
   * or other compaction is an error, since its keys would move, its times change their meaning, or
   * records be forgotten. So is one whose log forgets earlier than `retentionMs` allows.
   */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** The names of those that `createTopics` would create; creates nothing, and throws as it does. */
  missingTopics(topics: readonly TopicSpec[]): Promise<string[]>;
  topics(): Promise<TopicSpec[]>;

  /** Resolves once the messages are durable. */
  produce(topic: string, messages: readonly LogMessage[]): Promise<Placement[]>;

  /**
   * Up to `maxRecords` records from `fromOffset` on: fewer where the log chooses so, none only at
   * the end. An offset before the first record kept, or beyond the end, is out of range.
   */
  read(
    topic: string,
    partition: number,
    fromOffset: number,
    maxRecords: number,
    options?: ReadOptions,
  ): Promise<LogRecord[]>;

  /** The offset of the first record that is kept (the end offset where there is none). */
  startOffset(topic: string, partition: number): Promise<number>;
  /** The offset that the next record will have. */
  endOffset(topic: string, partition: number): Promise<number>;
  /** Forgets the records before an offset, for good: retention by the owner of the topic. */
  deleteBefore(topic: string, partition: number, logOffset: number): Promise<void>;

  /** Records where a group goes on: each offset is that of the next record to be handled. */
  commit(group: string, positions: readonly LogPosition[]): Promise<void>;
  committed(group: string, topic: string, partition: number): Promise<number | null>;

  /** Joins a group; each partition starts at the group's committed offset, else at its start. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;

  /** Ends subscriptions after the batch in hand; what follows is refused. Idempotent. */
  close(): Promise<void>;
}

/** Key, value and headers of a message together, in bytes. Kafka's topics are created to fit it. */
export const MESSAGE_BYTES_MAX = 1_048_576;

export type LogErrorKind =
  | 'topicUnknown'
  | 'topicDiffers'
  | 'topicInvalid'
  | 'partitionUnknown'
  | 'messageTooLarge'
  | 'offsetOutOfRange'
  /** Something lies there that no service of a network wrote. */
  | 'unreadable'
  | 'closed'
  | 'locked'
  /** The log is away (a broker that does not answer): try later. What was to be written may be there. */
  | 'unavailable'
  /** Members of the group in another process: it can be committed for once they are gone. */
  | 'groupInUse'
  | 'optionsInvalid'
  | 'diskFull'
  /** What is stored is not what was written: the message names the partition and the offset. */
  | 'damaged'
  | 'storeFailed';

export class LogError extends Error {
  override readonly name = 'LogError';
  readonly kind: LogErrorKind;
  constructor(kind: LogErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

import type { Message, ReceivedMessage } from '../protocol/names/message.ts';
import type { TopicPlan } from '../protocol/names/topic-plan.ts';

/**
 * What a live service is given: a log, a logger, figures, probes and a clock. `services/platform`
 * implements it; a service names these types alone, so it runs over any log and in any process.
 */

export type LoggedMessage = ReceivedMessage & Message;

interface LogPlace {
  readonly topic: string;
  readonly partition: number;
  readonly logOffset: number;
}

export interface MessageBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LoggedMessage[];
}

export interface LogPort {
  createTopics(topics: readonly TopicPlan[]): Promise<void>;
  /** The names of those that do not exist; one that exists and differs is an error. */
  missingTopics(topics: readonly TopicPlan[]): Promise<string[]>;
  topics(): Promise<readonly TopicPlan[]>;
  /** Resolves once the messages are durable. */
  produce(
    topic: string,
    messages: readonly Message[],
  ): Promise<readonly { readonly partition: number; readonly logOffset: number }[]>;
  /** Up to `maxRecords` from an offset on; none only at the end, after at most `waitMs`. */
  read(
    topic: string,
    partition: number,
    fromOffset: number,
    maxRecords: number,
    options?: { readonly waitMs?: number; readonly handsUnreadable?: boolean },
  ): Promise<readonly LoggedMessage[]>;
  startOffset(topic: string, partition: number): Promise<number>;
  endOffset(topic: string, partition: number): Promise<number>;
  /** Where a reader goes on: the offset of the next record that it will handle. */
  commit(group: string, positions: readonly LogPlace[]): Promise<void>;
  committed(group: string, topic: string, partition: number): Promise<number | null>;
  subscribe(options: {
    readonly group: string;
    readonly topics: readonly string[];
    readonly maxRecords?: number;
    /** Default: what cannot be read ends the subscription. */
    readonly handsUnreadable?: boolean;
    readonly handle: (batch: MessageBatch) => Promise<void>;
    /** The partitions are shared out anew: what was handed and is not committed comes again, to some member. */
    readonly released?: () => void;
    /** Ends with `groupInUse` where another process has all partitions. */
    readonly isSole?: boolean;
  }): Promise<{ stop(): Promise<void>; readonly stopped: Promise<void> }>;
}

/** What went wrong with a log may pass by itself: the kinds say so. */
export interface LogFault extends Error {
  readonly kind: string;
}

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** Structured lines. Fields hold names, numbers and positions, never payloads, headers or keys. */
export interface Logger {
  info(fields: Fields, text: string): void;
  warn(fields: Fields, text: string): void;
  error(fields: Fields, text: string): void;
}

/** Figures for operators; names begin with `corridor_` and end in their unit. */
interface Figures {
  counter(name: string, help: string): (by?: number) => void;
  gauge(name: string, help: string): (value: number) => void;
  /** In seconds. */
  duration(name: string, help: string): (seconds: number) => void;
}

interface Probes {
  /**
   * A service is ready while each of its checks returns null; else the text says what it lacks.
   * @returns takes the check back
   */
  readiness(name: string, check: () => string | null): () => void;
  /** A reader whose position must rise while its log grows; the watchdog tells when it does not. */
  consumer(name: string, progress: ConsumerProgress): void;
}

export interface ConsumerProgress {
  /** Offset of the next record to be handled; null while the service has none. */
  position(): number | null;
  /** Offset behind the last that the log has given to anything. */
  end(): Promise<number>;
  /** The first record from an offset on; null: none, though the end be further. Default: at the offset. */
  nextRecord?(from: number): Promise<number | null>;
}

export interface ServiceContext {
  readonly log: LogPort;
  readonly logger: Logger;
  readonly figures: Figures;
  readonly probes: Probes;
  /** Ms since 1970: for what is stamped. */
  readonly nowMs: () => number;
  /** Monotonic ms: for what is measured and waited for. */
  readonly elapsedMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /**
   * Told before and after each write, send and commit, by a name that stays. Does nothing but in
   * fault tests, which end the process there.
   */
  readonly reached: (point: string) => void;
}

export interface RunningService {
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
  /** Resolves when it has handled what its log held at the call, or does not get on with it. */
  caughtUp?(): Promise<void>;
  /** Resolves when stopped, rejects when the service cannot go on. */
  readonly done: Promise<void>;
}

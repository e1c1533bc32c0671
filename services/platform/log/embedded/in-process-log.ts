/**
 * A log that lives in this process, over a storage: the memory log and the embedded log are this
 * with a storage each. Here are the checks, the waiting readers and the groups.
 */

import {
  type Log,
  LogError,
  type LogMessage,
  type LogPosition,
  type LogRecord,
  type Placement,
  type TopicSpec,
} from '../log.ts';
import { createEmbeddedGroups } from './embedded-groups.ts';
import { type Catalogue, checkRange, type Topic } from './topic-catalogue.ts';
import { createWaitingReaders } from './waiting-readers.ts';

/** A partition keeps the offsets from `start` up to, not including, `end`. */
export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

/** What holds the records. Its calls come checked, but for the size of messages. */
export interface Storage<P extends OffsetRange> {
  createTopics(specs: readonly TopicSpec[]): Promise<Topic<P>[]>;
  /**
   * Resolves once durable; from then on, and not before, `end` counts the messages. Where one is too
   * large (`checkSizes`) none is written.
   */
  append(topic: Topic<P>, messages: readonly LogMessage[]): Promise<Placement[]>;
  slice(
    topic: Topic<P>,
    partition: number,
    fromOffset: number,
    maxRecords: number,
  ): LogRecord[] | Promise<LogRecord[]>;
  deleteBefore(topic: Topic<P>, partition: number, logOffset: number): Promise<void>;
  commit(group: string, positions: readonly LogPosition[]): Promise<void>;
  committed(group: string, topic: string, partition: number): number | null;
  /** Ends what is under way; nothing is called afterwards. */
  close(): Promise<void>;
}

export function createInProcessLog<P extends OffsetRange>(
  catalogue: Catalogue<P>,
  storage: Storage<P>,
): Log {
  const arrivals = createWaitingReaders<P>();
  let closed = false;
  let closing: Promise<void> | undefined;
  /** The end of the last creation of topics: one waits for the other, as both may name the same. */
  let created: Promise<void> = Promise.resolve();
  const ensureOpen = () => {
    if (closed) throw new LogError('closed', 'the log is closed');
  };

  const offsets: Pick<Log, 'startOffset' | 'endOffset' | 'committed' | 'read'> = {
    async startOffset(topic, partition) {
      ensureOpen();
      return catalogue.partition(topic, partition).start;
    },
    async endOffset(topic, partition) {
      ensureOpen();
      return catalogue.partition(topic, partition).end;
    },
    async committed(group, topic, partition) {
      ensureOpen();
      catalogue.partition(topic, partition);
      return storage.committed(group, topic, partition);
    },
    async read(topic, partition, fromOffset, maxRecords, { waitMs = 0 } = {}) {
      ensureOpen();
      const from = catalogue.partition(topic, partition);
      checkRange({ topic, partition }, fromOffset, from.start, from.end);
      if (fromOffset === from.end && waitMs > 0) {
        await arrivals.wait(from, waitMs);
        ensureOpen();
        checkRange({ topic, partition }, fromOffset, from.start, from.end);
      }
      if (fromOffset === from.end) return [];
      return storage.slice(catalogue.get(topic), partition, fromOffset, maxRecords);
    },
  };

  const groups = createEmbeddedGroups({
    ...offsets,
    partitionCount: (topic) => catalogue.get(topic).spec.partitions,
    wake: (topic, partition) => arrivals.wake(catalogue.partition(topic, partition)),
  });

  return {
    ...offsets,
    async createTopics(specs) {
      ensureOpen();
      const creation = created.then(async () => {
        ensureOpen();
        const missing = catalogue.missing(specs);
        if (missing.length === 0) return;
        for (const topic of await storage.createTopics(missing)) catalogue.add(topic);
      });
      created = creation.catch(() => {});
      await creation;
    },
    async missingTopics(specs) {
      ensureOpen();
      return catalogue.missing(specs).map(({ name }) => name);
    },
    async topics() {
      ensureOpen();
      return [...catalogue.all()].map((topic) => topic.spec);
    },
    async produce(name, messages) {
      ensureOpen();
      const topic = catalogue.get(name);
      if (messages.length === 0) return [];
      const placements = await storage.append(topic, messages);
      for (const partition of topic.partitions) arrivals.wake(partition);
      return placements;
    },
    async deleteBefore(topic, partition, logOffset) {
      ensureOpen();
      const from = catalogue.partition(topic, partition);
      checkRange({ topic, partition }, logOffset, 0, from.end);
      if (logOffset > from.start)
        await storage.deleteBefore(catalogue.get(topic), partition, logOffset);
    },
    async commit(group, positions) {
      ensureOpen();
      for (const { topic, partition } of positions) catalogue.partition(topic, partition);
      await storage.commit(group, positions);
    },
    async subscribe(options) {
      ensureOpen();
      return groups.subscribe(options);
    },
    close() {
      closing ??= groups.close().then(() => {
        closed = true;
        arrivals.wakeAll();
        return storage.close();
      });
      return closing;
    },
  };
}

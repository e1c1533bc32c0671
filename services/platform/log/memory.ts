/**
 * The log in memory: for scenario runs, whose clock it takes, and for tests. Nothing is copied; what
 * is produced stays until `deleteBefore` or the end of the process.
 */
import { createArrivals } from './arrivals.ts';
import {
  checkRange,
  checkSizes,
  choosePartition,
  createCatalogue,
  type Topic,
  takeKeyless,
} from './catalogue.ts';
import { createGroups } from './groups.ts';
import { type Log, LogError, type LogMessage, type LogRecord, type Placement } from './log.ts';

interface Partition {
  /** The records from `start` on. */
  records: LogRecord[];
  start: number;
}

export interface MemoryLogOptions {
  /** Ms since 1970: the clock that stamps records. A simulator gives its virtual one. */
  readonly now: () => number;
}

const endOf = (partition: Partition) => partition.start + partition.records.length;

function append(
  topic: Topic<Partition>,
  messages: readonly LogMessage[],
  nowMs: number,
): Placement[] {
  const name = topic.spec.name;
  const stamps = topic.spec.timestamps === 'append';
  if (stamps && nowMs > topic.lastAppendMs) topic.lastAppendMs = nowMs;
  const keyless = takeKeyless(topic);
  return messages.map((message) => {
    const partition = choosePartition(topic, message, keyless);
    const into = topic.partitions[partition]!;
    const logOffset = endOf(into);
    into.records.push({
      topic: name,
      partition,
      logOffset,
      timestampMs: stamps ? topic.lastAppendMs : (message.timestampMs ?? nowMs),
      key: message.key,
      value: message.value,
      headers: message.headers,
    });
    return { partition, logOffset };
  });
}

export function createMemoryLog({ now }: MemoryLogOptions): Log {
  const catalogue = createCatalogue<Partition>();
  const arrivals = createArrivals<Partition>();
  const commits = new Map<string, number>();
  const commitKey = (group: string, topic: string, partition: number) =>
    `${topic} ${partition} ${group}`;
  let closed = false;
  let closing: Promise<void> | undefined;
  const ensureOpen = () => {
    if (closed) throw new LogError('closed', 'the log is closed');
  };

  const groups = createGroups({
    read,
    startOffset: async (topic, partition) => catalogue.partition(topic, partition).start,
    committed: async (group, topic, partition) =>
      commits.get(commitKey(group, topic, partition)) ?? null,
    partitionCount: (topic) => catalogue.get(topic).spec.partitions,
    wake: (topic, partition) => arrivals.wake(catalogue.partition(topic, partition)),
  });

  async function read(
    topic: string,
    partition: number,
    fromOffset: number,
    maxRecords: number,
    options: { waitMs?: number } = {},
  ): Promise<LogRecord[]> {
    ensureOpen();
    const from = catalogue.partition(topic, partition);
    checkRange({ topic, partition }, fromOffset, from.start, endOf(from));
    if (fromOffset === endOf(from) && options.waitMs) await arrivals.wait(from, options.waitMs);
    const first = Math.max(fromOffset - from.start, 0);
    return from.records.slice(first, first + maxRecords);
  }

  return {
    read,
    async createTopics(topics) {
      ensureOpen();
      for (const spec of catalogue.missing(topics))
        catalogue.add({
          spec,
          partitions: Array.from({ length: spec.partitions }, () => ({ records: [], start: 0 })),
          lastAppendMs: Number.NEGATIVE_INFINITY,
          nextKeyless: 0,
        });
    },
    async topics() {
      ensureOpen();
      return [...catalogue.all()].map((topic) => topic.spec);
    },
    async produce(name, messages) {
      ensureOpen();
      const topic = catalogue.get(name);
      checkSizes(name, messages);
      const placements = append(topic, messages, now());
      for (const partition of topic.partitions) arrivals.wake(partition);
      return placements;
    },
    async startOffset(topic, partition) {
      ensureOpen();
      return catalogue.partition(topic, partition).start;
    },
    async endOffset(topic, partition) {
      ensureOpen();
      return endOf(catalogue.partition(topic, partition));
    },
    async deleteBefore(topic, partition, logOffset) {
      ensureOpen();
      const from = catalogue.partition(topic, partition);
      checkRange({ topic, partition }, logOffset, 0, endOf(from));
      if (logOffset <= from.start) return;
      from.records = from.records.slice(logOffset - from.start);
      from.start = logOffset;
    },
    async commit(group, positions) {
      ensureOpen();
      for (const { topic, partition } of positions) catalogue.partition(topic, partition);
      for (const { topic, partition, logOffset } of positions)
        commits.set(commitKey(group, topic, partition), logOffset);
    },
    async committed(group, topic, partition) {
      ensureOpen();
      catalogue.partition(topic, partition);
      return commits.get(commitKey(group, topic, partition)) ?? null;
    },
    async subscribe(options) {
      ensureOpen();
      return groups.subscribe(options);
    },
    close() {
      closing ??= groups.close().then(() => {
        closed = true;
        arrivals.wakeAll();
      });
      return closing;
    },
  };
}

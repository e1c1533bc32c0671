/**
 * The log in memory: for scenario runs, whose clock it takes, and for tests. Nothing is copied; what
 * is produced stays until `deleteBefore` or the end of the process.
 */

import type { Log, LogRecord, TopicSpec } from '../log.ts';
import { createInProcessLog, type Storage } from './in-process-log.ts';
import {
  checkSizes,
  choosePartition,
  createCatalogue,
  stamp,
  type Topic,
  takeKeyless,
} from './topic-catalogue.ts';

export interface MemoryLogOptions {
  /** Ms since 1970: the clock that stamps records. A simulator gives its virtual one. */
  readonly now: () => number;
}

interface Partition {
  /** The records from `start` on. */
  records: LogRecord[];
  start: number;
  readonly end: number;
}

function createPartition(): Partition {
  return {
    records: [],
    start: 0,
    get end() {
      return this.start + this.records.length;
    },
  };
}

const createTopic = (spec: TopicSpec): Topic<Partition> => ({
  spec,
  partitions: Array.from({ length: spec.partitions }, createPartition),
  lastAppendMs: Number.NEGATIVE_INFINITY,
  nextKeyless: 0,
});

export function createMemoryLog({ now }: MemoryLogOptions): Log {
  const commits = new Map<string, number>();
  const commitKey = (group: string, topic: string, partition: number) =>
    `${topic} ${partition} ${group}`;

  const storage: Storage<Partition> = {
    createTopics: async (specs) => specs.map(createTopic),
    async append(topic, messages) {
      checkSizes(topic.spec.name, messages);
      const nowMs = now();
      const keyless = takeKeyless(topic);
      return messages.map((message) => {
        const partition = choosePartition(topic, message, keyless);
        const { records, end } = topic.partitions[partition]!;
        records.push({
          topic: topic.spec.name,
          partition,
          logOffset: end,
          timestampMs: stamp(topic, message, nowMs),
          key: message.key,
          value: message.value,
          headers: message.headers,
        });
        return { partition, logOffset: end };
      });
    },
    slice(topic, partition, fromOffset, maxRecords) {
      const { records, start } = topic.partitions[partition]!;
      return records.slice(fromOffset - start, fromOffset - start + maxRecords);
    },
    async deleteBefore(topic, index, logOffset) {
      const partition = topic.partitions[index]!;
      partition.records = partition.records.slice(logOffset - partition.start);
      partition.start = logOffset;
    },
    async commit(group, positions) {
      for (const { topic, partition, logOffset } of positions)
        commits.set(commitKey(group, topic, partition), logOffset);
    },
    committed: (group, topic, partition) => commits.get(commitKey(group, topic, partition)) ?? null,
    async close() {},
  };
  return createInProcessLog(createCatalogue<Partition>(), storage);
}

/**
 * The durable log inside the process: one file in a folder, one writer process at a time. A thread of
 * its own writes and reads the file (store-worker.ts).
 *
 * Calls of `produce` and `commit` that are made in the same turn of the event loop share one
 * transaction and so one sync of the disk: they are durable together, or fail together. So do those
 * that are made while the transaction before is under way.
 */

import type { Log, LogRecord } from '../log.ts';
import type { PartitionPlace } from './checksums.ts';
import { commitKey, type Partition, Writer } from './embedded-writer.ts';
import { createInProcessLog, type Storage } from './in-process-log.ts';
import { Tail } from './newest-runs.ts';
import { readRun } from './record-runs.ts';
import { startStoreThread } from './store-thread.ts';
import type { FoundRuns, OpenedTopic } from './store-worker.ts';
import { createCatalogue, type Topic } from './topic-catalogue.ts';

export interface EmbeddedLogOptions {
  /** Created if need be; holds `log.sqlite` and, while open, its WAL. */
  readonly folder: string;
  /** Ms since 1970: the clock that stamps records; default the wall clock. */
  readonly now?: () => number;
  /** The largest size of the file, beyond which `produce` fails as on a full disk. */
  readonly bytesMax?: number;
  /** Nothing is written, and the folder need not be writable; several may read side by side. */
  readonly readOnly?: boolean;
}

function toTopic(folder: string, { spec, partitions }: OpenedTopic): Topic<Partition> {
  return {
    spec,
    partitions: partitions.map(({ id, start, end, unchecked }, index) => ({
      place: { folder, topic: spec.name, partition: index, unchecked },
      start,
      end,
      table: id,
      tail: new Tail(),
    })),
    lastAppendMs: Math.max(
      ...partitions.map(({ lastTimeMs }) => lastTimeMs ?? Number.NEGATIVE_INFINITY),
    ),
    nextKeyless: 0,
  };
}

function toRecords(
  place: PartitionPlace,
  { memory, runs }: FoundRuns,
  fromOffset: number,
  recordsMax: number,
): LogRecord[] {
  const records: LogRecord[] = [];
  let start = 0;
  for (const { end, ...run } of runs) {
    const bytes = Buffer.from(memory, start, end - start);
    readRun({ ...run, bytes }, place, fromOffset, recordsMax, records);
    start = end;
  }
  return records;
}

/**
 * Opens the log in a folder, or starts one there. Throws a `LogError`: `locked` where another
 * process (or this one) has it open.
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Log {
  const { folder, now = Date.now, bytesMax, readOnly = false } = options;
  const thread = startStoreThread({ folder, bytesMax, readOnly });
  const catalogue = createCatalogue<Partition>();
  for (const topic of thread.opened.topics) catalogue.add(toTopic(folder, topic));
  const writer = new Writer(thread, now);

  const storage: Storage<Partition> = {
    createTopics: async (specs) =>
      (await thread.createTopics(specs)).map((topic) => toTopic(folder, topic)),
    append: (topic, messages) => writer.append(topic, messages),
    slice(topic, index, fromOffset, maxRecords) {
      const { place, table, tail } = topic.partitions[index]!;
      return (
        tail.read(place, fromOffset, maxRecords) ??
        thread
          .read(table, fromOffset, maxRecords)
          .then((found) => toRecords(place, found, fromOffset, maxRecords))
      );
    },
    async deleteBefore(topic, index, logOffset) {
      const partition = topic.partitions[index]!;
      await thread.deleteBefore(partition.table, logOffset);
      partition.start = logOffset;
    },
    commit: (group, positions) =>
      writer.commit(positions.map((position) => ({ group, ...position }))),
    committed: (group, topic, partition) =>
      writer.committed.get(commitKey(group, topic, partition)) ?? null,
    async close() {
      await writer.drained();
      await thread.close();
    },
  };
  return createInProcessLog(catalogue, storage);
}

/**
 * The durable log inside the process: one file in a folder, one writer process at a time.
 *
 * Calls of `produce` and `commit` that are made in the same turn of the event loop share one
 * transaction and so one sync of the disk: they are durable together, or fail together.
 */
import { choosePartition, createCatalogue, stamp, type Topic, takeKeyless } from './catalogue.ts';
import { createInProcessLog, type OffsetRange, type Storage } from './in-process.ts';
import { type Log, LogError, type LogMessage, type Placement, type TopicSpec } from './log.ts';
import { openStore, type PartitionTable, type Store } from './store.ts';

export interface EmbeddedLogOptions {
  /** Created if need be; holds `log.sqlite` and, while open, its WAL. */
  readonly folder: string;
  /** Ms since 1970: the clock that stamps records; default the wall clock. */
  readonly now?: () => number;
  /** The largest size of the file, beyond which `produce` fails as on a full disk. */
  readonly bytesMax?: number;
}

interface Partition extends OffsetRange {
  start: number;
  /** What is durable. */
  end: number;
  /** The next offset to be given: beyond `end` inside a transaction. */
  next: number;
  readonly table: PartitionTable;
}

function loadTopic(store: Store, spec: TopicSpec): Topic<Partition> {
  const tables = store.partitions(spec.name);
  return {
    spec,
    partitions: tables.map((table) => ({
      start: table.start,
      end: table.end,
      next: table.end,
      table,
    })),
    lastAppendMs: Math.max(...tables.map((table) => table.lastTimeMs ?? Number.NEGATIVE_INFINITY)),
    nextKeyless: 0,
  };
}

/** In a transaction. */
function insertMessages(
  topic: Topic<Partition>,
  messages: readonly LogMessage[],
  nowMs: number,
): Placement[] {
  const keyless = takeKeyless(topic);
  return messages.map((message) => {
    const partition = choosePartition(topic, message, keyless);
    const into = topic.partitions[partition]!;
    const { buffer, byteOffset, byteLength } = message.value;
    into.table.insert([
      into.next,
      stamp(topic, message, nowMs),
      message.key,
      JSON.stringify(message.headers),
      Buffer.from(buffer, byteOffset, byteLength),
    ]);
    return { partition, logOffset: into.next++ };
  });
}

/** A call that waits for the next transaction. */
interface Write {
  /** In the transaction. */
  run(): void;
  /** After it: durable, or why not. */
  done(error?: unknown): void;
}

/** Collects the writes of a turn of the event loop into one transaction. */
function createWriter(store: Store, partitionsOfAll: () => Iterable<Partition>) {
  let writes: Write[] = [];
  let broken: LogError | undefined;

  function flush() {
    const group = writes;
    writes = [];
    if (group.length === 0) return;
    let failure: unknown = broken;
    if (failure === undefined)
      try {
        store.transaction(() => {
          for (const write of group) write.run();
        });
      } catch (error) {
        failure = error;
        // After a failed write nobody knows what the disk holds until the file is opened anew.
        if (error instanceof LogError && error.kind === 'storeFailed') broken = error;
      }
    for (const partition of partitionsOfAll()) {
      if (failure === undefined) partition.end = partition.next;
      else partition.next = partition.end;
    }
    for (const write of group) write.done(failure);
  }

  return {
    flush,
    add<T>(run: () => T): Promise<T> {
      return new Promise((resolve, reject) => {
        let result: T;
        if (writes.length === 0) setImmediate(flush);
        writes.push({
          run() {
            result = run();
          },
          done: (error) => (error === undefined ? resolve(result) : reject(error)),
        });
      });
    },
  };
}

/**
 * Opens the log in a folder, or starts one there. Throws a `LogError`: `locked` where another
 * process (or this one) has it open.
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Log {
  const { folder, now = Date.now, bytesMax } = options;
  const store = openStore(folder, bytesMax);
  const catalogue = createCatalogue<Partition>();
  for (const spec of store.topics()) catalogue.add(loadTopic(store, spec));
  const writer = createWriter(store, function* () {
    for (const topic of catalogue.all()) yield* topic.partitions;
  });

  const storage: Storage<Partition> = {
    createTopics(specs) {
      store.transaction(() => {
        for (const spec of specs) store.insertTopic(spec);
      });
      return specs.map((spec) => loadTopic(store, spec));
    },
    append: (topic, messages) => writer.add(() => insertMessages(topic, messages, now())),
    slice(topic, partition, fromOffset, maxRecords) {
      const { table } = topic.partitions[partition]!;
      return table
        .select(fromOffset, maxRecords)
        .map(([logOffset, timestampMs, key, headers, value]) => ({
          topic: topic.spec.name,
          partition,
          logOffset,
          timestampMs,
          key,
          value,
          headers: JSON.parse(headers) as Record<string, string>,
        }));
    },
    deleteBefore(partition, logOffset) {
      store.transaction(() => partition.table.deleteBefore(logOffset));
      partition.start = logOffset;
    },
    commit: (group, positions) =>
      writer.add(() => {
        for (const position of positions) store.insertCommit(group, position);
      }),
    committed: (group, topic, partition) => store.committed(group, topic, partition),
    async close() {
      writer.flush();
      store.close();
    },
  };
  return createInProcessLog(catalogue, storage);
}

/**
 * The durable log inside the process: one file in a folder, one writer process at a time. A thread of
 * its own writes and reads the file (store-worker.ts).
 *
 * Calls of `produce` and `commit` that are made in the same turn of the event loop share one
 * transaction and so one sync of the disk: they are durable together, or fail together. So do those
 * that are made while the transaction before is under way.
 */
import { choosePartition, createCatalogue, stamp, type Topic, takeKeyless } from './catalogue.ts';
import { type Frames, FrameWriter, readFrames } from './frames.ts';
import { createInProcessLog, type OffsetRange, type Storage } from './in-process.ts';
import { type Log, LogError, type LogMessage, type LogRecord, type Placement } from './log.ts';
import type { CommittedPosition } from './store.ts';
import { type StoreThread, startStoreThread } from './store-thread.ts';
import type { OpenedTopic } from './store-worker.ts';
import { Tail, Tails } from './tails.ts';

export interface EmbeddedLogOptions {
  /** Created if need be; holds `log.sqlite` and, while open, its WAL. */
  readonly folder: string;
  /** Ms since 1970: the clock that stamps records; default the wall clock. */
  readonly now?: () => number;
  /** The largest size of the file, beyond which `produce` fails as on a full disk. */
  readonly bytesMax?: number;
}

/** The newest records are kept in memory, so much of them in all. */
const TAILS_BYTES = 48 * 1_048_576;

interface Partition extends OffsetRange {
  readonly index: number;
  start: number;
  /** What is durable. */
  end: number;
  readonly table: number;
  readonly tail: Tail;
  /** What the transaction under way adds. */
  added: LogRecord[];
  addedBytes: number;
}

function toTopic({ spec, partitions }: OpenedTopic): Topic<Partition> {
  return {
    spec,
    partitions: partitions.map(({ id, start, end }, index) => ({
      index,
      start,
      end,
      table: id,
      tail: new Tail(),
      added: [],
      addedBytes: 0,
    })),
    lastAppendMs: Math.max(
      ...partitions.map(({ lastTimeMs }) => lastTimeMs ?? Number.NEGATIVE_INFINITY),
    ),
    nextKeyless: 0,
  };
}

const commitKey = (group: string, topic: string, partition: number) =>
  `${topic} ${partition} ${group}`;

/** A call that waits for the next transaction. */
interface Write {
  /** Adds what it writes to the transaction. */
  prepare(): void;
  /** After it: durable, or why not. */
  done(error?: unknown): void;
}

/** Gathers writes into transactions, one of which is under way at a time. */
class Writer {
  readonly #thread: StoreThread;
  readonly #now: () => number;
  readonly #frames = new FrameWriter();
  readonly #tails = new Tails(TAILS_BYTES);
  readonly committed = new Map<string, number>();
  #memory: ArrayBuffer | undefined;
  #writes: Write[] = [];
  #underWay: Promise<void> | undefined;
  #touched: Partition[] = [];
  #commits: CommittedPosition[] = [];
  #broken: LogError | undefined;

  constructor(thread: StoreThread, now: () => number) {
    this.#thread = thread;
    this.#now = now;
    for (const { group, topic, partition, logOffset } of thread.opened.commits)
      this.committed.set(commitKey(group, topic, partition), logOffset);
  }

  append(topic: Topic<Partition>, messages: readonly LogMessage[]): Promise<Placement[]> {
    return this.#add(() => {
      const keyless = takeKeyless(topic);
      const nowMs = this.#now();
      return messages.map((message) => {
        const partition = topic.partitions[choosePartition(topic, message, keyless)]!;
        return this.#insert(topic, partition, message, stamp(topic, message, nowMs));
      });
    });
  }

  commit(commits: readonly CommittedPosition[]): Promise<void> {
    return this.#add(() => {
      this.#commits.push(...commits);
    });
  }

  /** Resolves when everything that was added is written, or failed. */
  async drained(): Promise<void> {
    this.#flush();
    while (this.#underWay) await this.#underWay;
  }

  #add<T>(prepare: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T;
      if (this.#writes.length === 0 && !this.#underWay) setImmediate(() => this.#flush());
      this.#writes.push({
        prepare() {
          result = prepare();
        },
        done: (error) => (error === undefined ? resolve(result) : reject(error)),
      });
    });
  }

  #insert(
    { spec }: Topic<Partition>,
    partition: Partition,
    { key, headers, value }: LogMessage,
    timestampMs: number,
  ): Placement {
    const bytes = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    if (partition.added.length === 0) this.#touched.push(partition);
    const logOffset = partition.end + partition.added.length;
    const text = JSON.stringify(headers);
    this.#frames.put(partition.table, logOffset, timestampMs, key, text, bytes);
    const { index } = partition;
    partition.added.push({
      topic: spec.name,
      partition: index,
      logOffset,
      timestampMs,
      key,
      value: bytes,
      headers,
    });
    partition.addedBytes += bytes.length + text.length;
    return { partition: index, logOffset };
  }

  #flush(): void {
    if (this.#underWay || this.#writes.length === 0) return;
    const group = this.#writes;
    this.#writes = [];
    this.#underWay = this.#write(group).then(() => {
      this.#underWay = undefined;
      this.#flush();
    });
  }

  /** One transaction. */
  async #write(group: readonly Write[]): Promise<void> {
    let failure: unknown = this.#broken;
    if (failure === undefined)
      try {
        this.#frames.begin(this.#memory);
        for (const write of group) write.prepare();
        this.#memory = await this.#thread.write(this.#frames.take(), this.#commits);
      } catch (error) {
        failure = error;
        this.#memory = undefined;
        // After a failed write nobody knows what the disk holds until the file is opened anew.
        if (error instanceof LogError && error.kind === 'storeFailed') this.#broken = error;
      }
    this.#settle(failure === undefined);
    for (const write of group) write.done(failure);
  }

  #settle(isDurable: boolean): void {
    for (const partition of this.#touched) {
      if (isDurable) {
        partition.end += partition.added.length;
        this.#tails.add(partition.tail, partition.added, partition.addedBytes);
      }
      partition.added = [];
      partition.addedBytes = 0;
    }
    if (isDurable)
      for (const { group, topic, partition, logOffset } of this.#commits)
        this.committed.set(commitKey(group, topic, partition), logOffset);
    this.#touched = [];
    this.#commits = [];
  }
}

function toRecords(topic: string, partition: number, frames: Frames): LogRecord[] {
  return Array.from(readFrames(frames), ({ logOffset, timeMs, key, headers, value }) => ({
    topic,
    partition,
    logOffset,
    timestampMs: timeMs,
    key,
    value,
    headers: JSON.parse(headers) as Record<string, string>,
  }));
}

/**
 * Opens the log in a folder, or starts one there. Throws a `LogError`: `locked` where another
 * process (or this one) has it open.
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Log {
  const { folder, now = Date.now, bytesMax } = options;
  const thread = startStoreThread(folder, bytesMax);
  const catalogue = createCatalogue<Partition>();
  for (const topic of thread.opened.topics) catalogue.add(toTopic(topic));
  const writer = new Writer(thread, now);

  const storage: Storage<Partition> = {
    createTopics: async (specs) => (await thread.createTopics(specs)).map(toTopic),
    append: (topic, messages) => writer.append(topic, messages),
    slice(topic, index, fromOffset, maxRecords) {
      const { table, tail, end } = topic.partitions[index]!;
      return (
        tail.read(end, fromOffset, maxRecords) ??
        thread
          .read(table, fromOffset, maxRecords)
          .then((frames) => toRecords(topic.spec.name, index, frames))
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

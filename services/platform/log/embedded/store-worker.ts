/**
 * The thread of an embedded log's file (sqlite-file-and-fsync.ts): it alone touches SQLite, so that nobody else waits
 * for the disk. It does what it is asked in that order, and answers each request once.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LogError, type LogErrorKind, type TopicSpec } from '../log.ts';
import type { Run, RunPlace } from './record-runs.ts';
import type { LogStore, StoredTopic, StoreOptions } from './sqlite-file-and-fsync.ts';
import type { CommittedPosition, PartitionRow } from './store-format.ts';
import type { PartitionTable } from './store-table.ts';

export interface StoreSetUp {
  readonly options: StoreOptions;
  /** Takes one StoreAnswer of Opened; the word is 1 when it is there. */
  readonly opening: MessagePort;
  readonly flag: Int32Array;
}

/** A partition's table as it was found. */
export interface OpenedTable {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** Records before it have no checksums. */
  readonly unchecked: number;
  readonly lastTimeMs: number | null;
}

export interface OpenedTopic {
  readonly spec: TopicSpec;
  readonly partitions: readonly OpenedTable[];
}

export interface Opened {
  readonly topics: readonly OpenedTopic[];
  readonly commits: readonly CommittedPosition[];
}

/** A run to be written, in the memory of its request. */
export interface WrittenRun extends RunPlace {
  readonly table: number;
  readonly firstOffset: number;
  readonly checksum: number;
}

/** Runs that were read, one behind the other in one piece of memory. */
export interface FoundRuns {
  readonly memory: ArrayBuffer;
  readonly runs: readonly (Omit<Run, 'bytes'> & { readonly end: number })[];
}

/** Each with what it is answered. */
export type Request =
  /** One transaction. */
  | {
      readonly kind: 'write';
      readonly memory: SharedArrayBuffer;
      readonly runs: readonly WrittenRun[];
      readonly commits: readonly CommittedPosition[];
    }
  /** Answered with FoundRuns. */
  | {
      readonly kind: 'read';
      readonly table: number;
      readonly fromOffset: number;
      readonly maxRecords: number;
    }
  /** Answered with the topics, opened. */
  | { readonly kind: 'createTopics'; readonly specs: readonly TopicSpec[] }
  | { readonly kind: 'deleteBefore'; readonly table: number; readonly logOffset: number }
  | { readonly kind: 'close' };

export type StoreAnswer<T> =
  | { readonly done: T }
  | { readonly failed: { readonly kind: LogErrorKind; readonly message: string } };

function failed(error: unknown): StoreAnswer<never> {
  const { message } = error as Error;
  const kind = error instanceof LogError ? error.kind : 'storeFailed';
  return { failed: { kind, message } };
}

/** One library may be missing: it is loaded where that can be told. */
async function open({ options }: StoreSetUp): Promise<LogStore> {
  const { openStore } = await import('./sqlite-file-and-fsync.ts');
  return openStore(options);
}

class Desk {
  readonly #store: LogStore;
  readonly #tables = new Map<number, PartitionTable>();

  constructor(store: LogStore) {
    this.#store = store;
  }

  openTopic({ spec, tables }: StoredTopic): OpenedTopic {
    for (const table of tables) this.#tables.set(table.row.id, table);
    return { spec, partitions: tables.map(({ row, lastTimeMs }) => ({ ...row, lastTimeMs })) };
  }

  open(): Opened {
    return {
      topics: this.#store.topics.map((topic) => this.openTopic(topic)),
      commits: this.#store.commits,
    };
  }

  /** @returns the answer, and the memory that goes with it */
  do(request: Request): [done: unknown, memory?: ArrayBuffer] {
    switch (request.kind) {
      case 'write':
        this.#write(request.memory, request.runs, request.commits);
        return [undefined];
      case 'read': {
        const found = this.#read(request.table, request.fromOffset, request.maxRecords);
        return [found, found.memory];
      }
      case 'createTopics': {
        const create = () => request.specs.map((spec) => this.#store.createTopic(spec));
        return [this.#store.transaction(create).map((topic) => this.openTopic(topic))];
      }
      case 'deleteBefore': {
        const table = this.#table(request.table);
        const row = { ...table.row, start: request.logOffset };
        this.#store.transaction(() => {
          table.deleteBefore(row.start);
          this.#store.updatePartition(row);
        });
        table.row = row;
        return [undefined];
      }
      case 'close':
        this.#store.close();
        return [undefined];
    }
  }

  #table(id: number): PartitionTable {
    return this.#tables.get(id) as PartitionTable;
  }

  #write(
    memory: SharedArrayBuffer,
    runs: readonly WrittenRun[],
    commits: readonly CommittedPosition[],
  ): void {
    const ends = new Map<PartitionTable, PartitionRow>();
    this.#store.transaction(() => {
      for (const { table: id, start, end, ...run } of runs) {
        const table = this.#table(id);
        table.insert({ ...run, bytes: Buffer.from(memory, start, end - start) });
        ends.set(table, { ...table.row, end: run.firstOffset + run.count });
      }
      for (const row of ends.values()) this.#store.updatePartition(row);
      for (const commit of commits) this.#store.putCommit(commit);
    });
    for (const [table, row] of ends) table.row = row;
  }

  #read(table: number, fromOffset: number, maxRecords: number): FoundRuns {
    const found = this.#table(table).select(fromOffset, maxRecords);
    const memory = new ArrayBuffer(found.reduce((sum, { bytes }) => sum + bytes.length, 0));
    const into = new Uint8Array(memory);
    let end = 0;
    const runs = found.map(({ bytes, ...run }) => {
      into.set(bytes, end);
      end += bytes.length;
      return { ...run, end };
    });
    return { memory, runs };
  }
}

async function run(port: MessagePort, setUp: StoreSetUp): Promise<void> {
  const tell = (answer: StoreAnswer<Opened>) => {
    setUp.opening.postMessage(answer);
    Atomics.store(setUp.flag, 0, 1);
    Atomics.notify(setUp.flag, 0);
  };
  let desk: Desk;
  try {
    desk = new Desk(await open(setUp));
    tell({ done: desk.open() });
  } catch (error) {
    tell(failed(error));
    return;
  }
  port.on('message', (request: Request) => {
    try {
      const [done, memory] = desk.do(request);
      port.postMessage({ done } satisfies StoreAnswer<unknown>, memory ? [memory] : []);
    } catch (error) {
      port.postMessage(failed(error));
    }
    if (request.kind === 'close') port.close();
  });
}

if (parentPort) await run(parentPort, workerData as StoreSetUp);

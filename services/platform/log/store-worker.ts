/**
 * The thread of an embedded log's file (store.ts): it alone touches SQLite, so that nobody else waits
 * for the disk. It does what it is asked in that order, and answers each request once.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Frames, FrameWriter, readFrames } from './frames.ts';
import { LogError, type LogErrorKind, type LogPosition, type TopicSpec } from './log.ts';
import type { CommittedPosition, PartitionTable, Row, Store } from './store.ts';

export interface StoreSetUp {
  readonly folder: string;
  readonly bytesMax: number | undefined;
  /** Takes one Answer of Opened; the word is 1 when it is there. */
  readonly opening: MessagePort;
  readonly flag: Int32Array;
}

/** A partition's table as it was found. */
export interface OpenedTable {
  readonly id: number;
  readonly start: number;
  readonly end: number;
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

/** Each with what it is answered. */
export type Request =
  /** One transaction; answered with the frames' memory. */
  | {
      readonly kind: 'write';
      readonly frames: Frames;
      readonly commits: readonly CommittedPosition[];
    }
  /** Answered with frames. */
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

export type Answer<T> =
  | { readonly done: T }
  | { readonly failed: { readonly kind: LogErrorKind; readonly message: string } };

function failed(error: unknown): Answer<never> {
  const { message } = error as Error;
  const kind = error instanceof LogError ? error.kind : 'storeFailed';
  return { failed: { kind, message } };
}

/** One library may be missing: it is loaded where that can be told. */
async function open({ folder, bytesMax }: StoreSetUp): Promise<Store> {
  const { openStore } = await import('./store.ts');
  return openStore(folder, bytesMax);
}

class Desk {
  readonly #store: Store;
  readonly #tables = new Map<number, PartitionTable>();
  readonly #frames = new FrameWriter();

  constructor(store: Store) {
    this.#store = store;
  }

  openTopic(spec: TopicSpec): OpenedTopic {
    const tables = this.#store.partitions(spec.name);
    for (const table of tables) this.#tables.set(table.id, table);
    const partitions = tables.map(({ id, start, end, lastTimeMs }) => ({
      id,
      start,
      end,
      lastTimeMs,
    }));
    return { spec, partitions };
  }

  open(): Opened {
    return {
      topics: this.#store.topics().map((spec) => this.openTopic(spec)),
      commits: this.#store.commits(),
    };
  }

  /** @returns the answer, and the memory that goes with it */
  do(request: Request): [done: unknown, memory?: ArrayBuffer] {
    switch (request.kind) {
      case 'write':
        this.#write(request.frames, request.commits);
        return [request.frames.bytes, request.frames.bytes];
      case 'read': {
        const { table, fromOffset, maxRecords } = request;
        this.#frames.begin();
        for (const [logOffset, timeMs, key, headers, value] of this.#table(table).select(
          fromOffset,
          maxRecords,
        ))
          this.#frames.put(table, logOffset, timeMs, key, headers, value);
        const frames = this.#frames.take();
        return [frames, frames.bytes];
      }
      case 'createTopics': {
        const { specs } = request;
        this.#store.transaction(() => {
          for (const spec of specs) this.#store.insertTopic(spec);
        });
        return [specs.map((spec) => this.openTopic(spec))];
      }
      case 'deleteBefore': {
        const { table, logOffset } = request;
        this.#store.transaction(() => this.#table(table).deleteBefore(logOffset));
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

  #write(frames: Frames, commits: readonly CommittedPosition[]): void {
    const rows = new Map<number, Row[]>();
    for (const { table, logOffset, timeMs, key, headers, value } of readFrames(frames)) {
      const row: Row = [logOffset, timeMs, key, headers, value];
      const ofTable = rows.get(table);
      if (ofTable) ofTable.push(row);
      else rows.set(table, [row]);
    }
    this.#store.transaction(() => {
      for (const [table, ofTable] of rows) this.#table(table).insert(ofTable);
      for (const { group, ...position } of commits)
        this.#store.insertCommit(group, position as LogPosition);
    });
  }
}

async function run(port: MessagePort, setUp: StoreSetUp): Promise<void> {
  const tell = (answer: Answer<Opened>) => {
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
      port.postMessage({ done } satisfies Answer<unknown>, memory ? [memory] : []);
    } catch (error) {
      port.postMessage(failed(error));
    }
    if (request.kind === 'close') port.close();
  });
}

if (parentPort) await run(parentPort, workerData as StoreSetUp);

/** The embedded log's file as the thread of the services sees it: see store-worker.ts. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { LogError, type TopicSpec } from '../log.ts';
import type { StoreOptions } from './sqlite-file-and-fsync.ts';
import type { CommittedPosition } from './store-format.ts';
import type {
  FoundRuns,
  Opened,
  OpenedTopic,
  Request,
  StoreAnswer,
  StoreSetUp,
  WrittenRun,
} from './store-worker.ts';

/** Opening replays what a crash left in the write-ahead log: seconds at most. */
const OPEN_MS_MAX = 120_000;

export interface StoreThread {
  /** What was there when it was opened. */
  readonly opened: Opened;
  /** Durable when it resolves, or nothing of it is written. The memory of the runs stays as it is until then. */
  write(
    memory: SharedArrayBuffer,
    runs: readonly WrittenRun[],
    commits: readonly CommittedPosition[],
  ): Promise<void>;
  read(table: number, fromOffset: number, maxRecords: number): Promise<FoundRuns>;
  createTopics(specs: readonly TopicSpec[]): Promise<readonly OpenedTopic[]>;
  deleteBefore(table: number, logOffset: number): Promise<void>;
  /** After what was asked before. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (done: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const errorOf = ({ kind, message }: { kind: LogError['kind']; message: string }) =>
  new LogError(kind, message);

/** Starts the thread and waits for it, as a file is opened. Throws a LogError. */
export function startStoreThread(options: StoreOptions): StoreThread {
  const { folder } = options;
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const workerData: StoreSetUp = { options, opening: port2, flag };
  const worker = new Worker(new URL('./store-worker.js', import.meta.url), {
    workerData,
    transferList: [port2],
    // Node's options for a main module (`--input-type`) are none for this one.
    execArgv: [],
  });
  const waiting: Waiting[] = [];
  let lost: LogError | undefined;
  const lose = (why: string) => {
    lost ??= new LogError('storeFailed', `the log in ${folder} failed: ${why}`);
    for (const { reject } of waiting.splice(0)) reject(lost);
  };
  worker.on('error', (error) => lose(error.message));
  worker.on('exit', () => lose('its thread has ended'));
  worker.on('message', (answer: StoreAnswer<unknown>) => {
    const asked = waiting.shift();
    // A log that is open does not keep its process; one that writes does.
    if (waiting.length === 0) worker.unref();
    if ('failed' in answer) asked?.reject(errorOf(answer.failed));
    else asked?.resolve(answer.done);
  });
  worker.unref();

  Atomics.wait(flag, 0, 0, OPEN_MS_MAX);
  const answer = receiveMessageOnPort(port1)?.message as StoreAnswer<Opened> | undefined;
  port1.close();
  if (answer === undefined)
    throw new LogError('storeFailed', `the log in ${folder} was not opened in ${OPEN_MS_MAX} ms`);
  if ('failed' in answer) throw errorOf(answer.failed);

  const ask = <T>(request: Request): Promise<T> =>
    new Promise((resolve, reject) => {
      if (lost) {
        reject(lost);
        return;
      }
      if (waiting.length === 0) worker.ref();
      waiting.push({ resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage(request);
    });
  return {
    opened: answer.done,
    write: (memory, runs, commits) => ask({ kind: 'write', memory, runs, commits }),
    read: (table, fromOffset, maxRecords) => ask({ kind: 'read', table, fromOffset, maxRecords }),
    createTopics: (specs) => ask({ kind: 'createTopics', specs }),
    deleteBefore: (table, logOffset) => ask({ kind: 'deleteBefore', table, logOffset }),
    async close() {
      await ask({ kind: 'close' });
      await worker.terminate();
    },
  };
}

/** The thread of run-seal-thread.ts: hashes the events of a run, writes their tiles, and seals its folder at the end. */
import { parentPort, workerData } from 'node:worker_threads';
import { RunSeal } from './run-seal.ts';
import { standBehindTheRun } from './thread-behind-the-run.ts';

export interface RunSealWork {
  readonly folder: string;
  readonly network: string;
}

export type RunSealTask =
  /** The next events of a pool, by its name. */
  | { readonly pool: string; readonly events: Uint8Array }
  /** With digests of files that were hashed as they were written, by path. */
  | { readonly kind: 'end'; readonly digests: ReadonlyMap<string, string> };

standBehindTheRun();
const { folder, network } = workerData as RunSealWork;
const seal = new RunSeal(folder, network);

async function work(task: RunSealTask): Promise<void> {
  if ('kind' in task) await seal.finish(task.digests);
  else seal.take(task.pool, task.events);
  // It is done: more may come.
  parentPort?.postMessage(null);
  if ('kind' in task) parentPort?.close();
}

// What fails ends the thread with its error. Only the last task is waited for, and none comes behind it.
parentPort?.on('message', work);

/** The thread of run-seal-thread.ts: hashes the events of a run, writes their tiles, and seals its folder at the end. */
import { parentPort, workerData } from 'node:worker_threads';
import { RunSeal } from './run-seal.ts';
import { workInTurn } from './tasks-in-turn.ts';
import { standBehindTheRun } from './thread-behind-the-run.ts';

export interface RunSealWork {
  readonly folder: string;
  readonly network: string;
}

export type RunSealTask =
  /** The next events of a pool, by its name. */
  | { readonly pool: string; readonly events: Uint8Array }
  /** Files that are whole, by path. */
  | { readonly kind: 'hash'; readonly paths: readonly string[] }
  /** With digests of files that were hashed as they were written, by path. */
  | { readonly kind: 'end'; readonly digests: ReadonlyMap<string, string> };

standBehindTheRun();
const { folder, network } = workerData as RunSealWork;
const seal = new RunSeal(folder, network);

async function work(task: RunSealTask): Promise<void> {
  if (!('kind' in task)) seal.take(task.pool, task.events);
  else if (task.kind === 'hash') await seal.hash(task.paths);
  else await seal.finish(task.digests);
  // It is done: more may come.
  parentPort?.postMessage(null);
  if ('kind' in task && task.kind === 'end') parentPort?.close();
}

workInTurn(work);

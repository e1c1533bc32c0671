/** The thread of input-log-thread.ts: digests, zips and writes a run's input.log. */
import { createWriteStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { InputLogTrailer } from '../protocol/records/input-log-file.ts';
import { type InputLogMade, InputLogWriter } from './input-log-writer.ts';
import { workInTurn } from './tasks-in-turn.ts';
import { standBehindTheRun } from './thread-behind-the-run.ts';

export interface InputLogWork {
  readonly file: string;
  readonly made: InputLogMade;
}

export type InputLogTask =
  /** Frames of a pool's records, by its number. */
  | { readonly pool: number; readonly records: number; readonly frames: Uint8Array }
  | { readonly end: Omit<InputLogTrailer, 'records' | 'inputDigest'> };

standBehindTheRun();
const { file, made } = workerData as InputLogWork;
const writer = new InputLogWriter(createWriteStream(file), made);

async function work(task: InputLogTask): Promise<void> {
  if ('end' in task) await writer.end(task.end);
  else await writer.append(task.pool, task.records, task.frames);
  // It is done: more may come.
  parentPort?.postMessage(null);
  if ('end' in task) parentPort?.close();
}

workInTurn(work);

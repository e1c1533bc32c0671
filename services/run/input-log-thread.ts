import { Worker } from 'node:worker_threads';
import { type InputLogTrailer, writeInputFrames } from '../protocol/records/input-log-file.ts';
import type { InputLogTask, InputLogWork } from './input-log-worker.ts';
import type { InputLogMade } from './input-log-writer.ts';
import { TaskThread } from './task-thread.ts';

/** An InputLogWriter on a thread of its own: to digest and zip a log takes a tenth of what its run takes. */
export class InputLogThread {
  readonly #thread: TaskThread<InputLogTask>;

  constructor(file: string, made: InputLogMade) {
    const workerData: InputLogWork = { file, made };
    this.#thread = new TaskThread(
      new Worker(new URL('./input-log-worker.js', import.meta.url), { workerData, execArgv: [] }),
    );
  }

  async write(pool: number, values: readonly Uint8Array[]): Promise<void> {
    if (values.length === 0) return;
    const frames = writeInputFrames(pool, values);
    await this.#thread.give({ pool, records: values.length, frames }, [frames.buffer]);
  }

  /** Resolves when the whole file is written; rejects where the disk refused. */
  async end(end: Omit<InputLogTrailer, 'records' | 'inputDigest'>): Promise<void> {
    await this.#thread.give({ end });
    await this.#thread.done();
  }

  /** Resolves when the thread is over: it opens no file any more. */
  destroy(): Promise<void> {
    return this.#thread.stop();
  }
}

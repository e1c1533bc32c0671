import { Worker } from 'node:worker_threads';
import type { RunSealTask, RunSealWork } from './run-seal-worker.ts';
import { TaskThread } from './task-thread.ts';

/** A RunSeal on a thread of its own: to hash the events of a large run, and to write their tiles, takes what its run would wait for. */
export class RunSealThread {
  readonly #thread: TaskThread<RunSealTask>;

  constructor(folder: string, network: string) {
    const workerData: RunSealWork = { folder, network };
    this.#thread = new TaskThread(
      new Worker(new URL('./run-seal-worker.js', import.meta.url), { workerData, execArgv: [] }),
    );
  }

  async take(pool: string, events: Uint8Array): Promise<void> {
    if (events.length === 0) return;
    // A copy of its own: of a Buffer `slice` would be a view of memory that is others’ too.
    const own = new Uint8Array(events);
    await this.#thread.give({ pool, events: own }, [own.buffer]);
  }

  /** The thread does it when it has done what was given before. */
  async hash(paths: readonly string[]): Promise<void> {
    await this.#thread.give({ kind: 'hash', paths });
  }

  /** Resolves when all is sealed; rejects where the disk refused. */
  async finish(digests: ReadonlyMap<string, string> = new Map()): Promise<void> {
    await this.#thread.give({ kind: 'end', digests });
    await this.#thread.done();
  }

  /** Resolves when the thread is over: it opens no file any more. */
  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

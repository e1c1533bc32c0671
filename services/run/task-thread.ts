import type { Worker } from 'node:worker_threads';

/** Tasks that wait at most while who gives them goes on: what they hold is in memory twice. */
const TASKS_MAX = 8;

/** A thread that works on tasks in their order, and answers each with a message when it is done. */
export class TaskThread<Task> {
  readonly #worker: Worker;
  readonly #failed: Promise<never>;
  #waiting = 0;
  /** Who waits for the next answer. */
  #waiters: (() => void)[] = [];

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#failed = new Promise((_, reject) => {
      worker.on('error', reject);
      worker.on('exit', (code) =>
        reject(new Error(`the thread ended, with code ${code}, before its tasks were done`)),
      );
    });
    // Told by the next task, or at the end.
    this.#failed.catch(() => {});
    worker.on('message', () => {
      this.#waiting -= 1;
      for (const go of this.#waiters.splice(0)) go();
    });
  }

  /** Hands a task over; waits where the thread is slower than who gives. Rejects where it failed. */
  async give(task: Task, transfer: ArrayBuffer[] = []): Promise<void> {
    this.#waiting += 1;
    this.#worker.postMessage(task, transfer);
    while (this.#waiting > TASKS_MAX) await this.#answer();
  }

  /** Resolves when all that was given is done. */
  async done(): Promise<void> {
    while (this.#waiting > 0) await this.#answer();
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(): Promise<void> {
    const taken = new Promise<void>((resolve) => this.#waiters.push(resolve));
    return Promise.race([taken, this.#failed]);
  }
}

import type { Worker } from 'node:worker_threads';

/** Tasks that wait at most while who gives them goes on, where nothing else is said: what they hold is in memory twice. */
const TASKS_MAX = 8;

/** A thread that works on tasks in their order, and answers each with a message when it is done. Some are told before where they are. */
export class TaskThread<Task, Place = never> {
  readonly #worker: Worker;
  readonly #tasksMax: number;
  readonly #failed: Promise<never>;
  #waiting = 0;
  /** Who waits for the next answer. */
  #waiters: (() => void)[] = [];
  #lastAnswer: unknown = null;

  constructor(worker: Worker, tasksMax = TASKS_MAX) {
    this.#worker = worker;
    this.#tasksMax = tasksMax;
    this.#failed = new Promise((_, reject) => {
      worker.on('error', reject);
      worker.on('exit', (code) =>
        reject(new Error(`the thread ended, with code ${code}, before its tasks were done`)),
      );
    });
    // Told by the next task, or at the end.
    this.#failed.catch(() => {});
    worker.on('message', (answer: unknown) => {
      this.#waiting -= 1;
      this.#lastAnswer = answer;
      for (const go of this.#waiters.splice(0)) go();
    });
  }

  /** Before the first task. It is not answered. */
  begin(place: Place): void {
    this.#worker.postMessage(place);
  }

  /** Hands a task over; waits where the thread is slower than who gives. Rejects where it failed. */
  async give(task: Task, transfer: ArrayBuffer[] = []): Promise<void> {
    this.#waiting += 1;
    this.#worker.postMessage(task, transfer);
    while (this.#waiting > this.#tasksMax) await this.#answer();
  }

  /** Resolves when all that was given is done, with what the last task was answered. */
  async done(): Promise<unknown> {
    while (this.#waiting > 0) await this.#answer();
    return this.#lastAnswer;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(): Promise<void> {
    const taken = new Promise<void>((resolve) => this.#waiters.push(resolve));
    return Promise.race([taken, this.#failed]);
  }
}

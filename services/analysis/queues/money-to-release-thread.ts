import { Worker } from 'node:worker_threads';
import type { QueueState } from '../../core/settlement/queue-state.ts';
import type { SmallestInjection } from './money-to-release.ts';
import type { ReleaseAnswer, ReleaseQuestion, ReleaseRequest } from './money-to-release-worker.ts';

export interface FoundRelease extends ReleaseQuestion {
  /** Null: there was no time for it. */
  readonly found: SmallestInjection | null;
}

/**
 * Works out what releases payments, on a thread of its own: the services beside it go on meanwhile,
 * and what takes too long is broken off.
 */
export class ReleaseFinder {
  #worker: Worker | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #asked: Asked | null = null;
  #isStopped = false;

  /**
   * An answer to each question, in their order; requests one after the other. Rejects where the thread
   * fails.
   */
  find(
    state: QueueState,
    questions: readonly ReleaseQuestion[],
    limitMs: number,
  ): Promise<readonly FoundRelease[]> {
    const asked = this.#turn.then(() => this.#ask({ state, questions }, limitMs));
    this.#turn = asked.catch(() => {});
    return asked;
  }

  #ask(request: ReleaseRequest, limitMs: number): Promise<readonly FoundRelease[]> {
    const { questions } = request;
    if (this.#isStopped || questions.length === 0)
      return Promise.resolve(questions.map((one) => ({ ...one, found: null })));
    const worker = this.#started();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#breakOff(), limitMs);
      this.#asked = { questions, answers: [], resolve, reject, timer };
      worker.ref();
      worker.postMessage(request);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./money-to-release-worker.js', import.meta.url), {
      execArgv: [],
    });
    this.#worker = worker;
    worker.on('message', (answer: ReleaseAnswer) => {
      if (worker !== this.#worker || !this.#asked) return;
      const { answers, questions } = this.#asked;
      answers.push(answer);
      if (answers.length === questions.length) this.#end()?.resolve(answers);
    });
    worker.on('error', (error) => {
      if (worker !== this.#worker) return;
      const asked = this.#end();
      this.#worker = null;
      asked?.reject(error);
    });
    return worker;
  }

  /** What was asked is over. A finder that waits for questions does not keep its process. */
  #end(): Asked | null {
    const asked = this.#asked;
    this.#asked = null;
    clearTimeout(asked?.timer);
    this.#worker?.unref();
    return asked;
  }

  #breakOff(): void {
    const asked = this.#end();
    void this.#worker?.terminate();
    this.#worker = null;
    if (!asked) return;
    const { questions, answers, resolve } = asked;
    const left = questions.slice(answers.length).map((one) => ({ ...one, found: null }));
    resolve([...answers, ...left]);
  }

  /** What is under way is broken off. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const worker = this.#worker;
    this.#breakOff();
    await worker?.terminate();
  }
}

interface Asked {
  readonly questions: readonly ReleaseQuestion[];
  readonly answers: FoundRelease[];
  readonly resolve: (answers: readonly FoundRelease[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

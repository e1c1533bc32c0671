import { Worker } from 'node:worker_threads';
import type { QueueState } from './queue-state.ts';
import type { SmallestInjection } from './release.ts';
import type { ReleaseAnswer, ReleaseQuestion, ReleaseRequest } from './release-worker.ts';

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
  #breakOff: (() => void) | null = null;
  #isStopped = false;

  /** An answer to each question, in their order; requests one after the other. Rejects where the thread fails. */
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
    const answers: FoundRelease[] = [];
    if (this.#isStopped || questions.length === 0)
      return Promise.resolve(questions.map((one) => ({ ...one, found: null })));
    this.#worker ??= new Worker(new URL('./release-worker.js', import.meta.url), { execArgv: [] });
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#breakOff = null;
        worker.removeAllListeners();
        // A view that only waits for questions does not keep its process.
        worker.unref();
      };
      const breakOff = () => {
        end();
        this.#worker = null;
        void worker.terminate();
        const left = questions.slice(answers.length).map((one) => ({ ...one, found: null }));
        resolve([...answers, ...left]);
      };
      const timer = setTimeout(breakOff, limitMs);
      this.#breakOff = breakOff;
      worker.ref();
      worker.on('message', (answer: ReleaseAnswer) => {
        answers.push(answer);
        if (answers.length < questions.length) return;
        end();
        resolve(answers);
      });
      worker.on('error', (error) => {
        end();
        this.#worker = null;
        reject(error);
      });
      worker.postMessage(request);
    });
  }

  /** What is under way is broken off. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#breakOff?.();
    await this.#worker?.terminate();
  }
}

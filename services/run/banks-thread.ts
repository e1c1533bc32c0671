import { Worker } from 'node:worker_threads';
import type { PlannedPause } from '../simulator/cycle-and-operator-turns.ts';
import type { BankMail, BanksEnd, RunBanks, WrittenSlice } from '../simulator/run-banks.ts';
import type { SimulatedBanksOptions } from '../simulator/simulated-banks.ts';
import type { BanksTask, PackedSlice } from './banks-worker.ts';
import { memoryOf, packBytes, unpackMessages } from './packed-messages.ts';

/** Slices that are written while one goes through the path. */
const AHEAD = 4;

type Answer = PackedSlice | PlannedPause | null | BanksEnd;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The banks of a run on a thread of their own: what they send does not follow from what they are told, so
 * they write and sign while the slices before go through the path. It keeps the process until it is stopped.
 */
export class BanksThread implements RunBanks {
  readonly #worker: Worker;
  /** Who waits for an answer: they come in the order of the tasks. */
  readonly #waiting: Waiting[] = [];
  readonly #ahead: Promise<Answer>[] = [];
  #lost: Error | null = null;

  constructor(options: SimulatedBanksOptions) {
    this.#worker = new Worker(new URL('./banks-worker.js', import.meta.url), {
      workerData: options,
      execArgv: [],
      // What lives as long as a slice should not outlive its collection.
      resourceLimits: { maxYoungGenerationSizeMb: 128 },
    });
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) => this.#lose(error));
    this.#worker.on('exit', () => this.#lose(new Error('the thread of the banks ended')));
  }

  async next(): Promise<WrittenSlice | PlannedPause | null> {
    while (this.#ahead.length <= AHEAD) this.#ahead.push(this.#ask({ kind: 'next' }));
    const written = (await this.#ahead.shift()) as PackedSlice | PlannedPause | null;
    return written?.kind === 'slice'
      ? { ...written, messages: unpackMessages(written.messages) }
      : written;
  }

  /** It is with them before the end: where they fail, `next` and `end` reject. */
  async tell(mail: readonly BankMail[]): Promise<void> {
    const statuses = packBytes(mail.flatMap((one) => one.statuses));
    const counted = mail.map((one) => ({ ...one, statuses: one.statuses.length }));
    this.#post({ kind: 'tell', mail: counted, statuses }, memoryOf(statuses));
  }

  async end(): Promise<BanksEnd> {
    return (await this.#ask({ kind: 'end' })) as BanksEnd;
  }

  /** What is waited for rejects. */
  async stop(): Promise<void> {
    this.#lose(new Error('the thread of the banks is stopped'));
    await this.#worker.terminate();
  }

  #post(task: BanksTask, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(task, transfer);
  }

  #ask(task: BanksTask): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#lost) reject(this.#lost);
      else this.#waiting.push({ resolve, reject });
    });
    // Whoever comes to wait for it hears of it.
    answer.catch(() => {});
    this.#post(task);
    return answer;
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
  }
}

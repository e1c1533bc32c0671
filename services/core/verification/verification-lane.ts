import type { MessagePort } from 'node:worker_threads';
import { RecordWriter, VERIFICATION_RECORD_BYTES } from './verification-records.ts';

/** Memory that two threads share; a slab holds one part of a batch and its verdicts. */
export interface Slab {
  /** Four words: see below. */
  readonly header: Int32Array;
  readonly records: Uint8Array;
  readonly messages: Uint8Array;
  readonly verdicts: Uint8Array;
}

/** Words of a slab's header: its state, what stands in it, and the keys registered by then. */
export const SLAB_STATE = 0;
export const SLAB_COUNT = 1;
export const SLAB_MESSAGE_BYTES = 2;
export const SLAB_KEY_COUNT = 3;
/** States of a slab: the worker waits while it is free, and returns when told to stop. */
export const SLAB_FREE = 0;
const SLAB_FILLED = 1;
const SLAB_STOP = 2;

/** While a worker verifies one slab the next waits for it, and a third is filled. */
const SLABS_A_LANE = 3;

const shared = (bytes: number) => new SharedArrayBuffer(bytes);

function makeSlab(recordsMax: number, messageBytesMax: number): Slab {
  return {
    header: new Int32Array(shared(16)),
    records: new Uint8Array(shared(recordsMax * VERIFICATION_RECORD_BYTES)),
    messages: new Uint8Array(shared(messageBytesMax)),
    verdicts: new Uint8Array(shared(recordsMax)),
  };
}

interface Outstanding {
  readonly resolve: (fallbacks: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One worker's slabs, which it verifies in their order, round and round. The filling thread wakes it by a word
 * of shared memory, and gets back one message a slab: a task of a thread pool for each would cost the
 * filling thread a tenth of a millisecond.
 */
export class Lane {
  readonly slabs: readonly Slab[];
  readonly #writers: readonly RecordWriter[];
  readonly #port: MessagePort;
  readonly #outstanding: Outstanding[] = [];
  #next = 0;
  /** Slabs promised, filled or not. */
  taken = 0;

  /** @param port receives the worker's answers, one a slab: see VerificationAnswer.fallbacks */
  constructor(port: MessagePort, recordsMax: number, messageBytesMax: number) {
    this.slabs = Array.from({ length: SLABS_A_LANE }, () => makeSlab(recordsMax, messageBytesMax));
    this.#writers = this.slabs.map(({ records, messages }) => new RecordWriter(records, messages));
    this.#port = port;
    port.on('message', (fallbacks: number) => this.#outstanding.shift()?.resolve(fallbacks));
  }

  get hasRoom(): boolean {
    return this.taken < SLABS_A_LANE;
  }

  /** The slab that is filled next, and its writer. */
  next(): { slab: Slab; writer: RecordWriter } {
    return {
      slab: this.slabs[this.#next] as Slab,
      writer: this.#writers[this.#next] as RecordWriter,
    };
  }

  /** Hands the next slab to the worker, with what its writer holds; resolves with the worker's answer. */
  post(keyCount: number): Promise<number> {
    const { slab, writer } = this.next();
    slab.header[SLAB_COUNT] = writer.count;
    slab.header[SLAB_MESSAGE_BYTES] = writer.messageBytes;
    slab.header[SLAB_KEY_COUNT] = keyCount;
    const answer = new Promise<number>((resolve, reject) => {
      this.#outstanding.push({ resolve, reject });
    });
    this.#signal(SLAB_FILLED);
    this.#next = (this.#next + 1) % SLABS_A_LANE;
    return answer;
  }

  /** Lets the worker optimise its instance: a slab without records asks for that. */
  async warmUp(): Promise<void> {
    this.next().writer.clear();
    await this.post(0);
  }

  /** Rejects what the worker will no longer answer. */
  fail(error: Error): void {
    for (const { reject } of this.#outstanding.splice(0)) reject(error);
  }

  /** Lets the worker return once it has verified what it has; no further answer is taken. */
  stop(): void {
    this.#signal(SLAB_STOP);
    this.#port.close();
  }

  #signal(state: number): void {
    const { header } = this.next().slab;
    Atomics.store(header, SLAB_STATE, state);
    Atomics.notify(header, SLAB_STATE);
  }
}

/**
 * A thread's only task: works on the slabs of a lane in their order until it is told to stop.
 * @param work answers a number, which the filling thread is told
 */
export function serveSlabs(
  slabs: readonly Slab[],
  port: MessagePort,
  work: (slab: Slab) => number,
): void {
  for (let next = 0; ; next = (next + 1) % slabs.length) {
    const slab = slabs[next] as Slab;
    const { header } = slab;
    while (Atomics.load(header, SLAB_STATE) === SLAB_FREE)
      Atomics.wait(header, SLAB_STATE, SLAB_FREE);
    if (Atomics.load(header, SLAB_STATE) === SLAB_STOP) return;
    const answer = work(slab);
    Atomics.store(header, SLAB_STATE, SLAB_FREE);
    port.postMessage(answer);
  }
}

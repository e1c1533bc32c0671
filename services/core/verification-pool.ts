import { Piscina } from 'piscina';
import { RecordWriter, VERIFICATION_RECORD_BYTES } from './record-writer.ts';
import {
  createVerification,
  refuseLongMessages,
  type SignedMessage,
  type VerificationFigures,
  VerificationLedger,
} from './verification.ts';
import { KEYS_MAX, RECORDS_MAX } from './verification-buffer.ts';
import type { Part, Slab, WorkerSetUp } from './verification-worker.ts';

export interface VerificationPoolOptions {
  /** Worker threads; with 0 the calling thread verifies. */
  readonly threads: number;
  readonly keysMax?: number;
  /** Signatures in one part at most. */
  readonly recordsMax?: number;
  /** Bytes of messages in one part at most, and the length of the longest message. */
  readonly messageBytesMax?: number;
  /** Where the worker's module is, should a bundle have moved it. */
  readonly workerUrl?: URL;
}

export interface VerificationPool {
  /** As Verification.registerKey; each worker learns the key before the next part it verifies. */
  registerKey(publicKey: Uint8Array): number;
  /** As Verification.verify; rejects after `close`. */
  verify(batch: readonly SignedMessage[]): Promise<boolean[]>;
  /** Lets each worker optimise its instance before it serves. */
  warmUp(): Promise<void>;
  /** Waits for what is being verified and ends the threads. */
  close(): Promise<void>;
  /** Worker threads in use: 0 where the calling thread verifies. */
  readonly threads: number;
  readonly figures: VerificationFigures;
}

const MESSAGE_BYTES_MAX = 1024 * 1024;
/** A batch is divided among the threads, but not into parts below this: small ones cost more. */
const PART_MIN = 256;
/** While a worker verifies one slab the next waits for it, and a third is filled. */
const SLABS_A_THREAD = 3;

const shared = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));

/** Slabs that are free, and those who wait for one. */
class Slabs {
  readonly all: readonly Slab[];
  readonly writers: readonly RecordWriter[];
  readonly #free: number[];
  readonly #waiting: ((slab: number) => void)[] = [];

  constructor(count: number, recordsMax: number, messageBytesMax: number) {
    this.all = Array.from({ length: count }, () => ({
      records: shared(recordsMax * VERIFICATION_RECORD_BYTES),
      messages: shared(messageBytesMax),
      verdicts: shared(recordsMax),
    }));
    this.writers = this.all.map(({ records, messages }) => new RecordWriter(records, messages));
    this.#free = this.all.map((_, index) => index);
  }

  async take(): Promise<number> {
    return this.#free.pop() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(slab: number): void {
    const next = this.#waiting.shift();
    if (next) next(slab);
    else this.#free.push(slab);
  }
}

/**
 * A verifier over several threads, one instance of the core each. The calling thread copies each
 * message once, into a slab of shared memory; a worker moves a whole slab into its instance at a
 * time. Should a worker fail, the calling thread verifies in its place, with the same verdicts.
 * @param wasm the bytes of dist/assembly/corridor.wasm, or the compiled module
 */
export function createVerificationPool(
  wasm: Uint8Array | WebAssembly.Module,
  { threads, ...limits }: VerificationPoolOptions,
): VerificationPool {
  const module =
    wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(new Uint8Array(wasm));
  const options = {
    keysMax: limits.keysMax ?? KEYS_MAX,
    recordsMax: limits.recordsMax ?? RECORDS_MAX,
    messageBytesMax: limits.messageBytesMax ?? MESSAGE_BYTES_MAX,
  };
  // Admits keys and numbers them, and verifies where there are no workers.
  const local = createVerification(module, options);
  if (threads < 1) return withoutWorkers(local);
  const workerUrl = limits.workerUrl ?? new URL('./verification-worker.js', import.meta.url);
  return new Workers(module, threads, options, local, workerUrl);
}

function withoutWorkers(local: ReturnType<typeof createVerification>): VerificationPool {
  let closed = false;
  return {
    threads: 0,
    figures: local.figures,
    registerKey: (publicKey) => local.registerKey(publicKey),
    warmUp: async () => local.warmUp(),
    verify: async (batch) => {
      if (closed) throw new Error('the verification pool is closed');
      return local.verify(batch);
    },
    close: async () => {
      closed = true;
    },
  };
}

class Workers implements VerificationPool {
  readonly threads: number;
  readonly #ledger = new VerificationLedger();
  readonly #local: ReturnType<typeof createVerification>;
  readonly #options: WorkerSetUp['options'];
  readonly #slabs: Slabs;
  readonly #keys: Uint8Array;
  readonly #piscina: Piscina;
  /** One for each part that a worker has; a worker that fails between parts ends them all. */
  readonly #parts = new Set<AbortController>();
  #broken = false;
  #keyCount = 0;
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #closed = false;

  constructor(
    wasm: WebAssembly.Module,
    threads: number,
    options: WorkerSetUp['options'],
    local: ReturnType<typeof createVerification>,
    workerUrl: URL,
  ) {
    this.threads = threads;
    this.#options = options;
    this.#local = local;
    this.#slabs = new Slabs(threads * SLABS_A_THREAD, options.recordsMax, options.messageBytesMax);
    this.#keys = shared(32 * options.keysMax);
    const workerData: WorkerSetUp = { wasm, options, slabs: this.#slabs.all, keys: this.#keys };
    this.#piscina = new Piscina({
      filename: workerUrl.href,
      minThreads: threads,
      maxThreads: threads,
      // A worker finds its next part waiting, whatever the calling thread is busy with.
      concurrentTasksPerWorker: SLABS_A_THREAD,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData,
    });
    this.#piscina.on('error', () => {
      this.#broken = true;
      for (const part of this.#parts) part.abort();
    });
  }

  get figures(): VerificationFigures {
    return this.#ledger.figures;
  }

  registerKey(publicKey: Uint8Array): number {
    const handle = this.#local.registerKey(publicKey);
    if (handle === this.#keyCount) {
      this.#keys.set(publicKey, 32 * handle);
      this.#keyCount += 1;
    }
    return handle;
  }

  async warmUp(): Promise<void> {
    const part: Part = { slab: 0, count: 0, messageBytes: 0, keyCount: this.#keyCount };
    await Promise.all(Array.from({ length: this.threads }, () => this.#piscina.run(part)));
  }

  async verify(batch: readonly SignedMessage[]): Promise<boolean[]> {
    refuseLongMessages(batch, this.#options.messageBytesMax);
    const results: boolean[] = new Array(batch.length);
    // Full parts are cheapest; while nobody else keeps the threads busy, smaller ones are sooner done.
    const share = Math.max(PART_MIN, Math.ceil(batch.length / this.threads));
    const { recordsMax } = this.#options;
    const size = this.#inFlight === 0 ? Math.min(recordsMax, share) : recordsMax;
    const parts: Promise<void>[] = [];
    for (let first = 0; first < batch.length; ) {
      if (this.#closed) throw new Error('the verification pool is closed');
      this.#inFlight += 1;
      const slab = await this.#slabs.take();
      const writer = this.#slabs.writers[slab] as RecordWriter;
      const next = this.#ledger.fill(writer, batch, first, Math.min(batch.length, first + size));
      parts.push(this.#verifyPart(slab, batch, first, results));
      first = next;
    }
    await Promise.all(parts);
    return results;
  }

  async #verifyPart(
    slab: number,
    batch: readonly SignedMessage[],
    first: number,
    results: boolean[],
  ): Promise<void> {
    const writer = this.#slabs.writers[slab] as RecordWriter;
    const { count, messageBytes } = writer;
    const { verdicts } = this.#slabs.all[slab] as Slab;
    const part: Part = { slab, count, messageBytes, keyCount: this.#keyCount };
    const abort = new AbortController();
    this.#parts.add(abort);
    try {
      if (this.#broken) throw new Error('the workers have failed');
      const fellBack = (await this.#piscina.run(part, { signal: abort.signal })) as boolean;
      this.#ledger.settle(writer, verdicts, fellBack, batch, first, results);
    } catch {
      const instead = this.#local.verify(batch.slice(first, first + count));
      verdicts.set(instead.map(Number));
      this.#ledger.settle(writer, verdicts, false, batch, first, results);
    } finally {
      this.#parts.delete(abort);
      this.#slabs.give(slab);
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#inFlight > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    await this.#piscina.destroy();
  }
}

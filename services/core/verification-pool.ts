import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import {
  createVerification,
  refuseLongMessages,
  type SignedMessage,
  type VerificationFigures,
  VerificationLedger,
} from './verification.ts';
import { KEYS_MAX, RECORDS_MAX } from './verification-buffer.ts';
import { Lane } from './verification-lane.ts';
import type { Service, WorkerSetUp } from './verification-worker.ts';

export interface VerificationPoolOptions {
  /** Worker threads; with 0 the calling thread verifies. */
  readonly threads: number;
  readonly keysMax?: number;
  /** Signatures in one batch at most; a worker is handed up to four batches at a time, a part. */
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
  /** Waits for what is being verified and ends the threads, which keep the process until then. */
  close(): Promise<void>;
  /** Worker threads in use: 0 where the calling thread verifies. */
  readonly threads: number;
  readonly figures: VerificationFigures;
}

const MESSAGE_BYTES_MAX = 2 * 1024 * 1024;
/** A batch is divided among the threads, but not into parts below this: small ones cost more. */
const PART_MIN = 256;
/** Every part wakes the calling thread once, which costs it 0.15 ms. */
const BATCHES_A_PART = 4;

/** The workers' lanes, and those who wait for a free slab in one of them. */
class Lanes {
  readonly all: readonly Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  constructor(all: readonly Lane[]) {
    this.all = all;
  }

  /** A slab of the lane that has most of them free. */
  async take(): Promise<Lane> {
    const lane = this.all.reduce((best, one) => (one.taken < best.taken ? one : best));
    if (!lane.hasRoom) return new Promise((resolve) => this.#waiting.push(resolve));
    lane.taken += 1;
    return lane;
  }

  /** The oldest slab of a lane is free again. */
  give(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else lane.taken -= 1;
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
  readonly #lanes: Lanes;
  readonly #keys: Uint8Array;
  readonly #piscina: Piscina;
  #failure: Error | undefined;
  #keyCount = 0;
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

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
    this.#keys = new Uint8Array(new SharedArrayBuffer(32 * options.keysMax));
    const workerData: WorkerSetUp = { wasm, options, keys: this.#keys };
    this.#piscina = new Piscina({
      filename: workerUrl.href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData,
    });
    this.#piscina.on('error', (error: Error) => this.#fail(error));
    this.#lanes = new Lanes(Array.from({ length: threads }, () => this.#startLane()));
  }

  #startLane(): Lane {
    const { port1, port2 } = new MessageChannel();
    const { recordsMax, messageBytesMax } = this.#options;
    const lane = new Lane(port1, BATCHES_A_PART * recordsMax, messageBytesMax);
    const service: Service = { slabs: lane.slabs, port: port2 };
    this.#piscina
      .run(service, { transferList: [port2] })
      .catch((error: Error) => this.#fail(error));
    return lane;
  }

  /** From now on the calling thread verifies, what the workers have at hand included. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const lane of this.#lanes.all) lane.fail(error);
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
    const lanes = await Promise.all(this.#lanes.all.map(() => this.#lanes.take()));
    await Promise.all(
      lanes.map(async (lane) => {
        lane.next().writer.clear();
        await this.#post(lane).catch(() => this.#local.warmUp());
        this.#lanes.give(lane);
      }),
    );
  }

  async verify(batch: readonly SignedMessage[]): Promise<boolean[]> {
    if (this.#closing) throw new Error('the verification pool is closed');
    refuseLongMessages(batch, this.#options.messageBytesMax);
    // Full parts are cheapest; while nobody else keeps the threads busy, smaller ones are sooner done.
    const share = Math.max(PART_MIN, Math.ceil(batch.length / this.threads));
    const size = this.#inFlight === 0 ? share : batch.length;
    this.#inFlight += 1;
    try {
      return await this.#verifyInParts(batch, size);
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  /** In parts of `size` signatures, or of as many as a slab holds. */
  async #verifyInParts(batch: readonly SignedMessage[], size: number): Promise<boolean[]> {
    const results: boolean[] = new Array(batch.length);
    const parts: Promise<void>[] = [];
    for (let first = 0; first < batch.length; ) {
      const lane = await this.#lanes.take();
      const { writer } = lane.next();
      const next = this.#ledger.fill(writer, batch, first, Math.min(batch.length, first + size));
      parts.push(this.#verifyPart(lane, batch, first, results));
      first = next;
    }
    await Promise.all(parts);
    return results;
  }

  async #verifyPart(
    lane: Lane,
    batch: readonly SignedMessage[],
    first: number,
    results: boolean[],
  ): Promise<void> {
    const { slab, writer } = lane.next();
    let fallbacks = 0;
    try {
      fallbacks = await this.#post(lane);
    } catch {
      const instead = this.#local.verify(batch.slice(first, first + writer.count));
      slab.verdicts.set(instead.map(Number));
    }
    const answer = { verdicts: slab.verdicts, fallbacks, batchRecords: this.#options.recordsMax };
    this.#ledger.settle(writer, answer, batch, first, results);
    this.#lanes.give(lane);
  }

  async #post(lane: Lane): Promise<number> {
    if (this.#failure) throw this.#failure;
    return lane.post(this.#keyCount);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (this.#inFlight > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    for (const lane of this.#lanes.all) lane.stop();
    await this.#piscina.destroy();
  }
}

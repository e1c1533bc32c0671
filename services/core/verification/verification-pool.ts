import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { KEYS_MAX, RECORDS_MAX } from './batch-size-and-key-room.ts';
import {
  createVerification,
  type InstanceVerification,
  refuseLongMessages,
  type SignedMessage,
  type VerificationFigures,
  VerificationLedger,
} from './verification.ts';
import { Lane } from './verification-lane.ts';
import type { LaneService, WorkerSetUp } from './verification-worker.ts';

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
  /** Told once, where a worker is lost and the calling thread verifies from then on. */
  readonly onWorkerLost?: (error: Error) => void;
}

export interface VerificationPool {
  /** As Verification.registerKey; each worker learns the key before the next part it verifies. */
  registerKey(publicKey: Uint8Array): number;
  /** As Verification.verify; rejects after `close`. */
  verify(batch: readonly SignedMessage[]): Promise<boolean[]>;
  /** Lets each worker optimise its instance before it serves; rejects after `close`. */
  warmUp(): Promise<void>;
  /** Waits for what is being verified and ends the threads, which keep the process until then. */
  close(): Promise<void>;
  /** Worker threads in use: 0 where the calling thread verifies, as it does once one was lost. */
  readonly threads: number;
  readonly figures: VerificationFigures;
}

const MESSAGE_BYTES_MAX = 2 * 1024 * 1024;
/** A batch is divided among the threads, but not into parts below this: small ones cost more. */
const PART_MIN = 256;
/** Every part wakes the calling thread once, which costs it 0.15 ms. */
const BATCHES_A_PART = 4;
/** Nothing was judged, and nothing will be: the pool has been closed. */
export class PoolClosedError extends Error {
  constructor() {
    super('the verification pool is closed');
  }
}

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
 * time. Should one worker be lost, all are ended and the calling thread verifies from then on, what
 * they had at hand included, with the same verdicts.
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
  const ledger = new VerificationLedger();
  // Admits keys and numbers them, and verifies where there are no workers.
  const local = createVerification(module, options, ledger);
  if (threads < 1) return withoutWorkers(local);
  const workerUrl = limits.workerUrl ?? new URL('./verification-worker.js', import.meta.url);
  const setUp = { module, options, workerUrl, onWorkerLost: limits.onWorkerLost };
  return new Workers(threads, setUp, local, ledger);
}

function withoutWorkers(local: InstanceVerification): VerificationPool {
  const open = () => {
    if (closed) throw new PoolClosedError();
  };
  let closed = false;
  return {
    threads: 0,
    figures: local.figures,
    registerKey: (publicKey) => local.registerKey(publicKey),
    warmUp: async () => {
      open();
      local.warmUp();
    },
    verify: async (batch) => {
      open();
      return local.verify(batch);
    },
    close: async () => {
      closed = true;
    },
  };
}

interface PoolSetUp {
  readonly module: WebAssembly.Module;
  readonly options: WorkerSetUp['options'];
  readonly workerUrl: URL;
  readonly onWorkerLost: ((error: Error) => void) | undefined;
}

class Workers implements VerificationPool {
  readonly #setUp: PoolSetUp;
  readonly #ledger: VerificationLedger;
  readonly #local: InstanceVerification;
  readonly #lanes: Lanes;
  readonly #keys: Uint8Array;
  readonly #piscina: Piscina;
  /** The workers' end, once one was lost or the pool is closed. */
  #ended: Promise<void> | undefined;
  #lost: Error | undefined;
  #keyCount = 0;
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    threads: number,
    setUp: PoolSetUp,
    local: InstanceVerification,
    ledger: VerificationLedger,
  ) {
    this.#setUp = setUp;
    this.#local = local;
    this.#ledger = ledger;
    const { module: wasm, options, workerUrl } = setUp;
    this.#keys = new Uint8Array(new SharedArrayBuffer(32 * options.keysMax));
    const workerData: WorkerSetUp = { wasm, options, keys: this.#keys };
    this.#piscina = new Piscina({
      filename: workerUrl.href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData,
    });
    this.#piscina.on('error', (error: Error) => this.#lose(error));
    this.#lanes = new Lanes(Array.from({ length: threads }, () => this.#startLane()));
  }

  #startLane(): Lane {
    const { port1, port2 } = new MessageChannel();
    const { recordsMax, messageBytesMax } = this.#setUp.options;
    const lane = new Lane(port1, BATCHES_A_PART * recordsMax, messageBytesMax);
    const service: LaneService = { slabs: lane.slabs, port: port2 };
    this.#piscina
      .run(service, { transferList: [port2] })
      .catch((error: Error) => this.#lose(error));
    return lane;
  }

  /**
   * From now on the calling thread verifies, what the workers have at hand included. A worker that
   * lives may still write into slabs until it has ended: none of them is read or filled any more.
   */
  #lose(error: Error): void {
    if (this.#ended) return;
    this.#lost = error;
    this.#ended = this.#endWorkers();
    for (const lane of this.#lanes.all) lane.fail(error);
    this.#setUp.onWorkerLost?.(error);
  }

  async #endWorkers(): Promise<void> {
    for (const lane of this.#lanes.all) lane.stop();
    await this.#piscina.destroy();
  }

  get threads(): number {
    return this.#lost ? 0 : this.#lanes.all.length;
  }

  get figures(): VerificationFigures {
    return this.#ledger.figures;
  }

  registerKey(publicKey: Uint8Array): number {
    const handle = this.#local.registerKey(publicKey);
    if (handle === this.#keyCount && handle < this.#setUp.options.keysMax) {
      this.#keys.set(publicKey, 32 * handle);
      this.#keyCount += 1;
    }
    return handle;
  }

  warmUp(): Promise<void> {
    return this.#whileOpen(async () => {
      const lanes = await Promise.all(this.#lanes.all.map(() => this.#lanes.take()));
      await Promise.all(
        lanes.map(async (lane) => {
          try {
            if (!this.#lost) await lane.warmUp();
          } catch {
            // The calling thread takes over: see below.
          }
          this.#lanes.give(lane);
        }),
      );
      if (this.#lost) this.#local.warmUp();
    });
  }

  verify(batch: readonly SignedMessage[]): Promise<boolean[]> {
    return this.#whileOpen(async () => {
      refuseLongMessages(batch, this.#setUp.options.messageBytesMax);
      const { recorded, complete } = this.#local.keys.divide(batch);
      // Full parts are cheapest; while nobody else keeps the threads busy, smaller ones are sooner done.
      const share = Math.max(PART_MIN, Math.ceil(recorded.length / this.#lanes.all.length));
      const size = this.#inFlight === 1 ? share : recorded.length;
      return complete(await this.#verifyInParts(recorded, size));
    });
  }

  async #whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new PoolClosedError();
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  /** In parts of `size` signatures, or of as many as a slab holds. */
  async #verifyInParts(batch: readonly SignedMessage[], size: number): Promise<boolean[]> {
    const parts: Promise<boolean[]>[] = [];
    for (let first = 0; first < batch.length; ) {
      const lane = await this.#lanes.take();
      if (this.#lost) {
        this.#lanes.give(lane);
        parts.push(Promise.resolve(this.#local.verify(batch.slice(first))));
        break;
      }
      const { writer } = lane.next();
      const { end, fill } = this.#ledger.fill(
        writer,
        batch,
        first,
        Math.min(batch.length, first + size),
      );
      parts.push(this.#verifyPart(lane, batch.slice(first, end), fill));
      first = end;
    }
    return (await Promise.all(parts)).flat();
  }

  /** Verifies what the lane's next slab was filled with; without the worker's answer, here. */
  async #verifyPart(lane: Lane, part: readonly SignedMessage[], fill: number): Promise<boolean[]> {
    const { slab, writer } = lane.next();
    try {
      const fallbacks = await lane.post(this.#keyCount);
      const { recordsMax: batchRecords } = this.#setUp.options;
      const results: boolean[] = [];
      const answer = { verdicts: slab.verdicts, fallbacks, batchRecords };
      this.#ledger.settle(writer, answer, part, { first: 0, fill }, results);
      return results;
    } catch (error) {
      if (error !== this.#lost) throw error;
      return this.#local.verify(part);
    } finally {
      this.#lanes.give(lane);
    }
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
    this.#ended ??= this.#endWorkers();
    await this.#ended;
  }
}

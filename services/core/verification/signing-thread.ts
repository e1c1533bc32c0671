import { MessageChannel, Worker } from 'node:worker_threads';
import type { SigningLimits } from './signing-buffer.ts';
import type { SigningWork } from './signing-worker.ts';
import { Lane } from './verification-lane.ts';

/** What is to be signed, and by whom. */
export interface Unsigned {
  /** The place of the secret key. */
  readonly key: number;
  readonly text: Uint8Array;
}

/** Signs beside the thread that asks. */
export interface BatchSigning {
  /** Signatures of 64 bytes in the order of the texts; rejects where none can be made any more. */
  sign(texts: readonly Unsigned[]): Promise<readonly Uint8Array[]>;
}

/** The slab of a slice of 4,096 messages; what is more takes several, one after the other. */
const LIMITS: SigningLimits = { recordsMax: 4096, messageBytesMax: 2 * 1024 * 1024 };

/** A thread that signs for many keys. It keeps the process until it is closed. */
export class SigningThread implements BatchSigning {
  readonly #lane: Lane;
  readonly #worker: Worker;
  /** What was asked for last: one after the other fills the lane's slabs. */
  #last: Promise<unknown> = Promise.resolve();
  #lost: Error | null = null;

  /** @param secretKeys 32 bytes each */
  constructor(wasm: WebAssembly.Module, secretKeys: readonly Uint8Array[], limits = LIMITS) {
    const { port1, port2 } = new MessageChannel();
    this.#lane = new Lane(port1, limits.recordsMax, limits.messageBytesMax);
    const { slabs } = this.#lane;
    const workerData: SigningWork = { wasm, secretKeys, limits, slabs, port: port2 };
    this.#worker = new Worker(new URL('./signing-worker.js', import.meta.url), {
      workerData,
      transferList: [port2],
      execArgv: [],
    });
    const lose = (error: Error) => {
      this.#lost ??= error;
      this.#lane.fail(this.#lost);
    };
    this.#worker
      .on('error', lose)
      // Also one that ends without an error answers nothing any more.
      .on('exit', () => lose(new Error('the signing thread has ended')));
  }

  sign(texts: readonly Unsigned[]): Promise<readonly Uint8Array[]> {
    const signed = this.#last.then(() => this.#sign(texts));
    // Whoever asked hears of it.
    this.#last = signed.catch(() => {});
    return signed;
  }

  async #sign(texts: readonly Unsigned[]): Promise<readonly Uint8Array[]> {
    const signatures: Uint8Array[] = [];
    while (signatures.length < texts.length) {
      if (this.#lost) throw this.#lost;
      const { writer } = this.#lane.next();
      writer.clear();
      for (let at = signatures.length; at < texts.length; at++) {
        const { key, text } = texts[at] as Unsigned;
        // One that fits no slab is refused by the writer.
        if (writer.count > 0 && !writer.fits(text.length)) break;
        writer.append(key, text, NO_SIGNATURE);
      }
      await this.#lane.post(0);
      for (let index = 0; index < writer.count; index++) signatures.push(writer.signature(index));
    }
    return signatures;
  }

  async close(): Promise<void> {
    this.#lost ??= new Error('the signing thread is closed');
    this.#lane.fail(this.#lost);
    this.#lane.stop();
    await this.#worker.terminate();
  }
}

const NO_SIGNATURE = new Uint8Array(64);

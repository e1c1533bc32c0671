import { VerificationBuffer, type VerificationBufferOptions } from './verification-buffer.ts';

/** One signature to verify, under a registered key. */
export interface SignedMessage {
  readonly keyHandle: number;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export interface VerificationFigures {
  /** Calls into the core, of at most recordsMax signatures each. */
  readonly batches: number;
  readonly verified: number;
  readonly invalid: number;
  /** Batches that failed and were verified one by one. */
  readonly fallbacks: number;
}

export interface Verification {
  /**
   * Admits a key: canonical, not of small order, in the prime-order subgroup. The same key again
   * has the same handle.
   * @throws RangeError naming why a key is refused, or that there is no room for it
   */
  registerKey(publicKey: Uint8Array): number;
  /**
   * The verdict for each, in order: true means valid. It is a pure function of the key, the message and
   * the signature; what went before decides the cost alone. An unknown handle, or a signature that
   * has not 64 bytes, is not valid.
   * @throws RangeError for a message longer than messageBytesMax (4 MiB): no verdict is given
   */
  verify(batch: readonly SignedMessage[]): boolean[];
  readonly figures: VerificationFigures;
}

/** A key's first penalty, in signatures that are kept out of batches; it doubles with each batch. */
const PENALTY_FIRST = 1024;
const PENALTY_MAX = 2 ** 20;

/**
 * Keys that made a batch fail. A failed batch costs three times a good one, so the next signatures of
 * the key are verified one by one; while that lasts, each bad one starts the time anew.
 */
class Penalties {
  readonly #periods = new Map<number, number>();
  readonly #left = new Map<number, number>();

  /** Whether the key's next signature stays out of the batch; counts it. */
  takes(keyHandle: number): boolean {
    if (this.#left.size === 0) return false;
    const left = this.#left.get(keyHandle);
    if (left === undefined) return false;
    if (left > 1) this.#left.set(keyHandle, left - 1);
    else this.#left.delete(keyHandle);
    return true;
  }

  poisoned(keyHandle: number): void {
    const period = Math.min((this.#periods.get(keyHandle) ?? PENALTY_FIRST / 2) * 2, PENALTY_MAX);
    this.#periods.set(keyHandle, period);
    this.#left.set(keyHandle, period);
  }

  renew(keyHandle: number): void {
    const period = this.#periods.get(keyHandle);
    if (period !== undefined) this.#left.set(keyHandle, period);
  }
}

class WasmVerification implements Verification {
  readonly figures = { batches: 0, verified: 0, invalid: 0, fallbacks: 0 };
  readonly #buffer: VerificationBuffer;
  readonly #handles = new Map<string, number>();
  readonly #penalties = new Penalties();

  constructor(wasm: Uint8Array | WebAssembly.Module, options: VerificationBufferOptions) {
    this.#buffer = new VerificationBuffer(wasm, options);
  }

  registerKey(publicKey: Uint8Array): number {
    const name = Buffer.from(publicKey).toString('latin1');
    let handle = this.#handles.get(name);
    if (handle === undefined) {
      handle = this.#buffer.registerKey(publicKey);
      this.#handles.set(name, handle);
    }
    return handle;
  }

  verify(batch: readonly SignedMessage[]): boolean[] {
    for (const { message } of batch)
      if (message.length > this.#buffer.messageBytesMax)
        throw new RangeError(
          `a message of ${message.length} bytes, at most ${this.#buffer.messageBytesMax}`,
        );
    const verdicts: boolean[] = [];
    while (verdicts.length < batch.length) this.#verifySome(batch, verdicts);
    return verdicts;
  }

  /** Takes in as many as fit and appends their verdicts. */
  #verifySome(batch: readonly SignedMessage[], verdicts: boolean[]): void {
    const buffer = this.#buffer;
    const first = verdicts.length;
    const penalised = new Set<number>();
    buffer.clear();
    for (let i = first; i < batch.length; i++) {
      const { keyHandle, message, signature } = batch[i] as SignedMessage;
      if (!buffer.fits(message.length)) break;
      const exactly = this.#penalties.takes(keyHandle);
      if (exactly) penalised.add(i - first);
      buffer.append(keyHandle, message, signature, exactly);
    }
    const fellBack = buffer.verify();
    const { figures } = this;
    for (let i = 0; i < buffer.count; i++) {
      const valid = buffer.verdicts[i] === 1;
      verdicts.push(valid);
      if (valid) continue;
      figures.invalid += 1;
      const { keyHandle } = batch[first + i] as SignedMessage;
      if (penalised.has(i)) this.#penalties.renew(keyHandle);
      else if (fellBack) this.#penalties.poisoned(keyHandle);
    }
    figures.batches += 1;
    figures.verified += buffer.count;
    if (fellBack) figures.fallbacks += 1;
  }
}

/**
 * A verifier on an instance of its own.
 * @param wasm the bytes of dist/assembly/corridor.wasm, or the compiled module
 * @throws RangeError where the limits need more than an instance can hold
 */
export function createVerification(
  wasm: Uint8Array | WebAssembly.Module,
  options: VerificationBufferOptions = {},
): Verification {
  return new WasmVerification(wasm, options);
}

import { Penalties } from './penalties.ts';
import type { RecordWriter } from './record-writer.ts';
import { VerificationBuffer, type VerificationBufferOptions } from './verification-buffer.ts';

/** One signature to verify, under a registered key. */
export interface SignedMessage {
  readonly keyHandle: number;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export interface VerificationFigures {
  /** Calls into the core, each of at most recordsMax signatures. */
  readonly batches: number;
  readonly verified: number;
  readonly invalid: number;
  /** Batches that failed and were verified one by one. */
  readonly fallbacks: number;
}

export interface Verification {
  /**
   * Admits a key: canonical, not of small order, in the prime-order subgroup. The same key again has
   * the same handle.
   * @throws RangeError naming why a key is refused, or that there is no room for it
   */
  registerKey(publicKey: Uint8Array): number;
  /**
   * The verdict for each, in order: true means valid. It is a pure function of the key, the message
   * and the signature; what went before decides the cost alone. An unknown handle, or a signature
   * that has not 64 bytes, is not valid.
   * @throws RangeError for a message longer than messageBytesMax (4 MiB): no verdict is given
   */
  verify(batch: readonly SignedMessage[]): boolean[];
  /** Takes 0.2 s once and spares the first batches being four times slower. */
  warmUp(): void;
  readonly figures: VerificationFigures;
}

/** What the core says of a filled record buffer. */
export interface Answer {
  /** 1 for each record that is valid, 0 for each that is not. */
  readonly verdicts: Uint8Array;
  /** Bit b is set where batch b, of `batchRecords` records, failed and was verified one by one. */
  readonly fallbacks: number;
  readonly batchRecords: number;
}

/** Keeps the figures and the penalties, and moves signed messages through record buffers. */
export class VerificationLedger {
  readonly figures = { batches: 0, verified: 0, invalid: 0, fallbacks: 0 };
  readonly #penalties = new Penalties();

  /** Fills `input` with messages from `first` on, up to `end`; returns where it stopped. */
  fill(input: RecordWriter, batch: readonly SignedMessage[], first: number, end: number): number {
    input.clear();
    let i = first;
    for (; i < end; i++) {
      const { keyHandle, message, signature } = batch[i] as SignedMessage;
      if (!input.fits(message.length)) break;
      input.append(keyHandle, message, signature, this.#penalties.takes(keyHandle));
    }
    return i;
  }

  /** Takes in the verdicts on what `fill` took from `first` on. */
  settle(
    input: RecordWriter,
    { verdicts, fallbacks, batchRecords }: Answer,
    batch: readonly SignedMessage[],
    first: number,
    results: boolean[],
  ): void {
    const { figures } = this;
    figures.verified += input.count;
    for (let from = 0, b = 0; from < input.count; from += batchRecords, b++) {
      const fellBack = ((fallbacks >> b) & 1) === 1;
      figures.batches += 1;
      if (fellBack) figures.fallbacks += 1;
      const poisoners = new Set<number>();
      const end = Math.min(input.count, from + batchRecords);
      for (let i = from; i < end; i++) {
        const valid = verdicts[i] === 1;
        results[first + i] = valid;
        if (valid) continue;
        figures.invalid += 1;
        const { keyHandle } = batch[first + i] as SignedMessage;
        if (input.isExact(i)) this.#penalties.renew(keyHandle);
        else if (fellBack) poisoners.add(keyHandle);
      }
      for (const keyHandle of poisoners) this.#penalties.poisoned(keyHandle);
    }
  }
}

/** @throws RangeError where a message is longer than a buffer takes */
export function refuseLongMessages(batch: readonly SignedMessage[], bytesMax: number): void {
  for (const { message } of batch)
    if (message.length > bytesMax)
      throw new RangeError(`a message of ${message.length} bytes, at most ${bytesMax}`);
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
  const buffer = new VerificationBuffer(wasm, options);
  const ledger = new VerificationLedger();
  const handles = new Map<string, number>();
  return {
    figures: ledger.figures,
    warmUp: () => buffer.warmUp(),
    registerKey(publicKey) {
      const name = Buffer.from(publicKey).toString('latin1');
      const known = handles.get(name);
      if (known !== undefined) return known;
      const handle = buffer.registerKey(publicKey);
      handles.set(name, handle);
      return handle;
    },
    verify(batch) {
      const { input, verdicts } = buffer;
      refuseLongMessages(batch, input.messageBytesMax);
      const results: boolean[] = [];
      for (let first = 0; first < batch.length; ) {
        const next = ledger.fill(input, batch, first, batch.length);
        const fallbacks = Number(buffer.verify());
        const answer = { verdicts, fallbacks, batchRecords: input.recordsMax };
        ledger.settle(input, answer, batch, first, results);
        first = next;
      }
      return results;
    },
  };
}

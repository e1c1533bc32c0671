import {
  KEYS_MAX,
  VerificationBuffer,
  type VerificationBufferOptions,
} from './batch-size-and-key-room.ts';
import { Penalties } from './keys-kept-out-of-batches.ts';
import { type SignedMessage, VerificationKeys } from './verification-keys.ts';
import type { RecordWriter } from './verification-records.ts';

export type { SignedMessage };

export interface VerificationFigures {
  /** Calls into the core, each of at most recordsMax signatures. */
  readonly batches: number;
  readonly verified: number;
  readonly invalid: number;
  /** Batches that failed and were verified one by one. */
  readonly fallbacks: number;
  /** Keys beyond keysMax, whose signatures take three times the time. */
  readonly keysWithoutRoom: number;
}

export interface Verification {
  /**
   * Admits a key: canonical, not of small order, in the prime-order subgroup. The same key again has
   * the same handle. A key beyond keysMax has one too: it has no tables, and counts in the figures.
   * @throws RangeError naming why a key is refused
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

/** For who verifies on other instances with the same keys. */
export interface InstanceVerification extends Verification {
  readonly keys: VerificationKeys;
}

/** What the core says of a filled record buffer. */
export interface VerificationAnswer {
  /** 1 for each record that is valid, 0 for each that is not. */
  readonly verdicts: Uint8Array;
  /** Bit b is set where batch b, of `batchRecords` records, failed and was verified one by one. */
  readonly fallbacks: number;
  readonly batchRecords: number;
}

/** What was filled at a time: where it stopped, and its number (keys-kept-out-of-batches.ts). */
export interface Filled {
  readonly end: number;
  readonly fill: number;
}

/** Keeps the figures and the penalties, and moves signed messages through record buffers. */
export class VerificationLedger {
  readonly figures = { batches: 0, verified: 0, invalid: 0, fallbacks: 0, keysWithoutRoom: 0 };
  readonly #penalties = new Penalties();

  /** Fills `input` with messages from `first` on, up to `end`. */
  fill(input: RecordWriter, batch: readonly SignedMessage[], first: number, end: number): Filled {
    const fill = this.#penalties.fill();
    input.clear();
    let i = first;
    for (; i < end; i++) {
      const { keyHandle, message, signature } = batch[i] as SignedMessage;
      if (!input.fits(message.length)) break;
      input.append(keyHandle, message, signature, this.#penalties.takes(keyHandle));
    }
    return { end: i, fill };
  }

  /**
   * Takes in the verdicts on what `fill` took from `first` on. Blamed for a failed batch is who signed
   * what was in its equation and is not valid: not what was refused before, which spoils none.
   */
  settle(
    input: RecordWriter,
    { verdicts, fallbacks, batchRecords }: VerificationAnswer,
    batch: readonly SignedMessage[],
    { first, fill }: { readonly first: number; readonly fill: number },
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
        else if (fellBack && input.wasInFailed(i)) poisoners.add(keyHandle);
      }
      for (const keyHandle of poisoners) this.#penalties.poisoned(keyHandle, fill);
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
 * A verifier on an instance of its own. From how many signatures on a batch pays, and its equation:
 * assembly/crypto/batch-or-one-by-one.ts, batch-equation.ts.
 * @param wasm the bytes of dist/assembly/corridor.wasm, or the compiled module
 * @param ledger where figures and penalties are kept, should others verify beside it
 * @throws RangeError where the limits need more than an instance can hold
 */
export function createVerification(
  wasm: Uint8Array | WebAssembly.Module,
  options: VerificationBufferOptions = {},
  ledger = new VerificationLedger(),
): InstanceVerification {
  const buffer = new VerificationBuffer(wasm, options);
  const keys = new VerificationKeys(buffer, options.keysMax ?? KEYS_MAX);
  return {
    figures: ledger.figures,
    keys,
    warmUp: () => buffer.warmUp(),
    registerKey(publicKey) {
      const handle = keys.register(publicKey);
      ledger.figures.keysWithoutRoom = keys.withoutRoom;
      return handle;
    },
    verify(batch) {
      const { input, verdicts } = buffer;
      refuseLongMessages(batch, input.messageBytesMax);
      const { recorded, complete } = keys.divide(batch);
      const results: boolean[] = [];
      for (let first = 0; first < recorded.length; ) {
        const { end, fill } = ledger.fill(input, recorded, first, recorded.length);
        const fallbacks = Number(buffer.verify());
        const answer = { verdicts, fallbacks, batchRecords: input.recordsMax };
        ledger.settle(input, answer, recorded, { first, fill }, results);
        first = end;
      }
      return complete(results);
    },
  };
}

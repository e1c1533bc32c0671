import { KeyRoomError, type VerificationBuffer } from './batch-size-and-key-room.ts';

/** One signature to verify, under a registered key. */
export interface SignedMessage {
  readonly keyHandle: number;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The handles of keys. Whether a key finds room in the tables depends on which came before it, and a
 * verdict must not: a key without room is admitted by the same rule, has a handle above all others,
 * and its signatures are verified one by one, without tables, in three times the time.
 */
export class VerificationKeys {
  readonly #buffer: VerificationBuffer;
  readonly #keysMax: number;
  readonly #handles = new Map<string, number>();
  readonly #withoutRoom: Uint8Array[] = [];

  constructor(buffer: VerificationBuffer, keysMax: number) {
    this.#buffer = buffer;
    this.#keysMax = keysMax;
  }

  /** Keys that are verified without tables. */
  get withoutRoom(): number {
    return this.#withoutRoom.length;
  }

  /**
   * The key's handle; the same key again has the same.
   * @throws RangeError naming why it is not admitted
   */
  register(publicKey: Uint8Array): number {
    const name = Buffer.from(publicKey).toString('latin1');
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    const handle = this.#place(publicKey);
    this.#handles.set(name, handle);
    return handle;
  }

  #place(publicKey: Uint8Array): number {
    try {
      return this.#buffer.registerKey(publicKey);
    } catch (error) {
      if (!(error instanceof KeyRoomError)) throw error;
      this.#withoutRoom.push(Uint8Array.from(publicKey));
      return this.#keysMax + this.#withoutRoom.length - 1;
    }
  }

  /** Which of a batch go through records, and all verdicts, in order, from the verdicts on those. */
  divide(batch: readonly SignedMessage[]): {
    readonly recorded: readonly SignedMessage[];
    complete(verdicts: boolean[]): boolean[];
  } {
    if (this.#withoutRoom.length === 0)
      return { recorded: batch, complete: (verdicts) => verdicts };
    const keys = batch.map(({ keyHandle }) => this.#withoutRoom[keyHandle - this.#keysMax]);
    return {
      recorded: batch.filter((_, i) => keys[i] === undefined),
      complete: (verdicts) => {
        let next = 0;
        return batch.map(({ message, signature }, i) => {
          const key = keys[i];
          if (key) return this.#buffer.verifyUnregistered(key, message, signature);
          return verdicts[next++] as boolean;
        });
      },
    };
  }
}

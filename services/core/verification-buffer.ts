import { type CoreExports, instantiate } from './module.ts';

/**
 * The fixed buffer between the host and the verifier: N records of key handle, message and signature
 * go in, N verdicts come out, nothing is allocated between. A producer may write `records` and
 * `messages` itself (zero-copy) or call `append`.
 *
 *   record, 80 bytes, little-endian
 *     0  u32 key handle
 *     4  u32 offset of the message in `messages`
 *     8  u32 length of the message, bytes
 *    12  u32 1: verified exactly, never in a batch; else 0
 *    16  u8[64] signature
 *
 * A record may hold anything: what is not well formed is not valid.
 */
export const VERIFICATION_RECORD_BYTES = 80;
/** A batch is cut here: larger ones gain little, and one bad signature costs the whole batch. */
export const RECORDS_MAX = 1024;
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
export const KEYS_MAX = 4096;

/** Which equation is evaluated; the verdict does not depend on it. */
export const PATHS = { byCount: 0, exact: 1, batch: 2, single: 3 } as const;
export type Path = keyof typeof PATHS;

/** The answers of registerVerificationKey (assembly/crypto/keys.ts). */
const REFUSALS: Readonly<Record<number, string>> = {
  [-1]: 'there is no room for another key',
  [-2]: 'its encoding is not canonical',
  [-3]: 'it is not a point of the curve',
  [-4]: 'it has a small order',
  [-5]: 'it is not in the subgroup of prime order',
};

export interface VerificationBufferOptions {
  /** Registered keys at most; each takes 43,904 bytes once registered. */
  readonly keysMax?: number;
  readonly recordsMax?: number;
  readonly messageBytesMax?: number;
}

function positive(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 1 || value > 0x7fffffff)
    throw new RangeError(`${name} is ${value}, expected a positive 31-bit integer`);
  return value;
}

export class VerificationBuffer {
  readonly recordsMax: number;
  readonly messageBytesMax: number;
  /** recordsMax records; see above. */
  readonly records: Uint8Array;
  readonly messages: Uint8Array;
  /** After `verify`: 1 for each record that is valid, 0 for each that is not. */
  readonly verdicts: Uint8Array;
  readonly #core: CoreExports;
  readonly #words: Uint32Array;
  readonly #keyInput: Uint8Array;
  readonly #signatureInput: Uint8Array;
  #count = 0;
  #messageBytes = 0;

  /**
   * @param wasm the bytes of dist/assembly/corridor.wasm, or the compiled module
   * @throws RangeError where the limits need more than an instance can hold
   */
  constructor(wasm: Uint8Array | WebAssembly.Module, options: VerificationBufferOptions = {}) {
    const keysMax = positive(options.keysMax ?? KEYS_MAX, 'keysMax');
    this.recordsMax = positive(options.recordsMax ?? RECORDS_MAX, 'recordsMax');
    this.messageBytesMax = positive(
      options.messageBytesMax ?? MESSAGE_BYTES_MAX,
      'messageBytesMax',
    );
    this.#core = instantiate(wasm);
    if (this.#core.startVerifier(keysMax, this.recordsMax, this.messageBytesMax) === 0)
      throw new RangeError(`no memory for ${keysMax} keys and ${this.recordsMax} records`);
    // Memory never grows after this, so views stay valid.
    const view = (address: number, length: number) =>
      new Uint8Array(this.#core.memory.buffer, address >>> 0, length);
    const recordsAddress = this.#core.recordsAddress() >>> 0;
    const recordBytes = this.recordsMax * VERIFICATION_RECORD_BYTES;
    this.records = view(recordsAddress, recordBytes);
    this.#words = new Uint32Array(this.#core.memory.buffer, recordsAddress, recordBytes / 4);
    this.messages = view(this.#core.messagesAddress(), this.messageBytesMax);
    this.verdicts = view(this.#core.verdictsAddress(), this.recordsMax);
    this.#keyInput = view(this.#core.keyInputAddress(), 32);
    this.#signatureInput = view(this.#core.signatureInputAddress(), 64);
  }

  /** Bytes of linear memory that are reserved (those of keys to come are not touched yet). */
  get reservedBytes(): number {
    return this.#core.memory.buffer.byteLength;
  }

  /**
   * Registers a key and returns its handle; the same key registered twice has two handles.
   * @param admitMixedOrder also a key outside the prime-order subgroup, for which the rule is
   *   defined but which no participant may have
   * @throws RangeError naming why it is refused
   */
  registerKey(publicKey: Uint8Array, admitMixedOrder = false): number {
    if (publicKey.length !== 32)
      throw new RangeError(`public key refused: it has ${publicKey.length} bytes, expected 32`);
    this.#keyInput.set(publicKey);
    const answer = this.#core.registerVerificationKey(admitMixedOrder ? 1 : 0);
    if (answer < 0) throw new RangeError(`public key refused: ${REFUSALS[answer]}`);
    return answer;
  }

  /** Records appended since `clear`. */
  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.#messageBytes = 0;
  }

  /** Whether a further record with a message of so many bytes fits. */
  fits(messageLength: number): boolean {
    return (
      this.#count < this.recordsMax && this.#messageBytes + messageLength <= this.messageBytesMax
    );
  }

  /**
   * Appends a record that `fits`; a signature that has not 64 bytes is stored as one that is invalid.
   * @param exactly keep it out of batches
   */
  append(keyHandle: number, message: Uint8Array, signature: Uint8Array, exactly = false): void {
    if (!this.fits(message.length)) throw new RangeError('the verification buffer is full');
    const word = this.#count * (VERIFICATION_RECORD_BYTES / 4);
    this.#words[word] = keyHandle;
    this.#words[word + 1] = this.#messageBytes;
    this.#words[word + 2] = message.length;
    this.#words[word + 3] = exactly ? 1 : 0;
    const at = this.#count * VERIFICATION_RECORD_BYTES + 16;
    if (signature.length === 64) this.records.set(signature, at);
    else this.records.fill(0xff, at, at + 64); // S of all ones is not below L
    this.messages.set(message, this.#messageBytes);
    this.#count += 1;
    this.#messageBytes += message.length;
  }

  /**
   * Sets the verdicts of the first `count` records.
   * @returns true where a batch failed and its records were verified one by one
   * @throws RangeError for a count above recordsMax
   */
  verify(count = this.#count, path: Path = 'byCount'): boolean {
    const answer = this.#core.verifyRecords(count, PATHS[path]);
    if (answer < 0) throw new RangeError(`${count} records, expected at most ${this.recordsMax}`);
    return answer === 1;
  }

  /** The verdict for one signature under a key that need not be registered; slower (60 µs). */
  verifyUnregistered(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    if (message.length > this.messageBytesMax)
      throw new RangeError(`a message of ${message.length} bytes, at most ${this.messageBytesMax}`);
    this.#keyInput.set(publicKey);
    this.#signatureInput.set(signature);
    this.messages.set(message);
    return this.#core.verifyUnregistered(message.length) !== 0;
  }
}

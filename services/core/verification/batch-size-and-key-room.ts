import { type CoreExports, instantiate, memoryView } from '../wasm-module.ts';
import { RecordWriter, VERIFICATION_RECORD_BYTES } from './verification-records.ts';

/** A batch is cut here: larger ones gain little, and one bad signature costs the whole batch. */
export const RECORDS_MAX = 1024;
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
export const KEYS_MAX = 4096;
/** An instance addresses 4 GiB, of which a key takes 47,424 bytes. */
const KEYS_MOST = 65_536;

/**
 * How many keys have tables in a network with so many participants in each pool: one for each of them. A key beyond is
 * verified without tables, in three times the time.
 */
export const keyRoom = (...participants: readonly number[]): number =>
  Math.min(KEYS_MOST, Math.max(KEYS_MAX, ...participants));

/** Which equation is evaluated; the verdict does not depend on it. */
const PATHS = { byCount: 0, exact: 1, batch: 2, single: 3 } as const;
export type VerificationPath = keyof typeof PATHS;

/** The answers of registerVerificationKey (assembly/crypto/key-registration-and-refused-keys.ts). */
const REFUSALS: Readonly<Record<number, string>> = {
  [-2]: 'its encoding is not canonical',
  [-3]: 'it is not a point of the curve',
  [-4]: 'it has a small order',
  [-5]: 'it is not in the subgroup of prime order',
};

const NO_ROOM = -1;

/** Nothing is wrong with the key, but keysMax others are registered. */
export class KeyRoomError extends RangeError {}

/** RFC 8032, section 7.1, the first vector: what a warm-up verifies. */
const WARM_UP_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const WARM_UP_SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
/** After some 300 each takes as long as all that follow. */
const WARM_UP_ROUNDS = 500;

export interface VerificationBufferOptions {
  /** Registered keys at most; each takes 3,904 bytes once it is registered, and 43,520 more from its first exact verdict on. */
  readonly keysMax?: number;
  readonly recordsMax?: number;
  readonly messageBytesMax?: number;
}

function positive(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 1 || value > 0x7fffffff)
    throw new RangeError(`${name} is ${value}, expected a positive 31-bit integer`);
  return value;
}

/**
 * The fixed buffer between the host and the verifier: N records of key handle, message and
 * signature go in, N verdicts come out, and nothing is allocated between. A producer calls
 * `input.append`, or writes `input.records` and `input.messages` itself (zero-copy).
 */
export class VerificationBuffer {
  readonly input: RecordWriter;
  /** After `verify`: 1 for each record that is valid, 0 for each that is not. */
  readonly verdicts: Uint8Array;
  readonly #core: CoreExports;
  readonly #keyInput: Uint8Array;
  readonly #signatureInput: Uint8Array;
  readonly #messageInput: Uint8Array;

  /**
   * @param wasm the bytes of dist/assembly/corridor.wasm, or the compiled module
   * @throws RangeError where the limits need more than an instance can hold
   */
  constructor(wasm: Uint8Array | WebAssembly.Module, options: VerificationBufferOptions = {}) {
    const keysMax = positive(options.keysMax ?? KEYS_MAX, 'keysMax');
    const recordsMax = positive(options.recordsMax ?? RECORDS_MAX, 'recordsMax');
    const messageBytes = positive(options.messageBytesMax ?? MESSAGE_BYTES_MAX, 'messageBytesMax');
    const core = instantiate(wasm);
    if (core.startVerifier(keysMax, recordsMax, messageBytes) === 0)
      throw new RangeError(`no memory for ${keysMax} keys and ${recordsMax} records`);
    // Memory never grows after this, so views stay valid.
    const view = (address: number, length: number) => memoryView(core, address, length);
    this.#core = core;
    this.input = new RecordWriter(
      view(core.recordsAddress(), recordsMax * VERIFICATION_RECORD_BYTES),
      view(core.messagesAddress(), messageBytes),
    );
    this.verdicts = view(core.verdictsAddress(), recordsMax);
    this.#keyInput = view(core.keyInputAddress(), 32);
    this.#signatureInput = view(core.signatureInputAddress(), 64);
    this.#messageInput = view(core.messageAddress(), messageBytes);
  }

  /**
   * Registers a key and returns its handle, the next number from 0. The same key registered twice has
   * two handles.
   * @param admitMixedOrder also a key outside the prime-order subgroup, for which the rule is
   *   defined but which no participant may have
   * @throws RangeError naming why it is refused; KeyRoomError where it would be admitted
   */
  registerKey(publicKey: Uint8Array, admitMixedOrder = false): number {
    if (publicKey.length !== 32)
      throw new RangeError(`public key refused: it has ${publicKey.length} bytes, expected 32`);
    this.#keyInput.set(publicKey);
    const answer = this.#core.registerVerificationKey(admitMixedOrder ? 1 : 0);
    if (answer === NO_ROOM) throw new KeyRoomError('there is no room for another key');
    if (answer < 0) throw new RangeError(`public key refused: ${REFUSALS[answer]}`);
    return answer;
  }

  /**
   * Sets the verdicts of the first `count` records.
   * @returns true where a batch failed and its records were verified one by one
   * @throws RangeError for a count above recordsMax
   */
  verify(count = this.input.count, path: VerificationPath = 'byCount'): boolean {
    const answer = this.#core.verifyRecords(count, PATHS[path]);
    if (answer < 0)
      throw new RangeError(`${count} records, expected at most ${this.input.recordsMax}`);
    return answer === 1;
  }

  /**
   * The verdict for one signature under a key that need not be registered, of mixed order included; it
   * takes three times as long. Records that were appended stay as they are.
   * @throws RangeError for a message longer than messageBytesMax
   */
  verifyUnregistered(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const { length: bytesMax } = this.#messageInput;
    if (message.length > bytesMax)
      throw new RangeError(`a message of ${message.length} bytes, at most ${bytesMax}`);
    this.#keyInput.set(publicKey);
    this.#signatureInput.set(signature);
    this.#messageInput.set(message);
    return this.#core.verifyUnregistered(message.length) !== 0;
  }

  /** Verifies one signature again and again (0.05 s), so that V8 has optimised the field arithmetic. */
  warmUp(): void {
    const key = Buffer.from(WARM_UP_KEY, 'hex');
    const signature = Buffer.from(WARM_UP_SIGNATURE, 'hex');
    for (let i = 0; i < WARM_UP_ROUNDS; i++)
      if (!this.verifyUnregistered(key, new Uint8Array(), signature))
        throw new Error('core: a signature of RFC 8032 was refused');
  }
}

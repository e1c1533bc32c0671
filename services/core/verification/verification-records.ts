/**
 * Records of signed messages, as the verifier reads them: in the linear memory of an instance, or in
 * a slab that a worker copies there.
 *
 *   record, 80 bytes, little-endian
 *     0  u32 key handle
 *     4  u32 offset of the message in `messages`
 *     8  u32 length of the message, bytes
 *    12  u32 1: verified exactly, never in a batch; else 0. Comes back as 2 where the record was in an
 *        equation that failed
 *    16  u8[64] signature
 *
 * A record may hold anything: what is not well formed is not valid.
 */
export const VERIFICATION_RECORD_BYTES = 80;
const RECORD_WORDS = VERIFICATION_RECORD_BYTES / 4;
const SIGNATURE_AT = 16;

/** Where the message of a record starts. */
export function messageOffset(records: Uint8Array, index: number): number {
  const at = records.byteOffset + index * VERIFICATION_RECORD_BYTES;
  return new Uint32Array(records.buffer, at, RECORD_WORDS)[1] as number;
}

export class RecordWriter {
  readonly recordsMax: number;
  readonly messageBytesMax: number;
  /** recordsMax records. */
  readonly records: Uint8Array;
  readonly messages: Uint8Array;
  readonly #words: Uint32Array;
  /** Of the records. */
  readonly #bytes: Buffer;
  #count = 0;
  #messageBytes = 0;

  /** @param records and messages views of buffers that never move; records aligned to four bytes */
  constructor(records: Uint8Array, messages: Uint8Array) {
    this.records = records;
    this.messages = messages;
    this.#words = new Uint32Array(records.buffer, records.byteOffset, records.length / 4);
    this.#bytes = Buffer.from(records.buffer, records.byteOffset, records.length);
    this.recordsMax = records.length / VERIFICATION_RECORD_BYTES;
    this.messageBytesMax = messages.length;
  }

  /** Records appended since `clear`. */
  get count(): number {
    return this.#count;
  }

  /**
   * Bytes of `messages` in use since `clear`. Each message starts at a multiple of 8: V8 copies to
   * shared memory a byte at a time where source and target are not aligned alike.
   */
  get messageBytes(): number {
    return this.#messageBytes;
  }

  clear(): void {
    this.#count = 0;
    this.#messageBytes = 0;
  }

  /** Whether a record is marked to stay out of batches. */
  isExact(index: number): boolean {
    return this.#words[index * RECORD_WORDS + 3] === 1;
  }

  /** Whether a record was in an equation that failed: if it is not valid, it is why. */
  wasInFailed(index: number): boolean {
    return this.#words[index * RECORD_WORDS + 3] === 2;
  }

  /** A record's signature in base64: a copy of its bytes would have memory of its own, which takes longer than to sign. */
  signatureText(index: number): string {
    const at = index * VERIFICATION_RECORD_BYTES + SIGNATURE_AT;
    return this.#bytes.toString('base64', at, at + 64);
  }

  /** Whether a further record with a message of so many bytes fits. */
  fits(messageLength: number): boolean {
    return (
      this.#count < this.recordsMax && this.#messageBytes + messageLength <= this.messageBytesMax
    );
  }

  /**
   * Appends a record; a signature that has not 64 bytes is stored as one that is invalid.
   * @param exactly keep it out of batches
   * @throws RangeError where it does not fit
   */
  append(keyHandle: number, message: Uint8Array, signature: Uint8Array, exactly = false): void {
    if (!this.fits(message.length)) throw new RangeError('the verification buffer is full');
    const word = this.#count * RECORD_WORDS;
    // What is no handle at all must not wrap to one that is.
    this.#words[word] = keyHandle === keyHandle >>> 0 ? keyHandle : 0xffffffff;
    this.#words[word + 1] = this.#messageBytes;
    this.#words[word + 2] = message.length;
    this.#words[word + 3] = exactly ? 1 : 0;
    const at = this.#count * VERIFICATION_RECORD_BYTES + SIGNATURE_AT;
    if (signature.length === 64) this.records.set(signature, at);
    else this.records.fill(0xff, at, at + 64); // S of all ones is not below L
    this.messages.set(message, this.#messageBytes);
    this.#count += 1;
    this.#messageBytes = (this.#messageBytes + message.length + 7) & ~7;
  }
}

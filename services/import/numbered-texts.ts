/**
 * Texts with a number each (not numbers written as text: amount-forms.ts), of which there may be millions:
 * outside the heap, where no collector goes over them. Open addressing over one arena of bytes; texts are compared whole, so that no two are taken for one.
 */
export class NumberedTexts {
  #bytes = Buffer.alloc(1 << 16);
  #end = 0;
  /** By slot; 0: the slot is free. Apart from the places, so that more of them are near. */
  #hashes = new Uint32Array(1 << 10);
  /** By slot: where the text's entry begins in the arena. */
  #places = new Float64Array(1 << 10);
  #count = 0;

  /**
   * The number that the text has already; null: it has this one from now on.
   * @param text Latin-1, shorter than 65,536 characters
   * @param number less than 2 ** 32
   */
  add(text: string, number: number): number | null {
    if (2 * this.#count >= this.#hashes.length) this.#grow();
    const hash = this.#append(text);
    const slot = this.#slotOf(hash, text.length);
    if (this.#hashes[slot] !== 0) return this.#bytes.readUInt32LE(this.#places[slot]);
    this.#bytes.writeUInt32LE(number, this.#end);
    this.#bytes.writeUInt16LE(text.length, this.#end + NUMBER_BYTES);
    this.#hashes[slot] = hash;
    this.#places[slot] = this.#end;
    this.#end += HEAD_BYTES + text.length;
    this.#count += 1;
    return null;
  }

  /** Puts the text behind the arena's end, where it stays if it is new. @returns its hash: FNV-1a, 32 bits, not 0 */
  #append(text: string): number {
    const needed = this.#end + HEAD_BYTES + text.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown);
      this.#bytes = grown;
    }
    const bytes = this.#bytes;
    const from = this.#end + HEAD_BYTES;
    let hash = 0x811c9dc5;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      bytes[from + at] = code;
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    return ((hash ^ (hash >>> 15)) | 1) >>> 0;
  }

  /** The slot of an equal text, or the free one that it would have. */
  #slotOf(hash: number, length: number): number {
    const bytes = this.#bytes;
    const mask = this.#hashes.length - 1;
    const from = this.#end + HEAD_BYTES;
    for (let slot = slotFor(hash, mask); ; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] === 0) return slot;
      if (this.#hashes[slot] !== hash) continue;
      const entry = this.#places[slot] as number;
      if (bytes.readUInt16LE(entry + NUMBER_BYTES) !== length) continue;
      const place = entry + HEAD_BYTES;
      if (bytes.compare(bytes, place, place + length, from, from + length) === 0) return slot;
    }
  }

  /** Texts that are there differ, so that each takes the first free slot. */
  #grow(): void {
    const [hashes, places] = [this.#hashes, this.#places];
    const length = 4 * hashes.length;
    this.#hashes = new Uint32Array(length);
    this.#places = new Float64Array(length);
    for (let at = 0; at < hashes.length; at++) {
      const hash = hashes[at] as number;
      if (hash === 0) continue;
      let slot = slotFor(hash, length - 1);
      while (this.#hashes[slot] !== 0) slot = (slot + 1) & (length - 1);
      this.#hashes[slot] = hash;
      this.#places[slot] = places[at] as number;
    }
  }
}

/** Before each text: its number, and its length. */
const NUMBER_BYTES = 4;
const HEAD_BYTES = NUMBER_BYTES + 2;

/** The hash's lowest bit is 1 in all. */
const slotFor = (hash: number, mask: number): number => (hash >>> 1) & mask;

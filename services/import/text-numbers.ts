/**
 * Texts with a number each, of which there may be millions: outside the heap, where no collector goes over
 * them. Open addressing over one arena of bytes; texts are compared whole, so that no two are taken for one.
 */
export class TextNumbers {
  #bytes = Buffer.alloc(1 << 16);
  #end = 0;
  /** By slot: where the text begins in the arena, plus 1; 0: the slot is free. */
  #slots = new Float64Array(1 << 10);
  #numbers = new Float64Array(1 << 10);
  #hashes = new Uint32Array(1 << 10);
  #count = 0;

  /** The number that the text has already; null: it has this one from now on. @param text Latin-1 */
  add(text: string, number: number): number | null {
    if (2 * this.#count >= this.#slots.length) this.#grow();
    const length = this.#append(text);
    const hash = hashOf(text);
    const slot = this.#slotOf(hash, this.#end, length);
    if (this.#slots[slot] !== 0) return this.#numbers[slot] as number;
    this.#put(slot, this.#end + 1, number, hash);
    this.#end += HEAD_BYTES + length;
    this.#count += 1;
    return null;
  }

  /** Puts the text behind the arena's end, where it stays if it is new. */
  #append(text: string): number {
    const needed = this.#end + HEAD_BYTES + text.length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown);
      this.#bytes = grown;
    }
    this.#bytes.writeUInt16LE(text.length, this.#end);
    return this.#bytes.write(text, this.#end + HEAD_BYTES, 'latin1');
  }

  /** The slot of an equal text, or the free one that it would have. */
  #slotOf(hash: number, start: number, length: number): number {
    const bytes = this.#bytes;
    const mask = this.#slots.length - 1;
    const from = start + HEAD_BYTES;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const other = (this.#slots[slot] as number) - 1;
      if (other < 0) return slot;
      if (this.#hashes[slot] !== hash || bytes.readUInt16LE(other) !== length) continue;
      const place = other + HEAD_BYTES;
      if (bytes.compare(bytes, place, place + length, from, from + length) === 0) return slot;
    }
  }

  #put(slot: number, start: number, number: number, hash: number): void {
    this.#slots[slot] = start;
    this.#numbers[slot] = number;
    this.#hashes[slot] = hash;
  }

  /** Texts that are there differ, so that each takes the first free slot. */
  #grow(): void {
    const [slots, numbers, hashes] = [this.#slots, this.#numbers, this.#hashes];
    const length = 4 * slots.length;
    this.#slots = new Float64Array(length);
    this.#numbers = new Float64Array(length);
    this.#hashes = new Uint32Array(length);
    for (let at = 0; at < slots.length; at++) {
      if (slots[at] === 0) continue;
      const hash = hashes[at] as number;
      let slot = hash & (length - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      this.#put(slot, slots[at] as number, numbers[at] as number, hash);
    }
  }
}

/** Before each text: its length. */
const HEAD_BYTES = 2;

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

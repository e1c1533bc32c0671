/**
 * Columns of a group of rows, each in the form in which Parquet has its values: what is set is written as it
 * stands, where a writer of values would look at each value of millions again.
 * Format: https://github.com/apache/parquet-format/blob/master/Encodings.md, PLAIN and RLE_DICTIONARY.
 */
import { compressSync } from 'snappy';
import { UETR_LENGTH, writeUetr } from '../protocol/names/bic-and-uetr.ts';
import { GROUP_ROWS } from './parquet-row-group-size.ts';

/** A column's values as pages have them. */
export interface EncodedColumn {
  readonly page: Uint8Array;
  /** Where the page is compressed by Snappy: how long it was before. */
  readonly plainLength?: number;
  /** Where the page has numbers of values: the values. */
  readonly dictionary: { readonly page: Uint8Array; readonly values: number } | null;
}

const HIGH = 2 ** 32;

const bytesOf = ({ buffer, byteOffset }: ArrayBufferView, length: number) =>
  new Uint8Array(buffer, byteOffset, length);

/** Integers of 64 bits, and times in ms since 1970. */
export class LongColumn {
  readonly #words = new Int32Array(2 * GROUP_ROWS);
  readonly #longs = new BigInt64Array(this.#words.buffer);

  /** @param value an integer that a double holds */
  put(row: number, value: number): void {
    this.#words[2 * row] = value;
    this.#words[2 * row + 1] = Math.floor(value / HIGH);
  }

  putLong(row: number, value: bigint): void {
    this.#longs[row] = value;
  }

  /** @param high of the integer, and its low half: as exact-sum.ts has them */
  putHalves(row: number, high: number, low: number): void {
    this.#words[2 * row] = low;
    this.#words[2 * row + 1] = high;
  }

  /** Of rows that follow one another: the words, low before high, that stand so far behind each of those places. */
  copy(first: number, from: Int32Array, places: Uint32Array, behind: number): void {
    const words = this.#words;
    for (let at = 0; at < places.length; at++) {
      const place = places[at]! + behind;
      words[2 * (first + at)] = from[place]!;
      words[2 * (first + at) + 1] = from[place + 1]!;
    }
  }

  encode(rows: number): EncodedColumn {
    return { page: bytesOf(this.#words, 8 * rows), dictionary: null };
  }
}

/** Integers of 32 bits and fewer. */
export class IntegerColumn {
  readonly #values = new Uint32Array(GROUP_ROWS);

  put(row: number, value: number): void {
    this.#values[row] = value;
  }

  /** Of rows that follow one another. */
  putAll(first: number, values: Uint32Array): void {
    this.#values.set(values, first);
  }

  encode(rows: number): EncodedColumn {
    return { page: bytesOf(this.#values, 4 * rows), dictionary: null };
  }
}

/** Integers of 128 bits. */
export class WideColumn {
  readonly #view = new DataView(new ArrayBuffer(16 * GROUP_ROWS));

  /** @param high of an integer of less than 2^85 either way, and its low half: as exact-sum.ts has them */
  putHalves(row: number, high: number, low: number): void {
    const highest = Math.floor(high / HIGH);
    this.#view.setInt32(16 * row, Math.floor(highest / HIGH));
    this.#view.setInt32(16 * row + 4, highest);
    this.#view.setInt32(16 * row + 8, high);
    this.#view.setUint32(16 * row + 12, low);
  }

  encode(rows: number): EncodedColumn {
    return { page: bytesOf(this.#view, 16 * rows), dictionary: null };
  }
}

/** Text of few values: in each group a value is written once, and its number for each row. */
export class NameColumn {
  /** All that were put, and of each row which. */
  readonly #names: string[] = [];
  readonly #numberOf = new Map<string, number>();
  readonly #numbers = new Uint32Array(GROUP_ROWS);
  #last = -1;

  put(row: number, name: string): void {
    if (name !== this.#names[this.#last]) this.#last = this.numberOf(name);
    this.#numbers[row] = this.#last;
  }

  /** A name by its number here. */
  putNumber(row: number, number: number): void {
    this.#numbers[row] = number;
  }

  /** The same name in rows that follow one another. */
  fill(first: number, rows: number, name: string): void {
    this.#numbers.fill(this.numberOf(name), first, first + rows);
  }

  /** Names by their numbers here, in rows that follow one another. */
  putAll(first: number, numbers: Uint32Array): void {
    this.#numbers.set(numbers, first);
  }

  /** A way to put names that numbers stand for, as the handles of a pool, in rows that follow one another. */
  by(nameOf: (number: number) => string): (first: number, numbers: Uint32Array) => void {
    /** By number: that of its name here, and 1. */
    let known = new Uint32Array(256);
    const learn = (number: number) => {
      if (number >= known.length) {
        const longer = new Uint32Array(2 * number);
        longer.set(known);
        known = longer;
      }
      known[number] = this.numberOf(nameOf(number)) + 1;
      return known[number] as number;
    };
    return (first, numbers) => {
      for (let at = 0; at < numbers.length; at++) {
        const number = numbers[at] as number;
        this.#numbers[first + at] = (known[number] || learn(number)) - 1;
      }
    };
  }

  /** What stands for it in this column. */
  numberOf(name: string): number {
    let number = this.#numberOf.get(name);
    if (number === undefined) {
      number = this.#names.push(name) - 1;
      this.#numberOf.set(name, number);
    }
    return number;
  }

  encode(rows: number): EncodedColumn {
    const dictionary = new TextColumn();
    if (this.#areSame(rows)) {
      dictionary.add(this.#names[this.#numbers[0] as number] as string);
      const page = packed(inGroup.fill(0, 0, rows).subarray(0, rows), 0);
      return { page, dictionary: { page: dictionary.encode().page, values: 1 } };
    }
    /** By its number the place in the dictionary, and 1. */
    const places = new Uint32Array(this.#names.length);
    let values = 0;
    for (let row = 0; row < rows; row++) {
      const number = this.#numbers[row] as number;
      if (places[number] === 0) {
        places[number] = ++values;
        dictionary.add(this.#names[number] as string);
      }
      inGroup[row] = (places[number] as number) - 1;
    }
    const page = packed(inGroup.subarray(0, rows), Math.ceil(Math.log2(values)));
    return { page, dictionary: { page: dictionary.encode().page, values } };
  }

  /** Whether all rows have one name, as in half of the columns of most groups. */
  #areSame(rows: number): boolean {
    const first = this.#numbers[0];
    for (let row = 1; row < rows; row++) if (this.#numbers[row] !== first) return false;
    return true;
  }
}

/** Of the column that is encoded. */
const inGroup = new Uint32Array(GROUP_ROWS);

/** Values of a run that are written as one: as many as a group of packed ones has. */
const GROUP = 8;

/** How many bits each has, then runs of equal values, and groups of eight whose bits follow one another. */
function packed(values: Uint32Array, bits: number): Uint8Array {
  const packing = new Packing(values, bits);
  let groupsFrom = 0;
  let place = 0;
  while (place < values.length) {
    let end = place + 1;
    while (end < values.length && values[end] === values[place]) end += 1;
    if (end - place < GROUP) {
      place += GROUP;
      continue;
    }
    packing.groups(groupsFrom, place);
    packing.run(values[place] as number, end - place);
    place = end;
    groupsFrom = end;
  }
  packing.groups(groupsFrom, Math.min(place, values.length));
  return packing.bytes;
}

class Packing {
  readonly #values: Uint32Array;
  readonly #bits: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(values: Uint32Array, bits: number) {
    this.#values = values;
    this.#bits = bits;
    this.#bytes = new Uint8Array(16 + Math.ceil(values.length / GROUP) * (bits + 10));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes[this.#at++] = bits;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  run(value: number, length: number): void {
    this.#count(length << 1);
    for (let shift = 0; shift < this.#bits; shift += 8) this.#bytes[this.#at++] = value >>> shift;
  }

  groups(from: number, to: number): void {
    if (from === to) return;
    const values = this.#values;
    const bytes = this.#bytes;
    const view = this.#view;
    const bits = this.#bits;
    const groups = Math.ceil((to - from) / GROUP);
    this.#count((groups << 1) | 1);
    let at = this.#at;
    let word = 0;
    let bitsOfWord = 0;
    for (let place = from; place < from + GROUP * groups; place++) {
      const value = place < to ? values[place]! : 0;
      word |= value << bitsOfWord;
      bitsOfWord += bits;
      if (bitsOfWord < 32) continue;
      view.setInt32(at, word, true);
      at += 4;
      bitsOfWord -= 32;
      word = bitsOfWord === 0 ? 0 : value >>> (bits - bitsOfWord);
    }
    for (; bitsOfWord > 0; bitsOfWord -= 8, word >>>= 8) bytes[at++] = word;
    this.#at = at;
  }

  #count(count: number): void {
    let rest = count;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }
}

/** Any text, row after row. */
export class TextColumn {
  #bytes = Buffer.alloc(1024);
  #view = viewOf(this.#bytes);
  #length = 0;

  add(text: string): void {
    this.#ensure(4 + 3 * text.length);
    this.#end(this.#bytes.write(text, this.#length + 4));
  }

  /** A text in UTF-8. */
  addBytes(text: Uint8Array): void {
    this.#ensure(4 + text.length);
    this.#bytes.set(text, this.#length + 4);
    this.#end(text.length);
  }

  /** A UETR, or no text for 16 bytes that are none. */
  addUetr(bytes: Uint8Array, at: number): void {
    this.#ensure(4 + UETR_LENGTH);
    this.#end(writeUetr(bytes, at, this.#view, this.#length + 4) ? UETR_LENGTH : 0);
  }

  /** A text of this length is written. */
  #end(length: number): void {
    this.#view.setUint32(this.#length, length, true);
    this.#length += 4 + length;
  }

  /** How many bytes it has. */
  get length(): number {
    return this.#length;
  }

  #ensure(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const longer = Buffer.alloc(2 * this.#bytes.length + length);
    longer.set(this.#bytes);
    this.#bytes = longer;
    this.#view = viewOf(longer);
  }

  encode(): EncodedColumn {
    const page = bytesOf(this.#bytes, this.#length);
    this.#length = 0;
    return { page, dictionary: null };
  }
}

/** Long texts, compressed. */
export class DocumentColumn extends TextColumn {
  override encode(): EncodedColumn {
    const { page } = super.encode();
    return { page: compressSync(page), plainLength: page.length, dictionary: null };
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer) => new DataView(buffer, byteOffset, length);

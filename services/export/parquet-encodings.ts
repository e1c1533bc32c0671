/**
 * Columns of a group of rows, each in the form in which Parquet has its values: what is set is written as it
 * stands, where a writer of values would look at each value of millions again.
 * Format: https://github.com/apache/parquet-format/blob/master/Encodings.md, PLAIN and RLE_DICTIONARY.
 */
import { ByteWriter } from 'hyparquet-writer';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { UETR_LENGTH, writeUetr } from '../protocol/names/identifiers.ts';

/** Rows that are in memory at once. */
export const GROUP_ROWS = 65_536;

/** A column's values as pages have them. */
export interface EncodedColumn {
  readonly page: Uint8Array;
  /** Where the page has numbers of values: the values. */
  readonly dictionary: { readonly page: Uint8Array; readonly values: number } | null;
}

const HIGH = 2 ** 32;

const bytesOf = ({ buffer, byteOffset }: ArrayBufferView, length: number) =>
  new Uint8Array(buffer, byteOffset, length);

/** Integers of 64 bits, and times in ms since 1970. */
export class LongColumn {
  readonly words = new Int32Array(2 * GROUP_ROWS);
  readonly #longs = new BigInt64Array(this.words.buffer);

  /** @param value an integer that a double holds */
  put(row: number, value: number): void {
    this.words[2 * row] = value;
    this.words[2 * row + 1] = Math.floor(value / HIGH);
  }

  putLong(row: number, value: bigint): void {
    this.#longs[row] = value;
  }

  /** @param high of the integer, and its low half: as exact-sum.ts has them */
  putHalves(row: number, high: number, low: number): void {
    this.words[2 * row] = low;
    this.words[2 * row + 1] = high;
  }

  encode(rows: number): EncodedColumn {
    return { page: bytesOf(this.words, 8 * rows), dictionary: null };
  }
}

/** Integers of 32 bits and fewer. */
export class IntegerColumn {
  readonly #values = new Uint32Array(GROUP_ROWS);

  put(row: number, value: number): void {
    this.#values[row] = value;
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

/** Puts the name that a number stands for. */
export type PutNumber = (row: number, number: number) => void;

/** Text of few values: a value is written once, and its number for each row. */
export class NameColumn {
  readonly #numbers = new Uint32Array(GROUP_ROWS);
  readonly #numberOf = new Map<string, number>();
  #groups = 0;
  #last = '';
  #lastNumber = -1;

  put(row: number, name: string): void {
    if (name !== this.#last || this.#lastNumber < 0) {
      this.#lastNumber = this.#numberOf.get(name) ?? this.#add(name);
      this.#last = name;
    }
    this.#numbers[row] = this.#lastNumber;
  }

  /** A way to put names that numbers stand for, as the handles of a pool. */
  by(nameOf: (number: number) => string): PutNumber {
    let known: number[] = [];
    let group = this.#groups;
    return (row, number) => {
      if (group !== this.#groups) {
        known = [];
        group = this.#groups;
      }
      const before = known[number];
      if (before !== undefined) {
        this.#numbers[row] = before;
        return;
      }
      this.put(row, nameOf(number));
      known[number] = this.#numbers[row] as number;
    };
  }

  #add(name: string): number {
    const number = this.#numberOf.size;
    this.#numberOf.set(name, number);
    return number;
  }

  encode(rows: number): EncodedColumn {
    const dictionary = new TextColumn();
    for (const name of this.#numberOf.keys()) dictionary.add(name);
    const values = this.#numberOf.size;
    const bits = Math.ceil(Math.log2(values));
    const page = new ByteWriter();
    page.appendUint8(bits);
    writeRleBitPackedHybrid(page, this.#numbers.subarray(0, rows), bits);
    this.#numberOf.clear();
    this.#groups += 1;
    this.#lastNumber = -1;
    return { page: page.getBytes(), dictionary: { page: dictionary.encode().page, values } };
  }
}

/** Any text, row after row. */
export class TextColumn {
  #bytes = Buffer.alloc(1024);
  #length = 0;

  add(text: string): void {
    this.#ensure(4 + 3 * text.length);
    const length = this.#bytes.write(text, this.#length + 4);
    this.#bytes.writeUInt32LE(length, this.#length);
    this.#length += 4 + length;
  }

  /** A UETR, or no text for 16 bytes that are none. */
  addUetr(bytes: Uint8Array, at: number): void {
    this.#ensure(4 + UETR_LENGTH);
    const isUetr = writeUetr(bytes, at, this.#bytes, this.#length + 4);
    const length = isUetr ? UETR_LENGTH : 0;
    this.#bytes.writeUInt32LE(length, this.#length);
    this.#length += 4 + length;
  }

  #ensure(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const longer = Buffer.alloc(2 * this.#bytes.length + length);
    longer.set(this.#bytes);
    this.#bytes = longer;
  }

  encode(): EncodedColumn {
    const page = bytesOf(this.#bytes, this.#length);
    this.#length = 0;
    return { page, dictionary: null };
  }
}

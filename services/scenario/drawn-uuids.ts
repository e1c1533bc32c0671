/** Random UUIDs, such as the UETRs of drawn payments. */
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';

/** Words of 32 bits, signed. */
export type UuidWords = Int32Array | Float64Array;

/** A version 4 UUID (RFC 9562). Its text, in lower case, is made where it is asked for: few are. */
export class Uuid {
  /** The four words of 32 bits, with version and variant. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly fourth: number;

  constructor(first: number, second: number, third: number, fourth: number) {
    this.first = first;
    this.second = second;
    this.third = third;
    this.fourth = fourth;
  }

  /** Of four words at a place. */
  static from(words: UuidWords, at: number): Uuid {
    return new Uuid(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
  }

  /** Writes its 16 bytes. */
  writeTo(view: DataView, at: number): void {
    view.setInt32(at, this.first);
    view.setInt32(at + 4, this.second);
    view.setInt32(at + 8, this.third);
    view.setInt32(at + 12, this.fourth);
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    this.writeTo(bytesView, 0);
    return uetrFromBytes(bytes) as string;
  }
}

const bytes = new Uint8Array(16);
const bytesView = new DataView(bytes.buffer);

/**
 * Seeded streams of random numbers, each named, so that what one draws does not move another. Only
 * exp, log, sqrt, cos and the four operations are used: they agree on the supported versions of Node,
 * which powers do not.
 */
import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';

export class SeededStream {
  readonly #generator: RandomGenerator;

  /** The state is the start of SHA-256 over seed and names, one a line. */
  constructor(seed: number, ...names: readonly string[]) {
    const digest = createHash('sha256')
      .update(['corridor-stream-v1', String(seed), ...names].join('\n'))
      .digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Standard normal, by Box and Muller; always two uniforms. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  uuid(): Uuid {
    this.uuidTo(drawnWords, 0);
    return Uuid.from(drawnWords, 0);
  }

  /** Its four words, to a place. */
  uuidTo(words: UuidWords, at: number): void {
    const generator = this.#generator;
    words[at] = generator.next();
    words[at + 1] = (generator.next() & 0xffff0fff) | 0x4000;
    words[at + 2] = (generator.next() & 0x3fffffff) | 0x80000000;
    words[at + 3] = generator.next();
  }
}

/** Words of 32 bits, signed. */
type UuidWords = Int32Array | Float64Array;

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

const drawnWords = new Int32Array(4);
const bytes = new Uint8Array(16);
const bytesView = new DataView(bytes.buffer);

/** Puts what stands there into random order (Fisher and Yates). */
export function shuffle(order: Uint32Array, stream: SeededStream): Uint32Array {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(stream.uniform() * (last + 1));
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}

/** Running sums of weights. */
export function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/** `pick` from one list again and again: where the sums of each part of the range begin is known. */
export class Picks {
  readonly #cumulative: readonly number[];
  readonly #total: number;
  /** What is picked at the beginning of each part. Their number is a power of two: a beginning is exact. */
  readonly #first: Uint32Array;

  constructor(cumulative: readonly number[]) {
    this.#cumulative = cumulative;
    this.#total = cumulative[cumulative.length - 1]!;
    let parts = 1;
    while (parts < cumulative.length) parts *= 2;
    this.#first = Uint32Array.from({ length: parts }, (_, part) => pick(cumulative, part / parts));
  }

  /** @param u in [0, 1) */
  at(u: number): number {
    const cumulative = this.#cumulative;
    const target = u * this.#total;
    const last = cumulative.length - 1;
    let index = this.#first[Math.floor(u * this.#first.length)]!;
    while (index < last && cumulative[index]! <= target) index += 1;
    return index;
  }
}

/** The first index whose running sum is above u x total, for u in [0, 1). */
export function pick(cumulative: readonly number[], u: number): number {
  const target = u * cumulative[cumulative.length - 1]!;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

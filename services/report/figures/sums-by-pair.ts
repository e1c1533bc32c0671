import { ExactSums } from '../../analysis/exact-sum.ts';
import { grown } from '../../analysis/growing-typed-arrays.ts';

const FIRST_ROOM = 64;
/** An odd number by which a hash spreads (Knuth: 2^32 over the golden ratio). */
const SPREADS = 0x9e3779b1;

/**
 * Exact sums by ordered pair of handles, each pair at a place of its own in the order in which they came. A table with
 * open addressing, in columns: millions of payments look for their pair, and a map would hash a number made of both.
 */
export class SumsByPair {
  length = 0;
  readonly sums = new ExactSums(FIRST_ROOM);
  #firsts = new Uint32Array(FIRST_ROOM);
  #seconds = new Uint32Array(FIRST_ROOM);
  /** A power of two, at least twice the places: of the pair that is found there the place and 1. */
  #found = new Int32Array(2 * FIRST_ROOM);

  /** Of a pair; it is given one where it has none. */
  place(first: number, second: number): number {
    const found = this.#found;
    const last = found.length - 1;
    for (let at = hash(first, second) & last; ; at = (at + 1) & last) {
      const place = found[at]! - 1;
      if (place < 0) return this.#begin(first, second, at);
      if (this.#firsts[place] === first && this.#seconds[place] === second) return place;
    }
  }

  first(place: number): number {
    return this.#firsts[place] as number;
  }

  second(place: number): number {
    return this.#seconds[place] as number;
  }

  #begin(first: number, second: number, at: number): number {
    const place = this.length++;
    this.#firsts[place] = first;
    this.#seconds[place] = second;
    this.#found[at] = place + 1;
    if (this.length === this.#firsts.length) this.#grow();
    return place;
  }

  #grow(): void {
    const room = 2 * this.length;
    this.#firsts = grown(this.#firsts, room);
    this.#seconds = grown(this.#seconds, room);
    this.sums.reach(room);
    this.#found = new Int32Array(2 * room);
    const last = this.#found.length - 1;
    for (let place = 0; place < this.length; place++) {
      let at = hash(this.first(place), this.second(place)) & last;
      while (this.#found[at] !== 0) at = (at + 1) & last;
      this.#found[at] = place + 1;
    }
  }
}

const hash = (first: number, second: number): number => {
  const mixed = Math.imul(first, SPREADS) ^ second;
  return Math.imul(mixed ^ (mixed >>> 15), SPREADS) >>> 7;
};

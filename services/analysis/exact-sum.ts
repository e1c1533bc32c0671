/** Amounts in minor units are i64; they are taken apart here, as bigints take ten times as long. */

const BASE = 2 ** 32;

/** The halves of an amount: `high` x 2^32 + `low`, with `low` from 0 to 2^32 - 1. */
export const highOf = (amount: bigint): number => Number(amount >> 32n);
export const lowOf = (amount: bigint): number => Number(amount & 0xffff_ffffn);

/** An exact sum of 64-bit integers, of less than 2^85 either way. */
export class ExactSum {
  #high = 0;
  /** The low half as 32 bits with a sign: what an engine keeps in its object, where a larger number has one of its own. */
  #low = 0;

  static of(sums: Iterable<ExactSum>): ExactSum {
    const total = new ExactSum();
    for (const sum of sums) total.addSum(sum);
    return total;
  }

  add(amount: bigint): this {
    this.addHalves(highOf(amount), lowOf(amount));
    return this;
  }

  addSum(other: ExactSum): void {
    this.addHalves(other.#high, other.low);
  }

  subtractSum(other: ExactSum): void {
    this.subtractHalves(other.#high, other.low);
  }

  /** `high` x 2^32 + `low`, with `low` from 0 to 2^32 - 1. */
  addHalves(high: number, low: number): void {
    const sum = this.low + low;
    this.#low = sum | 0;
    this.#high += sum < BASE ? high : high + 1;
  }

  /** The integer of 64 bits that stands at a place of an array of them, as words: low, high. */
  addFrom(words: Int32Array, place: number): void {
    const sum = this.low + ((words[2 * place] as number) >>> 0);
    this.#low = sum | 0;
    const high = words[2 * place + 1] as number;
    this.#high += sum < BASE ? high : high + 1;
  }

  subtractHalves(high: number, low: number): void {
    const rest = this.low - low;
    this.#low = rest | 0;
    this.#high -= rest < 0 ? high + 1 : high;
  }

  isBelow(other: ExactSum): boolean {
    return this.#high === other.#high ? this.low < other.low : this.#high < other.#high;
  }

  equals(other: ExactSum): boolean {
    return this.#high === other.#high && this.#low === other.#low;
  }

  set(other: ExactSum): void {
    this.#high = other.#high;
    this.#low = other.#low;
  }

  setHalves(high: number, low: number): void {
    this.#high = high;
    this.#low = low | 0;
  }

  get value(): bigint {
    return joinedHalves(this.#high, this.low);
  }

  get high(): number {
    return this.#high;
  }

  get low(): number {
    return this.#low >>> 0;
  }
}

/** Exact sums by place, from 0: in columns, as thousands of objects would lie anywhere in memory. */
export class ExactSums {
  /** x 2^32, and the rest from 0 to 2^32 - 1. */
  #highs: Float64Array;
  #lows: Float64Array;

  /** @param room places, before it has to grow */
  constructor(room = 16) {
    this.#highs = new Float64Array(room);
    this.#lows = new Float64Array(room);
  }

  get room(): number {
    return this.#lows.length;
  }

  /** Gives at least so many places room. */
  reach(places: number): void {
    if (places <= this.room) return;
    const [highs, lows] = [this.#highs, this.#lows];
    this.#highs = new Float64Array(2 * places);
    this.#lows = new Float64Array(2 * places);
    this.#highs.set(highs);
    this.#lows.set(lows);
  }

  /** Adds the integer of 64 bits that stands at `from` of an array of them, as words: low, high. */
  addFrom(place: number, words: Int32Array, from: number): void {
    this.addHalves(place, words[2 * from + 1]!, words[2 * from]! >>> 0);
  }

  /** The place has room. */
  addHalves(place: number, high: number, low: number): void {
    const sum = this.#lows[place]! + low;
    this.#lows[place] = sum < BASE ? sum : sum - BASE;
    this.#highs[place]! += sum < BASE ? high : high + 1;
  }

  addSum(place: number, others: ExactSums, other: number): void {
    this.addHalves(place, others.#highs[other]!, others.#lows[other]!);
  }

  value(place: number): bigint {
    return joinedHalves(this.#highs[place] ?? 0, this.#lows[place] ?? 0);
  }
}

/** Below this a double holds the whole. */
const SAFE_HIGH = 2 ** 21;

/** `high` x 2^32 + `low`. */
export const joinedHalves = (high: number, low: number): bigint =>
  -SAFE_HIGH < high && high < SAFE_HIGH
    ? BigInt(high * BASE + low)
    : BigInt(high) * BigInt(BASE) + BigInt(low);

const LIMB = 2 ** 20;
/** Up to here a limb's product and a sum of them are whole numbers. */
const FACTOR_MAX = 2 ** 31;
const CARRY_AT = 2 ** 52;

/** An exact sum of products of amounts, 0 or more, and spans of time in ms. */
export class ProductSum {
  readonly #limbs = [0, 0, 0, 0];
  #rest = 0n;

  /** Adds (`high` x 2^32 + `low`) x `factor`. */
  add(high: number, low: number, factor: number): void {
    if (factor === 0) return;
    if (factor >= FACTOR_MAX || factor < 0 || high < 0) {
      this.#rest += (BigInt(high) * BigInt(BASE) + BigInt(low)) * BigInt(factor);
      return;
    }
    this.#add(0, (low & 0xfffff) * factor);
    this.#add(1, ((low >>> 20) | ((high & 0xff) << 12)) * factor);
    if (high < 0x100) return;
    this.#add(2, ((high >>> 8) & 0xfffff) * factor);
    this.#add(3, (high >>> 28) * factor);
  }

  #add(limb: number, product: number): void {
    const limbs = this.#limbs as [number, number, number, number];
    let sum = (limbs[limb] as number) + product;
    if (sum >= CARRY_AT) {
      const carry = Math.floor(sum / LIMB);
      sum -= carry * LIMB;
      if (limb === 3) {
        this.#rest += BigInt(carry) << 80n;
        limbs[3] = sum;
        return;
      }
      limbs[limb] = sum;
      this.#add(limb + 1, carry);
      return;
    }
    limbs[limb] = sum;
  }

  get value(): bigint {
    return this.#limbs.reduceRight((sum, limb) => (sum << 20n) + BigInt(limb), 0n) + this.#rest;
  }
}

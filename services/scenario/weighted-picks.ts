/** One of several by their weights, such as a payment's counterparty. */

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

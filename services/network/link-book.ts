/** Links between banks, counted while payments come. Which payments make one: run-networks.ts; where they come from: run-flows.ts. */

/** What a bank paid another in a currency. */
export interface LinkTotals {
  readonly debtor: number;
  readonly creditor: number;
  payments: number;
  valueMinor: bigint;
}

/** The links of one currency at one stage, by numbers of the two banks. */
export class LinkBook {
  /** By debtor, then by creditor: small whole numbers are found faster than their pairs as one. */
  readonly #links: Map<number, LinkTotals>[] = [];

  add(debtor: number, creditor: number, valueMinor: bigint): void {
    while (this.#links.length <= debtor) this.#links.push(new Map());
    const links = this.#links[debtor]!;
    const link = links.get(creditor);
    if (link === undefined) {
      links.set(creditor, { debtor, creditor, payments: 1, valueMinor });
      return;
    }
    link.payments += 1;
    link.valueMinor += valueMinor;
  }

  get all(): readonly LinkTotals[] {
    return this.#links.flatMap((links) => [...links.values()]);
  }
}

/** Links with the weight that their value has, by debtor and then by creditor. */
export interface WeighedLinks {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly payments: Float64Array;
  readonly value: Float64Array;
}

/**
 * Links of several books as one, those between the same two banks added up.
 * @param order of each bank its number in the network, -1 for those that are not in it
 * @param units by book what a minor unit of its currency is worth
 */
export function mergedLinks(
  books: readonly (readonly LinkTotals[])[],
  order: Int32Array,
  size: number,
  units: readonly number[],
): WeighedLinks {
  const keyOf = ({ debtor, creditor }: LinkTotals) => order[debtor]! * size + order[creditor]!;
  const sorted = new Float64Array(books.reduce((sum, links) => sum + links.length, 0));
  let filled = 0;
  for (const links of books) for (const link of links) sorted[filled++] = keyOf(link);
  const keys = sorted.sort().filter((key, at) => at === 0 || key !== sorted[at - 1]);
  const from = Int32Array.from(keys, (key) => Math.floor(key / size));
  const to = Int32Array.from(keys, (key) => key % size);
  const payments = new Float64Array(keys.length);
  const value = new Float64Array(keys.length);
  for (const [book, links] of books.entries())
    for (const link of links) {
      const at = placeOf(keys, keyOf(link));
      payments[at]! += link.payments;
      value[at]! += Number(link.valueMinor) * units[book]!;
    }
  return { from, to, payments, value };
}

/** Of a key that is among ascending ones. */
function placeOf(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

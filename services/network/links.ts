/** Links between banks, counted while payments come. */

/** What a bank paid another in a currency. */
export interface LinkTotals {
  readonly debtor: number;
  readonly creditor: number;
  payments: number;
  valueMinor: bigint;
}

/** Two numbers of banks below it are one whole number below 2^53. */
const BANKS_MAX = 1 << 26;

/** The links of one currency at one stage, by numbers of the two banks. */
export class LinkBook {
  readonly #links = new Map<number, LinkTotals>();

  add(debtor: number, creditor: number, valueMinor: bigint): void {
    const key = debtor * BANKS_MAX + creditor;
    const link = this.#links.get(key);
    if (link === undefined) {
      this.#links.set(key, { debtor, creditor, payments: 1, valueMinor });
      return;
    }
    link.payments += 1;
    link.valueMinor += valueMinor;
  }

  get all(): readonly LinkTotals[] {
    return [...this.#links.values()];
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
  const keys = Float64Array.from(new Set(books.flatMap((links) => links.map(keyOf)))).sort();
  const from = Int32Array.from(keys, (key) => Math.floor(key / size));
  const to = Int32Array.from(keys, (key) => key % size);
  const payments = new Float64Array(keys.length);
  const value = new Float64Array(keys.length);
  const place = new Map<number, number>();
  for (const [at, key] of keys.entries()) place.set(key, at);
  for (const [book, links] of books.entries())
    for (const link of links) {
      const at = place.get(keyOf(link))!;
      payments[at]! += link.payments;
      value[at]! += Number(link.valueMinor) * units[book]!;
    }
  return { from, to, payments, value };
}

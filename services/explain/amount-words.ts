import type { CertifiedShortage } from '../analysis/certificates/certificate-format.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { settledWords } from '../protocol/names/vocabulary.ts';

/** How a payment settled. */
export function settledBy(mechanism: string, cycle: number): string {
  const how = settledWords(mechanism);
  return cycle > 0 ? `${how} (cycle ${cycle})` : how;
}

/** "2026-03-16 14:35:00 UTC", with milliseconds where there are any. */
export function timeText(ms: number): string {
  const iso = new Date(ms).toISOString();
  const seconds = iso.slice(0, iso.endsWith('.000Z') ? 19 : 23);
  return `${seconds.replace('T', ' ')} UTC`;
}

/** Amounts of a pool's currencies in words: "USD 12.50". */
export class Amounts {
  readonly #minorUnits: ReadonlyMap<string, number>;

  constructor(directory: Directory) {
    this.#minorUnits = new Map(directory.currencies.map((c) => [c.currency, c.minorUnits]));
  }

  text(currency: string, minor: bigint | string): string {
    return `${currency} ${amountText(BigInt(minor), this.#minorUnits.get(currency) ?? 0)}`;
  }

  /** "USD 12.50 on BETAFR00's USD account". */
  shortage({ by, participant, currency, counterparty, amount }: CertifiedShortage): string {
    const much = this.text(currency, amount);
    if (by === 'balance') return `${much} on ${participant}'s ${currency} account`;
    if (by === 'multilateralLimit')
      return `${much} under ${participant}'s multilateral limit in ${currency}`;
    if (by === 'aggregateShortLimit')
      return `${much} under ${participant}'s aggregate short limit across currencies`;
    if (by === 'pooledCollateral')
      return `${much} of worth over ${participant}'s pooled collateral across currencies`;
    return `${much} under ${participant}'s limit against ${counterparty} in ${currency}`;
  }
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** Names of a rival's scenario as test BICs, the only ones that a scenario takes. */
import { isBic } from '../protocol/names/identifiers.ts';

export interface NamedBic {
  readonly name: string;
  readonly bic: string;
}

/** ISO 3166 reserves XX for users: a code of no country. */
const NO_COUNTRY = 'XX';
const PLACES = '0ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789';

/**
 * A test BIC for each name: the name itself where it is one, else its letters, so that BANK_A and BANK_B
 * are BANKXX00 and BANKXXA0.
 * @param names each once
 * @returns by name, in their order
 */
export function rivalBics(names: readonly string[]): ReadonlyMap<string, string> {
  const isOwn = (name: string) => isBic(name) && name[7] === '0';
  const taken = new Set(names.filter(isOwn));
  return new Map(names.map((name) => [name, isOwn(name) ? name : nextFree(name, taken)]));
}

function nextFree(name: string, taken: Set<string>): string {
  const letters = name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 4)
    .padEnd(4, 'X');
  for (let branch = 0; ; branch++) {
    const digits = branch === 0 ? '' : branch.toString(36).toUpperCase().padStart(3, '0');
    for (const place of PLACES) {
      const bic = `${letters}${NO_COUNTRY}${place}0${digits}`;
      if (taken.has(bic)) continue;
      taken.add(bic);
      return bic;
    }
  }
}

/** Those that have another BIC than their name. */
export const mappedBics = (bics: ReadonlyMap<string, string>): NamedBic[] =>
  [...bics].filter(([name, bic]) => name !== bic).map(([name, bic]) => ({ name, bic }));

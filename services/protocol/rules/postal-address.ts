/**
 * Addresses as of 14 November 2026: structured, or hybrid, which has town and country and at most two
 * lines that repeat nothing of what the other elements say.
 */
export interface AddressFault {
  readonly rule: 'address-structured' | 'address-lines' | 'address-repeats';
  /** Below the address, as a JSON pointer. */
  readonly path: string;
  readonly value: unknown;
  readonly expected: string;
}

const LINES_MAX = 2;
/** Shorter ones stand in other words by chance. */
const REPEATED_CHARACTERS_MIN = 3;

/** What every address has. */
const NAMED = ['TwnNm', 'Ctry'];

/** @param address of the form that the standard gives it */
export function judgeAddress(address: Readonly<Record<string, unknown>>): AddressFault | null {
  for (const name of NAMED)
    if (!(name in address))
      return {
        rule: 'address-structured',
        path: '',
        value: address,
        expected: `must have ${name}: an address is structured, or hybrid with TwnNm and Ctry`,
      };
  if (!('AdrLine' in address)) return null;
  const { AdrLine, ...elements } = address as { readonly AdrLine: readonly string[] };
  if (AdrLine.length > LINES_MAX)
    return {
      rule: 'address-lines',
      path: '/AdrLine',
      value: AdrLine,
      expected: `must NOT have more than ${LINES_MAX} items`,
    };
  for (const [place, line] of AdrLine.entries()) {
    const said = wordsOf(line);
    for (const [name, value] of Object.entries(elements)) {
      if (typeof value !== 'string') continue;
      const words = wordsOf(value);
      const isLong = words.trim().length >= REPEATED_CHARACTERS_MIN;
      if (words !== said && !(isLong && said.includes(words))) continue;
      const path = `/AdrLine/${place}`;
      return { rule: 'address-repeats', path, value: line, expected: `must not repeat ${name}` };
    }
  }
  return null;
}

/** In capitals, with one blank between words and around all, so that a word is found as a whole. */
const wordsOf = (text: string): string =>
  ` ${text
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')} `;

import { seconds, wordAfter } from './case-language-chains.ts';
import type { encodeRecord } from './flat-records.ts';

type Fields = Parameters<typeof encodeRecord>[1];

const MODES = ['settlement', 'acceptance', 'trigger'];
const GOES_ON = 8;

/**
 * What stands behind a leg of a chain in words where its money is to be set aside first (case-language-chains.ts).
 *
 *   link c1 A>B 100 EUR as 1/2 of x earmark acceptance|trigger [until 5000] [continue]
 */
export function earmarkTerms(words: readonly string[]): Fields {
  const at = words.indexOf('earmark');
  if (at === -1) return {};
  const mode = MODES.indexOf(words[at + 1] as string);
  return {
    furtherTerms: mode + (words.includes('continue') ? GOES_ON : 0),
    expiry: seconds(wordAfter(words, 'until', at)),
  };
}

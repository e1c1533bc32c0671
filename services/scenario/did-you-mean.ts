/** What a word that nobody knows was perhaps meant to be. */
import { distance } from 'fastest-levenshtein';

/** Whether two words differ by the order of their letters alone. */
const isSwapped = (word: string, other: string): boolean =>
  [...word].sort().join('') === [...other].sort().join('');

/**
 * `; did you mean "closes"?` where one of the known words is at most two edits away, which are at most a
 * third of its letters or change their order alone: two of four make another word, `date` of `note`.
 */
export function didYouMean(word: string, known: Iterable<string>): string {
  let best = '';
  let fewest = 3;
  for (const candidate of known) {
    const [given, meant] = [word.toLowerCase(), candidate.toLowerCase()];
    const edits = distance(given, meant);
    const isLike = 3 * edits <= Math.max(given.length, meant.length) || isSwapped(given, meant);
    if (edits < fewest && isLike) {
      best = candidate;
      fewest = edits;
    }
  }
  return best === '' ? '' : `; did you mean "${best}"?`;
}

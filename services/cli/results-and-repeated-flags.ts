import { BadInput } from '../platform/exit-codes.ts';
import { RESULTS, type Results } from '../run/run-folder.ts';

/** The value of `--results`. */
export function resultsFrom(text: string): Results {
  const known = RESULTS.find((one) => one === text);
  if (!known) throw new BadInput(`--results ${text}: expected one of ${RESULTS.join(', ')}`);
  return known;
}

/** Of an option that may be repeated. */
export const oneMore = (value: string, earlier: readonly string[]): readonly string[] => [
  ...earlier,
  value,
];

/** What is wrong with a scenario, in one line: file and line, path in the file, value, expectation. */

export type Path = readonly (string | number)[];

/** Bad input: the message is complete and fit for the user (exit code 2). */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
}

/** Throws a ScenarioError about the value at a path. `value` is shown; left out: "missing". */
export type Fail = (path: Path, expected: string, value?: unknown) => never;

/** participants[3].accounts.EUR, rates.pairs["EUR/CNY"] */
export function formatPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z0-9_-]+$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text === '' ? '(the whole file)' : text;
}

/** A value as one short piece of text. */
export function formatValue(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** `; did you mean "closes"?` where one of the known words is at most two edits away. */
export function didYouMean(word: string, known: Iterable<string>): string {
  let best = '';
  let bestDistance = 3;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === '' ? '' : `; did you mean "${best}"?`;
}

/** Levenshtein's distance, by rows. */
function editDistance(a: string, b: string): number {
  if (a.length > 64) return a.length;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

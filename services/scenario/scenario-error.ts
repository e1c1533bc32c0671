/** What is wrong with a scenario, in one line: file and line, path in the file, value, expectation. */

export type Path = readonly (string | number)[];

/** Bad input: the message is complete and fit for the user (exit code 2). */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
}

/** @param error what reading a file threw */
export function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder' }[code ?? ''];
  return `cannot be read: ${why ?? message}`;
}

/** @param error what reading the file threw */
export const unreadable = (path: string, error: unknown): ScenarioError =>
  new ScenarioError(`${path}: ${whyUnreadable(error)}`);

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
  // JSON has no infinity.
  const isPlain = typeof value !== 'number' || Number.isFinite(value);
  const text = (isPlain ? JSON.stringify(value) : undefined) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

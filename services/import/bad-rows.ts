/**
 * Everything that is wrong in the rows of a source: the first of them whole, all of them by kind. Which column is which, and
 * what a row must have: imported-payments.ts, mapping-schema.ts.
 */
import { formatValue, ScenarioError } from '../scenario/scenario-error.ts';

/** How many are told one by one. */
const TOLD_MAX = 50;
const KINDS_TOLD_MAX = 20;

/** Thrown of a value where its row is read, and caught there. */
export class RowFault {
  readonly column: string;
  readonly expected: string;
  readonly value: unknown;

  constructor(column: string, expected: string, value?: unknown) {
    this.column = column;
    this.expected = expected;
    this.value = value === '' ? undefined : value;
  }
}

export class BadRows {
  readonly #told: string[] = [];
  readonly #kinds = new Map<string, number>();
  #count = 0;
  #rows = 0;

  /**
   * @param place `file:line`
   * @param isFirst of what is told of its row
   */
  add(place: string, { column, expected, value }: RowFault, isFirst = true): void {
    this.#count += 1;
    if (isFirst) this.#rows += 1;
    const where = column === '' ? '' : `column ${column}: `;
    if (this.#told.length < TOLD_MAX)
      this.#told.push(`${place}: ${where}${formatValue(value)}: expected ${expected}`);
    // What stands behind a semicolon is of the one row: a suggestion, or the line of another.
    const kind = `${where}expected ${expected.split(';')[0]}`;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
  }

  /**
   * @param rows how many were read in so many files
   * @throws ScenarioError that tells them, where there are any
   */
  refuse(rows: number, files: number): void {
    if (this.#count === 0) return;
    const number = (value: number) => value.toLocaleString('en-US');
    const more = this.#count - this.#told.length;
    const kinds = [...this.#kinds].sort(([, a], [, b]) => b - a);
    const hidden = kinds.length - KINDS_TOLD_MAX;
    throw new ScenarioError(
      [
        `${number(this.#rows)} of ${number(rows)} ${rows === 1 ? 'row' : 'rows'}${files > 1 ? ` of ${files} files` : ''} ${this.#rows === 1 ? 'is' : 'are'} bad; nothing was written`,
        ...this.#told.map((one) => `  ${one}`),
        ...(more > 0 ? [`  and ${number(more)} more`] : []),
        'by kind:',
        ...kinds.slice(0, KINDS_TOLD_MAX).map(([kind, count]) => `  ${number(count)}  ${kind}`),
        ...(hidden > 0 ? [`  and ${number(hidden)} more kinds`] : []),
      ].join('\n'),
    );
  }
}

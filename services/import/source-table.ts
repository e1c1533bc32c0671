/** A file of a source by its mapping: which columns it has, and the text of each of them in a row. */
import { formatValue, ScenarioError } from '../scenario/scenario-error.ts';
import type { AmountForm } from './amount-forms.ts';
import { type BadRows, RowFault } from './bad-rows.ts';
import { type CsvForm, csvBlocks } from './csv-blocks.ts';

/** Of a mapping: `payments` or `balances`. */
export interface TableMapping extends CsvForm, AmountForm {
  readonly columns: Readonly<Record<string, string | undefined>>;
  readonly constants: Readonly<Record<string, string | undefined>>;
  readonly values: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
}

export interface SourceRow {
  readonly fields: readonly string[];
  /** The line on which it begins. */
  readonly line: number;
}

export const isBlank = (row: readonly string[]): boolean =>
  row.every((field) => field.trim() === '');

/** The first row that is not blank, trimmed; null: the file has none. */
export function headerOf(path: string, form: CsvForm): { names: string[]; line: number } | null {
  for (const { rows, lines } of csvBlocks(path, form))
    for (const [at, row] of rows.entries())
      if (!isBlank(row))
        return { names: row.map((name) => name.trim()), line: lines[at] as number };
  return null;
}

/** The columns of the source that a mapping names and a header lacks. */
export const lacking = ({ columns }: TableMapping, header: readonly string[]): string[] =>
  Object.values(columns).filter((name): name is string => !!name && !header.includes(name));

export class SourceTable {
  readonly path: string;
  readonly mapping: TableMapping;
  readonly #header: readonly string[];
  readonly #headerLine: number;
  /** Rows that were read: blank ones are none. */
  rows = 0;

  /**
   * @param path of a file whose header lacks none of the mapping's columns
   * @throws ScenarioError where the header has one of them twice
   */
  constructor(path: string, header: { names: string[]; line: number }, mapping: TableMapping) {
    this.path = path;
    this.mapping = mapping;
    this.#header = header.names;
    this.#headerLine = header.line;
    for (const name of Object.values(mapping.columns))
      if (name && header.names.indexOf(name) !== header.names.lastIndexOf(name))
        throw new ScenarioError(
          `${path}:${header.line}: column ${formatValue(name)}: it stands twice: expected each mapped column once`,
        );
  }

  has(column: string): boolean {
    const { columns, constants } = this.mapping;
    return columns[column] !== undefined || constants[column] !== undefined;
  }

  /** As messages name it: by the source's word. */
  nameOf(column: string): string {
    return this.mapping.columns[column] ?? column;
  }

  /** Of a row: the trimmed text of a column, as the mapping's values put it; empty where it has none. */
  textOf(column: string): (fields: readonly string[]) => string {
    const { columns, constants, values } = this.mapping;
    const name = columns[column];
    const constant = constants[column] ?? '';
    if (name === undefined) return () => constant;
    const at = this.#header.indexOf(name);
    const words = values[column];
    if (words === undefined) return (fields) => (fields[at] as string).trim();
    const meant = new Map(Object.entries(words));
    return (fields) => {
      const text = (fields[at] as string).trim();
      return meant.get(text) ?? text;
    };
  }

  /** The rows that can be read, those below the header; the others are told to `bad`. */
  *read(bad: BadRows, onBytes?: (bytes: Uint8Array) => void): Generator<SourceRow, void> {
    const width = this.#header.length;
    const heading = this.#header.join('\n');
    for (const { rows, lines, badQuotes } of csvBlocks(this.path, this.mapping, onBytes))
      for (let at = 0; at < rows.length; at++) {
        const fields = rows[at] as readonly string[];
        const line = lines[at] as number;
        if (line <= this.#headerLine || ((fields[0] as string).trim() === '' && isBlank(fields)))
          continue;
        this.rows += 1;
        const isWhole = fields.length === width && badQuotes.size === 0;
        // What begins like the header may be it once more.
        const isLike = (fields[0] as string).trim() === this.#header[0];
        const fault =
          isWhole && !isLike ? null : faultOf(fields, badQuotes.has(at), width, heading);
        if (fault === null) yield { fields, line };
        else bad.add(`${this.path}:${line}`, fault);
      }
  }
}

function faultOf(
  fields: readonly string[],
  hasBadQuote: boolean,
  width: number,
  heading: string,
): RowFault | null {
  const texts = fields.map((field) => field.trim());
  const shown = texts.join(' | ');
  if (hasBadQuote)
    return new RowFault('', 'a quote in a quoted field to stand twice, or none', shown);
  if (texts.join('\n') === heading)
    return new RowFault('', 'a row, not the header once more', shown);
  // A separator behind the last field is no other field.
  if (fields.length < width || !isBlank(fields.slice(width)))
    return new RowFault('', `${width} fields, as the header has; ${fields.length} are here`, shown);
  return null;
}

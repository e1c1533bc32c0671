/** CSV of whatever columns as rows with their lines, and one way to say what is wrong with it. */
import { CsvError, type Options, parse } from 'csv-parse/sync';
import { didYouMean } from './did-you-mean.ts';
import { formatValue, ScenarioError } from './scenario-error.ts';

export interface CsvRow<Fields> {
  readonly record: Fields;
  /** On which the row ends, from 1 on. */
  readonly line: number;
}

/** Of a table in which a line that begins with # is a comment. */
export const COMMENTED: Options = { comment: '#', comment_no_infix: true };

/**
 * Rows without blank ones; blanks around fields and a byte order mark are dropped.
 * @param options of csv-parse: `columns`, and what else the table has of its own
 * @throws ScenarioError naming file and line, or whatever `columns` throws
 */
export function csvRows<Fields>(file: string, text: string, options: Options): CsvRow<Fields>[] {
  try {
    const rows = parse(text, {
      ...{ bom: true, info: true, skip_empty_lines: true, trim: true },
      ...options,
    }) as unknown as { record: Fields; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = (error as unknown as { lines?: number }).lines ?? 1;
    throw new ScenarioError(`${file}:${line}: expected well-formed CSV: ${error.message}`);
  }
}

/**
 * The header, where it has all needed columns and no other than the known ones.
 * @throws ScenarioError naming the column
 */
export function checkedColumns(
  file: string,
  header: string[],
  known: readonly string[],
  needed: readonly string[],
): string[] {
  for (const column of header)
    if (!known.includes(column))
      throw new ScenarioError(
        `${file}:1: column ${formatValue(column)}: expected one of ${known.join(', ')}${didYouMean(column, known)}`,
      );
  for (const column of needed)
    if (!header.includes(column))
      throw new ScenarioError(`${file}:1: column ${column}: missing: expected in the header`);
  return header;
}

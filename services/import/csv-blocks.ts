/** Rows of a CSV file as they stand in it, block by block: however long the file, one block is in memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import Papa from 'papaparse';
import { ScenarioError, unreadable } from '../scenario/scenario-error.ts';

export const ENCODINGS = ['utf-8', 'utf-16le', 'windows-1252'] as const;

/** What has to be known of a file before a row of it can be read. */
export interface CsvForm {
  readonly separator: string;
  readonly encoding: (typeof ENCODINGS)[number];
}

export interface CsvBlock {
  /** Fields without their quotes; blanks around them and blank rows are as in the file. */
  readonly rows: readonly (readonly string[])[];
  /** The line on which each row begins, from 1 on. */
  readonly lines: readonly number[];
  /** Rows, by their place in the block, with a quote that neither opens nor closes a field. */
  readonly badQuotes: ReadonlySet<number>;
}

/** Small: what is made of a block is dead before the collector looks at it. */
const BLOCK_BYTES = 1 << 17;
/** The longest row: one that is longer has a quote that nothing closes. */
const ROW_CHARACTERS_MAX = 1 << 20;

/** What the parser's own, synchronous interface gives; its types say `any`. */
interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly row: number }[];
  readonly meta: { readonly cursor: number };
}

/**
 * @param onBytes is given what is read, for a digest
 * @throws ScenarioError where the file cannot be read, or not in its encoding, or a quote is never closed
 */
export function* csvBlocks(
  path: string,
  { separator, encoding }: CsvForm,
  onBytes: (bytes: Uint8Array) => void = () => {},
): Generator<CsvBlock, void> {
  // Lines end with a line feed; the carriage return that may stand before it is a blank of the last field.
  const parser = new Papa.Parser({ delimiter: separator, newline: '\n' });
  let line = 1;
  let rest = '';
  for (const { text, isLast } of decoded(path, encoding, onBytes, () => line)) {
    const whole = rest + text;
    const { data, errors, meta } = parser.parse(whole, 0, !isLast) as Parsed;
    rest = whole.slice(meta.cursor);
    if (isLast && isOpen(errors)) throw openQuote(path, line + newlinesOf(data.slice(0, -1)));
    const lines: number[] = [];
    const mayBreak = whole.includes('"');
    for (const row of data) {
      lines.push(line);
      line += 1 + (mayBreak ? newlinesIn(row) : 0);
    }
    if (rest.length > ROW_CHARACTERS_MAX && !isLast) throw openQuote(path, line);
    yield { rows: data, lines, badQuotes: new Set(errors.map(({ row }) => row)) };
  }
}

const isOpen = (errors: Parsed['errors']): boolean =>
  (errors.at(-1) as { code?: string } | undefined)?.code === 'MissingQuotes';

const openQuote = (path: string, line: number): ScenarioError =>
  new ScenarioError(`${path}:${line}: expected a quote that closes the field that one opens`);

const newlinesOf = (rows: readonly (readonly string[])[]): number =>
  rows.reduce((sum, row) => sum + 1 + newlinesIn(row), 0);

function newlinesIn(row: readonly string[]): number {
  let count = 0;
  for (const field of row)
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count += 1;
  return count;
}

/**
 * The file's first characters, at most so many, whatever its rows are.
 * @throws ScenarioError where the file cannot be read, or not in the encoding
 */
export function textBeginning(path: string, encoding: CsvForm['encoding'], most: number): string {
  let beginning = '';
  for (const { text } of decoded(
    path,
    encoding,
    () => {},
    () => 1,
  )) {
    beginning += text;
    if (beginning.length >= most) break;
  }
  return beginning.slice(0, most);
}

/** The file's text in pieces, the last of which is marked, without a byte order mark. */
function* decoded(
  path: string,
  encoding: CsvForm['encoding'],
  onBytes: (bytes: Uint8Array) => void,
  lineNow: () => number,
): Generator<{ text: string; isLast: boolean }, void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const block = Buffer.alloc(BLOCK_BYTES);
    for (let isLast = false; !isLast; ) {
      const bytes = block.subarray(0, readSync(file, block));
      isLast = bytes.length === 0;
      onBytes(bytes);
      let text: string;
      try {
        text = decoder.decode(bytes, { stream: !isLast });
      } catch {
        const others = ENCODINGS.filter((one) => one !== encoding).join(' or ');
        throw new ScenarioError(
          `${path}:${lineNow()}: from this line on, not ${encoding}: expected an encoding that fits (${others})`,
        );
      }
      yield { text, isLast };
    }
  } catch (error) {
    throw error instanceof ScenarioError ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

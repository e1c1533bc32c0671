/**
 * The folder of an import, which `corridor run FOLDER/scenario.yaml` runs as it stands. It appears whole
 * or not at all.
 *
 *   scenario.yaml    names payments.csv
 *   payments.csv     as a scenario lists payments (scenario/listed-payments.ts)
 *   bics.csv         names of the source with their BICs, where one differs from the other
 *   observed.csv     when each payment was observed to settle, where the source says so
 *   import.json      where it came from, and what it means otherwise than the source
 */
import { closeSync, existsSync, openSync, realpathSync, writeFileSync, writeSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { stringify as csvText } from 'csv-stringify/sync';
import { stringify } from 'yaml';
import { BadInput } from '../platform/exit-codes.ts';
import { WholeFolder } from '../platform/whole-folder.ts';
import type { ListedColumn, ListedRow } from '../scenario/listed-payments.ts';
import { LocalTimes } from './local-times.ts';
import { timeOfDayText } from './time-forms.ts';

const MARK = 'import.json';
const FILES = ['scenario.yaml', 'payments.csv', 'bics.csv', 'observed.csv', MARK] as const;
type ImportFile = (typeof FILES)[number];

const isImported = (name: string): boolean => (FILES as readonly string[]).includes(name);

/** Of which kind an import's source is, as import.json says. */
export type ImportSource = 'csv' | 'pssimpy' | 'simcash';

/** What is said of an import when its payments are written. */
export interface ImportFacts {
  readonly source: ImportSource;
  /** The source's files with their SHA-256, in hex. */
  readonly files: ReadonlyMap<string, string>;
  /** The scenario as a plain YAML document. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** Names of the source to BICs of the scenario. */
  readonly bics: ReadonlyMap<string, string>;
  /** What means something else than in the source, in sentences. */
  readonly differences: readonly string[];
  /** What import.json says besides: mapping, counts, what was assumed. */
  readonly told: Readonly<Record<string, unknown>>;
}

/** When a payment was submitted and observed to settle; null: it never settled. */
export interface ObservedTimes {
  readonly submittedMs: number;
  readonly settledMs: number | null;
}

/** What is written at once, where no cell alone is longer. */
const CHUNK_BYTES = 1 << 18;
const [SEPARATOR, LINE_END] = [0x2c, 0x0a];

/** A CSV file of ASCII cells without separators, quotes and line ends, written while its rows come. */
class RowFile {
  readonly #file: number;
  #bytes = Buffer.allocUnsafe(CHUNK_BYTES);
  #end = 0;

  constructor(path: string, header: readonly string[]) {
    this.#file = openSync(path, 'w');
    for (const name of header) this.cell(name);
    this.endRow();
  }

  /** Letter by letter: several times as fast as texts that are joined, and then encoded. */
  cell(text: string): void {
    if (this.#end + text.length >= this.#bytes.length) this.#makeRoom(text.length + 1);
    const bytes = this.#bytes;
    let end = this.#end;
    for (let at = 0; at < text.length; at++) bytes[end++] = text.charCodeAt(at);
    bytes[end] = SEPARATOR;
    this.#end = end + 1;
  }

  endRow(): void {
    this.#bytes[this.#end - 1] = LINE_END;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #makeRoom(length: number): void {
    this.#flush();
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(length);
  }

  #flush(): void {
    for (let at = 0; at < this.#end; ) at += writeSync(this.#file, this.#bytes, at, this.#end - at);
    this.#end = 0;
  }
}

export class ImportFolder {
  readonly #folder: WholeFolder;
  readonly #columns: readonly ListedColumn[];
  readonly #payments: RowFile;
  readonly #utc = new LocalTimes('UTC');
  #observed: RowFile | null = null;
  #rows = 0;

  /**
   * @param columns of payments.csv
   * @param sources all files that are read
   * @throws BadInput where the folder cannot be written, or holds a source or something that is no import
   */
  constructor(out: string, columns: readonly ListedColumn[], sources: readonly string[]) {
    refuseSourceIn(out, sources);
    this.#folder = new WholeFolder(out, {
      word: 'import',
      isOurs: isImported,
      mark: MARK,
    });
    this.#columns = columns;
    this.#payments = new RowFile(this.file('payments.csv'), columns);
  }

  /** Where a file of the import is, while it is being written. */
  file(name: ImportFile): string {
    return this.#folder.file(name);
  }

  /** The next payment. Its cells are as a RowFile needs them. */
  addPayment(row: ListedRow, observed?: ObservedTimes): void {
    this.#rows += 1;
    for (const column of this.#columns) this.#payments.cell(row[column] ?? '');
    this.#payments.endRow();
    if (observed === undefined) return;
    this.#observed ??= new RowFile(this.file('observed.csv'), ['row', 'submitted', 'settled']);
    const { submittedMs, settledMs } = observed;
    this.#observed.cell(String(this.#rows));
    this.#observed.cell(this.#instantText(submittedMs));
    this.#observed.cell(settledMs === null ? '' : this.#instantText(settledMs));
    this.#observed.endRow();
  }

  /** All payments are written; payments.csv can be read. */
  endPayments(): void {
    this.#payments.close();
    this.#observed?.close();
  }

  /** Puts the import in its place. @returns the names of its files */
  finish({ source, files, scenario, bics, differences, told }: ImportFacts): string[] {
    const mapped = [...bics].filter(([name, bic]) => name !== bic);
    const write = (name: ImportFile, text: string) => writeFileSync(this.file(name), text);
    write('scenario.yaml', scenarioText(scenario));
    if (mapped.length > 0)
      write('bics.csv', csvText([...bics], { header: true, columns: ['name', 'bic'] }));
    const read = [...files].map(([path, sha256]) => ({ path: resolve(path), sha256 }));
    const facts = { format: 1, source, files: read, ...told, differences };
    write(MARK, `${JSON.stringify(facts, null, 2)}\n`);
    const names = FILES.filter(
      (name) =>
        (name !== 'bics.csv' || mapped.length > 0) &&
        (name !== 'observed.csv' || this.#observed !== null),
    );
    this.#folder.finish();
    return names;
  }

  /** Leaves nothing of an unfinished import behind. */
  discard(): void {
    this.#folder.discard();
  }

  /** As Date.toISOString, of many instants of few days. */
  #instantText(atMs: number): string {
    const { date, timeMs } = this.#utc.localOf(atMs);
    return `${date}T${timeOfDayText(timeMs)}${timeMs % 1000 === 0 ? '.000' : ''}Z`;
  }
}

/** An import takes the place of all that its folder holds: a source may have one of its names. */
function refuseSourceIn(out: string, sources: readonly string[]): void {
  if (!existsSync(out)) return;
  const folder = `${realpathSync(out)}${sep}`;
  const inside = sources.find((path) => existsSync(path) && realpathSync(path).startsWith(folder));
  if (inside !== undefined)
    throw new BadInput(`--out ${out}: expected a folder without a file that is read: ${inside}`);
}

/** Amounts and times in quotes, as scenarios have them, so that YAML takes none of them for a number. */
export const scenarioText = (scenario: Readonly<Record<string, unknown>>): string =>
  stringify(scenario, { lineWidth: 100 });

/** A text as a scenario's name; `other` where nothing of it is left. */
export const scenarioName = (text: string, other: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 40)
    .replace(/-$/, '') || other;

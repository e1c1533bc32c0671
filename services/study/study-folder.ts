/**
 * The folder of a study. `study.json` says which study it is, and stands before any result.
 * `results.jsonl` has a line for each cell that ran: it is appended whole or not at all, so that what
 * a killed process left is either a result or the torn end of the file, which the next one cuts off.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { writeWhole } from '../platform/folders-and-whole-files.ts';
import { OWNER_FILE, own } from '../platform/one-writer-of-a-folder.ts';
import type { CellRows } from './cell-run.ts';
import type { Shard } from './grid.ts';
import { kindOfStudy, type Study } from './study-file.ts';

/** What the header is called: `study.json`, or of a stress test `stress.json`. */
const headerFile = (study?: Study) => `${study ? kindOfStudy(study) : 'study'}.json`;
/** What a killed study may leave. */
const UNFINISHED = /^\.(?:study|stress)\.|\.partial$/;
const RESULTS_FILE = 'results.jsonl';
const FORMAT = 1;

/** What study.json says. */
export interface StudyHeader {
  readonly format: number;
  /** Of the program: another one may give other figures. */
  readonly version: string;
  /** SHA-256 over all that the cells come from. */
  readonly digest: string;
  readonly shard: Shard | null;
  readonly study: Study;
  /** Decimals of the scenario's currencies and securities, by code. */
  readonly decimals: Readonly<Record<string, number>>;
}

/** A line of results.jsonl: rows, or why there are none. */
export type CellResult =
  | ({ readonly cell: number; readonly error: null } & CellRows)
  | { readonly cell: number; readonly error: string };

export const studyHeader = (of: Omit<StudyHeader, 'format'>): StudyHeader => ({
  format: FORMAT,
  ...of,
});

const shardText = (shard: Shard | null) =>
  shard === null ? 'all of its cells' : `shard ${shard.index}/${shard.of}`;

/** Results as a folder has them: read where they stand, by cell. */
export class StudyResults {
  readonly path: string;
  readonly #file: number;
  readonly #mayAppend: () => void;
  /** Where each cell's last line stands. */
  readonly #lines = new Map<number, { readonly at: number; readonly length: number }>();
  #end = 0;
  readonly failed = new Set<number>();

  /**
   * @param option what messages call the folder
   * @param mayAppend throws where the folder is no longer this process'
   * @throws BadInput where a line is no result
   */
  constructor(path: string, option: string, flags: 'r' | 'a+', mayAppend = () => {}) {
    this.path = path;
    this.#mayAppend = mayAppend;
    this.#file = openSync(join(path, RESULTS_FILE), flags);
    for (const { text, at, length } of this.#read()) {
      const result = parsed(text);
      if (result === null)
        throw new BadInput(
          `${option} ${path}: ${RESULTS_FILE} at byte ${at}: ${JSON.stringify(text.slice(0, 40))}: expected the result of a cell; remove the line, and the cell runs again`,
        );
      this.#note(result, at, length);
    }
  }

  #note(result: CellResult, at: number, length: number): void {
    this.#lines.set(result.cell, { at, length });
    if (result.error === null) this.failed.delete(result.cell);
    else this.failed.add(result.cell);
    this.#end = at + length;
  }

  /** Whole lines. What is behind the last of them is torn. */
  *#read() {
    const chunk = Buffer.alloc(1 << 20);
    let pending = Buffer.alloc(0);
    let at = 0;
    for (let position = 0; ; ) {
      const count = readSync(this.#file, chunk, 0, chunk.length, position);
      if (count === 0) return;
      position += count;
      pending = Buffer.concat([pending, chunk.subarray(0, count)]);
      for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
        yield { text: pending.toString('utf8', 0, end), at, length: end + 1 };
        at += end + 1;
        pending = pending.subarray(end + 1);
      }
    }
  }

  /** Whether it has a result, or failed. */
  has(cell: number): boolean {
    return this.#lines.has(cell);
  }

  /** Whether a sweep that was ended before, and goes on, runs the cell: also one that failed, whose cause may have been mended since. */
  isToRun(cell: number): boolean {
    return !this.has(cell) || this.failed.has(cell);
  }

  get size(): number {
    return this.#lines.size;
  }

  /** The line, with its end; undefined where the cell has not run. */
  line(cell: number): string | undefined {
    const place = this.#lines.get(cell);
    if (place === undefined) return undefined;
    const bytes = Buffer.alloc(place.length);
    readSync(this.#file, bytes, 0, place.length, place.at);
    return bytes.toString();
  }

  result(cell: number): CellResult | undefined {
    const line = this.line(cell);
    return line === undefined ? undefined : (JSON.parse(line) as CellResult);
  }

  /** In the order of their numbers. */
  *results(): Generator<CellResult, void> {
    for (const cell of [...this.#lines.keys()].sort((a, b) => a - b))
      yield this.result(cell) as CellResult;
  }

  /** Whole, or not at all: of a write that fails nothing stays behind. */
  append(result: CellResult): void {
    this.#mayAppend();
    const bytes = Buffer.from(`${JSON.stringify(result)}\n`);
    const at = this.#end;
    try {
      for (let written = 0; written < bytes.length; )
        written += writeSync(this.#file, bytes, written);
    } catch (error) {
      ftruncateSync(this.#file, at);
      throw new Error(
        `${this.path}: the result of cell ${result.cell} cannot be written: ${(error as Error).message}`,
      );
    }
    this.#note(result, at, bytes.length);
  }

  cutTornEnd(): void {
    if (fstatSync(this.#file).size > this.#end) ftruncateSync(this.#file, this.#end);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function parsed(text: string): CellResult | null {
  try {
    const result = JSON.parse(text) as CellResult;
    const isResult =
      Number.isInteger(result.cell) && (result.error !== null || 'figures' in result);
    return isResult ? result : null;
  } catch {
    return null;
  }
}

/**
 * The header of a folder that a sweep wrote, or of one of this study's kind.
 * @throws BadInput where there is none
 */
export const readHeader = (path: string, option: string, of?: Study): StudyHeader =>
  headerIn(path, option, headerFile(of));

function headerIn(path: string, option: string, name: string): StudyHeader {
  const expected = 'expected the folder of a study, as `corridor sweep --out` writes it';
  let header: StudyHeader;
  try {
    header = JSON.parse(readFileSync(join(path, name), 'utf8')) as StudyHeader;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `it has no ${name}` : `${name} cannot be read`;
    throw new BadInput(`${option} ${path}: ${why}: ${expected}`);
  }
  if (header.format !== FORMAT)
    throw new BadInput(
      `${option} ${path}: ${name}: format: ${header.format}: expected ${FORMAT}, as this version writes it`,
    );
  return header;
}

/**
 * Results to read alone.
 * @param expected what the folder should be, as messages say it
 * @throws BadInput where nothing has run
 */
export function readResults(path: string, option: string, expected: string): StudyResults {
  if (existsSync(join(path, RESULTS_FILE))) return new StudyResults(path, option, 'r');
  throw new BadInput(`${option} ${path}: it has no ${RESULTS_FILE}: expected ${expected}`);
}

/**
 * A study's folder to read, of a sweep or of a stress test; null: it is neither's.
 * @throws BadInput where it cannot be read, or nothing has run
 */
export function readStudyFolder(
  path: string,
): { readonly header: StudyHeader; readonly results: StudyResults } | null {
  const name = ['study.json', 'stress.json'].find((file) => existsSync(join(path, file)));
  if (name === undefined) return null;
  const header = headerIn(path, 'folder', name);
  return { header, results: readResults(path, 'folder', 'a study that ran') };
}

/** A folder that this process alone writes into. */
export interface OwnStudyFolder {
  readonly path: string;
  readonly results: StudyResults;
  /** @throws Error where another process has taken the folder */
  check(): void;
  /** Gives the folder up; what is in it stays. */
  close(): void;
}

/**
 * Opens the folder of a study, new or as an earlier process left it.
 * @throws BadInput where it holds anything else, or another process writes into it
 */
export function openStudyFolder(asGiven: string, header: StudyHeader): OwnStudyFolder {
  if (asGiven === '') throw new BadInput('--out: expected the name of a folder, found nothing');
  const path = resolve(asGiven);
  const claim = own(join(path, OWNER_FILE), `--out ${asGiven}`);
  try {
    refuseOther(path, asGiven, header);
    // Of a study that is there its name and description may be new.
    writeWhole(path, headerFile(header.study), `${JSON.stringify(header, null, 2)}\n`);
    const results = new StudyResults(path, '--out', 'a+', claim.check);
    results.cutTornEnd();
    return {
      path,
      results,
      check: claim.check,
      close() {
        results.close();
        claim.release();
      },
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

const NO_KIND = { study: 'study', stress: 'stress test' } as const;

function refuseOther(path: string, asGiven: string, header: StudyHeader): void {
  const names = readdirSync(path).filter(
    (name) => !name.startsWith(OWNER_FILE) && !UNFINISHED.test(name),
  );
  if (names.length === 0) return;
  const kind = kindOfStudy(header.study);
  if (!names.includes(headerFile(header.study)))
    throw new BadInput(
      `--out ${asGiven}: it holds ${names[0]} and is no ${NO_KIND[kind]}; expected an empty folder, the folder of this study, or a new name`,
    );
  const there = readHeader(path, '--out', header.study);
  const differs =
    there.version !== header.version
      ? `a study that version ${there.version} ran, and this is ${header.version}`
      : there.digest !== header.digest
        ? `another study (${there.study.name}), or this one before its file or its scenario changed`
        : shardText(there.shard) !== shardText(header.shard)
          ? `${shardText(there.shard)}, not ${shardText(header.shard)}`
          : null;
  if (differs !== null)
    throw new BadInput(
      `--out ${asGiven}: it holds ${differs}; expected an empty folder, the folder of this study, or a new name`,
    );
}

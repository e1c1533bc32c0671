// Where a run's folder lies, and how it takes its place when it is whole. What goes into it: write-run.ts.

import {
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { makeFolder } from '../platform/folders-and-whole-files.ts';
import { isAlive } from '../platform/process-is-alive.ts';
import { LABELS_FILE } from './labels-csv.ts';
import { EVIDENCE } from './run-seal.ts';

/**
 * What a run leaves: its summary.json alone (and its log, where that is embedded); with it scenario.json
 * and the tables as Parquet; or all that README.md lists.
 */
export const RESULTS = ['summary', 'tables', 'full'] as const;
export type Results = (typeof RESULTS)[number];

/**
 * Where a run is written by default. A run of fewer results, or of another kind, does not take the place of one
 * unless it is told to.
 */
export const defaultFolder = (
  { name, seed }: { readonly name: string; readonly seed: number },
  results: Results,
  kind = '',
): string => `runs/${name}-${seed}${kind}${results === 'full' ? '' : `-${results}`}`;

/** What a finished run holds; a folder with anything else in it is not overwritten. */
const RUN_FILES = [
  'summary.json',
  'scenario.json',
  'inputs',
  'report.html',
  'payments.csv',
  LABELS_FILE,
  'input.log',
  'clickhouse',
  'tables',
  'log',
  EVIDENCE,
];
/** What every run has: a folder without it is no earlier run. */
const RUN_MARK = 'summary.json';
const OWNER_FILE = '.writing';

/** What seals a run's folder, here or on a thread (run-seal.ts, run-seal-thread.ts). */
export interface FolderSeal {
  take(pool: string, events: Uint8Array): void | Promise<void>;
  /** Files that are whole before others are, by their paths in the folder. */
  hash(paths: readonly string[]): Promise<void>;
  /** @param digests of files that were hashed as they were written, by their paths in the folder */
  finish(digests?: ReadonlyMap<string, string>): Promise<void>;
  /** Of a thread: it opens no file any more when it resolves. */
  stop?(): Promise<void>;
}

/**
 * The folder of a run. Everything is written into `<folder>.partial` and takes its place at the
 * end, so a run is there whole or not at all; an earlier run of that name is replaced then.
 */
export class RunFolder {
  readonly path: string;
  readonly partial: string;
  /** What seals it at its end; null: nothing does. */
  seal: FolderSeal | null = null;
  /** SHA-256 of files that were hashed as they were written, hex, by their paths in it. */
  readonly digests = new Map<string, string>();
  /** What was begun and is not awaited yet: it is over before the folder takes its place or goes. */
  readonly closing: Promise<void>[] = [];

  /** Throws BadInput where the folder cannot be written or holds something that is no run. */
  constructor(asGiven: string) {
    if (asGiven === '') throw new BadInput('--out: expected the name of a folder, found nothing');
    this.path = resolve(asGiven);
    this.partial = `${this.path}.partial`;
    refuseForeign(this.path, asGiven);
    refuseBusy(this.partial);
    try {
      rmSync(this.partial, { recursive: true, force: true });
      makeFolder(this.partial);
      writeFileSync(join(this.partial, OWNER_FILE), String(process.pid));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A full disk takes a folder and no file.
      if (code === 'ENOSPC' || code === 'EDQUOT') this.discard();
      throw new BadInput(
        `--out ${asGiven}: expected a folder that can be written (${code ?? message})`,
      );
    }
  }

  file(name: string): string {
    return join(this.partial, name);
  }

  /** Takes what ends by itself. Its error is thrown where `closing` is awaited, however long that takes. */
  closes(ending: Promise<void>): Promise<void> {
    ending.catch(() => {});
    this.closing.push(ending);
    return ending;
  }

  /** A stream into a file of the run. */
  stream(name: string) {
    return createWriteStream(this.file(name));
  }

  /** Puts the finished run in its place. Everything in it must be closed. */
  finish(): void {
    const earlier = `${this.path}.earlier`;
    rmSync(join(this.partial, OWNER_FILE));
    rmSync(earlier, { recursive: true, force: true });
    // The earlier run is set aside, not deleted, until the new one stands in its place.
    if (existsSync(this.path)) renameSync(this.path, earlier);
    renameSync(this.partial, this.path);
    rmSync(earlier, { recursive: true, force: true });
  }

  /** Leaves nothing of an unfinished run behind. */
  discard(): void {
    rmSync(this.partial, { recursive: true, force: true });
  }
}

function refuseForeign(path: string, asGiven: string): void {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory())
    throw new BadInput(`--out ${asGiven}: expected a folder, found a file`);
  const names = readdirSync(path);
  const foreign = names.find((name) => !RUN_FILES.includes(name));
  const isRun = names.includes(RUN_MARK) && isSummary(join(path, RUN_MARK));
  if (foreign !== undefined || (names.length > 0 && !isRun))
    throw new BadInput(
      `--out ${asGiven}: it holds ${foreign ?? names[0]} and is no run; expected an empty folder, an earlier run, or a new name`,
    );
}

/** Somebody else's file may have the name. */
function isSummary(file: string): boolean {
  try {
    const { scenario, version, eventsHash } = JSON.parse(readFileSync(file, 'utf8'));
    return [scenario, version, eventsHash].every((one) => typeof one === 'string');
  } catch {
    return false;
  }
}

/** Two runs into one folder would mix their files; and what no run wrote is not ours to remove. */
function refuseBusy(partial: string): void {
  if (!existsSync(partial)) return;
  const owner = join(partial, OWNER_FILE);
  if (!existsSync(owner))
    throw new BadInput(
      `--out: ${partial} exists and was not written by a run; expected another name, or move it away`,
    );
  const pid = Number(readFileSync(owner, 'utf8'));
  if (pid !== process.pid && isAlive(pid))
    throw new BadInput(
      `--out: process ${pid} is writing a run into ${partial}; expected another folder, or wait for it`,
    );
}

// Where a run's folder lies, and what makes it one. What goes into it: write-run.ts.

import { createWriteStream, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WholeFolder } from '../platform/whole-folder.ts';
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

/** The folder of a run, and what is begun in it. */
export class RunFolder extends WholeFolder {
  /** What seals it at its end; null: nothing does. */
  seal: FolderSeal | null = null;
  /** SHA-256 of files that were hashed as they were written, hex, by their paths in it. */
  readonly digests = new Map<string, string>();
  /** What was begun and is not awaited yet: it is over before the folder takes its place or goes. */
  readonly closing: Promise<void>[] = [];

  /** Throws BadInput where the folder cannot be written, is another's, or holds something that is no run. */
  constructor(asGiven: string) {
    const isOurs = (name: string) => RUN_FILES.includes(name);
    super(asGiven, { word: 'run', isOurs, mark: RUN_MARK, isMark: isSummary });
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
}

/** The run's folder that a path leads to a file of; null: it leads to none. */
export function runOfFile(path: string): string | null {
  const folder = dirname(path);
  if (RUN_FILES.includes(basename(path)) && isSummary(join(folder, RUN_MARK))) return folder;
  return folder === path ? null : runOfFile(folder);
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

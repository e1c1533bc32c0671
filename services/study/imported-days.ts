/**
 * Imported business days: CSV files as `payments` of a scenario names them, of one date or of many. They
 * are read line by line, so that one day alone is in memory, however many a file has.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { LoadOptions } from '../scenario/load-scenario.ts';
import { DATE_EXPECTED, isDate } from '../scenario/local-time-to-instant.ts';
import { formatValue, ScenarioError, unreadable } from '../scenario/scenario-error.ts';
import type { StudyDay } from './grid.ts';

export interface DayFile {
  readonly path: string;
  /** In the order of the calendar. */
  readonly dates: readonly string[];
  /** SHA-256 of its lines. */
  readonly digest: string;
}

/**
 * The files that a path stands for: itself, or with `*` in its last part those of such names.
 * @throws ScenarioError where the folder cannot be read
 */
export function filesOf(path: string): string[] {
  const { dir, base } = posix.parse(path);
  if (!base.includes('*')) return [path];
  const parts = base.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const name = new RegExp(`^(?!\\.)${parts.join('.*')}$`);
  try {
    return readdirSync(dir === '' ? '.' : dir)
      .filter((one) => name.test(one))
      .sort()
      .map((one) => posix.join(dir, one));
  } catch (error) {
    throw unreadable(dir, error);
  }
}

/**
 * Which dates a file has payments of.
 * @throws ScenarioError naming file, line, column, value and expectation
 */
export function readDayFile(path: string): DayFile {
  const hash = createHash('sha256');
  const dates = new Set<string>();
  let number = 0;
  for (const { line, date } of datedLines(path)) {
    number += 1;
    hash.update(line).update('\n');
    if (date === null || dates.has(date)) continue;
    if (!isDate(date))
      throw new ScenarioError(
        `${path}:${number}: column date: ${formatValue(date === '' ? undefined : date)}: expected ${DATE_EXPECTED}`,
      );
    dates.add(date);
  }
  return { path, dates: [...dates].sort(), digest: hash.digest('hex') };
}

/** The file with the rows of one date alone. The others are empty lines, so that a message has the right line. */
function textOfDate(path: string, wanted: string): string {
  const kept: string[] = [];
  let skipped = 0;
  for (const { line, date } of datedLines(path)) {
    if (date === null || date === wanted) {
      kept.push(`${'\n'.repeat(skipped)}${line}\n`);
      skipped = 0;
    } else skipped += 1;
  }
  return kept.join('');
}

/** How a scenario is read with a day: what it reads beside itself are the payments, and those of the day alone. */
export const readingOf =
  (
    scenarioFile: string,
    day: StudyDay | undefined,
    readFile: LoadOptions['readFile'],
  ): LoadOptions['readFile'] =>
  (path) =>
    day === undefined || path === scenarioFile ? readFile(path) : textOfDate(path, day.date);

/** Lines, each with the date of its row; null: it is no row. Dates stand in one line with their row. */
function* datedLines(path: string): Generator<{ line: string; date: string | null }, void> {
  let column = -1;
  let number = 0;
  for (const line of linesOf(path)) {
    number += 1;
    if (line.trim() === '' || line.startsWith('#')) yield { line, date: null };
    else if (column < 0) {
      column = line
        .replace(/^\uFEFF/, '')
        .split(',')
        .map(bare)
        .indexOf('date');
      if (column < 0)
        throw new ScenarioError(`${path}:${number}: column date: missing: expected in the header`);
      yield { line, date: null };
    } else yield { line, date: bare(line.split(',', column + 1)[column] ?? '') };
  }
}

/** A field without what CSV may put around it. */
const bare = (field: string): string => field.trim().replace(/^"(.*)"$/, '$1');

const CHUNK_BYTES = 1 << 20;

function* linesOf(path: string): Generator<string, void> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, count))).split(/\r?\n/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } catch (error) {
    throw error instanceof ScenarioError ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

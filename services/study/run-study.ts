/** A study from its file to its tables: what has run is kept, what has not is run, then all is told. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { BadInput, EXIT, Interrupted } from '../platform/exit-codes.ts';
import { writeWhole } from '../platform/folders-and-whole-files.ts';
import { version } from '../platform/service/build-info.ts';
import { shellWord } from '../platform/shell-word.ts';
import { mechanismAnew, needsMechanism } from '../run/own-mechanism-file.ts';
import { withoutNewGlobals, withoutStrays } from '../run/own-mechanism-strays.ts';
import type { LoadOptions } from '../scenario/load-scenario.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { cellScenarios, settingOverrides } from './cell-scenario.ts';
import { type CellFailure, runCells } from './cell-workers.ts';
import {
  cellAt,
  cellCount,
  cellsOf,
  cellWords,
  ownMechanismOf,
  type Shard,
  type StudyCell,
} from './grid.ts';
import { readStress, type StressOptions } from './stress/stress-grid.ts';
import {
  cellNames,
  isStress,
  kindOfStudy,
  readStudy,
  type Study,
  type StudyFile,
} from './study-file.ts';
import {
  type OwnStudyFolder,
  openStudyFolder,
  readHeader,
  type StudyHeader,
  type StudyResults,
  studyHeader,
} from './study-folder.ts';
import { startStudyProgress } from './study-progress.ts';
import { writeTables } from './study-tables.ts';

export interface SweepRequest extends StudyRequest {
  /** As messages name it, and its text. */
  readonly file: string;
  readonly text: string;
}

/** How a study is run. */
interface StudyRequest {
  readonly out?: string;
  readonly jobs: number;
  readonly shard: Shard | null;
  readonly keepGoing: boolean;
  /** Where cells run; by default in processes of their own. */
  readonly run?: typeof runCells;
}

export interface SweptStudy {
  readonly study: Study;
  /** As the user may type it. */
  readonly folder: string;
  readonly shard: Shard | null;
  /** Cells of the folder, those that ran before, and those that failed, in words. */
  readonly cells: number;
  readonly kept: number;
  readonly failed: readonly string[];
  readonly seconds: number;
}

/** Options whose first cell is tried before any runs; of a longer list the others tell when they run. */
const TRIED_MAX = 200;

/**
 * @throws ScenarioError or BadInput for what the user can mend, Interrupted on Ctrl-C; what ran until
 * then is kept, and the same request goes on from there
 */
export const sweep = (request: SweepRequest): Promise<SweptStudy> =>
  runStudy(request, (readFile) => readStudy(request.file, request.text, readFile));

/** Each bank fails at each hour: as a sweep, the same files, and the same ends. */
export const stressTest = (
  options: StressOptions,
  request: Omit<StudyRequest, 'shard'>,
): Promise<SweptStudy> =>
  runStudy({ ...request, shard: null }, (readFile) => readStress(options, readFile));

async function runStudy(
  request: StudyRequest,
  readBy: (readFile: LoadOptions['readFile']) => StudyFile,
): Promise<SweptStudy> {
  const startedNs = process.hrtime.bigint();
  const { shard } = request;
  const { texts, readFile } = readsOnce();
  const read = readBy(readFile);
  const { study } = read;
  await tryMechanisms(read, readFile);
  tryOptions(read, readFile, request.keepGoing);
  if (shard !== null && shard.of > cellCount(study))
    throw new BadInput(
      `--shard ${shard.index}/${shard.of}: expected at most as many shards as the study has cells, ${cellCount(study)}`,
    );
  const out = request.out ?? `runs/${study.name}`;
  const folder = openStudyFolder(out, headerOf(read, texts, shard));
  try {
    const kept = await runRest(folder, study, request, out);
    const { failed } = folder.results;
    if (shard === null) await writeStudy(folder, study);
    return {
      study,
      folder: out,
      shard,
      cells: folder.results.size,
      kept,
      failed: failedWords(study, folder.results, [...failed]),
      seconds: Number(process.hrtime.bigint() - startedNs) / 1e9,
    };
  } finally {
    folder.close();
  }
}

/** What is read is read once, and is part of what the study is. */
function readsOnce() {
  const texts = new Map<string, string>();
  const readFile = (path: string): string => {
    const text = texts.get(path) ?? readFileSync(path, 'utf8');
    texts.set(path, text);
    return text;
  };
  return { texts, readFile };
}

/**
 * The command that runs one cell by itself, for a shell.
 * @throws ScenarioError or BadInput as a sweep does
 */
export function cellCommand(
  { file, text }: Pick<SweepRequest, 'file' | 'text'>,
  number: number,
): string {
  const { readFile } = readsOnce();
  const { study } = readStudy(file, text, readFile);
  if (number > cellCount(study))
    throw new BadInput(`--cell ${number}: expected a cell from 1 to ${cellCount(study)}`);
  const { picks, seed, day } = cellAt(study, number);
  const overrides = [...settingOverrides(study, picks, readFile, day), ...(day?.set ?? [])];
  const set = overrides.flatMap((override) => ['--set', override]);
  const own = ownMechanismOf(study, picks);
  const mechanism = own === undefined ? [] : ['--mechanism', own];
  const seeded = ['--seed', String(seed)];
  const words = ['corridor', 'run', study.scenarioFile, ...set, ...mechanism, ...seeded];
  return words.map(shellWord).join(' ');
}

/** Mechanisms of one's own are loaded once before any cell runs, as each cell does; their texts are part of what the study is. */
async function tryMechanisms(
  { study, place }: StudyFile,
  readFile: (path: string) => string,
): Promise<void> {
  for (const [dimension, { options }] of study.dimensions.entries())
    for (const [option, { mechanism }] of options.entries()) {
      if (mechanism === undefined) continue;
      const where = place(dimension, option);
      await withoutStrays(where, () => withoutNewGlobals(mechanismAnew(mechanism, where)));
      readFile(mechanism);
    }
}

/** What no cell with an option can run is told before any cell runs: the first of them is tried. */
function tryOptions(
  { study, place, datesPlace }: StudyFile,
  readFile: (path: string) => string,
  keepGoing: boolean,
) {
  const scenarioOf = cellScenarios(study, readFile);
  const { picks: first, ...repeat } = cellAt(study, 1);
  const failures: string[] = [];
  let tried = 0;
  const attempt = (cell: StudyCell, where: string) => {
    tried += 1;
    try {
      const scenario = scenarioOf(cell);
      if (ownMechanismOf(study, cell.picks) !== undefined) needsMechanism(scenario, 'mechanism');
    } catch (error) {
      if (!(error instanceof ScenarioError || error instanceof BadInput)) throw error;
      failures.push(`${where}: ${error.message}`);
    }
  };
  for (const [dimension, { options }] of study.dimensions.entries())
    for (const option of options.keys()) {
      if (option >= TRIED_MAX) break;
      attempt({ ...repeat, picks: first.with(dimension, option) }, place(dimension, option));
    }
  for (const day of study.days?.slice(0, TRIED_MAX) ?? [])
    attempt({ ...repeat, picks: first, day }, `${datesPlace}: ${day.date}`);
  if (failures.length > 0 && (!keepGoing || failures.length === tried))
    throw new ScenarioError(failures[0] as string);
}

/** The digest is of the study's cells and of every file that they were seen to read. */
function headerOf(
  { study, dayFiles, decimals }: StudyFile,
  texts: ReadonlyMap<string, string>,
  shard: Shard | null,
): StudyHeader {
  const { dimensions, seeds, days, stress, scenarioFile } = study;
  const files = [...texts, ...dayFiles.map(({ path, digest }) => [path, digest] as const)]
    // Where the files lie is not what they say: a shard runs anywhere.
    .map(([path, text]) => [posix.relative(posix.dirname(scenarioFile), path), text])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return studyHeader({
    version,
    digest: createHash('sha256')
      .update(JSON.stringify({ dimensions, seeds, days, stress, files }))
      .digest('hex'),
    shard,
    study,
    decimals,
  });
}

/** @returns how many cells had run before */
async function runRest(
  folder: OwnStudyFolder,
  study: Study,
  { jobs, shard, keepGoing, run = runCells }: StudyRequest,
  out: string,
): Promise<number> {
  const { results } = folder;
  const mine = [...cellsOf(study, shard)];
  const rest = mine.filter(({ number }) => results.isToRun(number));
  const kept = mine.length - rest.length;
  if (rest.length === 0) return kept;
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  const atOnce = Math.min(jobs, rest.length);
  const progress = startStudyProgress(mine.length, kept, process.stderr, {
    jobs: atOnce,
    nowMs: () => performance.now(),
    names: cellNames(study),
  });
  let ran = kept;
  let failures = 0;
  try {
    await run(study, rest, {
      jobs: atOnce,
      signal: interrupt.signal,
      told(outcome) {
        if ('error' in outcome) {
          failures += 1;
          if (!keepGoing) throw cellError(study, outcome, results, out);
          results.append({ cell: outcome.number, error: outcome.error });
        } else results.append({ cell: outcome.number, error: null, ...outcome.rows });
        ran += 1;
        progress.step(failures);
      },
    });
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
  if (interrupt.signal.aborted && ran < mine.length)
    throw new Interrupted(
      `interrupted: ${ran} of ${mine.length} ${cellNames(study).many} are kept in ${out}; the same command goes on with the rest`,
    );
  return kept;
}

function cellError(
  study: Study,
  { number, error, exitCode }: CellFailure,
  results: StudyResults,
  out: string,
) {
  const { size } = results;
  const { one, many } = cellNames(study);
  const words = `cell ${number} (${cellWords(study, cellAt(study, number))}): ${error}; ${size} ${size === 1 ? `${one} is` : `${many} are`} kept in ${out}: --keep-going runs the rest`;
  return exitCode === EXIT.badInput ? new BadInput(words) : new Error(words);
}

export const failedWords = (study: Study, results: StudyResults, failed: readonly number[]) =>
  [...failed]
    .sort((a, b) => a - b)
    .map(
      (number) =>
        `cell ${number} (${cellWords(study, cellAt(study, number))}): ${results.result(number)?.error}`,
    );

/** Tables and page. Each file is there whole, or as it was. */
export async function writeStudy(folder: OwnStudyFolder, study: Study): Promise<void> {
  folder.check();
  writeTables(study, folder.results, (name) => join(folder.path, name));
  const header = readHeader(folder.path, '--out', study);
  // What draws and reckons is loaded where it is needed: it takes as long as many cells.
  const text = isStress(study)
    ? (await import('./stress/stress-page.ts')).stressPage(header, study, folder.results)
    : (await import('./study-page.ts')).studyPage(header, folder.results);
  writeWhole(folder.path, `${kindOfStudy(study)}.html`, text);
}

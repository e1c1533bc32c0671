import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { parse, stringify } from 'yaml';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { whyUnreadable } from '../scenario/scenario-error.ts';
import { cellCount, type Shard } from '../study/grid.ts';
import { mergeShards } from '../study/merge-shards.ts';
import { cellCommand, type SweptStudy, sweep } from '../study/run-study.ts';
import { STUDY_OF_OPTIONS } from '../study/study-file.ts';
import { ordinalFrom, wholeFrom } from './number-flags.ts';

type Lists = Readonly<Record<string, unknown>>;

interface SweepFlags {
  readonly out?: string;
  readonly vary?: Lists;
  readonly scale?: Lists;
  readonly seeds?: unknown;
  readonly dates?: readonly string[];
  readonly jobs: number;
  readonly shard?: Shard;
  readonly merge?: readonly string[];
  readonly cell?: number;
  readonly keepGoing?: boolean;
}

/** A list of YAML values, with or without its brackets. */
function listFrom(option: string, text: string): unknown {
  try {
    return parse(/^\s*[[{]/.test(text) ? text : `[${text}]`);
  } catch {
    throw new BadInput(`${option}: ${text}: expected values as YAML, such as a, b or [a, b]`);
  }
}

const listsFrom =
  (option: string, example: string) =>
  (text: string, earlier: Lists = {}) => {
    // A value may hold =, and so may a path that adds to a list.
    const [, name, list] = /^(.*?[^=])=(?!=)(.*)$/s.exec(text) ?? [];
    if (name === undefined || list === undefined)
      throw new BadInput(`${option} ${text}: expected ${example}`);
    if (Object.hasOwn(earlier, name))
      throw new BadInput(`${option} ${text}: expected ${name} once`);
    return { ...earlier, [name]: listFrom(`${option} ${name}`, list) };
  };

function seedsFrom(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : listFrom('--seeds', text);
}

function shardFrom(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of)
    throw new BadInput(`--shard ${text}: expected I/N with I from 1 to N, such as 3/20`);
  return { index, of };
}

const jobsFrom = wholeFrom('--jobs', (n) => n >= 1 && n <= 512, 'a whole number from 1 to 512');

export function sweepCommand(): Command {
  return new Command('sweep')
    .description('run a study: a scenario with every combination of what is varied, by every seed')
    .argument(
      '[study]',
      'a study file (YAML; see docs/studies.md), or with --vary, --scale, --seeds or --dates a scenario',
    )
    .option('--out <dir>', 'folder of the study (default: runs/<study>); what ran there is kept')
    .option(
      '--vary <path=values>',
      'a path of the scenario and its values, such as settlement.cycle=off,partial; may be repeated',
      listsFrom('--vary', 'path=values, such as settlement.cycle=off,partial'),
    )
    .option(
      '--scale <what=factors>',
      'liquidity, traffic or amounts times each factor, such as liquidity=0.5,1; may be repeated',
      listsFrom('--scale', 'what=factors, such as liquidity=0.5,1'),
    )
    .option(
      '--seeds <n>',
      "so many seeds from the scenario's on, or a list such as 1,7,9",
      seedsFrom,
    )
    .option(
      '--dates <csv>',
      "in place of seeds, days of payments: CSV files, such as 'days/*.csv'; may be repeated",
      (file: string, earlier: readonly string[] = []) => [...earlier, file],
    )
    .option(
      '--jobs <n>',
      'cells that run at once, each in a process',
      jobsFrom,
      availableParallelism(),
    )
    .option(
      '--shard <i/n>',
      'run the ith of n parts of the cells; --merge makes one study of them',
      shardFrom,
    )
    .option('--merge <dirs...>', 'make one study of the folders of its shards, into --out')
    .option(
      '--cell <n>',
      'run nothing: print the command that runs this cell by itself',
      ordinalFrom('--cell', 'a cell'),
    )
    .option('--keep-going', 'run the rest where a cell fails; it is named, and has no figures')
    .action(async (file: string | undefined, flags: SweepFlags, command: Command) => {
      refuseIgnored(command);
      if (flags.cell !== undefined) {
        process.stdout.write(`${cellCommand(studyOf(file, flags), flags.cell)}\n`);
        return;
      }
      const swept = await (flags.merge ? merge(file, flags.merge, flags) : runStudy(file, flags));
      tell(swept);
      if (swept.failed.length > 0) process.exitCode = EXIT.failure;
    });
}

/** What an option that runs no cell has no use for. */
const IGNORED_BESIDE = {
  merge: ['vary', 'scale', 'seeds', 'dates', 'jobs', 'shard', 'cell', 'keepGoing'],
  cell: ['out', 'jobs', 'shard', 'keepGoing'],
} as const;

function refuseIgnored(command: Command): void {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  for (const [mode, ignored] of Object.entries(IGNORED_BESIDE)) {
    if (!given.some((option) => option.attributeName() === mode)) continue;
    const other = given.find((option) => ignored.some((name) => name === option.attributeName()));
    if (other !== undefined)
      throw new BadInput(`${other.long}: expected none beside --${mode}, which runs no cell`);
  }
}

function merge(file: string | undefined, from: readonly string[], { out }: SweepFlags) {
  if (file !== undefined)
    throw new BadInput(
      `--merge: ${file}: expected no study file: the folders say of which study they are`,
    );
  if (out === undefined)
    throw new BadInput('--merge: expected --out, the folder of the whole study');
  return mergeShards(from, out);
}

function runStudy(file: string | undefined, flags: SweepFlags): Promise<SweptStudy> {
  const { out, jobs, shard = null, keepGoing = false } = flags;
  return sweep({
    ...studyOf(file, flags),
    ...(out !== undefined && { out }),
    ...{ jobs, shard, keepGoing },
  });
}

/** By its file, or of a scenario and options: both are read as one text. */
function studyOf(file: string | undefined, { vary, scale, seeds, dates }: SweepFlags) {
  if (file === undefined)
    throw new BadInput(
      'expected a study file, or a scenario and --vary, --scale, --seeds or --dates',
    );
  const isByOptions = [vary, scale, seeds, dates].some((option) => option !== undefined);
  if (isByOptions && /^scenario:/m.test(readStudyText(file)))
    throw new BadInput(
      `${file}: expected a scenario, as --vary, --scale, --seeds and --dates take one: it is a study, which has these in its file`,
    );
  return isByOptions
    ? { file: STUDY_OF_OPTIONS, text: stringify({ scenario: file, vary, scale, seeds, dates }) }
    : { file, text: readStudyText(file) };
}

function readStudyText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadInput(`${file}: ${whyUnreadable(error)}`);
  }
}

/** Failed cells that the terminal names. */
const TOLD_MAX = 10;

function tell({ study, folder, shard, cells, kept, failed, seconds }: SweptStudy): void {
  for (const words of failed.slice(0, TOLD_MAX)) process.stderr.write(`corridor: ${words}\n`);
  if (failed.length > TOLD_MAX)
    process.stderr.write(
      `corridor: and ${failed.length - TOLD_MAX} more cells failed: column error of cells.csv\n`,
    );
  const ran = `${cells} of ${cellCount(study)} cells${kept > 0 ? `, ${kept} of them from before` : ''}${failed.length > 0 ? `, ${failed.length} failed` : ''}`;
  const where =
    shard === null
      ? `page: ${folder}/study.html; tables: cells, banks and corridors there, .csv and .parquet`
      : `shard ${shard.index}/${shard.of} in ${folder}: --merge makes tables of all shards`;
  process.stdout.write(`${ran} in ${seconds.toFixed(1)} s\n${where}\n`);
}

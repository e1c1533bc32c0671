import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { cellCount } from '../study/grid.ts';
import { type SweptStudy, stressTest } from '../study/run-study.ts';
import { QUEUED, type QueuedToFailed } from '../study/stress/stress-dimensions.ts';
import { REACTION_AFTER_SECONDS, spanWord } from '../study/stress/stress-grid.ts';
import { wholeFrom } from './number-flags.ts';
import { oneMore } from './results-and-repeated-flags.ts';

interface StressFlags {
  readonly out?: string;
  readonly banks?: readonly string[];
  readonly hours?: readonly string[];
  readonly date?: string;
  readonly length?: number;
  readonly reactionAfter: number;
  readonly queued: QueuedToFailed;
  readonly set: readonly string[];
  readonly jobs: number;
  readonly keepGoing?: boolean;
}

/** Names behind each other; of nothing an empty list. */
const namesFrom = (text: string): string[] =>
  text.trim() === '' ? [] : text.split(',').map((name) => name.trim());

const SECONDS = { h: 3600, m: 60, s: 1 } as const;

/** @param least in seconds */
const durationFrom =
  (option: string, least: number) =>
  (text: string): number => {
    const [, count, unit] = /^(\d{1,6})([hms])$/.exec(text) ?? [];
    const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
    if (seconds >= least && seconds <= 86_400) return seconds;
    throw new BadInput(
      `${option} ${text}: expected a time from ${least}s to 24h, such as 90s, 30m or 2h`,
    );
  };

export function stressCommand(): Command {
  return new Command('stress')
    .description(
      'let each bank of a scenario fail at each hour, without and with the others’ reaction',
    )
    .argument('<scenario>', 'a scenario (YAML; see docs/stress.md)')
    .option(
      '--out <dir>',
      'folder of the test (default: runs/<scenario>-stress); what ran there is kept',
    )
    .option(
      '--banks <names>',
      'banks that fail, such as AAAADE00,BBBBDE00 (default: all)',
      namesFrom,
    )
    .option(
      '--hours <times>',
      'times of day at which they fail, such as 09:00,10:00, or 01:00+1 after midnight (default: every full hour from the first opening to the last close)',
      namesFrom,
    )
    .option('--date <date>', 'business date on which they fail (default: the first)')
    .option(
      '--length <time>',
      'how long a bank fails, such as 2h (default: for good)',
      durationFrom('--length', 1),
    )
    .addOption(
      new Option(
        '--reaction-after <time>',
        'how long after the failure the others stop paying the bank, such as 0s or 2h',
      )
        .argParser(durationFrom('--reaction-after', 0))
        .default(REACTION_AFTER_SECONDS, spanWord(REACTION_AFTER_SECONDS)),
    )
    .addOption(
      new Option('--queued <what>', 'what becomes of payments queued to it when they stop')
        .choices([...QUEUED])
        .default(QUEUED[0]),
    )
    .option('--set <path=value>', 'change a field of the scenario; may be repeated', oneMore, [])
    .option(
      '--jobs <n>',
      'failures that run at once, each in a process',
      wholeFrom('--jobs', (n) => n >= 1 && n <= 512, 'a whole number from 1 to 512'),
      availableParallelism(),
    )
    .option(
      '--keep-going',
      'run the rest where a failure cannot be run; it is named, and has no figures',
    )
    .action(async (scenario: string, flags: StressFlags) => {
      const { out, jobs, keepGoing = false, length, ...asked } = flags;
      const tested = await stressTest(
        {
          ...asked,
          scenario,
          lengthSeconds: length ?? null,
          reactionAfterSeconds: flags.reactionAfter,
        },
        { ...(out !== undefined && { out }), jobs, keepGoing },
      );
      tell(tested);
      if (tested.failed.length > 0) process.exitCode = EXIT.failure;
    });
}

function tell({ study, folder, cells, kept, failed, seconds }: SweptStudy): void {
  for (const words of failed) process.stderr.write(`corridor: ${words}\n`);
  const before = kept > 0 ? `, ${kept} of them from before` : '';
  const lost = failed.length > 0 ? `, ${failed.length} not run` : '';
  process.stdout.write(
    `${cells} of ${cellCount(study)} failures${before}${lost} in ${seconds.toFixed(1)} s\npage: ${folder}/stress.html; tables: stress and losses there, .csv and .parquet\n`,
  );
}

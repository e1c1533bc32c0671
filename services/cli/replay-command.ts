import { Command } from 'commander';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { LogError } from '../platform/log/log.ts';
import type { ReplayResult } from '../replay/replay.ts';
import { type PoolReplay, replayLog } from '../replay/replay-log.ts';
import { provenRun } from '../replay/replay-run.ts';
import { faultLine } from '../verifier/recheck-log.ts';
import type { ReplayFlags } from './replay-counterfactual.ts';
import { oneMore, resultsFrom } from './results-and-repeated-flags.ts';

/** Differences that are told. */
const SHOWN_MAX = 10;

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'verify the recorded messages of a run again, re-run its input, and say whether both agree',
    )
    .argument('[run]', 'folder of a run (it holds input.log)')
    .option(
      '--log <log>',
      "instead of a run, a live network's log: embedded:<folder> or kafka:<host:port>[,...]",
    )
    .option('--pool <name>', 'with --log: this pool alone')
    .option(
      '--set <path=value>',
      'a counterfactual: the recorded instructions under another mechanism, other liquidity, other hours, such as settlement.cycle=off; may be repeated',
      oneMore,
      [] as readonly string[],
    )
    .option(
      '--scenario <file>',
      'with --log and --set: the scenario that the network was founded with',
    )
    .option(
      '--out <dir>',
      'with --set: folder for the results (default: runs/<scenario>-<seed>-counterfactual, with -summary or -tables behind it)',
    )
    .option(
      '--results <kind>',
      'with --set: full (default), tables or summary: as of run',
      resultsFrom,
    )
    .option('--json', 'print the result as one JSON object')
    .action(async (run: string | undefined, options: ReplayFlags) => {
      // Runs need much that a replay does not.
      if (options.set.length > 0)
        return (await import('./replay-counterfactual.ts')).replayOtherwise(run, options);
      refuseWithoutSet(options);
      process.once('SIGINT', () => {
        process.stderr.write('corridor: interrupted; a replay writes nothing\n');
        process.exit(EXIT.interrupted);
      });
      if ((run === undefined) === (options.log === undefined))
        throw new BadInput('replay: expected the folder of a run, or --log');
      if (run === undefined) return replayLive(options.log as string, options);
      const { result, differences } = await provenRun(run);
      const agrees = differences.length === 0;
      const proven = Object.fromEntries(result.proven);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ run, agrees, ...result, proven, differences })}\n`
          : runLines(run, result, differences).join('\n'),
      );
      if (!agrees) process.exitCode = EXIT.failure;
    });
}

/** These say what becomes of a counterfactual. */
function refuseWithoutSet(flags: ReplayFlags): void {
  const given = (['scenario', 'out', 'results'] as const).find((flag) => flags[flag] !== undefined);
  if (given !== undefined)
    throw new BadInput(
      `--${given} ${flags[given]}: expected --set with it; a replay writes nothing`,
    );
}

function runLines(run: string, result: ReplayResult, differences: readonly string[]): string[] {
  const { header, records, events, proven, eventsHash } = result;
  return [
    `${run}: scenario ${header.scenario}, seed ${header.seed}, recorded by version ${header.version}`,
    `${records} input records gave ${events} events`,
    `${header.signatures ? 'proven' : 'held against their messages, which the run did not sign'}: ${provenText(proven)}`,
    `eventsHash ${eventsHash}`,
    ...(differences.length === 0
      ? ['the replay agrees with the run']
      : differences.slice(0, SHOWN_MAX).map((difference) => `THE REPLAY DIFFERS: ${difference}`)),
    unread(run),
    '',
  ];
}

/** Who trusts a replay must know what it says nothing of. */
const unread = (run: string): string =>
  run.endsWith('.log')
    ? 'not read: summary.json, scenario.json, payments.csv, report.html, the tables (name the folder of the run for summary.json)'
    : `not read: scenario.json, payments.csv, report.html, the tables (these: corridor reconcile ${run})`;

/** A live log has no recorded hash: its events topics are what the replay is held against. */
async function replayLive(log: string, { pool, json }: ReplayFlags): Promise<void> {
  const result = await replayLog(log, pool).catch((error: unknown) => {
    // 1 would say that the log is not what its network wrote.
    throw error instanceof LogError ? new BadInput(`--log ${log}: ${error.message}`) : error;
  });
  const agrees = result.faultsCount === 0 && result.pools.every(({ differs }) => differs === null);
  if (!agrees) process.exitCode = EXIT.failure;
  if (json) {
    process.stdout.write(`${JSON.stringify({ agrees, ...result })}\n`);
    return;
  }
  const lines = [
    ...result.pools.flatMap(poolLines),
    ...result.faults.map((fault) => `NOT PROVEN: ${faultLine(fault)}`),
    ...(result.faultsCount > result.faults.length
      ? [`NOT PROVEN: ${result.faultsCount - result.faults.length} records more`]
      : []),
    ...(result.otherRecords === null
      ? []
      : [`${result.otherRecords} records of other topics read, none of them damaged`]),
    `eventsHash ${result.eventsHash}`,
    agrees
      ? 'every record is proven, and the replay agrees with the network'
      : 'THIS LOG IS NOT WHAT ITS NETWORK WROTE: the lines above say where',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function poolLines({ pool, records, events, confirmed, differs, proven }: PoolReplay): string[] {
  const held =
    confirmed === events
      ? 'the live topic holds the same'
      : `the live topic holds the first ${confirmed} of them, the same`;
  return [
    `pool ${pool}: ${records} input records gave ${events} events`,
    differs === null ? `  ${held}` : `  IT DIFFERS: ${differs}`,
    `  proven: ${provenText(Object.entries(proven))}`,
  ];
}

const provenText = (proven: Iterable<[string, number]>): string =>
  [...proven].map(([kind, count]) => `${kind} ${count}`).join(', ') || 'nothing';

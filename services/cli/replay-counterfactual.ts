import { BadInput } from '../platform/exit-codes.ts';
import { executeCounterfactual } from '../run/counterfactual.ts';
import { executeLogCounterfactual } from '../run/counterfactual-log.ts';
import type { Results } from '../run/run-folder.ts';
import { printSummary } from '../run/summary-on-terminal.ts';

export interface ReplayFlags {
  readonly log?: string;
  readonly pool?: string;
  readonly set: readonly string[];
  readonly out?: string;
  readonly results?: Results;
  readonly scenario?: string;
  readonly json?: boolean;
}

/** The recorded instructions, and a run that other rules, liquidity or hours make of them. */
export async function replayOtherwise(run: string | undefined, flags: ReplayFlags): Promise<void> {
  const { log, pool, set, scenario, out, results, json } = flags;
  if ((run === undefined) === (log === undefined))
    throw new BadInput('replay: expected the folder of a run, or --log');
  if (pool !== undefined)
    throw new BadInput(`--pool ${pool}: expected no --set with it, which is of all pools`);
  if (run !== undefined && scenario !== undefined)
    throw new BadInput(`--scenario ${scenario}: expected --log with it; a run has its own`);
  if (log !== undefined && scenario === undefined)
    throw new BadInput(
      `--set ${set[0]}: expected --scenario with --log, the file with which the network was founded`,
    );
  const how = { set, ...(out !== undefined && { out }), ...(results && { results }) };
  const finished = await (run === undefined
    ? executeLogCounterfactual({ log: log as string, scenario: scenario as string, ...how })
    : executeCounterfactual({ run, ...how }));
  if (json) process.stdout.write(`${JSON.stringify(finished.summary, null, 2)}\n`);
  else printSummary(finished);
}

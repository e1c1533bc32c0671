import { existsSync, realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { refuseOtherInstructions } from '../scenario/counterfactual-rules.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { counterfactualInputs } from '../simulator/counterfactual-inputs.ts';
import { createRecordedSimulation } from '../simulator/recorded-simulation.ts';
import type { LoggedSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import { type RecordedRun, readRecordedRun } from './recorded-run.ts';
import { defaultFolder, type Results } from './run-folder.ts';
import { createCore, type FinishedRun, interruptibly, writeRecorded } from './write-run.ts';

export interface CounterfactualRequest {
  /** Folder of a run. */
  readonly run: string;
  readonly set: readonly string[];
  readonly out?: string;
  /** Default: full. */
  readonly results?: Results;
}

/**
 * What a run's recorded instructions come to under another mechanism, other liquidity or other hours, as
 * a run of its own. Throws ScenarioError or BadInput for what the user can mend, Interrupted on Ctrl-C.
 */
export function executeCounterfactual(request: CounterfactualRequest): Promise<FinishedRun> {
  return interruptibly(async (interrupt) => {
    const { run, set, results = 'full' } = request;
    const { recorded, scenario, simulation } = await counterfactualOf(run, set);
    const { header, summary } = recorded;

    const out = request.out ?? defaultFolder(scenario, results, '-counterfactual');
    refuseItself(out, run);
    const overrides = [...summary.overrides, ...set];
    const how = { signatures: header.signatures, certificates: true, interrupt };
    const written = { scenario, out, results, overrides, payments: recorded.payments, ...how };
    return writeRecorded(written, simulation);
  });
}

/** A run's instructions under its scenario with overrides, before anything of it has run. */
export async function counterfactualOf(
  run: string,
  set: readonly string[],
): Promise<{
  readonly recorded: RecordedRun;
  readonly scenario: Scenario;
  readonly simulation: SimulatedRun<LoggedSlice>;
}> {
  const recorded = await readRecordedRun(run);
  const { load, scenarioFile } = recorded;
  const scenario = load(set);
  refuseOtherInstructions(scenarioFile, set, load([]).document, scenario.document);
  const simulation = createRecordedSimulation({
    scenario,
    createSettlement: createCore,
    inputs: counterfactualInputs(scenario, recorded, recorded.messages(scenario.batchSize)),
    unsent: unsentOf(recorded, scenario),
  });
  return { recorded, scenario, simulation };
}

/** The run is read while the other one is written. */
function refuseItself(out: string, run: string): void {
  if (existsSync(out) && realpathSync(out) === realpathSync(run))
    throw new BadInput(`--out ${out}: it is the run itself; expected another folder`);
  if (resolve(out).startsWith(`${resolve(run)}${sep}`))
    throw new BadInput(`--out ${out}: it lies in the run; expected a folder beside it`);
}

/** What an outage kept from being sent in the run, it keeps here too. */
function unsentOf({ summary }: RecordedRun, { currencies }: Scenario) {
  const unsentMinor = new Map(
    currencies.map(({ code }, currency) => [
      currency,
      BigInt(summary.unsentValueMinor[code] ?? '0'),
    ]),
  );
  return { unsent: summary.unsent, unsentMinor };
}

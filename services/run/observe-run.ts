import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchedEngine } from '../platform/clickhouse/embedded.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { OBSERVED_FILE, observedScenario } from '../scenario/observed-times.ts';
import { unreadable } from '../scenario/scenario-error.ts';
import { plannedPayments } from '../simulator/core-table-sizes.ts';
import { createObservedSimulation } from '../simulator/observed-simulation.ts';
import { defaultFolder, type Results } from './run-folder.ts';
import {
  createCore,
  type FinishedRun,
  interruptibly,
  loadListing,
  writeRecorded,
} from './write-run.ts';

export interface ObserveRequest {
  /** Holds scenario.yaml, the payments that it lists, and observed.csv. */
  readonly folder: string;
  readonly out?: string;
  readonly results: Results;
  /** For full results: one that loads already. */
  readonly engine?: LaunchedEngine;
}

/**
 * Makes the folder of a run of what was observed, with no settlement. Throws ScenarioError or BadInput for
 * what the user can mend, Interrupted on Ctrl-C; then nothing is left behind.
 */
export function observeRun({ folder, results, ...request }: ObserveRequest): Promise<FinishedRun> {
  return interruptibly((interrupt) => {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new BadInput(
        `observe: ${folder}: expected the folder of an import: scenario.yaml, its payments and ${OBSERVED_FILE}`,
      );
    const file = join(folder, 'scenario.yaml');
    const { scenario: loaded, ...lists } = loadListing(file, {});
    const times = join(folder, OBSERVED_FILE);
    const observed = textOf(times);
    const scenario = observedScenario(loaded, times, observed);
    const { out = defaultFolder(scenario, results, '-observed'), engine } = request;
    const run = {
      ...{ scenario, out, results, observed, overrides: [], signatures: false },
      ...{ payments: plannedPayments(scenario), certificates: false, interrupt },
      ...(engine && { engine }),
      ...lists,
    };
    return writeRecorded(run, createObservedSimulation({ scenario, createSettlement: createCore }));
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

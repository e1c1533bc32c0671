import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { compiledCore, packageFolder } from '../../services/platform/service/build-info.ts';
import type { DirectoryNames } from '../../services/protocol/names/handles-to-names.ts';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { RunResults } from '../../services/report/figures/run-books.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { BanksThread } from '../../services/run/banks-thread.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { plannedMessages } from '../../services/simulator/core-table-sizes.ts';
import { createDirectSimulation } from '../../services/simulator/direct-simulation.ts';
import type { Proposer } from '../../services/simulator/own-mechanism.ts';
import { SimulatedBanks } from '../../services/simulator/simulated-banks.ts';
import type { RunSlice, SimulatedRun } from '../../services/simulator/simulated-run.ts';
import { Simulation, type SliceOutcome } from '../../services/simulator/simulation.ts';
import type { SimulationLog } from '../../services/simulator/simulation-log.ts';

const wasm = compiledCore();

export const scenarioFile = (name: string) => join(packageFolder, 'scenarios', `${name}.yaml`);

/** @param proposes whether cycles settle what a mechanism of one's own proposes */
export function load(name: string, set: readonly string[] = [], proposes = false): Scenario {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  return loadScenario(scenarioFile(name), { readFile, set, proposes });
}

export interface TestRun {
  readonly scenario: Scenario;
  readonly simulation: Simulation;
  readonly summary: Summary;
  readonly rows: readonly PaymentRow[];
  readonly slices: number;
}

/** A whole run without files and without the analysis store. */
export async function runScenario(
  scenario: Scenario,
  options: {
    readonly log?: SimulationLog;
    readonly signatures?: boolean;
    /** As the summary names them. */
    readonly overrides?: readonly string[];
    readonly proposer?: Proposer;
    readonly onSlice?: (slice: SliceOutcome, simulation: Simulation) => unknown;
  } = {},
): Promise<TestRun> {
  const { signatures = true } = options;
  const made = {
    ...{ scenario, signingCore: signatures ? wasm : null },
    asks: options.proposer !== undefined,
  };
  // As a run of its size does it (write-run.ts).
  const thread = plannedMessages(scenario) >= 2_000 ? new BanksThread(made) : null;
  const simulation = new Simulation({
    scenario,
    log: options.log ?? createMemoryLog({ now: () => 0 }),
    verification: createVerification(wasm),
    createSettlement: () => createSettlement(wasm),
    signatures,
    banks: thread ?? new SimulatedBanks(made),
    forgets: options.log === undefined,
    ...(options.proposer && { proposer: options.proposer }),
    clockNs: () => 0n,
  });
  const onSlice = (slice: RunSlice) => options.onSlice?.(slice as SliceOutcome, simulation);
  try {
    await simulation.createTopics();
    const done = await followed(scenario, simulation, { ...options, onSlice });
    return { scenario, simulation, ...done };
  } finally {
    await thread?.stop();
  }
}

interface FollowOptions<Slice extends RunSlice = RunSlice> {
  readonly signatures?: boolean;
  /** Of the direct door. */
  readonly sliceMessages?: number;
  readonly proposer?: Proposer;
  /** As the summary names them. */
  readonly overrides?: readonly string[];
  readonly onSlice?: (slice: Slice) => unknown;
}

/** The same by the direct door. */
export const runDirectly = (scenario: Scenario, options: FollowOptions = {}) =>
  followed(scenario, directly(scenario, options), options);

export const directly = (scenario: Scenario, options: FollowOptions = {}): SimulatedRun =>
  createDirectSimulation({
    scenario,
    createSettlement: () => createSettlement(wasm),
    signatures: options.signatures ?? true,
    ...(options.sliceMessages && { sliceMessages: options.sliceMessages }),
    ...(options.proposer && { proposer: options.proposer }),
  });

/** Any other run to its end. */
export async function followed<Slice extends RunSlice>(
  scenario: Scenario,
  run: SimulatedRun<Slice>,
  options: FollowOptions<Slice>,
) {
  const results = new RunResults(scenario, run);
  let slices = 0;
  const progress: ReturnType<RunResults['progress']>[] = [];
  for await (const slice of run.run()) {
    slices += 1;
    results.take(slice);
    progress.push(results.progress());
    await options.onSlice?.(slice);
  }
  const summary = results.summary({
    version: 'test',
    overrides: options.overrides ?? [],
    signatures: options.signatures ?? true,
  });
  return { summary, rows: [...results.rows()], slices, progress };
}

/** The events of each pool of a run without signatures, slice by slice, with the names in them. */
export async function eventsOfPools(
  scenario: Scenario,
): Promise<{ readonly directory: DirectoryNames; readonly events: readonly Uint8Array[] }[]> {
  const run = directly(scenario, { signatures: false });
  const events: Uint8Array[][] = scenario.pools.map(() => []);
  await followed(scenario, run, {
    signatures: false,
    onSlice: ({ steps }) => {
      for (const [pool, { batch }] of steps.entries()) events[pool]?.push(batch.events.slice());
    },
  });
  return run.pools.map(({ clearing: { directory } }, pool) => ({
    ...{ directory, events: events[pool] ?? [] },
  }));
}

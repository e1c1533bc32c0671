import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createSettlement } from '../core/settlement/settlement.ts';
import { createVerificationPool } from '../core/verification/verification-pool.ts';
import { openEmbeddedLog } from '../platform/log/embedded/embedded.ts';
import { createMemoryLog } from '../platform/log/embedded/memory.ts';
import type { Log } from '../platform/log/log.ts';
import { version, wasmBytes } from '../platform/service/build-info.ts';
import { Interrupted } from '../platform/service/exit.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { RunResults } from '../report/figures/run-results.ts';
import type { Summary } from '../report/figures/summary.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createDirectSimulation } from '../simulator/direct-simulation.ts';
import { plannedPayments } from '../simulator/setup.ts';
import type { RunSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import { Simulation } from '../simulator/simulation.ts';
import { Analytics } from './analytics.ts';
import { InputLogWriter } from './input-log-writer.ts';
import { type Progress, startProgress } from './progress.ts';
import { RunFolder } from './run-folder.ts';
import { writePaymentsCsv } from './write-payments-csv.ts';

/** What a run leaves: its summary.json alone (and its log, where that is embedded), or all that README.md lists. */
export const RESULTS = ['summary', 'full'] as const;
export type Results = (typeof RESULTS)[number];

export interface RunRequest {
  readonly file: string;
  readonly out?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly signatures: boolean;
  /** Whether the analysis store gets the certificate of each cycle; it does where this is absent. */
  readonly certificates?: boolean;
  readonly log: 'memory' | 'embedded';
  /** Default: full. */
  readonly results?: Results;
  /** Over messages also where nothing asks for them. */
  readonly messages?: boolean;
}

export interface FinishedRun {
  readonly summary: Summary;
  readonly scenario: Scenario;
  /** As the user may type it. */
  readonly folder: string;
  readonly results: Results;
  readonly seconds: number;
}

/**
 * Runs a scenario from its file to a finished folder. Throws ScenarioError or BadInput for what the
 * user can mend, Interrupted on Ctrl-C; then nothing is left behind.
 */
export async function executeRun(request: RunRequest): Promise<FinishedRun> {
  const startedNs = process.hrtime.bigint();
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    return await loadAndRun(request, interrupt.signal, startedNs);
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

async function loadAndRun(
  request: RunRequest,
  interrupt: AbortSignal,
  startedNs: bigint,
): Promise<FinishedRun> {
  const scenario = loadScenario(request.file, {
    readFile: (path) => readFileSync(path, 'utf8'),
    set: request.set,
    ...(request.seed !== undefined && { seed: request.seed }),
  });
  // A run for its figures does not take the place of one with all its results, unless it is told to.
  const kind = request.results === 'summary' ? '-summary' : '';
  const out = request.out ?? `runs/${scenario.name}-${scenario.seed}${kind}`;
  const folder = new RunFolder(out);
  try {
    const results = request.results ?? 'full';
    const summary = await (results === 'full' ? runInto : runForSummary)(
      folder,
      scenario,
      request,
      interrupt,
    );
    stopIf(interrupt, 'after its last payment');
    folder.finish();
    const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
    return { summary, scenario, folder: shown(folder.path), results, seconds };
  } catch (error) {
    folder.discard();
    // Whatever failed after Ctrl-C failed because of it.
    if (interrupt.aborted) {
      const where = error instanceof Interrupted ? error.message : 'interrupted';
      const earlier = existsSync(folder.path) ? ', the earlier run there is untouched' : '';
      throw new Interrupted(`${where}; nothing was written to ${out}${earlier}`);
    }
    throw error;
  }
}

function stopIf(interrupt: AbortSignal, where: string): void {
  if (interrupt.aborted) throw new Interrupted(`interrupted ${where}`);
}

/** The core, compiled once for all runs of a process. */
let compiled: WebAssembly.Module | undefined;
const createCore = () => {
  compiled ??= new WebAssembly.Module(new Uint8Array(wasmBytes()));
  return createSettlement(compiled);
};

/** Runs a scenario over its topics, in a log that goes with it or stays in the folder. */
async function overMessages<T>(
  folder: RunFolder,
  scenario: Scenario,
  { log: kind, signatures }: RunRequest,
  use: (simulation: Simulation, log: Log) => Promise<T>,
): Promise<T> {
  const log = openLog(kind, folder);
  // One thread is the simulation's own.
  const threads = signatures ? availableParallelism() - 1 : 0;
  const verification = createVerificationPool(wasmBytes(), { threads });
  try {
    const simulation = new Simulation({
      scenario,
      log,
      verification,
      createSettlement: createCore,
      signatures,
      forgets: kind === 'memory',
      clockNs: () => process.hrtime.bigint(),
    });
    await simulation.createTopics();
    return await use(simulation, log);
  } finally {
    await verification.close();
    await log.close();
  }
}

function runInto(
  folder: RunFolder,
  scenario: Scenario,
  request: RunRequest,
  interrupt: AbortSignal,
): Promise<Summary> {
  return overMessages(folder, scenario, request, async (simulation, log) => {
    const analytics = await Analytics.start(folder.file('clickhouse'), {
      scenario,
      simulation,
      log,
      forgets: request.log === 'memory',
      certificates: request.certificates ?? true,
    });
    try {
      const made = { overrides: request.set, signatures: request.signatures };
      return await record(folder, scenario, simulation, analytics, made, interrupt);
    } finally {
      await analytics.stop();
    }
  });
}

/** By the direct door, unless messages are asked for. */
function runForSummary(
  folder: RunFolder,
  scenario: Scenario,
  request: RunRequest,
  interrupt: AbortSignal,
): Promise<Summary> {
  const { signatures, set: overrides, messages = false, log } = request;
  const summarize = async (run: SimulatedRun) => {
    const results = new RunResults(scenario, run);
    await follow(run, scenario, results, interrupt, 'the run is over: figures are computed');
    const summary = results.summary({ signatures, overrides, version });
    writeFileSync(folder.file('summary.json'), textOf(summary));
    // What was struck meanwhile is heard.
    await setImmediate();
    return summary;
  };
  if (messages || log === 'embedded')
    return overMessages(folder, scenario, request, (simulation) => summarize(simulation));
  return summarize(createDirectSimulation({ scenario, createSettlement: createCore, signatures }));
}

const textOf = (summary: Summary): string => `${JSON.stringify(summary, null, 2)}\n`;

/** Runs the simulation and writes everything that a finished run holds. */
async function record(
  folder: RunFolder,
  scenario: Scenario,
  simulation: Simulation,
  analytics: Analytics,
  made: Pick<Summary, 'overrides' | 'signatures'>,
  interrupt: AbortSignal,
): Promise<Summary> {
  const results = new RunResults(scenario, simulation);
  const { signatures } = made;
  const inputLog = new InputLogWriter(folder.stream('input.log'), scenario, version, signatures);
  let summary: Summary;
  let summaryText: string;
  try {
    const next = 'the run is over: rows, figures and the report are written';
    await follow(simulation, scenario, results, interrupt, next, async (slice) => {
      for (const [pool, { inputs }] of slice.steps.entries()) await inputLog.write(pool, inputs);
      await analytics.take(slice);
    });
    summary = results.summary({ ...made, version });
    summaryText = textOf(summary);
    const { eventsHash } = summary;
    await inputLog.end({ eventsHash, summaryDigest: payloadDigestHex(Buffer.from(summaryText)) });
  } finally {
    inputLog.destroy();
  }
  stopIf(interrupt, 'after its last payment');
  const asRun = JSON.stringify(scenario.document, null, 2);
  writeFileSync(folder.file('scenario.json'), `${asRun}\n`);
  await writePaymentsCsv(folder.file('payments.csv'), scenario, results.rows());
  const changes = results.liquidityChanges();
  await analytics.finish(summary, changes);
  stopIf(interrupt, 'after its last payment');
  writeFileSync(
    folder.file('report.html'),
    await analytics.report(summary, results.indicators(), changes),
  );
  writeFileSync(folder.file('summary.json'), summaryText);
  return summary;
}

/** A path as the user would type it: relative where it lies below the working folder. */
function shown(path: string): string {
  const short = relative('', path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** Topics in memory go with the process; embedded ones stay in the run's folder. */
function openLog(kind: 'memory' | 'embedded', folder: RunFolder): Log {
  // Records carry virtual time; the clock stamps nothing in a simulation.
  const now = () => 0;
  return kind === 'memory'
    ? createMemoryLog({ now })
    : openEmbeddedLog({ folder: folder.file('log'), now });
}

/**
 * Takes a run from its genesis to its end, and tells how far it is.
 * @param next what is done after it
 */
async function follow<Slice extends RunSlice>(
  run: SimulatedRun<Slice>,
  scenario: Scenario,
  results: RunResults,
  interrupt: AbortSignal,
  next: string,
  take?: (slice: Slice) => Promise<void>,
): Promise<void> {
  const progress: Progress = startProgress(plannedPayments(scenario), process.stderr);
  try {
    for await (const slice of run.run()) {
      // A run that waits for nothing would not hear Ctrl-C.
      await setImmediate();
      stopIf(interrupt, `at ${new Date(slice.atMs).toISOString()} of the scenario's time`);
      results.take(slice);
      await take?.(slice);
      progress.update({ atMs: slice.atMs, ...results.progress() });
    }
    progress.end(next);
  } finally {
    progress.stop();
  }
}

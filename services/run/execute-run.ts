import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { createSettlement } from '../core/settlement/settlement.ts';
import { createVerificationPool } from '../core/verification/verification-pool.ts';
import { openEmbeddedLog } from '../platform/log/embedded/embedded.ts';
import { createMemoryLog } from '../platform/log/embedded/memory.ts';
import type { Log } from '../platform/log/log.ts';
import { version, wasmBytes } from '../platform/service/build-info.ts';
import { Interrupted } from '../platform/service/exit.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { eventsHash } from '../protocol/records/event-chain.ts';
import { RunResults } from '../report/figures/run-results.ts';
import type { Summary } from '../report/figures/summary.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { plannedPayments } from '../simulator/setup.ts';
import { Simulation } from '../simulator/simulation.ts';
import { Analytics } from './analytics.ts';
import { InputLogWriter } from './input-log-writer.ts';
import { type Progress, startProgress } from './progress.ts';
import { RunFolder } from './run-folder.ts';
import { writePaymentsCsv } from './write-payments-csv.ts';

export interface RunRequest {
  readonly file: string;
  readonly out?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly signatures: boolean;
  /** Whether the analysis store gets the certificate of each cycle; it does where this is absent. */
  readonly certificates?: boolean;
  readonly log: 'memory' | 'embedded';
}

export interface FinishedRun {
  readonly summary: Summary;
  readonly scenario: Scenario;
  /** As the user may type it. */
  readonly folder: string;
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
  const out = request.out ?? `runs/${scenario.name}-${scenario.seed}`;
  const folder = new RunFolder(out);
  try {
    const summary = await runInto(folder, scenario, request, interrupt);
    stopIf(interrupt, 'after its last payment');
    folder.finish();
    const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9;
    return { summary, scenario, folder: shown(folder.path), seconds };
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

async function runInto(
  folder: RunFolder,
  scenario: Scenario,
  request: RunRequest,
  interrupt: AbortSignal,
): Promise<Summary> {
  const log = openLog(request.log, folder);
  // One thread is the simulation's own.
  const verification = createVerificationPool(wasmBytes(), {
    threads: request.signatures ? availableParallelism() - 1 : 0,
  });
  try {
    const wasm = new WebAssembly.Module(new Uint8Array(wasmBytes()));
    const forgets = request.log === 'memory';
    const simulation = new Simulation({
      scenario,
      log,
      verification,
      createSettlement: () => createSettlement(wasm),
      signatures: request.signatures,
      forgets,
      clockNs: () => process.hrtime.bigint(),
    });
    await simulation.createTopics();
    const clickHouse = folder.file('clickhouse');
    const analytics = await Analytics.start(clickHouse, {
      scenario,
      simulation,
      log,
      forgets,
      certificates: request.certificates ?? true,
    });
    try {
      const made = { overrides: request.set, signatures: request.signatures };
      return await record(folder, scenario, simulation, analytics, made, interrupt);
    } finally {
      await analytics.stop();
    }
  } finally {
    await verification.close();
    await log.close();
  }
}

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
    await simulate(inputLog, scenario, simulation, results, analytics, interrupt);
    const eventsHash = hashOf(simulation);
    summary = results.summary({ ...made, version, eventsHash });
    summaryText = `${JSON.stringify(summary, null, 2)}\n`;
    await inputLog.end({ eventsHash, summaryDigest: payloadDigestHex(Buffer.from(summaryText)) });
  } finally {
    inputLog.destroy();
  }
  stopIf(interrupt, 'after its last payment');
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

async function simulate(
  inputLog: InputLogWriter,
  scenario: Scenario,
  simulation: Simulation,
  results: RunResults,
  analytics: Analytics,
  interrupt: AbortSignal,
): Promise<void> {
  const progress: Progress = startProgress(plannedPayments(scenario), process.stderr);
  try {
    for await (const slice of simulation.run()) {
      stopIf(interrupt, `at ${new Date(slice.atMs).toISOString()} of the scenario's time`);
      for (const [pool, { inputs }] of slice.steps.entries()) await inputLog.write(pool, inputs);
      results.take(slice);
      await analytics.take(slice);
      progress.update({ atMs: slice.atMs, ...results.progress() });
    }
    progress.end('the run is over: rows, figures and the report are written');
  } finally {
    progress.stop();
  }
}

function hashOf({ pools }: Simulation): string {
  return eventsHash(new Map(pools.map(({ name, clearing }) => [name, clearing.digest()])));
}

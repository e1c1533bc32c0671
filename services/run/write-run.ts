/** What goes into a run's folder, named and made as run-folder.ts says. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createSettlement, type Settlement } from '../core/settlement/settlement.ts';
import type { LaunchedEngine } from '../platform/clickhouse/embedded.ts';
import { Interrupted, nothingWritten } from '../platform/exit-codes.ts';
import { compiledCore, version } from '../platform/service/build-info.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { RunResults } from '../report/figures/run-books.ts';
import type { Summary } from '../report/figures/summary.ts';
import { type LoadOptions, loadScenario } from '../scenario/load-scenario.ts';
import { OBSERVED_FILE } from '../scenario/observed-times.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { plannedMessages } from '../simulator/core-table-sizes.ts';
import type { LoggedSlice, RunSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import type { SimulationLog } from '../simulator/simulation-log.ts';
import { InputLogThread } from './input-log-thread.ts';
import { InputLogWriter } from './input-log-writer.ts';
import { LABELS_FILE, writeLabelsCsv } from './labels-csv.ts';
import { turnOfTimers } from './own-mechanism-strays.ts';
import { type Results, RunFolder } from './run-folder.ts';
import { type Progress, startProgress } from './run-progress.ts';
import { RunSeal, writePoolNames } from './run-seal.ts';
import { RunSealThread } from './run-seal-thread.ts';
import type { Analytics } from './run-store.ts';
import { RunTables, type TablesThread } from './run-tables.ts';
import { writePaymentsCsv } from './write-payments-csv.ts';

/** Messages from which on threads that sign, verify or zip take less than their own start. */
const THREADS_FROM = 2_000;

/**
 * Whether a run is so large that it has threads.
 * @param payments that it has, where the scenario does not plan them
 */
export const isThreaded = (scenario: Scenario, payments = 0): boolean =>
  Math.max(payments, plannedMessages(scenario)) >= THREADS_FROM;

/** A run on its way into a folder, wherever its records come from. */
export interface FollowedRun {
  readonly scenario: Scenario;
  /** As the user typed it. */
  readonly out: string;
  readonly results: Results;
  readonly overrides: readonly string[];
  readonly signatures: boolean;
  /** Payments that it has at most: how far it is, is told by them. */
  readonly payments: number;
  /** Whether the analysis store gets the certificate of each cycle. */
  readonly certificates: boolean;
  /** For full results: one that loads already. */
  readonly engine?: LaunchedEngine;
  /** For tables alone: one that loads already. */
  readonly tablesThread?: TablesThread;
  /** Whether its messages came over a live network. */
  readonly isLive?: boolean;
  /** The text of the payments that it lists, where it was read. */
  readonly listed?: string;
  /** The text of the observed times, of a run that nothing settled: it has no input to replay. */
  readonly observed?: string;
  /** Aborted by Ctrl-C. */
  readonly interrupt: AbortSignal;
}

export interface FinishedRun {
  readonly summary: Summary;
  readonly scenario: Scenario;
  /** As the user may type it. */
  readonly folder: string;
  readonly results: Results;
  readonly seconds: number;
}

/** A scenario with the text of the payments that it lists, of the very reading that it was made of. */
export function loadListing(
  file: string,
  options: Omit<LoadOptions, 'readFile'>,
): { readonly scenario: Scenario; readonly listed?: string } {
  let listed: string | undefined;
  const readFile = (path: string): string => {
    const text = readFileSync(path, 'utf8');
    // It is read last: totals of traffic, which a file may have too, come before.
    if (path !== file) listed = text;
    return text;
  };
  const scenario = loadScenario(file, { ...options, readFile });
  const { payments } = scenario.document;
  return { scenario, ...(payments && listed !== undefined && { listed }) };
}

/** Gives what is done a signal that Ctrl-C aborts, and takes its time. */
export async function interruptibly(
  work: (interrupt: AbortSignal) => Promise<Omit<FinishedRun, 'seconds'>>,
): Promise<FinishedRun> {
  const startedNs = process.hrtime.bigint();
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    const finished = await work(interrupt.signal);
    return { ...finished, seconds: Number(process.hrtime.bigint() - startedNs) / 1e9 };
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

/**
 * Has the folder of a run written. Throws BadInput where it cannot be, Interrupted on Ctrl-C; then
 * nothing is left behind.
 */
export async function writeFolder(
  run: FollowedRun,
  write: (folder: RunFolder) => Promise<Summary>,
): Promise<Omit<FinishedRun, 'seconds'>> {
  const { scenario, out, results, interrupt } = run;
  const folder = new RunFolder(out);
  try {
    if (results !== 'summary') {
      // Only full results have events sealed.
      const isLarge = results === 'full' && isThreaded(scenario, run.payments);
      const Seal = isLarge ? RunSealThread : RunSeal;
      folder.seal = new Seal(folder.partial, scenario.network);
    }
    const summary = await write(folder);
    await Promise.all([folder.seal?.finish(folder.digests), ...folder.closing]);
    stopIf(interrupt, 'after its last payment');
    await folder.seal?.stop?.();
    folder.finish();
    return { summary, scenario, folder: shown(folder.path), results };
  } catch (error) {
    await Promise.allSettled(folder.closing);
    await folder.seal?.stop?.();
    folder.discard();
    // Whatever failed after Ctrl-C failed because of it.
    if (interrupt.aborted) {
      const where = error instanceof Interrupted ? error.message : 'interrupted';
      const earlier = existsSync(folder.path) ? ', the earlier run there is untouched' : '';
      throw new Interrupted(`${where}; nothing was written to ${out}${earlier}`);
    }
    throw nothingWritten(out, error);
  }
}

/** The folder of a run whose records were there before, with the results that it asks for. */
export const writeRecorded = (
  run: FollowedRun,
  simulation: SimulatedRun<LoggedSlice>,
): Promise<Omit<FinishedRun, 'seconds'>> =>
  writeFolder(run, (folder) =>
    run.results === 'full'
      ? writeResults(folder, run, simulation, null)
      : writeFigures(folder, run, simulation),
  );

function stopIf(interrupt: AbortSignal, where: string): void {
  if (interrupt.aborted) throw new Interrupted(`interrupted ${where}`);
}

export const createCore = (): Settlement => createSettlement(compiledCore());

/** Follows a run for its summary, and with it for its tables where they are asked for. */
export async function writeFigures(
  folder: RunFolder,
  run: FollowedRun,
  simulation: SimulatedRun,
): Promise<Summary> {
  const { scenario, signatures, overrides, certificates, tablesThread } = run;
  const tables =
    run.results === 'tables'
      ? new RunTables(folder.file('tables'), scenario, simulation, certificates, {
          digests: true,
          begun: tablesThread,
        })
      : null;
  const results = new RunResults(scenario, simulation, tables === null);
  try {
    if (tables) writeScenario(folder, run);
    const next = 'the run is over: figures are computed';
    await follow(run, simulation, results, next, (slice) => tables?.take(slice));
    if (tables) await prepareBeside(tables, results);
    const summary = results.summary({ signatures, overrides, version });
    const whole = await tables?.finish(summary, results.liquidityChanges());
    for (const [name, digest] of Object.entries(whole?.digests ?? {}))
      folder.digests.set(`tables/${name}`, digest);
    writeFileSync(folder.file('summary.json'), textOf(summary));
    // What was struck meanwhile is heard, and what a mechanism of one's own left behind.
    await turnOfTimers();
    return summary;
  } finally {
    await tables?.stop();
  }
}

/**
 * Follows a run and writes everything that a finished run holds.
 * @param log with the verifier's telemetry, which forgets what was read where `forgets` says so
 */
export async function writeResults(
  folder: RunFolder,
  run: FollowedRun,
  simulation: SimulatedRun<LoggedSlice>,
  log: { readonly log: SimulationLog; readonly forgets: boolean } | null,
): Promise<Summary> {
  const { scenario, certificates, engine = null } = run;
  const options = { scenario, simulation, certificates, log, engine };
  // A run without a store has no use for it.
  const { Analytics } = await import('./run-store.ts');
  const analytics = new Analytics(folder, options);
  try {
    return await record(folder, run, simulation, analytics);
  } finally {
    // Beside the seal, which has nothing of the store.
    folder.closes(analytics.stop());
  }
}

/** As it is run, with the payments that it lists: the folder can be run again, wherever it is taken. */
function writeScenario(folder: RunFolder, { scenario, listed, observed }: FollowedRun): string {
  const { file, document } = scenario;
  const { payments } = document;
  const path = resolve(dirname(file), payments?.csv ?? '');
  // A counterfactual has read none: it takes along what its run has.
  const text = listed ?? (payments && existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  let asRun = document;
  if (payments && text !== undefined) {
    const name = `inputs/${basename(path)}`;
    mkdirSync(folder.file('inputs'));
    writeFileSync(folder.file(name), text);
    if (observed !== undefined) writeFileSync(folder.file(`inputs/${OBSERVED_FILE}`), observed);
    asRun = { ...document, payments: { ...payments, csv: name } };
  }
  const written = `${JSON.stringify(asRun, null, 2)}\n`;
  writeFileSync(folder.file('scenario.json'), written);
  return written;
}

/**
 * Computes figures of payments while the thread of the tables ends its rows and the books of accounts.
 * @param meanwhile begins what can go on while that thread is waited for
 */
async function prepareBeside(
  tables: Pick<RunTables, 'last' | 'events'>,
  results: RunResults,
  meanwhile?: () => void,
): Promise<void> {
  await tables.last();
  results.prepare();
  meanwhile?.();
  const { ledger } = await tables.events();
  results.takeLedger(ledger);
}

const textOf = (summary: Summary): string => `${JSON.stringify(summary, null, 2)}\n`;

async function record(
  folder: RunFolder,
  run: FollowedRun,
  simulation: SimulatedRun<LoggedSlice>,
  analytics: Analytics,
): Promise<Summary> {
  const { scenario, signatures, overrides, interrupt } = run;
  const scenarioDigest = payloadDigestHex(Buffer.from(writeScenario(folder, run)));
  const results = new RunResults(scenario, simulation, false);
  const inputLog = run.observed === undefined ? openInputLog(folder, run) : null;
  try {
    const next = 'the run is over: rows, figures and the report are written';
    await follow(run, simulation, results, next, async (slice) => {
      for (const [pool, { inputs, batch }] of slice.steps.entries()) {
        await inputLog?.write(pool, inputs);
        await folder.seal?.take(scenario.pools[pool]?.name as string, batch.events);
      }
      await analytics.take(slice);
    });
    let csv: Promise<void> | undefined;
    await prepareBeside(analytics, results, () => {
      csv = folder.closes(writePaymentsCsv(folder.file('payments.csv'), scenario, results.rows()));
    });
    const summary = results.summary({ signatures, overrides, version });
    const summaryText = textOf(summary);
    const { eventsHash } = summary;
    const summaryDigest = payloadDigestHex(Buffer.from(summaryText));
    const changes = results.liquidityChanges();
    stopIf(interrupt, 'after its last payment');
    await Promise.all([
      inputLog?.end({ eventsHash, summaryDigest, scenarioDigest }),
      analytics.finish(summary, changes),
      csv,
    ]);
    // Of a large run beside the report, which one thread draws.
    await folder.seal?.hash(inputLog ? ['payments.csv', 'input.log'] : ['payments.csv']);
    writeLabelsCsv(folder.file(LABELS_FILE), scenario);
    stopIf(interrupt, 'after its last payment');
    const [report] = await Promise.all([
      analytics.report(summary, results.indicators(), changes),
      analytics.check(summary),
    ]);
    writePoolNames(
      folder.partial,
      simulation.pools.map(({ name, clearing }) => ({ name, names: clearing.directory })),
    );
    writeFileSync(folder.file('report.html'), report);
    writeFileSync(folder.file('summary.json'), summaryText);
    return summary;
  } finally {
    await inputLog?.destroy();
  }
}

function openInputLog(
  folder: RunFolder,
  { scenario, signatures, isLive = false, payments }: FollowedRun,
): InputLogWriter | InputLogThread {
  const { name, seed, network, pools } = scenario;
  const named = { name, seed, network, pools: pools.map(({ name }) => ({ name })) };
  const made = { scenario: named, version, signatures, isLive };
  return isThreaded(scenario, payments)
    ? new InputLogThread(folder.file('input.log'), made)
    : new InputLogWriter(folder.stream('input.log'), made);
}

/** A path as the user would type it: relative where it lies below the working folder. */
function shown(path: string): string {
  const short = relative('', path);
  return short === '' || short.startsWith('..') ? path : short;
}

/**
 * Takes a run from its genesis to its end, and tells how far it is.
 * @param next what is done after it
 */
async function follow<Slice extends RunSlice>(
  { payments, interrupt }: FollowedRun,
  simulation: SimulatedRun<Slice>,
  results: RunResults,
  next: string,
  take?: (slice: Slice) => Promise<void> | undefined,
): Promise<void> {
  const progress: Progress = startProgress(payments, process.stderr);
  try {
    for await (const slice of simulation.run()) {
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

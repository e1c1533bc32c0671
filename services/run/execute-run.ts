import { readFileSync } from 'node:fs';
import { keyRoom } from '../core/verification/batch-size-and-key-room.ts';
import type { VerificationPool } from '../core/verification/verification-pool.ts';
import type { LaunchedEngine } from '../platform/clickhouse/embedded.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Log } from '../platform/log/log.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { verificationThreads } from '../platform/service/verification-threads.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { STRESS_FLAG, type Summary } from '../report/figures/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { plannedPayments } from '../simulator/core-table-sizes.ts';
import { createDirectSimulation } from '../simulator/direct-simulation.ts';
import { ProposalFault, type Proposer } from '../simulator/own-mechanism.ts';
import type { Simulation } from '../simulator/simulation.ts';
import { BanksThread } from './banks-thread.ts';
import { loadMechanism, needsMechanism } from './own-mechanism-file.ts';
import { withoutStrays } from './own-mechanism-strays.ts';
import { defaultFolder, type Results, type RunFolder } from './run-folder.ts';
import { beginTablesThread, type TablesThread } from './run-tables.ts';
import {
  createCore,
  type FinishedRun,
  type FollowedRun,
  interruptibly,
  isThreaded,
  loadListing,
  writeFigures,
  writeFolder,
  writeResults,
} from './write-run.ts';

export interface RunRequest {
  readonly file: string;
  readonly out?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  /** Stress scenarios that `set` has, to be told. */
  readonly stress?: readonly string[];
  readonly signatures: boolean;
  /** Whether the analysis store gets the certificate of each cycle; it does where this is absent. */
  readonly certificates?: boolean;
  readonly log: 'memory' | 'embedded';
  /** Default: full. */
  readonly results?: Results;
  /** Over messages also where nothing asks for them. */
  readonly messages?: boolean;
  /** A file with a mechanism of one's own, which takes the place of what cycles do with queues. */
  readonly mechanism?: string;
  /** For full results: one that loads already. */
  readonly engine?: LaunchedEngine;
}

/** As a folder's name has it: `-own-ALFADE00`. */
const stressSuffix = (stress: readonly string[]): string =>
  stress.map((text) => `-${text.replace(/[^A-Za-z0-9.]+/g, '-')}`).join('');

/** What a run is asked for, with its mechanism loaded. */
type Asked = RunRequest & { readonly proposer?: Proposer };

/**
 * Runs a scenario from its file to a finished folder. Throws ScenarioError or BadInput for what the
 * user can mend, Interrupted on Ctrl-C; then nothing is left behind.
 */
export async function executeRun(request: RunRequest): Promise<FinishedRun> {
  const tablesThread = request.results === 'tables' ? beginTablesThread() : undefined;
  try {
    return await executeWith(request, tablesThread);
  } finally {
    // Of a scenario that is refused too.
    await tablesThread?.stop();
  }
}

function executeWith(
  request: RunRequest,
  tablesThread: TablesThread | undefined,
): Promise<FinishedRun> {
  const { mechanism } = request;
  return interruptibly((struck) =>
    mechanism === undefined
      ? written(request, tablesThread, struck)
      : withoutStrays(`--mechanism ${mechanism}`, (strayed) =>
          written(request, tablesThread, AbortSignal.any([struck, strayed])),
        ),
  );
}

async function written(
  request: RunRequest,
  tablesThread: TablesThread | undefined,
  interrupt: AbortSignal,
): Promise<Omit<FinishedRun, 'seconds'>> {
  const { set, signatures, mechanism } = request;
  const stress = (request.stress ?? []).filter((text) => text !== 'none');
  const { results = 'full', certificates = true } = request;
  const { scenario: loaded, ...lists } = loadListing(request.file, {
    set,
    ...(request.seed !== undefined && { seed: request.seed }),
    proposes: mechanism !== undefined,
  });
  const proposer = mechanism === undefined ? null : await proposerFor(loaded, mechanism);
  const variant = variantOf(request);
  const scenario = variant === '' ? loaded : { ...loaded, variant };
  const asked: Asked = proposer ? { ...request, proposer } : request;
  const overrides = [
    ...set,
    ...stress.map((text) => `${STRESS_FLAG}${text}`),
    ...(proposer ? [`--mechanism ${proposer.name}`] : []),
  ];
  // A run for its figures does not take the place of one with all its results, unless it is told to.
  const out = request.out ?? defaultFolder(scenario, results, stressSuffix(stress));
  const { engine } = request;
  const begun = { ...(engine && { engine }), ...(tablesThread && { tablesThread }) };
  const how = { overrides, signatures, certificates, interrupt, ...begun };
  const run = { scenario, out, results, payments: plannedPayments(scenario), ...how, ...lists };
  const writing = writeFolder(run, (folder) =>
    results === 'full'
      ? overMessages(folder, run, asked, (simulation, log) =>
          writeResults(folder, run, simulation, { log, forgets: request.log === 'memory' }),
        )
      : runForFigures(folder, run, asked),
  );
  return writing.catch((error: unknown) => {
    if (error instanceof ProposalFault)
      throw new BadInput(`--mechanism ${mechanism}: ${error.message}`);
    throw error;
  });
}

/** What makes other events of a scenario than its file alone. */
function variantOf({ signatures, mechanism }: RunRequest): string {
  const parts: string[] = signatures ? [] : ['unsigned'];
  if (mechanism !== undefined) parts.push(`mechanism ${payloadDigestHex(readFileSync(mechanism))}`);
  return parts.join(', ');
}

/** The mechanism of a file, for a scenario that has a use for one. */
async function proposerFor(scenario: Scenario, mechanism: string): Promise<Proposer> {
  const proposer = await loadMechanism(mechanism);
  needsMechanism(scenario, `--mechanism ${mechanism}`);
  return proposer;
}

/** A quarter of what there is to load, with all that they import: a run by the direct door has no use for it. */
const load = {
  simulation: () => import('../simulator/simulation.ts'),
  banks: () => import('../simulator/simulated-banks.ts'),
  verification: () => import('../core/verification/verification-pool.ts'),
  memoryLog: () => import('../platform/log/embedded/memory.ts'),
  embeddedLog: () => import('../platform/log/embedded/embedded.ts'),
};

/** Runs a scenario over its topics, in a log that goes with it or stays in the folder. */
async function overMessages<T>(
  folder: RunFolder,
  { scenario, signatures, payments }: FollowedRun,
  { log: kind, proposer }: Asked,
  use: (simulation: Simulation, log: Log) => Promise<T>,
): Promise<T> {
  const hasThreads = isThreaded(scenario, payments);
  // One thread is the simulation's own.
  const threads = hasThreads && signatures ? verificationThreads() : 0;
  const keysMax = keyRoom(scenario.participants.length);
  const signingCore = signatures ? compiledCore() : null;
  const made = { scenario, signingCore, asks: proposer !== undefined };
  let log: Log | undefined;
  let verification: VerificationPool | undefined;
  let thread: BanksThread | undefined;
  try {
    log = await openLog(kind, folder);
    // Loads beside all that is loaded and made here: the run waits for its first slice.
    if (hasThreads) thread = new BanksThread(made);
    const banks = thread ?? new (await load.banks()).SimulatedBanks(made);
    const { createVerificationPool } = await load.verification();
    verification = createVerificationPool(compiledCore(), { threads, keysMax });
    const { Simulation } = await load.simulation();
    const simulation = new Simulation({
      ...{ scenario, log, banks },
      verification,
      createSettlement: createCore,
      signatures,
      forgets: kind === 'memory',
      ...(proposer && { proposer }),
      clockNs: () => process.hrtime.bigint(),
    });
    await simulation.createTopics();
    return await use(simulation, log);
  } finally {
    await thread?.stop();
    await verification?.close();
    await log?.close();
  }
}

/** By the direct door, unless messages are asked for. */
function runForFigures(folder: RunFolder, run: FollowedRun, request: Asked): Promise<Summary> {
  const { scenario, signatures } = run;
  if (request.messages || request.log === 'embedded')
    return overMessages(folder, run, request, (simulation) =>
      writeFigures(folder, run, simulation),
    );
  const direct = createDirectSimulation({
    ...{ scenario, createSettlement: createCore, signatures },
    ...(request.proposer && { proposer: request.proposer }),
  });
  return writeFigures(folder, run, direct);
}

/** Topics in memory go with the process; embedded ones stay in the run's folder. */
async function openLog(kind: 'memory' | 'embedded', folder: RunFolder): Promise<Log> {
  // Records carry virtual time; the clock stamps nothing in a simulation.
  const now = () => 0;
  return kind === 'memory'
    ? (await load.memoryLog()).createMemoryLog({ now })
    : (await load.embeddedLog()).openEmbeddedLog({ folder: folder.file('log'), now });
}

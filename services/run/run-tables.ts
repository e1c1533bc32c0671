import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { FormedTable } from '../export/table-forms.ts';
import type { DirectoryNames } from '../protocol/names/directory.ts';
import type { LiquidityChange } from '../report/figures/run-results.ts';
import { runName, scenarioTables } from '../report/figures/scenario-tables.ts';
import type { Summary } from '../report/figures/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RunSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import type { TablesPlace, TablesTask, WatchedStep } from './tables-worker.ts';

/** Tasks that wait at most while the run goes on: their events are in memory twice. */
const TASKS_MAX = 8;

/**
 * The tables of a run as Parquet, in a folder, without a store: its thread folds and writes while the run
 * goes on.
 */
export class RunTables {
  readonly #scenario: Scenario;
  readonly #run: SimulatedRun;
  /** By pool: those of cycles that no task has told yet. */
  readonly #steps: readonly WatchedStep[][];
  readonly #worker: Worker;
  readonly #told: { participants: number; currencies: number }[];
  readonly #failed: Promise<never>;
  #waiting = 0;
  /** Who waits for the next answer. */
  #waiters: (() => void)[] = [];

  /** @param certificates whether there is a table of them */
  constructor(folder: string, scenario: Scenario, run: SimulatedRun, certificates: boolean) {
    mkdirSync(folder);
    this.#scenario = scenario;
    this.#run = run;
    this.#told = run.pools.map(() => ({ participants: 0, currencies: 0 }));
    this.#steps = run.settlements.map((core) => {
      const steps: WatchedStep[] = [];
      if (certificates)
        core.watchCycle('every', (step, read) => steps.push({ step, before: read() }));
      return steps;
    });
    const workerData: TablesPlace = {
      folder,
      run: runName(scenario),
      pools: run.pools.map(({ name }) => name),
      certificates,
    };
    this.#worker = new Worker(new URL('./tables-worker.js', import.meta.url), {
      workerData,
      execArgv: [],
      // What lives as long as one group of rows, or one minute, should not outlive its collection.
      resourceLimits: { maxYoungGenerationSizeMb: 256 },
    });
    this.#failed = new Promise((_, reject) => this.#worker.on('error', reject));
    // Told by the next task, or at the end.
    this.#failed.catch(() => {});
    this.#worker.on('message', () => {
      this.#waiting -= 1;
      for (const go of this.#waiters.splice(0)) go();
    });
  }

  /** Takes in what a slice caused; waits where the thread is slower than the run. */
  async take({ steps }: RunSlice): Promise<void> {
    for (const [pool, { batch }] of steps.entries()) {
      if (batch.count === 0) continue;
      const { firstNumber, count, before } = batch;
      const events = batch.events.slice();
      const steps = this.#steps[pool]?.splice(0) ?? [];
      // A certificate alone names a digest of the chain.
      const chain = steps.length > 0 ? before.state() : null;
      const names = this.#newNames(pool);
      await this.#give({ kind: 'events', pool, events, firstNumber, count, steps, chain, names }, [
        events.buffer as ArrayBuffer,
      ]);
    }
  }

  #newNames(pool: number): DirectoryNames {
    const { participants, currencies } = (this.#run.pools[pool] as SimulatedRun['pools'][number])
      .clearing.directory;
    const told = this.#told[pool] as { participants: number; currencies: number };
    const names = {
      participants: participants.slice(told.participants),
      currencies: currencies.slice(told.currencies),
    };
    told.participants = participants.length;
    told.currencies = currencies.length;
    return names;
  }

  /** The rest of the rows; all files are whole when it resolves. */
  async finish(summary: Summary, changes: readonly LiquidityChange[]): Promise<void> {
    for (const [table, rows] of Object.entries(scenarioTables(this.#scenario, summary, changes)))
      await this.#give({ kind: 'rows', table: table as FormedTable, rows });
    await this.#give({ kind: 'end' });
    while (this.#waiting > 0) await this.#answer();
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  async #give(task: TablesTask, transfer: ArrayBuffer[] = []): Promise<void> {
    this.#waiting += 1;
    this.#worker.postMessage(task, transfer);
    while (this.#waiting > TASKS_MAX) await this.#answer();
  }

  #answer(): Promise<void> {
    const taken = new Promise<void>((resolve) => this.#waiters.push(resolve));
    return Promise.race([taken, this.#failed]);
  }
}

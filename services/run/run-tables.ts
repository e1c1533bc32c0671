import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { SCENARIO_TABLES } from '../metrics/store-rows.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { labelTables } from '../report/figures/label-tables.ts';
import type { LiquidityChange } from '../report/figures/run-books.ts';
import { runName } from '../report/figures/run-name-in-store.ts';
import { scenarioTables } from '../report/figures/scenario-tables.ts';
import type { Summary } from '../report/figures/summary.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RunSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import type { TablesPlace, TablesTask, WatchedStep, WholeTables } from './tables-worker.ts';
import { TaskThread } from './task-thread.ts';

/**
 * Tasks of some 4,096 messages: the thread may fall behind while the run goes on, as it catches up while figures are
 * computed. Some 100 MB.
 */
export const TABLES_TASKS_MAX = 128;

export type TablesThread = TaskThread<TablesTask, TablesPlace>;

interface TablesThreadOptions {
  /** Whether `finish` is to tell those of the files. */
  readonly digests?: boolean;
  /** Whether the run has far more to do than its tables have. */
  readonly isBehind?: boolean;
  /** Where its thread was begun before; it is this run's from now on. */
  readonly begun?: TablesThread | undefined;
}

/** A thread for the tables of a run, which loads while the run is read: `RunTables` says which it is. */
export const beginTablesThread = (): TablesThread =>
  new TaskThread(
    new Worker(new URL('./tables-worker.js', import.meta.url), {
      execArgv: [],
      // What lives as long as one group of rows, or one minute, should not outlive its collection.
      resourceLimits: { maxYoungGenerationSizeMb: 256 },
    }),
    TABLES_TASKS_MAX,
  );

/**
 * The tables of a run as Parquet, in a folder, without a store: its thread folds and writes while the run
 * goes on.
 */
export class RunTables {
  readonly #scenario: Scenario;
  readonly #run: SimulatedRun;
  /** By pool: those of cycles that no task has told yet. */
  readonly #steps: readonly WatchedStep[][];
  readonly #thread: TablesThread;
  #isOver = false;
  readonly #told: { participants: number; currencies: number }[];

  /** @param certificates whether there is a table of them */
  constructor(
    folder: string,
    scenario: Scenario,
    run: SimulatedRun,
    certificates: boolean,
    { digests = false, isBehind = false, begun }: TablesThreadOptions = {},
  ) {
    mkdirSync(folder);
    this.#scenario = scenario;
    this.#run = run;
    this.#told = run.pools.map(() => ({ participants: 0, currencies: 0 }));
    this.#steps = run.settlements.map((core) => {
      const steps: WatchedStep[] = [];
      if (certificates)
        core.watchCycle('every', (step, capture) => steps.push({ step, before: capture() }));
      return steps;
    });
    const place: TablesPlace = {
      folder,
      run: runName(scenario),
      pools: run.pools.map(({ name }) => name),
      certificates,
      // Of an observation the run's own thread has more to note of its accounts.
      foldsLedger: scenario.observedMs === undefined,
      ...{ digests, isBehind },
    };
    // Not before there is a folder: nobody would end it.
    this.#thread = begun ?? beginTablesThread();
    this.#thread.begin(place);
  }

  /** Takes in what a slice caused; waits where the thread is slower than the run. */
  async take({ steps }: RunSlice): Promise<void> {
    for (const [pool, { batch }] of steps.entries()) {
      if (batch.count === 0) continue;
      const { firstNumber, count, before } = batch;
      const events = this.#own(batch.events);
      const steps = this.#steps[pool]?.splice(0) ?? [];
      // A certificate alone names a digest of the chain.
      const chain = steps.length > 0 ? before.state() : null;
      const names = this.#newNames(pool);
      await this.#thread.give(
        { kind: 'events', pool, events, firstNumber, count, steps, chain, names },
        [events, ...steps.map(({ before }) => before.described)].map(
          ({ buffer }) => buffer as ArrayBuffer,
        ),
      );
    }
  }

  /** Events that nobody needs any more go to the thread; else a copy does: of a Buffer `slice` would be a view of others’ memory. */
  #own(events: Uint8Array): Uint8Array {
    const isWhole = events.length === events.buffer.byteLength;
    return this.#run.leavesEvents && isWhole ? events : new Uint8Array(events);
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

  /** No slice follows: what is left of the events can be written while figures are computed. */
  async last(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#thread.give({ kind: 'last' });
  }

  /**
   * What accounts came to and what held payments up, if the thread folds that too. The tables of events are whole then,
   * those that `filled` names have rows. No task was given since `last`.
   */
  async events(): Promise<WholeTables> {
    await this.last();
    return (await this.#thread.done()) as WholeTables;
  }

  /** The rest of the rows: all files are whole when it resolves. `filled` names those that got rows only now. */
  async finish(summary: Summary, changes: readonly LiquidityChange[]): Promise<WholeTables> {
    await this.last();
    const ofScenario = scenarioTables(this.#scenario, summary, changes);
    for (const table of SCENARIO_TABLES)
      await this.#thread.give({ kind: 'rows', table, rows: ofScenario[table] });
    for (const block of labelTables(this.#scenario, runName(this.#scenario)))
      await this.#thread.give({ kind: 'rows', ...block });
    await this.#thread.give({ kind: 'end' });
    return (await this.#thread.done()) as WholeTables;
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

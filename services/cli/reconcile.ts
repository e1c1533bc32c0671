import { createSettlement } from '../core/settlement.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { NamingRecords } from '../live/names.ts';
import { cutPosition } from '../metrics/cut-positions.ts';
import { EventFold } from '../metrics/event-fold.ts';
import { eventsReader } from '../metrics/metrics-service.ts';
import { PoolTotals } from '../metrics/pool-totals.ts';
import { type Check, reconcile, type Scope } from '../metrics/reconcile.ts';
import { certificateChecks, reconcileRows } from '../metrics/reconcile-rows.ts';
import { RowSums } from '../metrics/row-sums.ts';
import type { Log } from '../platform/log/log.ts';
import { Directory } from '../protocol/directory.ts';
import { poolEvents } from '../protocol/topics.ts';
import { Replay } from '../simulator/replay.ts';
import { wasmBytes } from './build-info.ts';
import { BadInput } from './exit.ts';
import { onlyRun, type Query, type StorePlace, withStore } from './named-store.ts';
import { openNamedLog } from './replay-log.ts';
import { replayRun } from './replay-run.ts';
import { storeOf } from './run-folder.ts';

export interface PoolChecks {
  readonly pool: string;
  /** The last event that the figures go up to. */
  readonly number: number;
  readonly checks: readonly Check[];
  /** What was not compared and why; absent where all was. */
  readonly leftOut?: string;
}

/**
 * A finished run: its input.log is re-run, for the events, and its tables asked. Throws BadInput where
 * the folder holds no run, and an Error where the replay gives other events than the run had.
 */
export async function reconcileRun(folder: string): Promise<PoolChecks[]> {
  const store = storeOf(folder);
  const wasm = new WebAssembly.Module(new Uint8Array(wasmBytes()));
  const pools = new Map<string, PoolFold>();
  const replay = new Replay(
    () => createSettlement(wasm),
    null,
    ({ pool, events, directory }) => {
      const fold = pools.get(pool) ?? new PoolFold(pool, directory);
      pools.set(pool, fold);
      fold.take(events);
    },
  );
  const { eventsHash, trailer } = await replayRun(folder, replay);
  if (eventsHash !== trailer.eventsHash)
    throw new Error(
      `${folder}: its replay gives other events than it recorded: no totals to trust`,
    );
  return withStore({ folder: store }, async ({ query }) => {
    const run = await onlyRun(query, folder);
    const found: PoolChecks[] = [];
    for (const [pool, fold] of pools) {
      fold.end();
      const checks = await fold.checks(query, { run, pool, isComplete: true }, true);
      const certificates = await certificateChecks({ query }, run, pool, fold.totals.tables.cycles);
      found.push({ pool, number: fold.totals.number, checks: [...checks, ...certificates] });
    }
    return found;
  });
}

export interface LiveReconciliation {
  /** embedded:<folder> or kafka:<brokers> */
  readonly log: string;
  readonly clickHouse: StorePlace;
  /** The name of its rows; the only run in the store where it is absent. */
  readonly run?: string;
}

/**
 * A live network: its events topics are read up to where metrics says that it has inserted them.
 * Rows may come meanwhile; figures that cannot be bounded by event numbers are then left out.
 */
export async function reconcileLive(options: LiveReconciliation): Promise<PoolChecks[]> {
  const log = await openNamedLog(options.log, 'corridor-reconcile');
  try {
    const pools = (await log.topics())
      .flatMap(({ name }) => /^pool\.(.+)\.events$/.exec(name)?.[1] ?? [])
      .sort();
    if (pools.length === 0) throw new BadInput(`--log ${options.log}: it holds no pool's events`);
    return await withStore(options.clickHouse, async ({ query }) => {
      const run = options.run ?? (await onlyRun(query, 'the store'));
      const found: PoolChecks[] = [];
      for (const pool of pools) found.push(await reconcilePool(log, query, run, pool));
      return found;
    });
  } finally {
    await log.close();
  }
}

/** How often it looks again while rows come in before it leaves something out. */
const ATTEMPTS = 5;
const READ_MESSAGES = 64;

async function reconcilePool(
  log: Log,
  query: Query,
  run: string,
  pool: string,
): Promise<PoolChecks> {
  const position = () => cutPosition({ query }, run, eventsReader(pool));
  const events = new PoolEvents(log, pool);
  for (let attempt = 1; ; attempt++) {
    const { done } = await position();
    await events.upTo(done);
    const { fold } = events;
    const { number } = fold.totals;
    const all = await fold.checks(query, { run, pool, isComplete: true });
    if ((await position()).begun <= done) return { pool, number, checks: all };
    if (attempt < ATTEMPTS) continue;
    const checks = await fold.checks(query, { run, pool, isComplete: false });
    const leftOut = 'rows are coming in: the tables folded by the minute were left out';
    return { pool, number, checks, leftOut };
  }
}

/** A pool's totals, and the rows that its events fold to. */
export class PoolFold {
  readonly totals: PoolTotals;
  readonly #fold: EventFold;
  readonly #rows = new RowSums();

  constructor(pool: string, directory: Directory) {
    this.totals = new PoolTotals(directory);
    // The rows' sums leave out whose they are.
    this.#fold = new EventFold('', pool, directory);
  }

  take(events: Uint8Array): void {
    this.totals.take(events);
    for (const block of this.#fold.fold(events)) this.#rows.take(block);
  }

  /** At the end of a run its last minute is a full one. */
  end(): void {
    this.totals.end();
    this.#rows.take(this.#fold.end());
  }

  /** @param isRun its blocks were cut as these: every sample is compared, not accounts alone */
  async checks(query: Query, scope: Scope, isRun = false): Promise<Check[]> {
    this.#rows.take(this.#fold.cut());
    const { number, minuteEndsMs } = this.totals;
    const totals = await reconcile({ query }, scope, this.totals);
    const rows = { ...scope, number, minuteEndsMs, isRun };
    return [...totals, ...(await reconcileRows({ query }, rows, this.#rows))];
  }
}

/** The events of a pool as its topic has them, folded. */
class PoolEvents {
  readonly fold: PoolFold;
  readonly #log: Log;
  readonly #topic: string;
  readonly #follower: EventsFollower;
  readonly #naming: NamingRecords;
  readonly #directory = new Directory();
  #next = 0;

  constructor(log: Log, pool: string) {
    this.#log = log;
    this.#topic = poolEvents(pool);
    this.#follower = new EventsFollower(pool);
    this.#naming = new NamingRecords(log, pool);
    this.fold = new PoolFold(pool, this.#directory);
  }

  async upTo(end: number): Promise<void> {
    while (this.#next < end) {
      const count = Math.min(READ_MESSAGES, end - this.#next);
      const records = await this.#log.read(this.#topic, 0, this.#next, count);
      const last = records.at(-1);
      if (!last) throw new Error(`${this.#topic} ends before what metrics has inserted of it`);
      const events = Buffer.concat(records.map((record) => this.#follower.take(record)));
      for (const { record } of await this.#naming.of(events)) this.#directory.fold(record);
      this.fold.take(events);
      this.#next = last.logOffset + 1;
    }
  }
}

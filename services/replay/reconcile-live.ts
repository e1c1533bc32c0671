import { setTimeout as pause } from 'node:timers/promises';
import { readEvents } from '../core/settlement/event-reader.ts';
import { EventsFollower } from '../live/events-follower.ts';
import { NamingRecords } from '../live/naming-records.ts';
import { eventsReader } from '../metrics/metrics-service.ts';
import { check } from '../metrics/reconcile-totals.ts';
import { cutPosition } from '../metrics/same-blocks-after-a-crash.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Log } from '../platform/log/log.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import { poolEvents } from '../protocol/names/topic-plan.ts';
import type { Query } from '../report/queries/ask-store.ts';
import { openLogToRead, poolsIn } from './named-log.ts';
import { type StorePlace, withStore } from './named-store.ts';
import { type PoolChecks, PoolFold, withNames } from './reconcile-run.ts';

export interface LiveReconciliation {
  /** embedded:<folder> or kafka:<brokers> */
  readonly log: string;
  readonly clickHouse: StorePlace;
  /** The name of its rows; the only run in the store where it is absent. */
  readonly run?: string;
  /** Whether somebody typed the name: then a store that has others only is not its store. */
  readonly isTyped?: boolean;
}

/** How long a store that is fed may take to have what the log had when the command began. */
const CATCH_UP_MS = 10_000;
const LOOK_MS = 200;
/** How often it looks again while rows come in before it leaves something out. */
const ATTEMPTS = 5;
const READ_MESSAGES = 64;

/**
 * A live network: its events topics against the store. Figures go up to where metrics says that it has
 * inserted the rows; that the store has all that the log had when the command began is a figure by
 * itself, so that a store that lost its rows, or that nobody feeds, does not agree. Rows may come
 * meanwhile; figures that cannot be bounded by event numbers are then left out.
 */
export async function reconcileLive(options: LiveReconciliation): Promise<PoolChecks[]> {
  const log = await openLogToRead(options.log, 'corridor-reconcile');
  try {
    const pools = await poolsIn(log, options.log, 'events');
    const ends = new Map<string, number>();
    for (const pool of pools) ends.set(pool, await log.endOffset(poolEvents(pool), 0));
    return await withStore(options.clickHouse, async ({ query, upToDate }) => {
      const isFed = 'address' in options.clickHouse;
      if (!isFed) await upToDate();
      const run = await liveRun(query, options);
      const found: PoolChecks[] = [];
      const folds = new Map<string, PoolFold>();
      for (const [pool, end] of ends) {
        const live = new LivePool(log, query, { run, pool, end, isFed });
        found.push(await live.checks());
        folds.set(pool, live.fold);
      }
      return withNames(query, run, found, folds);
    });
  } finally {
    await log.close();
  }
}

/** The name of the rows; an empty one where the store has no run at all, and then it lacks every row. */
async function liveRun(query: Query, { run, isTyped }: LiveReconciliation): Promise<string> {
  if (run !== undefined && !isTyped) return run;
  const rows = await query<{ run: string }>(
    'SELECT run FROM runs UNION DISTINCT SELECT run FROM reader_positions ORDER BY run',
    {},
  );
  const runs = rows.map((row) => row.run);
  if (runs.length === 0) return run ?? '';
  const expected = `expected one of ${runs.join(', ')}`;
  if (run !== undefined && !runs.includes(run))
    throw new BadInput(`--run ${run}: the store has no such run; ${expected}`);
  if (run === undefined && runs.length > 1) throw new BadInput(`the store: --run: ${expected}`);
  return run ?? (runs[0] as string);
}

interface LiveScope {
  readonly run: string;
  readonly pool: string;
  /** Where its events ended when the command began, a log offset. */
  readonly end: number;
  /** Whether rows may come in meanwhile: not into a folder that this process has opened. */
  readonly isFed: boolean;
}

class LivePool {
  readonly #query: Query;
  readonly #scope: LiveScope;
  readonly #events: PoolEvents;

  constructor(log: Log, query: Query, scope: LiveScope) {
    this.#query = query;
    this.#scope = scope;
    this.#events = new PoolEvents(log, scope.pool);
  }

  get fold(): PoolFold {
    return this.#events.fold;
  }

  async checks(): Promise<PoolChecks> {
    await this.#caughtUp();
    const found = await this.#figures();
    const { end } = this.#scope;
    const logNumber = Math.max(await this.#events.numberAt(end), found.number);
    const own = check('events of the log', logNumber, found.number);
    return { ...found, logNumber, checks: [own, ...found.checks] };
  }

  async #caughtUp(): Promise<void> {
    const { isFed, end } = this.#scope;
    const untilMs = performance.now() + CATCH_UP_MS;
    while (isFed && (await this.#position()).done < end && performance.now() < untilMs)
      await pause(LOOK_MS);
  }

  #position() {
    const { run, pool } = this.#scope;
    return cutPosition({ query: this.#query }, run, eventsReader(pool));
  }

  async #figures(): Promise<Omit<PoolChecks, 'logNumber'>> {
    const { run, pool } = this.#scope;
    const { fold } = this;
    for (let attempt = 1; ; attempt++) {
      const { done } = await this.#position();
      await this.#events.upTo(done);
      const { number } = fold.totals;
      const all = await fold.checks(this.#query, { run, pool, isComplete: true });
      if ((await this.#position()).begun <= done) return { pool, number, checks: all };
      if (attempt < ATTEMPTS) continue;
      const checks = await fold.checks(this.#query, { run, pool, isComplete: false });
      const leftOut = 'rows are coming in: the tables folded by the minute were left out';
      return { pool, number, checks, leftOut };
    }
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

  /** Folds the events up to a log offset. */
  async upTo(end: number): Promise<void> {
    for (;;) {
      const bytes = await this.#read(end);
      if (bytes === null) return;
      for (const record of await this.#naming.of(readEvents(bytes))) this.#directory.fold(record);
      this.fold.take(bytes);
    }
  }

  /** The last event before a log offset; only to be read on, for these events are not folded. */
  async numberAt(end: number): Promise<number> {
    while ((await this.#read(end)) !== null);
    return this.#follower.count;
  }

  /** The events of the next messages; null where none is left. */
  async #read(end: number): Promise<Uint8Array | null> {
    if (this.#next >= end) return null;
    const count = Math.min(READ_MESSAGES, end - this.#next);
    const records = await this.#log.read(this.#topic, 0, this.#next, count);
    const last = records.at(-1);
    if (!last) throw new Error(`${this.#topic} ends before what metrics has inserted of it`);
    this.#next = last.logOffset + 1;
    return Buffer.concat(records.map((record) => this.#follower.take(record)));
  }
}

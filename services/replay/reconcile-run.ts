import { CycleCertifier } from '../analysis/certificates/cycle-certificates.ts';
import type { SettlementCore } from '../clearing/clearing.ts';
import { readEvent } from '../core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../core/settlement/events.ts';
import { createSettlement, type Settlement } from '../core/settlement/settlement.ts';
import { EventFold } from '../metrics/event-rows.ts';
import { PoolTotals } from '../metrics/pool-totals.ts';
import { nameChecks } from '../metrics/reconcile-names.ts';
import { certificateChecks, reconcileRows } from '../metrics/reconcile-rows.ts';
import { type Check, reconcile, type Scope } from '../metrics/reconcile-totals.ts';
import { RowSums } from '../metrics/row-checksums.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { Directory } from '../protocol/names/handles-to-names.ts';
import type { Query } from '../report/queries/ask-store.ts';
import { onlyRun, storeOf, withStore } from './named-store.ts';
import { Replay } from './replay.ts';
import { replayRun } from './replay-run.ts';

export interface PoolChecks {
  readonly pool: string;
  /** The last event that the figures go up to. */
  readonly number: number;
  /** The last that the log had, of a live network when the command began: the store may be behind. */
  readonly logNumber: number;
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
  const wasm = compiledCore();
  const pools = new Map<string, PoolFold>();
  const counters = new Map<SettlementCore, CycleCertifier>();
  const offsettings = new Map<string, number>();
  const replay = new Replay(
    () => {
      const core = createSettlement(wasm);
      counters.set(core, offsettingCounter(core));
      return core;
    },
    null,
    ({ pool, batch, directory, core }) => {
      const fold = pools.get(pool) ?? new PoolFold(pool, directory);
      pools.set(pool, fold);
      fold.take(batch.events);
      const counter = counters.get(core);
      counter?.take(batch);
      offsettings.set(pool, counter?.offsettings ?? 0);
    },
  );
  const { eventsHash, trailer } = await replayRun(folder, replay);
  if (eventsHash !== trailer.eventsHash)
    throw new Error(
      `${folder}: its replay gives other events than it recorded: no totals to trust`,
    );
  return withStore({ folder: store }, async ({ query, upToDate }) => {
    // A run of an earlier version has an earlier schema.
    await upToDate();
    const run = await onlyRun(query, folder);
    const found: PoolChecks[] = [];
    for (const [pool, fold] of pools) {
      fold.end();
      const checks = await fold.checks(query, { run, pool, isComplete: true }, true);
      const { number, tables } = fold.totals;
      const steps = { cycles: tables.cycles, offsettings: offsettings.get(pool) ?? 0 };
      const certificates = await certificateChecks({ query }, run, pool, steps);
      found.push({ pool, number, logNumber: number, checks: [...checks, ...certificates] });
    }
    return withNames(query, run, found, pools);
  });
}

/** It makes no certificate: events alone do not tell where one offsetting ends and another begins. */
const offsettingCounter = (core: Settlement): CycleCertifier =>
  new CycleCertifier(core, '', new Directory(), () => false);

/** What holds of the run as a whole is told with its first pool. */
export async function withNames(
  query: Query,
  run: string,
  found: readonly PoolChecks[],
  folds: ReadonlyMap<string, PoolFold>,
): Promise<PoolChecks[]> {
  const pools = new Map([...folds].map(([pool, { directory }]) => [pool, directory]));
  const isComplete = found.every(({ leftOut }) => leftOut === undefined);
  const names = await nameChecks({ query }, { run, pools, isComplete });
  return found.map((of, at) => (at > 0 ? of : { ...of, checks: [...of.checks, ...names] }));
}

/** A pool's totals, and the rows that its events fold to. */
export class PoolFold {
  readonly directory: Directory;
  readonly totals: PoolTotals;
  readonly #fold: EventFold;
  readonly #rows = new RowSums();

  constructor(pool: string, directory: Directory) {
    this.directory = directory;
    // The rows' sums leave out whose they are.
    this.#fold = new EventFold('', pool, directory);
    this.totals = new PoolTotals(directory, this.#fold.ledger);
  }

  take(events: Uint8Array): void {
    for (let at = 0; at < events.length; at += EVENT_BYTES) {
      const event = events.subarray(at, at + EVENT_BYTES);
      this.totals.take(readEvent(event, 0));
      for (const block of this.#fold.fold(event)) this.#rows.take(block);
    }
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

import type { ServiceContext } from '../live/service-context.ts';
import { nextRecord } from '../live/topic-reader.ts';
import { poolEvents, TELEMETRY } from '../protocol/names/topic-plan.ts';
import { DIFFERENCES_MAX, reconciliationMessage } from '../protocol/records/telemetry.ts';
import type { AnalysisStore } from './analysis-store.ts';
import type { PoolTotals } from './pool-totals.ts';
import { type Check, check, checkRows, reconcile } from './reconcile-totals.ts';

/** Between two checks of a pool, in elapsed time; */
export const CHECK_MS = 60_000;
/** and so many times as long as a check took, for rows wait meanwhile and come first. */
const CHECK_SHARE = 50;

/**
 * Holds the store against clearing's own totals now and then: a row of `reconciliations` for each
 * figure, a word in `telemetry` for whoever watches, and a difference is told aloud. A check that cannot be
 * made is put off, for rows come first. A store that has not got what the log had at the check before is
 * behind by more than a check's distance: that differs too.
 */
export class ScheduledChecks {
  readonly #context: ServiceContext;
  readonly #store: AnalysisStore;
  readonly #of: { readonly run: string; readonly pool: string };
  readonly #differences: (value: number) => void;
  #nextMs = Number.NEGATIVE_INFINITY;
  /** Where the pool's events ended at the check before. */
  #endBefore: number | null = null;

  constructor(
    context: ServiceContext,
    store: AnalysisStore,
    of: { readonly run: string; readonly pool: string },
  ) {
    this.#context = context;
    this.#store = store;
    this.#of = of;
    this.#differences = context.figures.gauge(
      'corridor_reconciliation_differences',
      'Figures of the store that differ from clearing’s own totals',
    );
  }

  isDue(): boolean {
    return this.#context.elapsedMs() >= this.#nextMs;
  }

  /**
   * Where one is due: call it when the store has every row up to the totals' last event.
   * @param inserted offset in the events up to which it has them
   */
  async check(totals: PoolTotals, inserted: number): Promise<void> {
    const { elapsedMs, nowMs, logger, log } = this.#context;
    if (totals.number === 0 || !this.isDue()) return;
    const startedMs = elapsedMs();
    const { run, pool } = this.#of;
    try {
      const end = await log.endOffset(poolEvents(pool), 0);
      const checks = await reconcile(this.#store, { run, pool, isComplete: true }, totals);
      if (this.#endBefore !== null)
        checks.push(keptUp(this.#endBefore, await this.#handled(inserted, this.#endBefore)));
      this.#endBefore = end;
      const different = checks.filter(({ agrees }) => !agrees);
      this.#differences(different.length);
      for (const { figure, expected, found } of different)
        logger.error(
          { figure, expected, found, number: totals.number },
          'the store differs from clearing’s own totals',
        );
      const atMs = nowMs();
      await this.#store.insert(
        'reconciliations',
        checkRows(this.#of, totals.number, atMs, checks),
        `${run}/${pool}/reconciliations/${totals.number}/${atMs}`,
      );
      await this.#tell(atMs, totals.number, checks.length, different);
    } catch (error) {
      logger.warn({ reason: (error as Error).message }, 'the store was not reconciled');
    }
    const tookMs = elapsedMs() - startedMs;
    this.#nextMs = startedMs + Math.max(CHECK_MS, tookMs * CHECK_SHARE);
  }

  /** Up to where there is no message of events that the store lacks. */
  async #handled(inserted: number, end: number): Promise<number> {
    if (inserted >= end) return inserted;
    return (await nextRecord(this.#context.log, poolEvents(this.#of.pool), 0, inserted)) ?? end;
  }

  async #tell(
    atMs: number,
    eventNumber: number,
    figures: number,
    different: readonly Check[],
  ): Promise<void> {
    const { pool } = this.#of;
    const differences = different
      .slice(0, DIFFERENCES_MAX)
      .map(({ figure, expected, found }) => ({ figure, expected, found }));
    const differencesCount = different.length;
    const found = { atMs, pool, eventNumber, figures, differences, differencesCount };
    const message = reconciliationMessage({ kind: 'reconciliation', ...found });
    await this.#context.log.produce(TELEMETRY, [message]).catch((error: Error) => {
      this.#context.logger.warn({ reason: error.message }, 'what a check found was not told');
    });
  }
}

/** Nothing new in the log is no difference, nor is what came since. */
const keptUp = (end: number, inserted: number): Check =>
  check('messages of events that the log had at the check before', end, Math.min(inserted, end));

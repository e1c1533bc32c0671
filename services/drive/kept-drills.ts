/** What drills came to, kept in the analysis store of the network that was broken: recovery against PFMI 17. */
import { clickHouseTime } from '../metrics/store-rows.ts';
import { type StorePlace, withStore } from '../replay/named-store.ts';
import type { DrillResult } from './drill.ts';

/** @param endedMs when its result was known, ms since 1970 */
export const drillRow = (run: string, endedMs: number, result: DrillResult) => ({
  run,
  time: clickHouseTime(endedMs),
  breaks: result.breaks,
  recovery_ms: Math.round(result.recoverySeconds * 1000),
  recovery_ms_max: result.recoverySecondsMax * 1000,
  // A log that went on has lost none.
  log_records: result.log?.records ?? 0,
  log_lost: result.log?.lost ?? 0,
  events: result.events,
  replay_fault: result.replayFault ?? '',
  store_figures: result.store.figures,
  store_different: result.store.different.length,
  not_closed: Object.entries(result.closed).flatMap(([currency, isClosed]) =>
    isClosed === true ? [] : [currency],
  ),
  is_passed: result.isPassed ? 1 : 0,
});

export const keepDrill = (place: StorePlace, row: ReturnType<typeof drillRow>): Promise<void> =>
  withStore(place, async (store) => {
    await store.upToDate();
    await store.insert('drills', [row], `${row.run}/drills/${row.time}`);
  });

import { startMetrics } from '../../services/metrics/metrics-service.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { type History, POOL } from './history.ts';
import type { EngineOfOnesOwn } from './start-engine.ts';

const LOOK_MS = 5;

/**
 * Events a second from a log into rows that can be asked: the metrics service as it is, behind a whole
 * history, until the last block is in. Throws where the rows do not add up.
 */
export async function ingest(
  { events, log }: History,
  { ask, store }: EngineOfOnesOwn,
  run: string,
): Promise<number> {
  const shared = createServiceProcess({ log, logger: createLogger('fatal'), stallMs: 60_000 });
  const startedMs = performance.now();
  const service = await startMetrics((pool) => shared.context('metrics', pool), {
    run,
    pools: [POOL],
    store,
  });
  while ((await shared.health.outstanding()) !== 0)
    await Promise.race([
      new Promise((resolve) => setTimeout(resolve, LOOK_MS)),
      // Rejects where the service cannot go on.
      service.done,
    ]);
  const seconds = (performance.now() - startedMs) / 1000;
  await service.stop();
  const [row] = await ask(
    `SELECT sum(records) AS events, max(p.last) AS last FROM insertions,
       (SELECT max(event_number) AS last FROM payments WHERE run = '${run}') AS p
     WHERE run = '${run}' AND reader LIKE 'events/%'`,
  );
  if (Number(row?.events) !== events || Number(row?.last) < events - 100)
    throw new Error(`${row?.events} of ${events} events are in the store: it has no figure`);
  return events / seconds;
}

// `npm run -s bench -- analytics [--json]`: the analysis store, embedded.
//   ingest         events a second through the metrics service into rows: the flagship's day ten times
//                  over, a million events a round; the median of the rounds
//   dashboard-p95  95 % of the queries of all dashboards and alerts are answered within it, over
//                  10,000,000 payments: all ten days of them, and one day
//   panel-p95      the same of the slowest query of them
//   freshness      at 5,000 payments a second, the longest from a settlement in the log to the first
//                  answer of a query that counts it
// Behind the name `ingest`, `freshness` or `dashboards`: these alone. With --queries: all queries, the slowest first, on stderr.
import { fillOversight } from './analytics/fill-oversight.ts';
import { freshness } from './analytics/freshness.ts';
import { DAYS, recordHistory } from './analytics/history.ts';
import { ingest } from './analytics/ingest.ts';
import { startEngine } from './analytics/start-engine.ts';
import { fill, timeQueries } from './analytics/ten-million.ts';
import { isAsked, median, printer, quantile } from './measure.ts';

const INGEST_ROUNDS = 3;
/** A twentieth of them may be beyond a p95: of fewer it would be the longest. */
const QUERY_ROUNDS = 20;
const print = printer('analytics');
const alone = { vs: null, ratio: null };

const engine = await startEngine();
try {
  const history = await recordHistory(isAsked('ingest') ? DAYS : 1);
  const rates: number[] = [];
  for (let round = 0; round < (isAsked('ingest') ? INGEST_ROUNDS : 1); round++)
    rates.push(await ingest(history, engine, `ingest-${round}`));
  if (isAsked('ingest'))
    print({ case: 'ingest', value: median(rates), unit: 'events/s', ...alone });

  if (isAsked('freshness')) {
    const seconds = await freshness(engine);
    print({ case: 'freshness', value: Math.max(...seconds), unit: 's', ...alone });
  }

  if (isAsked('dashboards')) {
    await fill(engine, 'ingest-0', history);
    await fillOversight(engine);
    const timed = await timeQueries(engine, QUERY_ROUNDS);
    const all = timed.flatMap(({ ms }) => ms);
    print({ case: 'dashboard-p95', value: quantile(all, 0.95), unit: 'ms', ...alone });
    const slowest = timed.map((one) => ({ ...one, p95: quantile(one.ms, 0.95) }));
    slowest.sort((a, b) => b.p95 - a.p95);
    print({ case: 'panel-p95', value: slowest[0]?.p95 ?? 0, unit: 'ms', ...alone });
    if (process.argv.includes('--queries'))
      for (const { title, days, rows, ms, p95 } of slowest)
        process.stderr.write(
          `${median(ms).toFixed(1).padStart(8)} ms  p95 ${p95.toFixed(1).padStart(8)} ms  ${days} days  ${rows} rows  ${title}\n`,
        );
  }
} finally {
  await engine.stop();
}

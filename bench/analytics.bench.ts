// `npm run -s bench -- analytics [--json]`: the analysis store, embedded.
//   ingest         events a second through the metrics service into rows: the flagship's day ten times
//                  over, a million events a round; the median of the rounds
//   dashboard-p95  95 % of the queries of all dashboards and alerts are answered within it, over
//                  10,000,000 payments: all ten days of them, and one day
//   freshness      at 5,000 payments a second, the longest from a settlement in the log to the first
//                  answer of a query that counts it
// With --queries: the slowest queries, on stderr.
import { freshness } from './analytics/freshness.ts';
import { recordHistory } from './analytics/history.ts';
import { ingest } from './analytics/ingest.ts';
import { startEngine } from './analytics/store.ts';
import { fill, timeQueries } from './analytics/ten-million.ts';
import { median, printer, quantile } from './measure.ts';

const DAYS = 10;
const INGEST_ROUNDS = 3;
const QUERY_ROUNDS = 5;
const SLOWEST = 25;
const print = printer('analytics');
const alone = { vs: null, ratio: null };

const engine = await startEngine();
try {
  const history = await recordHistory(DAYS);
  const rates: number[] = [];
  for (let round = 0; round < INGEST_ROUNDS; round++)
    rates.push(await ingest(history, engine, `ingest-${round}`));
  print({ case: 'ingest', value: median(rates), unit: 'events/s', ...alone });

  const seconds = await freshness(engine);
  print({ case: 'freshness', value: Math.max(...seconds), unit: 's', ...alone });

  await fill(engine, 'ingest-0', history.firstDay);
  const timed = await timeQueries(engine, QUERY_ROUNDS);
  const all = timed.flatMap(({ ms }) => ms);
  print({ case: 'dashboard-p95', value: quantile(all, 0.95), unit: 'ms', ...alone });

  if (process.argv.includes('--queries')) {
    const slowest = timed.map(({ title, ms }) => ({ title, ms: median(ms) }));
    slowest.sort((a, b) => b.ms - a.ms);
    for (const { title, ms } of slowest.slice(0, SLOWEST))
      process.stderr.write(`${ms.toFixed(1).padStart(8)} ms  ${title}\n`);
    process.stderr.write(
      `freshness median ${median(seconds)} s, ingest ${rates.map(Math.round)}\n`,
    );
  }
} finally {
  await engine.stop();
}

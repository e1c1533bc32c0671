import { type Dashboard, POOL_VARIABLE, RUNS_VARIABLE } from '../dashboard-frame.ts';
import { bars, lines, rows } from '../panels.ts';
import {
  inTime,
  OVERRIDES,
  POOL,
  percentile,
  queueIntervals,
  RUN,
  settledLegs,
  turnover,
} from '../sql-pieces.ts';

const CHOSEN = `${RUN} AND ${POOL}`;

export const comparison: Dashboard = {
  uid: 'corridor-comparison',
  title: 'Pilot comparison',
  description:
    'Runs side by side over their whole length, whatever the time range: what each mechanism settles, how fast, and with how much liquidity.',
  variables: [RUNS_VARIABLE, POOL_VARIABLE],
  panels: [
    rows({
      title: 'Runs side by side',
      description:
        'By run: what it was set to beside its scenario (--set), messages submitted, payments settled, rejected and cancelled, times to finality (nearest rank, up to 1 % more), the share settled by mechanisms that settle several payments at once, and cycles by their outcome: gridlocks resolved (a set settled together), deadlocks (payments, and no set of them that could settle), gridlocks left (a set that could settle, and the mechanism settled nothing) and undecided. Each cycle counts, so a deadlock found ten times is ten here and one in the report.',
      unit: 'short',
      width: 24,
      height: 8,
      columnUnits: {
        p50: 'ms',
        p95: 'ms',
        p99: 'ms',
        together: 'percentunit',
        settled_share: 'percentunit',
      },
      sql: `SELECT n.run AS run, o.overrides AS overrides, submitted, settled_payments AS settled, settled_payments / nullIf(submitted, 0) AS settled_share, rejected, cancelled,
  p50, p95, p99, together_payments / nullIf(settled_payments, 0) AS together, resolved, deadlocks, gridlocks, undecided
FROM (SELECT run, sum(first_statuses) AS submitted, sumIf(statuses, status = 'ACSC') AS settled_payments,
    sumIf(statuses, status = 'RJCT') AS rejected, sumIf(statuses, status = 'CANC') AS cancelled,
    sumIf(statuses, status = 'ACSC' AND mechanism NOT IN ('entry', 'queue')) AS together_payments
  FROM corridor_minutes WHERE ${CHOSEN} GROUP BY run) AS n
LEFT JOIN (SELECT run, ${percentile(50)} AS p50, ${percentile(95)} AS p95, ${percentile(99)} AS p99 FROM finality_hours WHERE ${CHOSEN} GROUP BY run) AS f ON n.run = f.run
LEFT JOIN (SELECT run, countIf(outcome = 'resolved') AS resolved, countIf(outcome = 'deadlock') AS deadlocks,
    countIf(outcome = 'gridlock') AS gridlocks, countIf(outcome = 'undecided') AS undecided
  FROM cycles WHERE ${CHOSEN} GROUP BY run) AS g ON n.run = g.run
LEFT JOIN (${OVERRIDES}) AS o ON n.run = o.run
ORDER BY run`,
    }),
    bars({
      title: 'Time to finality, p95',
      description:
        'By run: 95 % of the payments that settled were final within this time (nearest rank, up to 1 % more).',
      unit: 'ms',
      sql: `SELECT run, ${percentile(95)} AS p95 FROM finality_hours
WHERE ${CHOSEN} GROUP BY run ORDER BY run`,
    }),
    bars({
      title: 'Settled of submitted',
      description: 'By run: payments settled divided by messages submitted.',
      unit: 'percentunit',
      sql: `SELECT run, sumIf(statuses, status = 'ACSC') / nullIf(sum(first_statuses), 0) AS share FROM corridor_minutes
WHERE ${CHOSEN} GROUP BY run ORDER BY run`,
    }),
    rows({
      title: 'Liquidity and turnover',
      description:
        'By run and currency in whole units: value of all legs settled (of a payment over two currencies also what its dealer paid), the liquidity that payments drew (sum over accounts of the most by which they drew it), and the first divided by the second.',
      unit: 'short',
      sql: `${turnover('d.run AS run, d.currency AS currency', CHOSEN, settledLegs(`(SELECT * FROM corridor_hours WHERE ${CHOSEN})`))}
ORDER BY currency, run`,
    }),
    bars({
      title: 'Share settled by mechanism',
      description: 'By run: of the payments settled, by number, the share of each mechanism.',
      unit: 'percentunit',
      sql: `SELECT concat(run, ': ', mechanism) AS settled_by, sum(statuses) / sum(sum(statuses)) OVER (PARTITION BY run) AS share
FROM corridor_minutes WHERE ${CHOSEN} AND status = 'ACSC'
GROUP BY run, mechanism ORDER BY run, mechanism`,
    }),
    lines({
      title: 'Payments waiting, the longest queue',
      description:
        'Payments in the longest queue of each run, of the currencies of the chosen pools: the most in each interval. Runs of one scenario share their times.',
      unit: 'short',
      steps: true,
      sql: `SELECT w.time AS time, run, max(w.waiting) AS waiting
FROM ${queueIntervals(`${CHOSEN} AND participant = ''`, 'run, currency')} AS w
GROUP BY time, run ORDER BY time, run`,
    }),
    lines({
      title: 'Cumulative share settled',
      description:
        'By run: value settled from the beginning of the time range up to each instant, as a share of what the run settled in the range, in the currency with the most payments. The earlier it rises, the earlier money arrives.',
      unit: 'percentunit',
      sql: `SELECT time, run, sum(value) OVER (PARTITION BY run ORDER BY time) / sum(value) OVER (PARTITION BY run) AS share FROM
  (SELECT $__timeInterval(minute) AS time, run, toFloat64(sum(amount_minor)) AS value FROM corridor_minutes
   WHERE ${CHOSEN} AND status = 'ACSC' AND ${inTime('minute')} AND currency =
     (SELECT any(toString(c.currency)) FROM (SELECT currency FROM corridor_minutes WHERE ${CHOSEN} AND status = 'ACSC' GROUP BY currency ORDER BY sum(statuses) DESC, currency LIMIT 1) AS c)
   GROUP BY time, run)
ORDER BY time, run`,
    }),
  ],
};

import { type Dashboard, POOL_VARIABLE, RUN_VARIABLE } from '../dashboard-frame.ts';
import { alertList, lines, number, rows } from '../panels.ts';
import {
  BEHIND,
  CHECK,
  everyInterval,
  FINALITY,
  inRange,
  OVERRIDES,
  POOL,
  percentile,
  RUN,
  SERVICES,
  units,
  withDecimals,
} from '../sql-pieces.ts';

export const overview: Dashboard = {
  uid: 'corridor-overview',
  title: 'Overview',
  description: 'Is the system well? What is settled, how fast, what waits and what is refused.',
  variables: [RUN_VARIABLE, POOL_VARIABLE],
  panels: [
    number({
      title: 'Payments settled',
      description: 'Payments that became final (ACSC) in the time range. A PvP is one payment.',
      unit: 'short',
      sql: `SELECT sum(statuses) AS settled FROM corridor_minutes
WHERE ${inRange('minute')} AND status = 'ACSC'
HAVING count() > 0`,
    }),
    number({
      title: 'Settled of submitted',
      description:
        'Payments settled in the time range, divided by messages whose first status came in it. Above 100 % where older queues were worked off.',
      unit: 'percentunit',
      decimals: 1,
      sql: `SELECT sumIf(statuses, status = 'ACSC') / sum(first_statuses) AS share FROM corridor_minutes
WHERE ${inRange('minute')}
HAVING sum(first_statuses) > 0`,
    }),
    number({
      title: 'Rejected of submitted',
      description:
        'Messages rejected (RJCT) divided by messages whose first status came in the time range. Forged messages count as submitted and rejected.',
      unit: 'percentunit',
      decimals: 2,
      limits: [
        [0.01, 'orange'],
        [0.05, 'red'],
      ],
      sql: `SELECT sumIf(statuses, status = 'RJCT') / sum(first_statuses) AS share FROM corridor_minutes
WHERE ${inRange('minute')}
HAVING sum(first_statuses) > 0`,
    }),
    number({
      title: 'Time to finality, p95',
      description:
        'Of the payments settled in the time range, 95 % were final within this time from their submission (nearest rank, up to 1 % more).',
      unit: 'ms',
      limits: [
        [900_000, 'orange'],
        [3_600_000, 'red'],
      ],
      sql: `SELECT ${percentile(95)} AS p95 FROM ${FINALITY} AS f
HAVING sum(settled) > 0`,
    }),
    number({
      title: 'Waiting now',
      description:
        'Payments that wait in the queues at the end of the time range, over all currencies of the chosen pools. The legs of a trade wait in two queues, and count in both.',
      unit: 'short',
      sql: `SELECT sum(waiting) AS waiting FROM
  (SELECT argMax(queue_samples.count, time) AS waiting FROM queue_samples
   WHERE ${RUN} AND ${POOL} AND participant = '' AND time <= $__toTime
   GROUP BY run, pool, currency)
HAVING count() > 0`,
      noValue: 'nothing has waited so far',
    }),
    number({
      title: 'Oldest waiting',
      description:
        'How long the payment that waits longest had waited at the end of the time range; 0 where none waits.',
      unit: 'ms',
      limits: [
        [1_800_000, 'orange'],
        [7_200_000, 'red'],
      ],
      sql: `SELECT max(if(waiting = 0, 0, toUnixTimestamp($__toTime) * 1000 - toUnixTimestamp64Milli(oldest))) AS age FROM
  (SELECT argMax(queue_samples.count, time) AS waiting, argMax(oldest_submitted_at, time) AS oldest
   FROM queue_samples
   WHERE ${RUN} AND ${POOL} AND participant = '' AND time <= $__toTime
   GROUP BY run, pool, currency)
HAVING count() > 0`,
      noValue: 'nothing has waited so far',
    }),
    number({
      title: 'Analysis behind settlement',
      description:
        'Age of the oldest event that the metrics service had still to insert at its last sample in the time range: how stale these dashboards are.',
      unit: 'ms',
      limits: [
        [2_000, 'orange'],
        [10_000, 'red'],
      ],
      noValue: 'no service reported: a simulated run has none',
      sql: BEHIND,
    }),
    number({
      title: 'Furthest behind',
      description:
        'The longest that any reader of any service was behind its topic, at its last sample in the time range.',
      unit: 'ms',
      limits: [
        [2_000, 'orange'],
        [10_000, 'red'],
      ],
      noValue: 'no service reported: a simulated run has none',
      sql: `SELECT max(behind) AS behind_ms FROM
  (SELECT argMaxMerge(last_lag_ms) AS behind FROM service_minutes WHERE ${SERVICES} GROUP BY service, instance, reader)
HAVING count() > 0`,
    }),
    number({
      title: 'Figures that differ',
      description:
        'Figures of this store that differed from clearing’s own totals at the latest check in the time range. None may.',
      unit: 'short',
      limits: [[1, 'red']],
      noValue: 'no check has run',
      sql: `SELECT countIf(agree = 0) AS different FROM
  (SELECT argMax(agrees, ${CHECK}) AS agree FROM reconciliations
   WHERE ${inRange('reconciliations.time')} GROUP BY run, pool, figure)
HAVING count() > 0`,
    }),
    alertList({
      title: 'Alerts',
      description:
        'Alert rules of the folder Corridor that fire now or are about to, whatever the run and the time range. No data: all is well, or Grafana does not evaluate its rules.',
      width: 12,
      height: 4,
    }),
    lines({
      title: 'Throughput',
      description:
        'Messages a second by what became of them: submitted (first status), settled, queued (again where a payment is carried over a close, or joins a queue after its trade’s other leg was found), rejected, cancelled.',
      unit: 'reqps',
      sql: everyInterval(
        'submitted, settled, queued, rejected, cancelled',
        `SELECT $__timeInterval(minute) AS time,
  sum(first_statuses) / $__interval_s AS submitted,
  sumIf(statuses, status = 'ACSC') / $__interval_s AS settled,
  sumIf(statuses, status = 'PDNG') / $__interval_s AS queued,
  sumIf(statuses, status = 'RJCT') / $__interval_s AS rejected,
  sumIf(statuses, status = 'CANC') / $__interval_s AS cancelled
FROM corridor_minutes
WHERE ${inRange('minute')}
GROUP BY time`,
      ),
    }),
    lines({
      title: 'Value settled by currency',
      description:
        'Sum of the amounts debited by payments that settled, in whole units of each currency for each interval; each leg of a trade in its own currency. Values of different currencies are not added up.',
      unit: 'short',
      sql: everyInterval(
        'currency, value',
        `SELECT time, t.currency AS currency, ${units('amount')} AS value FROM
${withDecimals(`SELECT run, $__timeInterval(minute) AS time, currency, sum(amount_minor) AS amount
  FROM corridor_minutes WHERE ${inRange('minute')} AND status = 'ACSC' GROUP BY run, time, currency`)}`,
        'currency',
      ),
    }),
    lines({
      title: 'Time to finality',
      description:
        'From submission to settlement of the payments that settled in each interval: half, 95 % and 99 % were final within these times (nearest rank, up to 1 % more).',
      unit: 'ms',
      sql: everyInterval(
        'p50, p95, p99',
        `SELECT $__timeInterval(minute) AS time,
  ${percentile(50)} AS p50,
  ${percentile(95)} AS p95,
  ${percentile(99)} AS p99
FROM finality_minutes
WHERE ${inRange('minute')}
GROUP BY time`,
      ),
    }),
    lines({
      title: 'Rejects by reason',
      description:
        'Messages rejected a second, by reason. The reason names are those of docs/messages.md, with their ISO 20022 codes.',
      unit: 'reqps',
      stacked: true,
      sql: everyInterval(
        'why AS reason, rejected',
        `SELECT $__timeInterval(minute) AS time, concat(iso_reason, ' ', reason) AS why,
  sum(statuses) / $__interval_s AS rejected
FROM sender_minutes
WHERE ${inRange('minute')} AND status = 'RJCT'
GROUP BY time, why`,
        'why',
      ),
    }),
    rows({
      title: 'Runs',
      description:
        'Runs whose rows this store has, with what they were set to beside their scenario (--set) and the time that their events cover (UTC). A run’s link opens it in its own time range.',
      unit: 'short',
      width: 24,
      height: 7,
      columnUnits: { from_ms: 'dateTimeAsIso', to_ms: 'dateTimeAsIso' },
      link: {
        column: 'run',
        title: 'Open this run',
        url: '/d/corridor-overview?var-run=${__data.fields.run}&from=${__data.fields.from_ms.numeric}&to=${__data.fields.to_ms.numeric}',
      },
      sql: `SELECT m.run AS run, any(r.scenario) AS scenario, any(o.overrides) AS overrides, any(r.version) AS version,
  toUnixTimestamp(min(minute)) * 1000 AS from_ms, (toUnixTimestamp(max(minute)) + 60) * 1000 AS to_ms,
  sum(first_statuses) AS submitted, sumIf(statuses, status = 'ACSC') AS settled
FROM corridor_minutes AS m
LEFT JOIN (SELECT run, any(runs.scenario) AS scenario, any(runs.version) AS version FROM runs GROUP BY run) AS r ON m.run = r.run
LEFT JOIN (${OVERRIDES}) AS o ON m.run = o.run
GROUP BY run ORDER BY to_ms DESC, run LIMIT 200`,
    }),
  ],
};

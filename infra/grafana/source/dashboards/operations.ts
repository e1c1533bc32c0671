import { type Dashboard, RUN_VARIABLE } from '../frame.ts';
import { lines, number, rows } from '../panels.ts';
import { RUN } from '../sql.ts';

const SAMPLES = `${RUN} AND $__timeFilter(service_samples.time)`;

export const operations: Dashboard = {
  uid: 'corridor-operations',
  title: 'Operations',
  description:
    'The services: are they ready, how far behind their topics, how large their batches.',
  variables: [RUN_VARIABLE],
  panels: [
    rows({
      title: 'Services',
      description:
        'The latest sample of each reader of each service in the time range: ready, records that it has still to handle, for how long they have been there, and a fault where it has stopped over one.',
      unit: 'short',
      height: 9,
      columnUnits: { behind_ms: 'ms' },
      noValue: 'no service reported: a simulated run has none',
      sql: `SELECT service, instance, reader, max(service_samples.time) AS last_sample, argMax(is_ready, service_samples.time) AS ready,
  argMax(lag_records, service_samples.time) AS behind_records, argMax(lag_ms, service_samples.time) AS behind_ms, argMax(fault, service_samples.time) AS fault_now
FROM service_samples WHERE ${SAMPLES}
GROUP BY service, instance, reader ORDER BY service, instance, reader`,
    }),
    number({
      title: 'Services not ready',
      description: 'Services whose latest sample in the time range says that they are not ready.',
      unit: 'short',
      width: 6,
      height: 9,
      limits: [[1, 'red']],
      noValue: 'no service reported',
      sql: `SELECT countIf(ready = 0) AS not_ready FROM
  (SELECT argMax(is_ready, service_samples.time) AS ready FROM service_samples WHERE ${SAMPLES} GROUP BY service, instance, reader)
HAVING count() > 0`,
    }),
    number({
      title: 'Analysis behind settlement',
      description:
        'Age of the oldest event that the metrics service has still to insert: how stale these dashboards are.',
      unit: 'ms',
      width: 6,
      height: 9,
      limits: [
        [2_000, 'orange'],
        [10_000, 'red'],
      ],
      noValue: 'no service reported',
      sql: `SELECT max(behind) AS behind_ms FROM
  (SELECT argMax(lag_ms, service_samples.time) AS behind FROM service_samples WHERE ${SAMPLES} AND service = 'metrics' AND reader LIKE '%events%' GROUP BY instance, reader)
HAVING count() > 0`,
    }),
    lines({
      title: 'Records behind',
      description:
        'Records in its topic that each service has still to read: the most in each interval.',
      unit: 'short',
      noValue: 'no service reported',
      sql: `SELECT $__timeInterval(service_samples.time) AS time, service, max(lag_records) AS behind
FROM service_samples WHERE ${SAMPLES}
GROUP BY time, service ORDER BY time, service`,
    }),
    lines({
      title: 'Records handled',
      description:
        'Records that each service’s readers handled a second; one record of a pool’s events holds many events.',
      unit: 'reqps',
      noValue: 'no service reported',
      sql: `SELECT $__timeInterval(service_samples.time) AS time, service, sum(records) / $__interval_s AS handled
FROM service_samples WHERE ${SAMPLES}
GROUP BY time, service ORDER BY time, service`,
    }),
    lines({
      title: 'Messages a verification batch',
      description:
        'Messages verified divided by batches: larger batches cost less each, and come with load.',
      unit: 'short',
      sql: `SELECT $__timeInterval(verifier_batches.time) AS time, sum(batch_size) / count() AS messages_a_batch
FROM verifier_batches WHERE ${RUN} AND $__timeFilter(verifier_batches.time)
GROUP BY time ORDER BY time`,
    }),
    lines({
      title: 'Verifiers at work',
      description:
        'Time that all verifiers together spent verifying, divided by the time that passed: 2 means that two threads were busy throughout.',
      unit: 'short',
      sql: `SELECT $__timeInterval(verifier_batches.time) AS time, sum(duration_ns) / 1e9 / $__interval_s AS threads_busy
FROM verifier_batches WHERE ${RUN} AND $__timeFilter(verifier_batches.time)
GROUP BY time ORDER BY time`,
    }),
    rows({
      title: 'Reconciliation',
      description:
        'The latest check of these tables against clearing’s own totals: each figure, both values, and whether they agree to the unit.',
      unit: 'short',
      width: 24,
      noValue: 'no check has run',
      sql: `SELECT reconciliations.time AS time, pool, figure, expected, found, agrees FROM reconciliations
WHERE ${RUN} AND $__timeFilter(reconciliations.time)
ORDER BY time DESC, agrees, pool, figure LIMIT 200`,
    }),
  ],
};

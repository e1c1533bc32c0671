import { SHUT_DOWN } from '../../../../services/protocol/records/telemetry.ts';
import { type Dashboard, RUN_VARIABLE } from '../dashboard-frame.ts';
import { lines, number, rows } from '../panels.ts';
import {
  BEHIND,
  CHECK,
  everyInterval,
  inTime,
  RUN,
  SERVICES,
  units,
  withDecimals,
} from '../sql-pieces.ts';

/** Cases as they stood at the end of the time range, of those that had been opened. */
const CASES = `SELECT run, case_id, anyIf(e.title, event = 'opened') AS title, anyIf(e.severity, event = 'opened') AS severity, anyIf(e.summary, event = 'opened') AS summary,
    minIf(e.time, event = 'opened') AS opened, countIf(event = 'closed') AS closings, minOrNullIf(e.time, event IN ('acknowledged', 'closed')) AS answered,
    minOrNullIf(e.time, event = 'acknowledged') AS acknowledged, anyIf(e.by_key, event = 'acknowledged') AS acknowledged_by,
    argMaxIf(event, position, event IN ('opened', 'stopped', 'resumed')) != 'stopped' AS firing
   FROM case_events AS e WHERE ${RUN} AND event != 'refused' AND e.time < $__toTime GROUP BY run, case_id HAVING countIf(event = 'opened') > 0`;

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
        'The latest sample of each reader of each service in the time range: ready, records that it has still to handle, for how long they have been there, and why it has stopped: a fault, or that it was shut down.',
      unit: 'short',
      height: 9,
      columnUnits: { behind_ms: 'ms' },
      noValue: 'no service reported: a simulated run has none',
      sql: `SELECT service, instance, reader, toDateTime64(max(service_minutes.last_sample), 3, 'UTC') AS last_sample, argMaxMerge(last_ready) AS ready,
  argMaxMerge(last_lag_records) AS behind_records, argMaxMerge(last_lag_ms) AS behind_ms, argMaxMerge(last_fault) AS fault_now
FROM service_minutes WHERE ${SERVICES}
GROUP BY service, instance, reader ORDER BY service, instance, reader`,
    }),
    rows({
      title: 'Availability by service',
      description:
        'Of the minutes from a service’s first sample in the time range to the last of any service: in how many an instance of the service said last, of all that it reads, that it was ready. PFMI 17 asks that a service goes on within two hours: the longest time away.',
      unit: 'short',
      columnUnits: { available: 'percentunit', longest_away: 's' },
      noValue: 'no service reported: a simulated run has none',
      sql: `SELECT service, sum(is_up) / sum(span) AS available, toNullable(max(away)) AS longest_away FROM
  (SELECT run, service, length(ups) AS is_up, intDiv(last - first, 60) + 1 AS span,
    arrayMax(arrayMap((from, to) -> greatest(0, to - from - 60), arrayPushFront(ups, first - 60), arrayPushBack(ups, last + 60))) AS away FROM
    (SELECT run, service, min(begun) AS first, any(until) AS last, arrayMap(at -> toInt64(at), arraySort(bitmapToArray(groupBitmapMergeState(ready)))) AS ups FROM
      (SELECT run, service, instance, toInt64(min(at)) AS begun, max(max(toInt64(at))) OVER (PARTITION BY run) AS until,
        bitmapAndnot(groupBitmapStateIf(at, said = 1), groupBitmapStateIf(at, said = 0)) AS ready FROM
        (SELECT run, service, instance, toUInt32(toUnixTimestamp(minute)) AS at, finalizeAggregation(last_ready) AS said FROM service_minutes FINAL WHERE ${SERVICES})
       GROUP BY run, service, instance)
     GROUP BY run, service))
GROUP BY service ORDER BY available, service`,
    }),
    number({
      title: 'Services not ready',
      description:
        'Readers of services whose latest sample in the time range says that they are not ready; not of services that were shut down.',
      unit: 'short',
      width: 6,
      height: 9,
      limits: [[1, 'red']],
      noValue: 'no service reported',
      sql: `SELECT countIf(ready = 0 AND fault_now != '${SHUT_DOWN}') AS not_ready FROM
  (SELECT argMaxMerge(last_ready) AS ready, argMaxMerge(last_fault) AS fault_now FROM service_minutes WHERE ${SERVICES} GROUP BY service, instance, reader)
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
      sql: BEHIND,
    }),
    rows({
      title: 'Open cases',
      description:
        'Cases of alerts that no operator had closed at the end of the time range, the critical first: what the alert said when the case opened, whether its rule still fired, and who had acknowledged it, by the id of the key that signed.',
      unit: 'short',
      width: 24,
      noValue: 'no case is open',
      sql: `SELECT case_id, severity, title, summary, opened, firing, acknowledged, acknowledged_by FROM
  (${CASES})
WHERE closings = 0 ORDER BY severity, opened, case_id`,
    }),
    rows({
      title: 'Time to acknowledge',
      description:
        'Of the cases opened in the time range, by severity: how many, how many an operator had acknowledged or closed at its end, and how long that took from the opening: the lower median and the longest.',
      unit: 'short',
      columnUnits: { median_ms: 'ms', longest_ms: 'ms' },
      noValue: 'no case was opened',
      sql: `SELECT severity, count() AS opened_cases, countIf(answered IS NOT NULL) AS answered_cases,
  quantileExactLowOrNullIf(0.5)(took, answered IS NOT NULL) AS median_ms, maxOrNullIf(took, answered IS NOT NULL) AS longest_ms FROM
  (SELECT severity, answered, greatest(0, toUnixTimestamp64Milli(assumeNotNull(answered)) - toUnixTimestamp64Milli(opened)) AS took FROM
    (${CASES})
   WHERE opened >= $__fromTime)
GROUP BY severity ORDER BY severity`,
    }),
    rows({
      title: 'Held by outages',
      description:
        'Of the open cases of large banks that do not send, as it was written down last in the time range: what came in at the bank since the minute of its last message and stays there (trapped), and the banks whose payments wait in the currencies in which it sends (waiting).',
      unit: 'short',
      noValue: 'no outage is open',
      sql: `SELECT case_id, kind, participant, currency, ${units('amount')} AS amount_units, payments FROM
  ${withDecimals(`SELECT run, case_id, m.kind AS kind, m.participant AS participant, m.currency AS currency, m.amount_minor AS amount, m.payments AS payments FROM
    case_money AS m
   WHERE ${RUN} AND (run, case_id, position) IN (SELECT run, case_id, max(position) FROM case_events WHERE ${RUN} AND event IN ('opened', 'held') AND case_events.time < $__toTime GROUP BY run, case_id)
     AND (run, case_id) IN (SELECT run, case_id FROM (${CASES}) WHERE closings = 0)`)}
ORDER BY case_id, kind, amount_units DESC, payments DESC, participant`,
    }),
    lines({
      title: 'Records behind',
      description:
        'Records in its topic that each service has still to read: the most in each interval.',
      unit: 'short',
      noValue: 'no service reported',
      sql: everyInterval(
        'service, behind',
        `SELECT $__timeInterval(minute) AS time, service, toNullable(toUInt64(max(lag_records_max))) AS behind
FROM service_minutes WHERE ${SERVICES}
GROUP BY time, service`,
        'service',
      ),
    }),
    lines({
      title: 'Events not sealed',
      description:
        'Events of a pool that no checkpoint of its transparency log covers yet: the most in each interval. A seal comes about once a second.',
      unit: 'short',
      noValue: 'no pool is sealed: a simulated run is at its end',
      sql: everyInterval(
        'pool, unsealed',
        `SELECT $__timeInterval(minute) AS time, extract(reader, '^(.*)/seal$') AS pool, toNullable(toUInt64(max(lag_records_max))) AS unsealed
FROM service_minutes WHERE ${SERVICES} AND service = 'notifier' AND reader LIKE '%/seal'
GROUP BY time, pool`,
        'pool',
      ),
    }),
    lines({
      title: 'Events not cosigned',
      description:
        'Events of a pool that its transparency log has sealed, and no checkpoint covers that the policy’s quorum cosigned: the most in each interval. Receipts wait for it.',
      unit: 'short',
      noValue: 'no policy names witnesses',
      sql: everyInterval(
        'pool, uncosigned',
        `SELECT $__timeInterval(log_cosignatures.time) AS time, pool, toNullable(max(greatest(sealed, cosigned) - cosigned)) AS uncosigned
FROM log_cosignatures WHERE ${RUN} AND ${inTime('log_cosignatures.time')}
GROUP BY time, pool`,
        'pool',
      ),
    }),
    lines({
      title: 'Records handled',
      description:
        'Records that each service’s readers handled a second; one record of a pool’s events holds many events.',
      unit: 'reqps',
      noValue: 'no service reported',
      sql: everyInterval(
        'service, handled',
        `SELECT $__timeInterval(minute) AS time, service, sum(records) / $__interval_s AS handled
FROM service_minutes WHERE ${SERVICES}
GROUP BY time, service`,
        'service',
      ),
    }),
    lines({
      title: 'Messages a verification batch',
      description:
        'Messages verified divided by batches: larger batches cost less each, and come with load.',
      unit: 'short',
      sql: everyInterval(
        'messages_a_batch',
        `SELECT $__timeInterval(verifier_batches.time) AS time, toNullable(sum(batch_size) / count()) AS messages_a_batch
FROM verifier_batches WHERE ${RUN} AND ${inTime('verifier_batches.time')}
GROUP BY time`,
      ),
    }),
    lines({
      title: 'Verifiers at work',
      description:
        'Time that all verifiers together spent verifying, divided by the time that passed: 2 means that two threads were busy throughout.',
      unit: 'short',
      sql: everyInterval(
        'threads_busy',
        `SELECT $__timeInterval(verifier_batches.time) AS time, sum(duration_ns) / 1e9 / $__interval_s AS threads_busy
FROM verifier_batches WHERE ${RUN} AND ${inTime('verifier_batches.time')}
GROUP BY time`,
      ),
    }),
    lines({
      title: 'Rows inserted',
      description: 'Rows a second that the metrics service inserted over all tables, by reader.',
      unit: 'reqps',
      noValue: 'no live reader inserted: a simulated run inserts by itself',
      sql: everyInterval(
        'reader, inserted',
        `SELECT $__timeInterval(insertions.time) AS time, reader, sum(insertions.rows) / $__interval_s AS inserted
FROM insertions WHERE ${RUN} AND ${inTime('insertions.time')}
GROUP BY time, reader`,
        'reader',
      ),
    }),
    lines({
      title: 'Events a block of rows',
      description:
        'Events, or messages of telemetry, that one block of rows was folded from: about a second’s worth, up to some ten thousands where the service catches up.',
      unit: 'short',
      noValue: 'no live reader inserted: a simulated run inserts by itself',
      sql: everyInterval(
        'reader, records_a_block',
        `SELECT $__timeInterval(insertions.time) AS time, reader, toNullable(sum(records) / count()) AS records_a_block
FROM insertions WHERE ${RUN} AND ${inTime('insertions.time')}
GROUP BY time, reader`,
        'reader',
      ),
    }),
    rows({
      title: 'Recovery drills',
      description:
        'Of this network, whatever the time range: what corridor drill broke, how long it took until everything was ready again and what of the two hours of PFMI 17 that is, records of the log that were lost, figures of the store that differ, currencies that did not close, and whether all was as it should be. The latest fifty.',
      unit: 'short',
      width: 24,
      noValue: 'no drill of this network was kept here',
      columnUnits: { recovery: 'ms', of_allowed: 'percentunit' },
      sql: `SELECT drills.time AS ended_at, breaks, recovery_ms AS recovery, recovery_ms / recovery_ms_max AS of_allowed, log_records, log_lost, events, store_different,
  concat(replay_fault, if(replay_fault != '' AND notEmpty(not_closed), '; ', ''), if(notEmpty(not_closed), concat('not closed: ', arrayStringConcat(not_closed, ', ')), '')) AS faults, is_passed AS passed
FROM drills WHERE ${RUN} ORDER BY drills.time DESC LIMIT 50`,
    }),
    rows({
      title: 'Reconciliation',
      description:
        'The latest check in the time range of each figure of these tables against clearing’s own totals: both values, and whether they agree to the unit; what differs comes first.',
      unit: 'short',
      width: 24,
      noValue: 'no check has run',
      // Values are read of the latest checks alone.
      sql: `SELECT reconciliations.time AS checked_at, pool, figure, expected, found, agrees
FROM reconciliations WHERE (run, pool, figure, event_number, reconciliations.time) IN
  (SELECT run, pool, figure, toUInt64(bitShiftRight(latest, 64)), fromUnixTimestamp64Milli(toInt64(toUInt64(latest)), 'UTC') FROM
    (SELECT run, pool, figure, max(${CHECK}) AS latest FROM reconciliations
     WHERE ${RUN} AND ${inTime('reconciliations.time')} GROUP BY run, pool, figure))
ORDER BY agrees, pool, figure LIMIT 1 BY run, pool, figure`,
    }),
  ],
};

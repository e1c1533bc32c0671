import {
  CURRENCY_VARIABLE,
  type Dashboard,
  POOL_VARIABLE,
  RUN_VARIABLE,
} from '../dashboard-frame.ts';
import { bars, lines, number, PARTICIPANT_LINK, rows } from '../panels.ts';
import {
  CURRENCY,
  everyInterval,
  inRange,
  POOL,
  queueIntervals,
  RUN,
  units,
  withDecimals,
} from '../sql-pieces.ts';

const WHOLE = `${RUN} AND ${POOL} AND ${CURRENCY} AND participant = ''`;

export const queues: Dashboard = {
  uid: 'corridor-queues',
  title: 'Queues and gridlock',
  description:
    'Depth, value and age of the queues, gridlocks and deadlocks, and what each mechanism settled.',
  variables: [RUN_VARIABLE, POOL_VARIABLE, CURRENCY_VARIABLE],
  panels: [
    lines({
      title: 'Payments waiting',
      description: 'Payments in the queues by currency debited: the most in each interval.',
      unit: 'short',
      steps: true,
      sql: `SELECT w.time AS time, currency, w.waiting AS waiting
FROM ${queueIntervals(WHOLE, 'currency')} AS w
ORDER BY time, currency`,
    }),
    lines({
      title: 'Value waiting',
      description:
        'Value of the payments in the queues in whole units of the currency debited: the most in each interval.',
      unit: 'short',
      steps: true,
      sql: `SELECT time, t.currency AS currency, ${units('waiting_value')} AS value FROM
${withDecimals(`SELECT * FROM ${queueIntervals(WHOLE, 'run, currency')}`)}
ORDER BY time, currency`,
    }),
    lines({
      title: 'Age of the oldest',
      description:
        'How long the payment that waits longest has waited: the most at the end of an interval and at the beginning of each minute in which the queue changed; 0 where none waits.',
      unit: 'ms',
      sql: `SELECT a.time AS time, currency, a.age AS age FROM ${queueIntervals(WHOLE, 'currency')} AS a
ORDER BY time, currency`,
    }),
    lines({
      title: 'Settled by mechanism',
      description:
        'Payments settled a second by what settled them: at entry, from the queue one by one, or by a mechanism that settles several at once (docs/settlement.md).',
      unit: 'reqps',
      stacked: true,
      sql: everyInterval(
        'mechanism, settled',
        `SELECT $__timeInterval(minute) AS time, mechanism, sum(statuses) / $__interval_s AS settled
FROM corridor_minutes WHERE ${inRange('minute')} AND ${CURRENCY} AND status = 'ACSC'
GROUP BY time, mechanism`,
        'mechanism',
      ),
    }),
    bars({
      title: 'Share settled by mechanism',
      description:
        'Of the payments settled in the time range, by number, the share of each mechanism.',
      unit: 'percentunit',
      sql: `SELECT mechanism, sum(statuses) / sum(sum(statuses)) OVER () AS share
FROM corridor_minutes WHERE ${inRange('minute')} AND ${CURRENCY} AND status = 'ACSC'
GROUP BY mechanism ORDER BY mechanism`,
    }),
    number({
      title: 'Gridlocks resolved',
      description:
        'Cycles in the time range that settled payments together which could not settle alone. All currencies of the pool take part.',
      unit: 'short',
      width: 6,
      sql: `SELECT countIf(outcome = 'resolved') AS resolved FROM cycles
WHERE ${inRange('time')} HAVING count() > 0`,
      noValue: 'no cycle ran',
    }),
    number({
      title: 'Cycles in deadlock',
      description:
        'Cycles in the time range that found payments waiting and no set of them that could settle: only new money or a cancellation helps. Cycles are counted: one deadlock that ten of them find again is ten here, and one in the report of a run.',
      unit: 'short',
      width: 6,
      limits: [[1, 'orange']],
      sql: `SELECT countIf(outcome = 'deadlock') AS deadlocks FROM cycles
WHERE ${inRange('time')} HAVING count() > 0`,
      noValue: 'no cycle ran',
    }),
    bars({
      title: 'Cycles by what they found',
      description:
        'Cycles in the time range: resolved (a set settled together), deadlock (payments waiting, and no set of them that could settle), gridlock (a set that could settle, and the mechanism settled none of it), undecided (a heuristic settled nothing, and whether anything could is not known); of netting netted or unwound. Each cycle counts: what ten cycles find again is ten here, and one in the report of a run.',
      unit: 'short',
      sql: `SELECT outcome, count() AS cycles FROM cycles
WHERE ${inRange('time')} GROUP BY outcome ORDER BY outcome`,
      noValue: 'no cycle ran',
    }),
    rows({
      title: 'Queues by bank',
      description:
        'What waits at the end of the time range by bank and currency: number, value in whole units, and since when.',
      unit: 'short',
      noValue: 'no queue',
      link: PARTICIPANT_LINK,
      sql: `SELECT t.participant AS participant, t.currency AS currency, waiting, ${units('waiting_value')} AS value, waiting_since FROM
${withDecimals(`SELECT run, participant, currency, argMax(queue_samples.count, time) AS waiting, argMax(value_minor, time) AS waiting_value,
    argMax(oldest_submitted_at, time) AS waiting_since
  FROM queue_samples WHERE ${RUN} AND ${POOL} AND ${CURRENCY} AND participant != '' AND time <= $__toTime
  GROUP BY run, participant, currency HAVING waiting > 0`)}
ORDER BY value DESC, participant`,
    }),
    rows({
      title: 'Cycles',
      description:
        'The last cycles in the time range: what they found (resolved: a set settled together; deadlock: no set could settle; gridlock: a set could settle, and the mechanism settled none of it; undecided: not known; nothingQueued: the queues were empty; of netting nothingAccepted, netted or unwound), how many they settled and left.',
      unit: 'short',
      noValue: 'no cycle ran',
      sql: `SELECT cycles.time AS time, pool, cycle, mechanism, currency, outcome, settled, left_queued FROM cycles
WHERE ${inRange('cycles.time')} ORDER BY time DESC, cycle DESC LIMIT 200`,
    }),
    rows({
      title: 'What holds payments up',
      description:
        'Certificates of the last cycle in the time range that left something: of the first payment in each queue, which account is short (of balance, or of a bilateral or multilateral limit, against whom), and by how much in whole units. With less than that nothing is released (settlement.certificates of the scenario).',
      unit: 'short',
      width: 24,
      noValue: 'nothing was held up, or the scenario asks for no certificates',
      link: PARTICIPANT_LINK,
      sql: `SELECT t.time AS time, pool, cycle, uetr, short, participant, counterparty, t.currency AS currency, ${units('amount_minor')} AS short_by FROM
${withDecimals(`SELECT run, pool, cycle, event_number, held_up.time AS time, uetr, short, participant, counterparty, currency, amount_minor
  FROM held_up WHERE ${inRange('held_up.time')} AND ${CURRENCY} AND (run, pool, cycle) IN
    (SELECT run, pool, max(cycle) FROM held_up WHERE ${inRange('held_up.time')} GROUP BY run, pool)`)}
ORDER BY pool, event_number`,
    }),
  ],
};

import { BANK_VARIABLE, type Dashboard, POOL_VARIABLE, RUN_VARIABLE } from '../dashboard-frame.ts';
import { lines, number, rows } from '../panels.ts';
import {
  balanceLevels,
  everyInterval,
  inRange,
  POOL,
  queueIntervals,
  RUN,
  units,
  withDecimals,
} from '../sql-pieces.ts';

const BANK = '${bank:sqlstring}';

/** What its needs were, with that of the date before; of a date that closed twice as the later close has it. */
const NEEDS = `(SELECT run, pool, currency, date, hour, need_minor AS need,
    lagInFrame(need_minor) OVER (PARTITION BY run, pool, currency, hour ORDER BY date) AS before
  FROM (SELECT run, pool, currency, date, hour, need_minor FROM liquidity_needs AS n
    WHERE ${RUN} AND ${POOL} AND participant = ${BANK} AND n.time < $__toTime
    ORDER BY event_number DESC LIMIT 1 BY run, pool, currency, date, hour))`;

/** Pinball loss of a forecast of the need below which it lies with this probability. */
const loss = (forecast: string, share: number) =>
  `if(need >= ${forecast}, ${share} * (need - ${forecast}), ${(1 - share).toFixed(1)} * (${forecast} - need))`;

export const participant: Dashboard = {
  uid: 'corridor-participant',
  title: 'Participant',
  description:
    'One bank’s day: what it sent and received, its balances, its queue and its payments.',
  variables: [RUN_VARIABLE, POOL_VARIABLE, BANK_VARIABLE],
  panels: [
    number({
      title: 'Sent',
      description: 'Messages of this bank whose first status came in the time range.',
      unit: 'short',
      width: 6,
      sql: `SELECT sum(first_statuses) AS sent FROM sender_minutes
WHERE ${inRange('minute')} AND debtor_agent = ${BANK} HAVING count() > 0`,
    }),
    number({
      title: 'Sent and settled',
      description: 'Payments of this bank that settled in the time range.',
      unit: 'short',
      width: 6,
      sql: `SELECT sumIf(statuses, status = 'ACSC') AS settled FROM sender_minutes
WHERE ${inRange('minute')} AND debtor_agent = ${BANK} HAVING count() > 0`,
    }),
    number({
      title: 'Received',
      description: 'Payments credited to this bank in the time range.',
      unit: 'short',
      width: 6,
      sql: `SELECT sum(settled) AS received FROM receiver_minutes
WHERE ${inRange('minute')} AND creditor_agent = ${BANK} HAVING count() > 0`,
    }),
    number({
      title: 'Rejected',
      description: 'Messages of this bank, or in its name, that were rejected in the time range.',
      unit: 'short',
      width: 6,
      limits: [[1, 'orange']],
      sql: `SELECT sumIf(statuses, status = 'RJCT') AS rejected FROM sender_minutes
WHERE ${inRange('minute')} AND debtor_agent = ${BANK} HAVING count() > 0`,
    }),
    lines({
      title: 'Value sent and settled',
      description:
        'Amounts debited from this bank’s accounts by its payments, in whole units for each interval.',
      unit: 'short',
      sql: everyInterval(
        'currency, sent',
        `SELECT time, t.currency AS currency, ${units('amount')} AS sent FROM
${withDecimals(`SELECT run, $__timeInterval(minute) AS time, currency, sum(amount_minor) AS amount FROM sender_minutes
  WHERE ${inRange('minute')} AND debtor_agent = ${BANK} AND status = 'ACSC' GROUP BY run, time, currency`)}`,
        'currency',
      ),
    }),
    lines({
      title: 'Value received',
      description: 'Amounts credited to this bank’s accounts, in whole units for each interval.',
      unit: 'short',
      sql: everyInterval(
        'currency, received',
        `SELECT time, t.currency2 AS currency, ${units('amount')} AS received FROM
${withDecimals(
  `SELECT run, $__timeInterval(minute) AS time, currency2, sum(amount2_minor) AS amount FROM receiver_minutes
  WHERE ${inRange('minute')} AND creditor_agent = ${BANK} GROUP BY run, time, currency2`,
  'currency2',
)}`,
        'currency',
      ),
    }),
    lines({
      title: 'Balances',
      description:
        'Balance where it changed, by minute, and at both ends of the time range, in whole units. A level holds until the next point; below zero the bank uses its credit line.',
      unit: 'short',
      steps: true,
      belowZero: true,
      sql: `SELECT time, t.currency AS currency, ${units('balance_minor')} AS balance FROM
${withDecimals(
  `SELECT run, time, currency, balance_minor FROM ${balanceLevels(`${RUN} AND ${POOL} AND participant = ${BANK}`)}`,
)}
ORDER BY time, currency`,
    }),
    lines({
      title: 'Need for the rest of the day',
      description:
        'At each full hour after a date’s opening, in whole units: the most by which this bank’s payments are expected to take more than they bring from then to the close, by its own dates before, from the fifth on. It lies below lower on one date in ten, below middle on every second, below upper on nine in ten. Available is its balance at that hour and its credit.',
      unit: 'short',
      steps: true,
      belowZero: true,
      noValue: 'fewer than four dates before',
      sql: `SELECT time, t.currency AS currency, ${units('available')} AS available, ${units('lower_minor')} AS lower, ${units('middle_minor')} AS middle, ${units('upper_minor')} AS upper FROM
${withDecimals(`SELECT run, f.time AS time, currency, toInt128(balance_minor) + credit_minor AS available, lower_minor, middle_minor, upper_minor
  FROM liquidity_forecasts AS f WHERE ${inRange('f.time')} AND participant = ${BANK}`)}
ORDER BY time, currency`,
    }),
    rows({
      title: 'What these forecasts were worth',
      description:
        'Of the hours of the time range whose dates have closed, by currency: how many of the needs lay from lower to upper, the forecasts’ average pinball loss (over lower, middle and upper) in whole units, and that of taking the need of the date before for all three.',
      unit: 'short',
      width: 12,
      noValue: 'no forecast whose date has closed',
      sql: `SELECT t.currency AS currency, uniqExact(date) AS dates, count() AS hours, avg(need BETWEEN lower_minor AND upper_minor) AS inside,
  ${units(`avg(${loss('lower_minor', 0.1)} + ${loss('middle_minor', 0.5)} + ${loss('upper_minor', 0.9)}) / 3`)} AS loss,
  ${units('avg(abs(need - before)) / 2')} AS loss_of_day_before
FROM
${withDecimals(`SELECT run, currency, date, lower_minor, middle_minor, upper_minor, need, before
  FROM (SELECT run, pool, currency, date, hour, lower_minor, middle_minor, upper_minor
    FROM liquidity_forecasts AS f WHERE ${inRange('f.time')} AND participant = ${BANK}) AS f
  INNER JOIN ${NEEDS} AS n USING (run, pool, currency, date, hour)`)}
GROUP BY currency, c.minor_units ORDER BY currency`,
      columnUnits: { inside: 'percentunit' },
    }),
    lines({
      title: 'Its queue',
      description:
        'Payments of this bank that wait, by currency debited: the most in each interval.',
      unit: 'short',
      steps: true,
      noValue: 'nothing waited',
      sql: `SELECT w.time AS time, currency, w.waiting AS waiting
FROM ${queueIntervals(`${RUN} AND ${POOL} AND participant = ${BANK}`, 'currency')} AS w
ORDER BY time, currency`,
    }),
    rows({
      title: 'What its queue waits for',
      description:
        'Messages of this bank that wait at the end of the time range, by reason and currency debited: how many, their value in whole units, and since when the oldest waits. Of a live network alone.',
      unit: 'short',
      width: 24,
      noValue: 'nothing waits, or a recorded run',
      sql: `SELECT kind, t.currency AS currency, sum(waiting) AS messages, ${units('sum(amount)')} AS amount_waiting, min(oldest) AS waits_since FROM
${withDecimals(`SELECT run, kind, currency, count AS waiting, value_minor AS amount, oldest_since AS oldest FROM waits
  WHERE ${RUN} AND ${POOL} AND participant = ${BANK} AND (run, pool, event_number) IN (
    SELECT run, pool, max(event_number) FROM waits WHERE ${RUN} AND ${POOL} AND waits.time < $__toTime GROUP BY run, pool)`)}
GROUP BY kind, currency, c.minor_units ORDER BY messages DESC, kind, currency`,
    }),
    rows({
      title: 'Its limits',
      description:
        'What bounds this bank’s payments at the end of the time range, in whole units: limits, reservations, caps and credit lines as they were set last.',
      unit: 'short',
      width: 12,
      noValue: 'none set',
      sql: `SELECT kind, counterparty, t.currency AS currency, ${units('amount')} AS bound, set_at FROM
${withDecimals(`SELECT run, kind, counterparty, currency, argMax(amount_minor, (limits.time, event_number)) AS amount, max(limits.time) AS set_at
  FROM limits WHERE ${RUN} AND ${POOL} AND participant = ${BANK} AND limits.time < $__toTime
  GROUP BY run, kind, counterparty, currency HAVING argMax(is_removed, (limits.time, event_number)) = 0`)}
ORDER BY kind, counterparty, currency`,
    }),
    rows({
      title: 'Notices to it',
      description:
        'Messages in this bank’s name in the time range that failed authentication, came again, or used a UETR of another payment, and changes of its keys.',
      unit: 'short',
      width: 12,
      noValue: 'none',
      sql: `SELECT kind, reason, count() AS messages, max(security_events.time) AS latest FROM security_events
WHERE ${inRange('security_events.time')} AND participant = ${BANK}
GROUP BY kind, reason ORDER BY messages DESC, kind, reason`,
    }),
    rows({
      title: 'Its latest payments',
      description:
        'Status changes of the newest payments that this bank sent or received: the last 200, newest payment first.',
      unit: 'short',
      width: 16,
      height: 10,
      sql: `SELECT t.time AS time, uetr, status, iso_reason, reason, mechanism, debtor_agent, creditor_agent, t.currency AS currency, ${units('amount_minor')} AS amount FROM
${withDecimals(
  `SELECT run, pool, payment_position, time, event_number, uetr, status, iso_reason, reason, mechanism, debtor_agent, creditor_agent, currency, amount_minor
  FROM payments WHERE ${inRange('payments.time')} AND (debtor_agent = ${BANK} OR creditor_agent = ${BANK})
  ORDER BY run DESC, pool DESC, payment_position DESC, event_number DESC LIMIT 200`,
  'currency',
  // A forged message names no currency that can be believed.
  'LEFT',
)}
ORDER BY t.payment_position DESC, t.event_number DESC`,
    }),
    rows({
      title: 'Rejects and cancellations',
      description:
        'This bank’s messages that were rejected or cancelled in the time range, by reason.',
      unit: 'short',
      width: 8,
      height: 10,
      noValue: 'none',
      sql: `SELECT status, iso_reason, reason, sum(statuses) AS messages FROM sender_minutes
WHERE ${inRange('minute')} AND debtor_agent = ${BANK} AND status IN ('RJCT', 'CANC')
GROUP BY status, iso_reason, reason ORDER BY messages DESC, reason`,
    }),
    rows({
      title: 'Counterparties',
      description:
        'Value settled with each counterparty in whole units of the currency debited: paid, received, and the difference. Whole hours that begin in the time range.',
      unit: 'short',
      width: 24,
      sql: `SELECT counterparty, t.currency AS currency, ${units('paid')} AS paid_value, ${units('received')} AS received_value, received_value - paid_value AS net FROM
${withDecimals(`SELECT run, if(debtor_agent = ${BANK}, creditor_agent, debtor_agent) AS counterparty, currency,
    sumIf(amount_minor, debtor_agent = ${BANK}) AS paid, sumIf(amount_minor, creditor_agent = ${BANK}) AS received
  FROM pair_hours WHERE ${inRange('hour')} AND (debtor_agent = ${BANK} OR creditor_agent = ${BANK})
  GROUP BY run, counterparty, currency`)}
ORDER BY paid_value + received_value DESC, counterparty, currency`,
    }),
  ],
};

import {
  CURRENCY_VARIABLE,
  type Dashboard,
  POOL_VARIABLE,
  RUN_VARIABLE,
} from '../dashboard-frame.ts';
import { PARTICIPANT_LINK, rows } from '../panels.ts';
import { CURRENCY, inRange, POOL, RUN, units, withDecimals } from '../sql-pieces.ts';

/** Accounts by business date; of a date that a live network closed twice as the later close has it. */
const DAYS = `(SELECT run, pool, date, opened_at, a.time AS time, participant, currency, balance_minor, credit_line_minor, collateral_minor, usage_minor
  FROM account_days AS a WHERE ${inRange('a.time')} AND ${CURRENCY}
  ORDER BY event_number DESC LIMIT 1 BY run, pool, participant, currency, date)`;
/** They with the last instant at which what settles is theirs: behind a close it is of the date whose hours are nearer. */
const DAYS_SETTLED = `(SELECT *, toUnixTimestamp64Milli(time) AS closed_ms,
    leadInFrame(toUnixTimestamp64Milli(opened_at), 1, closed_ms) OVER (PARTITION BY run, pool, participant, currency ORDER BY date
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_ms,
    greatest(closed_ms, intDiv(closed_ms + next_ms, 2)) AS until_ms
  FROM ${DAYS})`;

const quarterOf = (minute: string) => `toStartOfFifteenMinutes(${minute} + 899)`;
/**
 * Whether a quarter of an hour may be taken whole: all of it lies in the range, dates opened at full quarters, and of none
 * the settlements end within it.
 */
const isWhole = (quarter: string) =>
  `(dates.1 AND ${quarter} >= $__fromTime + 840 AND ${quarter} < $__toTime AND NOT has(dates.2, ${quarter}))`;
const ACCOUNT = 'run, pool, participant, currency';
const SUMS = 'last_ms, sent_minor, received_minor';

/**
 * What accounts sent and received in a minute, or in a quarter of an hour, with the date on which it settled.
 */
const FLOWS = `(WITH (SELECT countIf(toUnixTimestamp64Milli(opened_at) % 900000 != 0) = 0,
      groupUniqArray(${quarterOf("toStartOfMinute(toDateTime(intDiv(until_ms + 59999, 1000), 'UTC'))")}) FROM ${DAYS_SETTLED}) AS dates
  SELECT l.run AS run, l.pool AS pool, l.participant AS participant, l.currency AS currency, d.date AS date, sent, received,
    greatest(1, intDiv(last_ms - toUnixTimestamp64Milli(d.opened_at) + 3599999, 3600000)) AS hour
  FROM (SELECT ${ACCOUNT}, max(f.last_ms) AS last_ms, sum(f.sent_minor) AS sent, sum(f.received_minor) AS received FROM
      (SELECT ${ACCOUNT}, quarter_end AS ends, ${SUMS} FROM account_quarters WHERE ${RUN} AND ${POOL} AND ${CURRENCY} AND ${isWhole('quarter_end')}
       UNION ALL SELECT ${ACCOUNT}, minute_end AS ends, ${SUMS} FROM account_minutes WHERE ${inRange('minute_end')} AND ${CURRENCY} AND NOT ${isWhole(quarterOf('minute_end'))}) AS f
    GROUP BY ${ACCOUNT}, ends) AS l
  ASOF INNER JOIN ${DAYS_SETTLED} AS d
  ON l.run = d.run AND l.pool = d.pool AND l.participant = d.participant AND l.currency = d.currency AND l.last_ms <= d.until_ms)`;

const MONTH = "formatDateTime(date, '%Y-%m') AS month";
const AVAILABLE = 'toInt128(balance_minor) + credit_line_minor + collateral_minor';
/** Of a month the value at a place of its dates; null where it has fewer. */
const placed = (list: string, place: number) =>
  `if(dates >= ${place}, ${units(`${list}[${place}]`)}, NULL)`;
const average = (list: string) => `${units(`arraySum(${list})`)} / dates`;

export const intraday: Dashboard = {
  uid: 'corridor-intraday',
  title: 'Intraday liquidity',
  description: 'What supervisors monitor of each bank, by the tools of BCBS 248, by month.',
  variables: [RUN_VARIABLE, POOL_VARIABLE, CURRENCY_VARIABLE],
  panels: [
    rows({
      title: 'Used and available',
      description:
        'By account and month, in whole units: the most by which what payments took exceeded what they had brought since a date’s opening, of the three dates on which that was largest and on average (A(i)); balance, credit line and collateral at the opening, least and on average (A(ii)). Dates that closed in the time range.',
      unit: 'short',
      width: 24,
      noValue: 'no date closed in this range',
      link: PARTICIPANT_LINK,
      sql: `SELECT month, participant, t.currency AS currency, dates,
  ${[1, 2, 3].map((place) => `${placed('most', place)} AS usage_${place}`).join(', ')}, ${average('most')} AS usage_average,
  ${placed('least', 1)} AS available_least, ${average('least')} AS available_average
FROM
${withDecimals(`SELECT run, ${MONTH}, participant, currency, count() AS dates,
    arrayReverseSort(groupArray(toInt128(usage_minor))) AS most, arraySort(groupArray(${AVAILABLE})) AS least
  FROM ${DAYS} GROUP BY run, month, participant, currency`)}
ORDER BY month, currency, participant`,
    }),
    rows({
      title: 'Sent and received',
      description:
        'By account and month, in whole units: what an account sent and what it received on a date, gross, of the payments that settled on it, on the date with most and on average (A(iii)). Dates that closed in the time range.',
      unit: 'short',
      noValue: 'no date closed in this range',
      link: PARTICIPANT_LINK,
      sql: `SELECT month, participant, t.currency AS currency, ${units('sent_most')} AS sent_largest, ${units('sent_sum')} / dates AS sent_average,
  ${units('received_most')} AS received_largest, ${units('received_sum')} / dates AS received_average
FROM
${withDecimals(`SELECT run, ${MONTH}, participant, currency, count() AS dates, max(f.out) AS sent_most, sum(f.out) AS sent_sum,
    max(f.into) AS received_most, sum(f.into) AS received_sum
  FROM ${DAYS} AS d LEFT JOIN (SELECT run, pool, participant, currency, date, sum(sent) AS out, sum(received) AS into
    FROM ${FLOWS} GROUP BY run, pool, participant, currency, date) AS f USING (run, pool, participant, currency, date)
  GROUP BY run, month, participant, currency`)}
ORDER BY month, currency, participant`,
    }),
    rows({
      title: 'Throughput by hour',
      description:
        'By account, month and full hour after the opening: what of the value that the account sent on a date had settled by then, on average over the dates on which it sent any (C(i)). Hours in which nothing settled on any date are left out. Of a date that did not open at a full minute hours are to the minute. Dates that closed in the time range.',
      unit: 'short',
      noValue: 'nothing settled in this range',
      link: PARTICIPANT_LINK,
      sql: `SELECT month, participant, currency, hour, sum(share) OVER (PARTITION BY month, participant, currency ORDER BY hour) / any_dates AS settled
FROM (SELECT ${MONTH}, participant, currency, hour, sum(toFloat64(sent_in_hour) / whole) AS share, any(paying) AS any_dates
  FROM (SELECT *, sum(sent_in_hour) OVER (PARTITION BY run, pool, participant, currency, date) AS whole,
      uniqExact(date) OVER (PARTITION BY run, pool, participant, currency, toStartOfMonth(date)) AS paying
    FROM (SELECT run, pool, participant, currency, date, hour, sum(sent) AS sent_in_hour
      FROM ${FLOWS} WHERE sent > 0 GROUP BY run, pool, participant, currency, date, hour))
  GROUP BY month, participant, currency, hour)
ORDER BY month, currency, participant, hour`,
      columnUnits: { settled: 'percentunit' },
    }),
  ],
};

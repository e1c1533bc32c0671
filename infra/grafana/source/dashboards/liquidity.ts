import {
  CURRENCY_VARIABLE,
  type Dashboard,
  POOL_VARIABLE,
  RUN_VARIABLE,
} from '../dashboard-frame.ts';
import { bars, lines, PARTICIPANT_LINK, rows } from '../panels.ts';
import {
  CORRIDOR_SUMS,
  CURRENCY,
  POOL,
  RUN,
  settledLegs,
  turnover,
  units,
  withDecimals,
} from '../sql-pieces.ts';

const OWN = `${RUN} AND ${POOL} AND ${CURRENCY}`;

/** Each account over the time range: what stood still in it has the balance that it came with. */
const ACCOUNTS = `SELECT run, participant, currency,
    if(countIf(time <= $__fromTime) > 0, argMaxIf(balance_minor, time, time <= $__fromTime), argMin(balance_minor, time)) AS opening,
    if(countIf(time > $__fromTime) > 0, least(opening, minIf(lowest_minor, time > $__fromTime)), opening) AS lowest,
    argMax(balance_minor, time) AS closing,
    argMax(credit_line_minor, time) AS line, argMax(injected_minor, time) AS injected, max(drawn_max_minor) AS drawn
  FROM balances WHERE ${OWN} AND time <= $__toTime
  GROUP BY run, participant, currency`;

/** An interval of more than a minute has fewer points than there are rows: rows come a minute apart, and a panel is drawn with an interval a pixel. */
const HAS_PIECES = '$__interval_s > 60';
/** 0: before the range. From 1 on two intervals each; where every row is a point the whole range is one. */
const PIECE = `if(b.time <= $__fromTime, 0, if(${HAS_PIECES}, 1 + intDiv(toUnixTimestamp64Milli(b.time) - 1 - toUnixTimestamp($__fromTime) * 1000, 2000 * $__interval_s), 1))`;
/** Of a piece its lowest and its last, or every point. */
const POINTS = `if(${HAS_PIECES}, arrayDistinct([(argMin(b.time, balance_minor), min(balance_minor)), (last_at, last)]),
          arrayZip(groupArrayIf(b.time, b.time > $__fromTime), groupArrayIf(balance_minor, b.time > $__fromTime)))`;
/**
 * Of the accounts closest to their floor the points of a line: those of each piece, and the levels at both ends of the range. Accounts are
 * chosen by the same look at the table, which costs less than a second one.
 */
const CLOSEST_POINTS = `SELECT run, concat(participant, ' ', currency) AS account, currency, arrayJoin(points) AS point, point.1 AS time, point.2 AS balance_minor
  FROM (SELECT run, participant, currency, argMin(if(piece = 0, last, first), piece) AS opening,
      if(max(piece) > 0, least(opening, minIf(low, piece > 0)), opening) AS lowest, argMax(line, piece) AS last_line,
      arrayConcat(if(min(piece) = 0, [(toDateTime64($__fromTime, 3, 'UTC'), opening)], []), groupArrayArrayIf(own_points, piece > 0),
        if(max(last_at) < $__toTime, [(toDateTime64($__toTime, 3, 'UTC'), argMax(last, piece))], [])) AS points
    FROM (SELECT run, participant, currency, ${PIECE} AS piece,
        argMin(balance_minor, b.time) AS first, max(b.time) AS last_at, argMax(balance_minor, b.time) AS last,
        min(lowest_minor) AS low, argMax(credit_line_minor, b.time) AS line, ${POINTS} AS own_points
      FROM balances AS b WHERE ${OWN} AND b.time <= $__toTime
      GROUP BY run, participant, currency, piece)
    GROUP BY run, participant, currency
    HAVING toInt128(opening) + last_line > 0
    ORDER BY toFloat64(toInt128(lowest) + last_line) / toFloat64(toInt128(opening) + last_line), participant, currency LIMIT 10)`;

/** What stood at the begin of the time range and every row in it, each with the line of the row before. */
const LINES = `SELECT participant, currency, if(time <= $__fromTime, balance_minor, lowest_minor) AS low,
    if(time <= $__fromTime, credit_line_minor, greatest(credit_line_minor, before)) AS line
  FROM (SELECT *, lagInFrame(credit_line_minor) OVER w AS before, leadInFrame(time) OVER w AS next FROM balances
    WHERE ${OWN} AND time <= $__toTime
    WINDOW w AS (PARTITION BY run, pool, participant, currency ORDER BY time ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING))
  WHERE time > $__fromTime OR next > $__fromTime OR toUnixTimestamp(next) = 0`;

export const liquidity: Dashboard = {
  uid: 'corridor-liquidity',
  title: 'Liquidity',
  description: 'Balances, credit lines used, turnover, and who is short.',
  variables: [RUN_VARIABLE, POOL_VARIABLE, CURRENCY_VARIABLE],
  panels: [
    rows({
      title: 'Turnover by currency',
      description:
        'Value of all legs settled in the currency in the time range (of a payment over two currencies also what its dealer paid) divided by the liquidity that payments had drawn by its end: the sum over accounts of the highest max(0, opening balance + injections - balance) since they were opened. Higher means that the same money settled more.',
      unit: 'short',
      width: 12,
      sql: `${turnover('d.currency AS currency', `${OWN} AND time <= $__toTime`, settledLegs(CORRIDOR_SUMS, CURRENCY))}
ORDER BY currency`,
    }),
    bars({
      title: 'Credit lines used, at most',
      description:
        'The most of its credit line that an account used in the time range: the highest max(0, -balance) / line in force then; in a minute in which the line changed, of the larger of the two. The fifteen highest; accounts that had no line are not shown.',
      unit: 'percentunit',
      noValue: 'no account has a credit line',
      sql: `SELECT concat(participant, ' ', currency) AS account,
  max(greatest(0, -toFloat64(low)) / toFloat64(line)) AS used
FROM (${LINES}) WHERE line > 0
GROUP BY account
ORDER BY used DESC, account LIMIT 15`,
    }),
    lines({
      title: 'Balances of the accounts closest to their floor',
      description:
        'Balance where it changed, by minute, and at both ends of the time range, in whole units, of the ten accounts whose headroom (balance + credit line) was the smallest share of their first balance and line. Over a range of more minutes than points can be drawn the lowest and the last of every two intervals. A level holds until the next point.',
      unit: 'short',
      steps: true,
      belowZero: true,
      width: 24,
      height: 9,
      sql: `SELECT time, account, ${units('balance_minor')} AS balance FROM
${withDecimals(CLOSEST_POINTS)}
ORDER BY time, account`,
    }),
    rows({
      title: 'Who is short',
      description:
        'Banks whose waiting payments exceed what their account can pay at the end of the time range: waiting value - (balance + credit line), in whole units. Incoming payments can make it up.',
      unit: 'short',
      noValue: 'nobody',
      link: PARTICIPANT_LINK,
      sql: `SELECT t.participant AS participant, t.currency AS currency, ${units('short')} AS short_by,
  ${units('waiting_value')} AS waiting_value, ${units('headroom')} AS can_pay, waiting FROM
${withDecimals(`SELECT q.run AS run, q.participant AS participant, q.currency AS currency, waiting, waiting_value, headroom,
    toInt128(waiting_value) - headroom AS short
  FROM (SELECT run, participant, currency, argMax(queue_samples.count, time) AS waiting, argMax(value_minor, time) AS waiting_value
    FROM queue_samples WHERE ${RUN} AND ${POOL} AND ${CURRENCY} AND participant != '' AND time <= $__toTime
    GROUP BY run, participant, currency) AS q
  INNER JOIN (SELECT run, participant, currency, toInt128(argMax(balance_minor, time)) + argMax(credit_line_minor, time) AS headroom
    FROM balances WHERE ${RUN} AND ${POOL} AND ${CURRENCY} AND time <= $__toTime
    GROUP BY run, participant, currency) AS b
  ON q.run = b.run AND q.participant = b.participant AND q.currency = b.currency
  WHERE waiting > 0 AND short > 0`)}
ORDER BY short_by DESC, participant`,
    }),
    rows({
      title: 'Accounts',
      description:
        'Settlement accounts over the time range in whole units: the balance that they came with, lowest, last, credit line, money put in less taken out since they were opened, and the most that payments had drawn since then.',
      unit: 'short',
      link: PARTICIPANT_LINK,
      sql: `SELECT t.participant AS participant, t.currency AS currency, ${units('opening')} AS opening_balance, ${units('lowest')} AS lowest_balance,
  ${units('closing')} AS closing_balance, ${units('line')} AS credit_line, ${units('injected')} AS injections, ${units('drawn')} AS drawn_at_most
FROM
${withDecimals(ACCOUNTS)}
ORDER BY currency, participant`,
    }),
  ],
};

import { type Dashboard, POOL_VARIABLE, RUN_VARIABLE } from '../dashboard-frame.ts';
import { bars, lines, number, rows } from '../panels.ts';
import {
  BETWEEN_CURRENCIES,
  CORRIDOR_SUMS,
  CORRIDOR_SUMS_UNTIL,
  DECIMALS,
  everyInterval,
  FINALITY,
  inRange,
  OF_PAYMENTS,
  OWED,
  owedOf,
  percentile,
  RUN,
  units,
  withDecimals,
} from '../sql-pieces.ts';

const HOUR_MS = 3_600_000;

/** By corridor: value debited at the mid rate and what of it did not arrive. */
const COST = `SELECT v.corridor AS corridor,
    sum(done) AS paid, 1 - sum(toFloat64(credited) / exp10(c2.minor_units)) / sum(toFloat64(debited) / exp10(c1.minor_units) * r.rate) AS cost
  FROM (SELECT run, corridor, currency, currency2, sum(s.statuses) AS done, sum(s.amount_minor) AS debited, sum(s.amount2_minor) AS credited
    FROM ${CORRIDOR_SUMS} AS s WHERE status = 'ACSC' AND currency != currency2
    GROUP BY run, corridor, currency, currency2) AS v
  INNER JOIN (SELECT run, currency, currency2, any(reference_rates.rate) AS rate FROM reference_rates WHERE ${RUN} GROUP BY run, currency, currency2) AS r
    ON v.run = r.run AND v.currency = r.currency AND v.currency2 = r.currency2
  INNER JOIN ${DECIMALS} AS c1 ON v.run = c1.run AND v.currency = c1.code
  INNER JOIN ${DECIMALS} AS c2 ON v.run = c2.run AND v.currency2 = c2.code
  GROUP BY corridor`;

/** What settled in the range, of sums that go back behind it; by corridor what was paid and what arrived, in whole units. */
const SETTLED = "status = 'ACSC' AND since >= $__fromTime";
const paid = 'toFloat64(v.amount) / exp10(c1.minor_units)';
const got = 'toFloat64(v.amount2) / exp10(c2.minor_units)';

const SPEED = `SELECT corridor, sum(within_hour) AS in_hour, sum(within_day) AS in_day,
    ${percentile(50)} AS p50, ${percentile(95)} AS p95
  FROM ${FINALITY} AS f GROUP BY corridor`;

/** By corridor between two currencies: owed, and final within an hour. */
const ON_TIME = `(SELECT o.corridor AS corridor, owed, quick FROM ${OWED} AS o LEFT JOIN
    (SELECT corridor, sum(within_hour) AS quick FROM ${FINALITY} AS f GROUP BY corridor) AS h ON o.corridor = h.corridor)`;

export const corridors: Dashboard = {
  uid: 'corridor-corridors',
  title: 'Corridors',
  description:
    'Value, number, speed and cost by corridor (currency debited to currency credited). What crosses a border, against the G20’s targets: Oversight.',
  variables: [RUN_VARIABLE, POOL_VARIABLE],
  panels: [
    rows({
      title: 'Corridors between currencies',
      description:
        'Number, value, speed and cost of each corridor of payments, also inside one currency. Shares are of the payments neither rejected nor withdrawn by their bank: settled in the time range, waiting at its end or cancelled in it otherwise, and count submission to settlement. A business day is 24 hours here; the report of a run has it to the same time of the next business date, which is later before a weekend or a holiday. Cost is the share of the value debited, at the scenario’s mid rates, that does not arrive. Trades (PvP, DvP) have a table of their own.',
      unit: 'short',
      width: 24,
      height: 10,
      columnUnits: {
        settled_share: 'percentunit',
        p50: 'ms',
        p95: 'ms',
        within_hour: 'percentunit',
        within_day: 'percentunit',
        cost: 'percentunit',
      },
      // All but the times come of one look at the sums, which goes back behind the range for what is owed in it.
      sql: `SELECT n.corridor AS corridor, submitted, done AS settled, done / nullIf(submitted, 0) AS settled_share,
  debited, credited, p50, p95, if(due > 0, in_hour / due, NULL) AS within_hour,
  if(due > 0, in_day / due, NULL) AS within_day, if(at_mid > 0, 1 - arrived / at_mid, NULL) AS cost
FROM (SELECT v.corridor AS corridor, sum(v.submitted) AS submitted, sum(v.done) AS done, sumIf(v.owed, ${BETWEEN_CURRENCIES}) AS due,
    sum(${paid}) AS debited, sum(${got}) AS credited, sumIf(${got}, r.rate > 0) AS arrived, sum(${paid} * r.rate) AS at_mid
  FROM (SELECT run, corridor, currency, currency2, ${owedOf('s')} AS owed, countIf(since >= $__fromTime) AS rows_in_range,
      sumIf(s.first_statuses, since >= $__fromTime) AS submitted, sumIf(s.statuses, ${SETTLED}) AS done,
      sumIf(s.amount_minor, ${SETTLED}) AS amount, sumIf(s.amount2_minor, ${SETTLED}) AS amount2
    FROM ${CORRIDOR_SUMS_UNTIL} AS s WHERE corridor != '' AND ${OF_PAYMENTS} GROUP BY run, corridor, currency, currency2) AS v
  INNER JOIN ${DECIMALS} AS c1 ON v.run = c1.run AND v.currency = c1.code
  INNER JOIN ${DECIMALS} AS c2 ON v.run = c2.run AND v.currency2 = c2.code
  LEFT JOIN (SELECT run, currency, currency2, any(reference_rates.rate) AS rate FROM reference_rates WHERE ${RUN} AND currency != currency2 GROUP BY run, currency, currency2) AS r
    ON v.run = r.run AND v.currency = r.currency AND v.currency2 = r.currency2
  GROUP BY corridor HAVING sum(rows_in_range) > 0) AS n
LEFT JOIN (${SPEED}) AS s ON n.corridor = s.corridor
ORDER BY corridor`,
    }),
    number({
      title: 'Final within an hour',
      description:
        'Of the payments between two currencies that were neither rejected nor withdrawn by their bank (settled in the time range, waiting at its end, or cancelled in it otherwise), the share that was final within an hour of its submission.',
      unit: 'percentunit',
      width: 8,
      decimals: 1,
      noValue: 'no payment between currencies',
      sql: `SELECT sum(quick) / sum(owed) AS share FROM ${ON_TIME} HAVING sum(owed) > 0`,
    }),
    number({
      title: 'Average cost, by number',
      description:
        'Cost of the corridors between currencies in the time range, each weighted by its number of payments. The average by value, which the G20’s target is held against, is on the dashboard Oversight and in the report.',
      unit: 'percentunit',
      width: 8,
      decimals: 3,
      noValue: 'no corridor between currencies, or no reference rates',
      sql: `SELECT sum(k.cost * paid) / sum(paid) AS average FROM (${COST}) AS k HAVING sum(paid) > 0`,
    }),
    number({
      title: 'Dearest corridor',
      description: 'The highest cost of a corridor between currencies in the time range.',
      unit: 'percentunit',
      width: 8,
      decimals: 3,
      noValue: 'no corridor between currencies, or no reference rates',
      sql: `SELECT max(k.cost) AS dearest FROM (${COST}) AS k HAVING count() > 0`,
    }),
    lines({
      title: 'Payments settled by corridor',
      description:
        'Payments settled a second in each corridor. A trade (PvP, DvP; A/B) is one payment of its own corridor.',
      unit: 'reqps',
      sql: everyInterval(
        'corridor, settled',
        `SELECT $__timeInterval(minute) AS time, corridor, sum(statuses) / $__interval_s AS settled
FROM corridor_minutes WHERE ${inRange('minute')} AND status = 'ACSC'
GROUP BY time, corridor`,
        'corridor',
      ),
    }),
    lines({
      title: 'Value settled by corridor',
      description:
        'Sum of the amounts debited in each interval, in whole units of the currency debited (the first of the corridor’s name); of trades (A/B) each leg by itself.',
      unit: 'short',
      sql: everyInterval(
        'flow AS corridor, value',
        `SELECT time, if(${OF_PAYMENTS}, corridor, concat(corridor, ' ', t.currency)) AS flow, ${units('amount')} AS value FROM
${withDecimals(`SELECT run, $__timeInterval(minute) AS time, corridor, currency, sum(amount_minor) AS amount
  FROM corridor_minutes WHERE ${inRange('minute')} AND status = 'ACSC' GROUP BY run, time, corridor, currency`)}`,
        'flow',
      ),
    }),
    lines({
      title: 'Time to finality by corridor, p95',
      description:
        'Within this time 95 % of the payments that settled in the interval were final (nearest rank, up to 1 % more). The dashed line is an hour.',
      unit: 'ms',
      target: HOUR_MS,
      sql: everyInterval(
        'corridor, p95',
        `SELECT $__timeInterval(minute) AS time, corridor,
  ${percentile(95)} AS p95
FROM finality_minutes WHERE ${inRange('minute')}
GROUP BY time, corridor`,
        'corridor',
      ),
    }),
    bars({
      title: 'Share final within an hour',
      description:
        'Of the payments between two currencies that were neither rejected nor withdrawn by their bank (settled in the time range, waiting at its end, or cancelled in it otherwise), the share that was final within an hour of its submission.',
      unit: 'percentunit',
      sql: `SELECT corridor, quick / owed AS within_hour FROM ${ON_TIME} ORDER BY corridor`,
    }),
    bars({
      title: 'Cost by corridor',
      description:
        'Share of the value debited, at the scenario’s mid rates, that does not arrive: the dealers’ margin and rounding. Corridors inside one currency cost nothing here and are not shown.',
      unit: 'percentunit',
      noValue: 'no corridor between currencies, or no reference rates',
      sql: `SELECT corridor, cost FROM (${COST}) AS k ORDER BY corridor`,
    }),
    rows({
      title: 'Trades between banks',
      description:
        'Trades (PvP, DvP) settled in the time range by what was exchanged: their number, what was delivered of each currency or security in whole units, and time to finality from the earlier instruction (nearest rank, up to 1 % more). A trade without its mirror (A/?) settles nothing.',
      unit: 'short',
      columnUnits: { p50: 'ms', p95: 'ms' },
      noValue: 'no trade settled',
      sql: `SELECT t.corridor AS trade, trades, t.currency AS currency, ${units('amount')} AS delivered, p50, p95 FROM
${withDecimals(`SELECT run, corridor, currency, sum(amount_minor) AS amount, sum(sum(statuses)) OVER (PARTITION BY run, corridor) AS trades
  FROM corridor_minutes WHERE ${inRange('minute')} AND status = 'ACSC' AND NOT (${OF_PAYMENTS}) GROUP BY run, corridor, currency`)}
LEFT JOIN (${SPEED}) AS s ON t.corridor = s.corridor
ORDER BY trade, currency`,
    }),
    rows({
      title: 'Reference rates',
      description: 'The mid rates that costs are measured against, with their source.',
      unit: 'short',
      noValue: 'no reference rates',
      sql: `SELECT concat(currency, '-', currency2) AS pair, rate, source, date FROM reference_rates
WHERE ${RUN} ORDER BY pair`,
    }),
  ],
};

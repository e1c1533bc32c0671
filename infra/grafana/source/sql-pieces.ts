/**
 * Pieces of the dashboards' SQL. Values of variables are quoted by Grafana (`:sqlstring`), so that a
 * name with an apostrophe is a name. Money leaves the database in whole units of its currency; it is
 * summed in minor units before.
 */
export const RUN = 'run IN (${run:sqlstring})';
export const POOL = 'pool IN (${pool:sqlstring})';
export const CURRENCY = 'currency IN (${currency:sqlstring})';

/**
 * From the range's beginning to just before its end. A table of minutes or hours counts each whole: those
 * that begin in the range. So two ranges of which one begins where the other ends add up, whatever the
 * instant, and a range up to now has what came last.
 */
export const inTime = (column: string) => `${column} >= $__fromTime AND ${column} < $__toTime`;
/** Rows of the chosen run and pools in the dashboard's time range. */
export const inRange = (column: string) => `${RUN} AND ${POOL} AND ${inTime(column)}`;

/** A run's currencies (code) with their decimals, each once. */
export const DECIMALS =
  '(SELECT run, currency AS code, any(currencies.minor_units) AS minor_units FROM currencies GROUP BY run, code)';

/** Joins a subquery that has run and currency with the currency's decimals; LEFT keeps what has none. */
export const withDecimals = (subquery: string, currency = 'currency', join = 'INNER') =>
  `(${subquery}) AS t ${join} JOIN
  ${DECIMALS} AS c
  ON t.run = c.run AND t.${currency} = c.code`;

/** An amount of minor units as a number of whole units, for drawing. */
export const units = (amount: string) => `toFloat64(${amount}) / exp10(c.minor_units)`;

/**
 * Times to finality of what settled in the range: whole hours of it from the table of hours, the minutes
 * at both ends from that of minutes. The same rows, sixty times fewer of them.
 */
export const FINALITY = `(SELECT run, pool, corridor, settled, within_hour, within_day, waits FROM finality_hours
    WHERE ${RUN} AND ${POOL} AND hour >= $__fromTime AND hour <= $__toTime - 3600
  UNION ALL SELECT run, pool, corridor, settled, within_hour, within_day, waits FROM finality_minutes
    WHERE ${inRange('minute')} AND NOT (toStartOfHour(minute) >= $__fromTime AND toStartOfHour(minute) <= $__toTime - 3600))`;

const RANKS = [50, 95, 99] as const;
/**
 * A percentile of the times to finality of the rows of finality_minutes or finality_hours, ms: by nearest
 * rank, up to 1/128 more (infra/clickhouse/016_nearest_rank.sql). Nullable: a run or a corridor that a
 * join does not find has none.
 */
export const percentile = (rank: (typeof RANKS)[number]) =>
  `toNullable(quantilesExactWeightedMerge(0.5, 0.95, 0.99)(waits)[${RANKS.indexOf(rank) + 1}])`;

/** The balances that hold at an instant, of accounts that `where` chooses. */
const balancesAt = (where: string, at: string) =>
  `SELECT toDateTime64(${at}, 3, 'UTC') AS time, run, currency, argMax(balances.balance_minor, balances.time) AS balance_minor
    FROM balances WHERE ${where} AND balances.time <= ${at} GROUP BY run, currency`;

/**
 * Balances hold until they change: a point where one did, and those at both ends of the range, so that what stood still in
 * it is seen too.
 */
export const balanceLevels = (where: string) =>
  `(SELECT balances.time AS time, run, currency, balances.balance_minor AS balance_minor FROM balances
    WHERE ${where} AND balances.time > $__fromTime AND balances.time <= $__toTime
  UNION ALL ${balancesAt(where, '$__fromTime')}
  UNION ALL ${balancesAt(where, '$__toTime')} HAVING max(balances.time) < $__toTime)`;

/**
 * Queues by interval of the range, a row for each from a queue's first row on: `waiting` and `waiting_value` (minor units) the most in
 * it, and `age` of the payment that waits longest (ms), at the interval's end and at the beginning of each minute in which the
 * queue changed: no row tells when in that minute the payment left. A row of queue_samples tells what was before its time and holds until the next.
 */
export const queueIntervals = (where: string, keys: string) => {
  const slot = (time: string) => `intDiv(toUnixTimestamp(${time}), $__interval_s)`;
  const ms = (time: string) => `toUnixTimestamp64Milli(${time})`;
  const last = 'INTERVAL 1 millisecond';
  // Of all that was before the range the last row: a window over a year of rows takes gigabytes.
  const stood = `SELECT run, pool, participant, currency, max(p.time) FROM queue_samples AS p WHERE ${where} AND p.time <= $__fromTime GROUP BY run, pool, participant, currency`;
  const held = `SELECT ${keys}, waiting, waiting_value, oldest, until, arrayJoin(range(${slot(`greatest(since - ${last}, $__fromTime)`)}, ${slot('until')} + 1)) AS slot FROM
      (SELECT ${keys}, q.time AS since, q.count AS waiting, value_minor AS waiting_value, oldest_submitted_at AS oldest,
        leadInFrame(toNullable(q.time)) OVER (PARTITION BY run, pool, participant, currency ORDER BY q.time ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS following,
        toDateTime64(if(isNull(following), $__toTime, greatest(since, toStartOfMinute(following - ${last}))), 3, 'UTC') AS until
       FROM queue_samples AS q WHERE ${where} AND q.time <= $__toTime AND (q.time > $__fromTime OR (run, pool, participant, currency, q.time) IN (${stood})))
      WHERE until >= $__fromTime`;
  return `(SELECT toDateTime(slot * $__interval_s, 'UTC') AS time, ${keys}, max(w.waiting) AS waiting, max(w.waiting_value) AS waiting_value, max(w.age) AS age FROM
    (SELECT ${keys}, slot, waiting, waiting_value, if(waiting = 0, 0, least(${ms('until')}, toInt64(slot + 1) * $__interval_s * 1000) - ${ms('oldest')}) AS age FROM (${held})
     UNION ALL SELECT ${keys}, ${slot(`q.time - ${last}`)} AS slot, q.count_max AS waiting, q.value_max_minor AS waiting_value, 0 AS age
       FROM queue_samples AS q WHERE ${where} AND q.time > $__fromTime AND q.time <= $__toTime) AS w
    GROUP BY slot, ${keys})`;
};

/**
 * A point for every interval of the range (`step`, in seconds) and every series: where nothing happened 0, or nothing where a
 * column is Nullable. Grafana would draw a line from the point before to the next, over hours in which
 * nothing was. A query without rows stays without.
 */
export const everyInterval = (
  columns: string,
  sql: string,
  key?: string,
  step = '$__interval_s',
) => `SELECT time, ${columns} FROM
  (SELECT 1 AS known, * FROM (${sql})
   ORDER BY known, ${key === undefined ? '' : `${key}, `}time
   WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL ${step} second) TO $__toTime STEP ${step})
WHERE known = 1
ORDER BY time${key === undefined ? '' : `, ${key}`}`;

/**
 * Value of all legs settled in each currency, by run, in minor units: of a payment over two currencies
 * what its debtor paid in one and its dealer in the other. Rows are summed before they are taken apart.
 */
export const settledLegs = (sums: string, currencies = '1') =>
  `SELECT run, leg.1 AS currency, sum(leg.2) AS amount FROM
    (SELECT run, arrayJoin(if(currency = currency2, [(toString(currency), sum(s.amount_minor))], [(toString(currency), sum(s.amount_minor)), (toString(currency2), sum(s.amount2_minor))])) AS leg
     FROM ${sums} AS s WHERE status = 'ACSC' GROUP BY run, currency, currency2)
  WHERE ${currencies} GROUP BY run, currency`;

/** Turnover by run and currency in whole units: what settled, what the accounts of `rows` of balances drew, and the first by the second. */
export const turnover = (columns: string, rows: string, settled: string) =>
  `SELECT ${columns}, toFloat64(amount) / exp10(decimals) AS settled_value, drawn_value, settled_value / nullIf(drawn_value, 0) AS turnover
FROM (SELECT t.run AS run, t.currency AS currency, any(c.minor_units) AS decimals, sum(${units('drawn')}) AS drawn_value FROM
${withDecimals(`SELECT run, participant, currency, max(drawn_max_minor) AS drawn FROM balances WHERE ${rows} GROUP BY run, participant, currency`)}
GROUP BY run, currency) AS d
LEFT JOIN (${settled}) AS v ON d.run = v.run AND d.currency = v.currency`;

/** Of each run the settings that it was given beside its scenario: what distinguishes two of one scenario. */
export const OVERRIDES = `SELECT run, arrayStringConcat(JSONExtract(any(runs.summary), 'overrides', 'Array(String)'), ' ') AS overrides
  FROM runs GROUP BY run`;

/** Corridors of payments between two currencies. */
export const BETWEEN_CURRENCIES = "position(corridor, '-') > 0";
/** Corridors of payments: trades of two legs have their own. */
export const OF_PAYMENTS = "position(corridor, '/') = 0";

/** Rows of corridor_minutes, those of whole hours from the table of hours: sixty times fewer. */
const corridorSums = (minutes: string, isWhole: (hour: string) => string) => {
  const sums = 'statuses, first_statuses, cancelled_by_others, amount_minor, amount2_minor';
  const columns = (at: string) => `run, ${at}, corridor, currency, currency2, status, ${sums}`;
  return `(SELECT ${columns('hour AS since')} FROM corridor_hours WHERE ${RUN} AND ${POOL} AND ${isWhole('hour')}
    UNION ALL SELECT ${columns('minute AS since')} FROM corridor_minutes
      WHERE ${RUN} AND ${POOL} AND ${minutes} AND NOT (${isWhole('toStartOfHour(minute)')}))`;
};

/** What became of messages in the range, by corridor and status. */
export const CORRIDOR_SUMS = corridorSums(
  inTime('minute'),
  (hour) => `${hour} >= $__fromTime AND ${hour} <= $__toTime - 3600`,
);

/** The same of all that was before the range's end: an hour in which the range begins is no whole one. */
export const CORRIDOR_SUMS_UNTIL = corridorSums(
  'minute < $__toTime',
  (hour) =>
    `${hour} <= $__toTime - 3600 AND (${hour} >= $__fromTime OR ${hour} <= $__fromTime - 3600)`,
);

/**
 * What of these was owed in the range, as the report of a run counts: settled in it, waiting at its end, or cancelled in it by another
 * than its bank. Neither rejected nor withdrawn.
 */
export const owedOf = (s: string) =>
  `toInt64(sum(${s}.first_statuses)) + toInt64(sumIf(${s}.cancelled_by_others, since >= $__fromTime))
      - toInt64(sumIf(${s}.statuses, status IN ('RJCT', 'CANC') OR (status = 'ACSC' AND since < $__fromTime)))`;

/** The same by corridor between two currencies. */
export const OWED = `(SELECT corridor, ${owedOf('s')} AS owed
    FROM ${CORRIDOR_SUMS_UNTIL} AS s WHERE ${BETWEEN_CURRENCIES} GROUP BY corridor HAVING owed > 0)`;

/**
 * Of two checks of a figure the later has the larger number: it went up to a later event (the upper 64 bits), or to the same at
 * a later time (the lower, ms). A tuple of both is compared at a third of the speed.
 */
export const CHECK =
  'bitShiftLeft(toUInt128(event_number), 64) + toUInt64(toUnixTimestamp64Milli(reconciliations.time))';

/** What services said of themselves in the range, by minute. */
export const SERVICES = `${RUN} AND ${inTime('minute')}`;

/** How far the metrics service is behind the events, ms. */
export const BEHIND = `SELECT max(behind) AS behind_ms FROM
  (SELECT argMaxMerge(last_lag_ms) AS behind FROM service_minutes WHERE ${SERVICES} AND service = 'metrics' AND reader LIKE '%events%' GROUP BY instance, reader)
HAVING count() > 0`;

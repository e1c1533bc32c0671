/**
 * What an operator publishes of a system (PFMI, principle 23): numbers and values by business date and currency, from the
 * analysis store. docs/indicators.md, "Disclosure", defines each column.
 */
import { amountText } from '../protocol/names/minor-units.ts';

/** A business date of a currency that has closed; as it is published. */
export interface DisclosedDate {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly currency: string;
  /** State times, UTC, ISO 8601. */
  readonly opened_at: string;
  readonly closed_at: string;
  /** Payments that came in by its close. */
  readonly submitted: number;
  readonly rejected: number;
  readonly withdrawn: number;
  /** Of the submitted, neither rejected nor withdrawn: settled by the close. */
  readonly settled_on_time: number;
  /** Null: none was owed. */
  readonly settled_on_time_share: number | null;
  /** Payments that settled on it, whenever they came. */
  readonly settled: number;
  /** In units of the currency, as decimals. */
  readonly settled_value: string;
  readonly participants: number;
  /** Full hour, UTC, in which most settled; null: nothing did. */
  readonly peak_hour: string | null;
  readonly peak_hour_settled: number;
  readonly peak_hour_value: string;
  /** At the opening: balances, credit lines and what collateral gives, but for issuers' own accounts. */
  readonly liquidity_available: string;
  /** Sum over the same accounts of the most that payments took below the opening. */
  readonly liquidity_used: string;
  /** Null: no service had reported by its close, as in a simulated run. */
  readonly availability: number | null;
}

type Row = Readonly<Record<keyof DisclosedDate, string | number | null>>;
type AskRows = (sql: string, params: Readonly<Record<string, unknown>>) => Promise<Row[]>;

const OF_RUN = 'run = {run:String}';

/** Below zero an issuer's own account issues: its line is no liquidity. */
const IS_HOLDERS = `(pool, participant, currency) NOT IN (SELECT pool, participant, currency FROM issuers WHERE ${OF_RUN})`;
/** Of a date that a live network closed twice the later close has it. */
const DATES = `(SELECT pool, currency, date, min(opened_at) AS opened, max(closed) AS closed,
    sumIf(toInt128(balance_minor) + credit_line_minor + collateral_minor, is_holders) AS available, sumIf(toInt128(usage_minor), is_holders) AS used
  FROM (SELECT pool, currency, date, participant, opened_at, d.time AS closed, balance_minor, credit_line_minor, collateral_minor, usage_minor, ${IS_HOLDERS} AS is_holders
    FROM account_days AS d WHERE ${OF_RUN} ORDER BY event_number DESC LIMIT 1 BY pool, currency, participant, date)
  GROUP BY pool, currency, date)`;
const CLOSES = `(SELECT pool, toString(currency) AS code, date, max(d.time) AS closed FROM account_days AS d WHERE ${OF_RUN} GROUP BY pool, code, date)`;

/** Summed over rows `p` of the table payments: how many payments they are. Of matched legs the first one is the payment. */
export const PAYMENTS_BEGUN =
  "toInt64(p.is_first = 1) - toInt64(p.kind = 'matched' AND p.second_leg = 1)";
/** Each leg counts with its value. */
const PAYMENTS = `(SELECT pool, toString(p.currency) AS code, p.submitted_at AS came, p.time AS at, status, second_leg, reason, amount_minor,
    debtor_agent, creditor_agent, ${PAYMENTS_BEGUN} AS first
  FROM payments AS p WHERE ${OF_RUN} AND p.currency != '')`;

/** What comes in at the very instant of a close comes in after it. */
const CAME = `(SELECT p.pool AS pool, p.code AS code, d.date AS date, sum(first) AS submitted,
    countIf(status = 'RJCT' AND second_leg = 0) AS rejected, countIf(status = 'CANC' AND reason = 'cancelledByDebtorAgent' AND second_leg = 0) AS withdrawn,
    countIf(status = 'ACSC' AND second_leg = 0 AND at <= d.closed) AS on_time
  FROM ${PAYMENTS} AS p ASOF INNER JOIN ${CLOSES} AS d ON p.pool = d.pool AND p.code = d.code AND p.came < d.closed
  GROUP BY pool, code, date)`;

/** By hour of a date. */
const SETTLED_HOURS = `(SELECT p.pool AS pool, p.code AS code, d.date AS date, toStartOfHour(at) AS hour, countIf(second_leg = 0) AS number,
    sum(toInt128(amount_minor)) AS value, groupUniqArrayArray([debtor_agent, creditor_agent]) AS parties
  FROM (SELECT * FROM ${PAYMENTS} WHERE status = 'ACSC') AS p ASOF INNER JOIN ${CLOSES} AS d ON p.pool = d.pool AND p.code = d.code AND p.at <= d.closed
  GROUP BY pool, code, date, hour)`;
const SETTLED = `(SELECT pool, code, date, sum(number) AS settled, sum(value) AS settled_value, length(arrayDistinct(arrayFlatten(groupArray(parties)))) AS participants,
    argMax((hour, number, value), (number, -toUnixTimestamp(hour))) AS peak
  FROM ${SETTLED_HOURS} AS h GROUP BY pool, code, date)`;

/** By minute the services that were ready at its end, s since 1970: some instance in all that it reads. */
const READY = `(SELECT minute, groupUniqArray(service) AS ready FROM
    (SELECT toInt64(toUnixTimestamp(minute)) AS minute, toString(service) AS service, instance, min(was_ready) AS is_ready FROM
      (SELECT minute, service, instance, reader, argMaxMerge(last_ready) AS was_ready FROM service_minutes WHERE ${OF_RUN} GROUP BY minute, service, instance, reader)
    GROUP BY minute, service, instance)
  WHERE is_ready = 1 GROUP BY minute)`;
/** Each service with the minutes of its first and last sample. */
const SERVICES = `(SELECT groupArray((service, first, last)) FROM
    (SELECT toString(service) AS service, toInt64(min(toUnixTimestamp(minute))) AS first, toInt64(max(toUnixTimestamp(minute))) AS last FROM service_minutes WHERE ${OF_RUN} GROUP BY service))`;
/** What is silent is away. A service counts from its first sample to the close of the date in which it reports last. */
const AVAILABLE = `(WITH ${SERVICES} AS services, arrayMap(s -> s.1, arrayFilter(s -> s.2 <= d.minute AND s.3 >= d.from, services)) AS counted
  SELECT d.pool AS pool, d.code AS code, d.date AS date, countIf(notEmpty(counted) AND hasAll(r.ready, counted)) AS up, count() AS minutes
  FROM (SELECT *, arrayJoin(range(from, until, 60)) AS minute FROM
    (SELECT pool, toString(currency) AS code, date, intDiv(toUnixTimestamp64Milli(min(opened_at)) + 59999, 60000) * 60 AS from,
      intDiv(toUnixTimestamp64Milli(max(a.time)) + 59999, 60000) * 60 AS until FROM account_days AS a WHERE ${OF_RUN} GROUP BY pool, code, date)) AS d
  LEFT JOIN ${READY} AS r ON d.minute = r.minute
  WHERE arrayExists(s -> s.2 <= d.minute, services) GROUP BY pool, code, date)`;

const DISCLOSURE_SQL = `SELECT toString(d.date) AS date, toString(d.currency) AS currency, d.opened AS opened_at, d.closed AS closed_at, m.minor_units AS minor_units,
  c.submitted AS submitted, c.rejected AS rejected, c.withdrawn AS withdrawn, c.on_time AS settled_on_time, s.settled AS settled, s.settled_value AS settled_value, s.participants AS participants,
  s.peak.1 AS peak_hour, s.peak.2 AS peak_hour_settled, s.peak.3 AS peak_hour_value, d.available AS liquidity_available, d.used AS liquidity_used, a.up AS up, a.minutes AS minutes
FROM ${DATES} AS d
LEFT JOIN ${CAME} AS c ON d.pool = c.pool AND d.currency = c.code AND d.date = c.date
LEFT JOIN ${SETTLED} AS s ON d.pool = s.pool AND d.currency = s.code AND d.date = s.date
LEFT JOIN ${AVAILABLE} AS a ON d.pool = a.pool AND d.currency = a.code AND d.date = a.date
INNER JOIN (SELECT pool, currency, any(minor_units) AS minor_units FROM currencies WHERE ${OF_RUN} GROUP BY pool, currency) AS m ON d.pool = m.pool AND d.currency = m.currency
ORDER BY date, currency`;

/** In order of date and currency; empty: no date has closed. */
export async function disclosedDates(ask: AskRows, run: string): Promise<DisclosedDate[]> {
  const rows = await ask(DISCLOSURE_SQL, { run });
  return (rows as (Row & { minor_units: number; up: string; minutes: string })[]).map((row) => {
    const { minor_units: decimals } = row;
    const amount = (of: string | number | null) => amountText(BigInt(of ?? 0), decimals);
    const owed = Number(row.submitted) - Number(row.rejected) - Number(row.withdrawn);
    const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
    return {
      ...{ date: String(row.date), currency: String(row.currency) },
      ...{ opened_at: instant(row.opened_at), closed_at: instant(row.closed_at) },
      ...{ submitted: Number(row.submitted), rejected: Number(row.rejected) },
      ...{ withdrawn: Number(row.withdrawn), settled_on_time: Number(row.settled_on_time) },
      settled_on_time_share: share(Number(row.settled_on_time), owed),
      ...{ settled: Number(row.settled), settled_value: amount(row.settled_value) },
      participants: Number(row.participants),
      peak_hour: Number(row.settled) === 0 ? null : instant(row.peak_hour),
      peak_hour_settled: Number(row.peak_hour_settled),
      peak_hour_value: amount(row.peak_hour_value),
      liquidity_available: amount(row.liquidity_available),
      liquidity_used: amount(row.liquidity_used),
      availability: share(Number(row.up), Number(row.minutes)),
    };
  });
}

const instant = (time: string | number | null) =>
  new Date(`${String(time).replace(' ', 'T')}Z`).toISOString();

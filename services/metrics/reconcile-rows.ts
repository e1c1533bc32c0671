import type { AnalysisStore } from './analysis-store.ts';
import { type Check, check, PLACE, type Scope } from './reconcile-totals.ts';
import { type RowSums, SAMPLED, type Sampled, type TableSums } from './row-checksums.ts';
import { clickHouseTime, TABLES, type Table } from './store-rows.ts';

/** What the rows that a replay folds are held against. */
export interface RowScope extends Scope {
  /** Number of the last event. */
  readonly number: number;
  /** The end of the last full minute, ms. */
  readonly minuteEndsMs: number;
  /** Whether blocks were cut as the replay cuts them: a run's, and then the samples are the same. */
  readonly isRun: boolean;
}

type Ask = <Row>(sql: string) => Promise<Row[]>;
type Texts = Readonly<Record<string, string>>;

/**
 * Every row of the store against those that a replay of the events folds, by sums of CRC-32s, and the
 * tables that views fold against those they are folded from. Figures that agree are told once a table;
 * those that do not are named: the table's columns, the accounts and queues.
 */
export async function reconcileRows(
  store: Pick<AnalysisStore, 'query'>,
  scope: RowScope,
  rows: RowSums,
): Promise<Check[]> {
  const { run, pool, number, minuteEndsMs, isRun, isComplete } = scope;
  const params = { run, pool, number, minute: clickHouseTime(minuteEndsMs) };
  const ask: Ask = <Row>(sql: string) => store.query<Row>(sql, params);
  const checks: Check[] = [];
  for (const table of TABLES)
    if (isRun || !(table in SAMPLED))
      checks.push(...(await tableChecks(ask, table, rows.of(table))));
  for (const table of Object.keys(SAMPLED) as Sampled[])
    checks.push(...(await standingChecks(ask, table, rows)));
  if (!isComplete) return checks;
  for (const folded of FOLDED) checks.push(...(await foldedChecks(ask, folded)));
  return checks;
}

async function tableChecks(ask: Ask, table: Table, sums: TableSums | null): Promise<Check[]> {
  const upTo = table in SAMPLED ? PLACE : `${PLACE} AND event_number <= {number:UInt64}`;
  const columns = sums?.columns ?? [];
  const each = columns.map((name, at) => `sum(CRC32(toString(${name}))) AS c${at}`);
  const whole = columns.map((name) => `toString(${name})`).join(", '|', ");
  const all = sums ? [`sum(CRC32(concat(${whole}))) AS whole`, ...each] : [];
  const [found = {}] = await ask<Texts>(
    `SELECT ${['count() AS rows', ...all].join(', ')} FROM ${table} WHERE ${upTo}`,
  );
  const checks = [check(`${table}: all rows`, sums?.rows ?? 0, found.rows)];
  if (!sums) return checks;
  checks.push(check(`${table}: checksum of its rows`, sums.whole, found.whole));
  const named = columns.map((name, at) =>
    check(`${table}.${name}: checksum`, sums.byColumn[at], found[`c${at}`]),
  );
  return [...checks, ...named.filter(({ agrees }) => !agrees)];
}

async function standingChecks(ask: Ask, table: Sampled, rows: RowSums): Promise<Check[]> {
  const { last, least, most } = SAMPLED[table];
  const columns = [
    ...last.map((name) => `toString(argMax(${name}, time)) AS "${name}"`),
    ...least.map((name) => `toString(min(${table}.${name})) AS "${name}"`),
    ...most.map((name) => `toString(max(${table}.${name})) AS "${name}"`),
  ];
  const found = await ask<Texts>(
    `SELECT concat(participant, '/', currency) AS account, ${columns.join(', ')} FROM ${table}
     WHERE ${PLACE} AND time <= {minute:DateTime64(3, 'UTC')} GROUP BY account`,
  );
  const what = table === 'balances' ? 'accounts' : 'queues';
  const expected = rows.standings(table);
  const store = new Map(found.map(({ account, ...standing }) => [account as string, standing]));
  const different = [...new Set([...expected.keys(), ...store.keys()])]
    .sort()
    .flatMap((account) =>
      [...last, ...least, ...most]
        .map((name) =>
          check(
            `${table}.${name} of ${account.replace(/^\//, 'all ').replace('/', ' ')}`,
            expected.get(account)?.[name] ?? 'none',
            store.get(account)?.[name] ?? 'none',
          ),
        )
        .filter(({ agrees }) => !agrees),
    );
  return [check(`${table}: ${what}`, expected.size, store.size), ...different];
}

/** A run has the certificate of every cycle and of every offsetting, unless it was made without any. */
export async function certificateChecks(
  store: Pick<AnalysisStore, 'query'>,
  run: string,
  pool: string,
  { cycles, offsettings }: { readonly cycles: number; readonly offsettings: number },
): Promise<Check[]> {
  const [found = {}] = await store.query<Texts>(
    `SELECT countIf(offsetting = 0 AND event_number IN (SELECT event_number FROM cycles WHERE ${PLACE})) AS cycles,
       countIf(offsetting > 0) AS offsettings, count() AS rows
     FROM certificates WHERE ${PLACE}`,
    { run, pool },
  );
  return [
    check('certificates: cycles', cycles, found.cycles),
    check('certificates: offsettings', offsettings, found.offsettings),
    check('certificates: rows', cycles + offsettings, found.rows),
  ];
}

interface Folded {
  readonly table: string;
  readonly keys: string;
  readonly figures: readonly string[];
  readonly from: string;
}

/** Each leg of a message with both counts for its receiver in the currency debited. */
const RECEIVED = "message_type = 'corridor.pvp.1'";
const QUANTILES = 'quantilesExactWeighted';
const SHARES = '(0.5, 0.95, 0.99)';
/** Where the bucket of a time ends: infra/clickhouse/016_nearest_rank.sql. */
const BUCKET_END = 'toUInt64(bitOr(wait_ms, greatest(intDiv(roundToExp2(wait_ms), 128), 1) - 1))';
const WAIT = 'toUInt64(toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at))';
const MINUTE = "toStartOfMinute(toDateTime(time, 'UTC')) AS minute";
const HOUR = "toStartOfHour(toDateTime(time, 'UTC')) AS hour";
const MINUTE_END = "toStartOfMinute(toDateTime(addMilliseconds(time, 59999), 'UTC'))";

const sum = (name: string) => `sum(${name})`;

/** Tables that views fold, and what comes of the table below once more. */
const FOLDED: readonly Folded[] = [
  ...[
    {
      table: 'corridor_minutes',
      span: MINUTE,
      keys: 'minute, corridor, currency, currency2, status, mechanism',
    },
    { table: 'corridor_hours', span: HOUR, keys: 'hour, corridor, currency, currency2, status' },
  ].map(({ table, span, keys }) => ({
    ...{ table, keys },
    figures: [
      'statuses',
      'first_statuses',
      'cancelled_by_others',
      'amount_minor',
      'amount2_minor',
    ].map(sum),
    from: `SELECT *, ${span}, toUInt64(second_leg = 0 AND kind != 'matched') AS statuses,
      toInt64(is_first = 1) - toInt64(second_leg = 1 AND kind = 'matched') AS first_statuses,
      toUInt64(second_leg = 0 AND status = 'CANC' AND reason != 'cancelledByDebtorAgent') AS cancelled_by_others
      FROM (SELECT * REPLACE (toInt128(amount_minor) AS amount_minor, toInt128(amount2_minor) AS amount2_minor)
      FROM payments WHERE ${PLACE})`,
  })),
  ...(['minute', 'hour'] as const).map((span) => ({
    table: `finality_${span}s`,
    keys: `${span}, corridor`,
    figures: [
      ...(span === 'minute' ? ['wait_ms', 'within_15_minutes'] : []).map(sum),
      ...['settled', 'within_hour', 'within_day'].map(sum),
      ...(span === 'minute' ? ['max(wait_max_ms)'] : []),
      `toString(${QUANTILES}Merge${SHARES}(waits))`,
    ],
    from: `SELECT ${span === 'minute' ? MINUTE : HOUR},
      corridor, toUInt64(1) AS settled, ${WAIT} AS wait_ms, wait_ms AS wait_max_ms, toUInt64(wait_ms <= 900000) AS within_15_minutes, toUInt64(wait_ms <= 3600000) AS within_hour,
      toUInt64(wait_ms <= 86400000) AS within_day,
      arrayReduce('${QUANTILES}State${SHARES}', [${BUCKET_END}], [toUInt8(1)]) AS waits
      FROM payments WHERE ${PLACE} AND status = 'ACSC' AND second_leg = 0`,
  })),
  {
    table: 'sender_minutes',
    keys: 'minute, debtor_agent, currency, status, reason, iso_reason',
    figures: ['statuses', 'first_statuses', 'amount_minor'].map(sum),
    from: `SELECT ${MINUTE}, debtor_agent, currency, status, reason, iso_reason, toUInt64(1) AS statuses,
      toUInt64(is_first = 1) AS first_statuses, toInt128(payments.amount_minor) AS amount_minor
      FROM payments WHERE ${PLACE}`,
  },
  {
    table: 'receiver_minutes',
    keys: 'minute, creditor_agent, currency2',
    figures: ['settled', 'amount2_minor'].map(sum),
    from: `SELECT ${MINUTE}, creditor_agent, toUInt64(1) AS settled,
      if(${RECEIVED}, payments.currency, payments.currency2) AS currency2,
      toInt128(if(${RECEIVED}, payments.amount_minor, payments.amount2_minor)) AS amount2_minor
      FROM payments WHERE ${PLACE} AND status = 'ACSC'`,
  },
  {
    table: 'pair_hours',
    keys: 'hour, debtor_agent, creditor_agent, currency',
    figures: ['settled', 'amount_minor'].map(sum),
    from: `SELECT ${HOUR}, debtor_agent, creditor_agent, currency,
      toUInt64(1) AS settled, toInt128(payments.amount_minor) AS amount_minor
      FROM payments WHERE ${PLACE} AND status = 'ACSC'`,
  },
  {
    table: 'dealer_hours',
    keys: 'hour, dealer, currency',
    figures: ['settled', 'amount_minor'].map(sum),
    from: `SELECT ${HOUR}, dealer, currency,
      toUInt64(1) AS settled, toInt128(payments.amount_minor) AS amount_minor
      FROM payments WHERE ${PLACE} AND status = 'ACSC' AND dealer != ''`,
  },
  {
    table: 'border_hours',
    keys: 'hour, segment, country, currency, country2, currency2',
    figures: [
      ...['submitted', 'settled', 'ended', 'cancelled', 'within_hour', 'within_day'],
      ...['amount_minor', 'amount2_minor'],
    ].map(sum),
    from: `SELECT ${HOUR}, substring(debtor_agent, 5, 2) AS country, payments.currency AS currency,
      substring(creditor_agent, 5, 2) AS country2, payments.currency2 AS currency2,
      if(message_type = 'pacs.009.001.08', 'wholesale', 'customers') AS segment, toUInt64(is_first = 1) AS submitted,
      toUInt64(status = 'ACSC') AS settled, toUInt64(status IN ('RJCT', 'CANC')) AS ended,
      toUInt64(status = 'CANC' AND reason != 'cancelledByDebtorAgent') AS cancelled,
      toUInt64(settled = 1 AND ${WAIT} <= 3600000) AS within_hour, toUInt64(settled = 1 AND ${WAIT} <= 86400000) AS within_day,
      if(settled = 1, toInt128(payments.amount_minor), 0) AS amount_minor, if(settled = 1, toInt128(payments.amount2_minor), 0) AS amount2_minor
      FROM payments WHERE ${PLACE} AND message_type IN ('pacs.008.001.08', 'pacs.009.001.08') AND payments.currency != ''
        AND creditor_agent != '' AND country != country2`,
  },
  ...[
    { table: 'account_minutes', end: 'minute_end', at: MINUTE_END },
    {
      table: 'account_quarters',
      end: 'quarter_end',
      at: `toStartOfFifteenMinutes(${MINUTE_END} + 899)`,
    },
  ].map(({ table, end, at }) => ({
    ...{ table, keys: `${end}, participant, currency` },
    figures: ['max(last_ms)', ...['sent_minor', 'received_minor'].map(sum)],
    from: `SELECT ${at} AS ${end}, leg.1 AS participant, leg.2 AS currency,
      toUnixTimestamp64Milli(time) AS last_ms, leg.3 AS sent_minor, leg.4 AS received_minor
      FROM (SELECT time, arrayJoin(arrayConcat(
        [(debtor_agent, payments.currency, toInt128(payments.amount_minor), toInt128(0)),
         (if(dealer = '', creditor_agent, dealer), payments.currency, toInt128(0), toInt128(payments.amount_minor))],
        if(dealer = '', [], [(dealer, currency2, toInt128(payments.amount2_minor), toInt128(0)), (creditor_agent, currency2, toInt128(0), toInt128(payments.amount2_minor))]))) AS leg
        FROM payments WHERE ${PLACE} AND status = 'ACSC')`,
  })),
  {
    table: 'chain_ends',
    keys: 'event_number, time, payment_position, status, reason, mechanism, debtor_agent, currency',
    figures: [sum('amount_minor')],
    from: `SELECT * FROM payments WHERE ${PLACE} AND message_type = 'corridor.chain.1' AND status IN ('ACSC', 'CANC')`,
  },
];

async function foldedChecks(ask: Ask, { table, keys, figures, from }: Folded): Promise<Check[]> {
  const values = figures.map((figure, at) => `${figure} AS v${at}`).join(', ');
  const total = figures.map((figure, at) =>
    figure.startsWith('toString')
      ? `sum(cityHash64(v${at})) AS t${at}`
      : `toString(sum(v${at})) AS t${at}`,
  );
  const hashed = [...keys.split(', '), ...figures.map((_, at) => `v${at}`)]
    .map((name) => `toString(${name})`)
    .join(", '|', ");
  const of = async (source: string) => {
    const [found = {}] = await ask<Texts>(
      `SELECT count() AS rows, toString(sum(cityHash64(concat(${hashed})))) AS whole, ${total.join(', ')}
       FROM (SELECT ${keys}, ${values} FROM ${source} GROUP BY ${keys})`,
    );
    return found;
  };
  const expected = await of(`(${from})`);
  const found = await of(`(SELECT * FROM ${table} WHERE ${PLACE})`);
  const named = figures.map((figure, at) =>
    check(
      `${table}.${/\((\w+)\)+$/.exec(figure)?.[1]} against payments`,
      expected[`t${at}`],
      found[`t${at}`],
    ),
  );
  return [
    check(`${table}: rows against payments`, expected.rows, found.rows),
    check(`${table}: checksum against payments`, expected.whole, found.whole),
    ...named.filter(({ agrees }) => !agrees),
  ];
}

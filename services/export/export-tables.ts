/** What an export holds: the tables in their order, and the dictionary that explains each column. */

/** Tables, and in which order their rows stand. Money is in minor units, as signed 64-bit but for WIDE. */
export const EXPORTED_TABLES: Readonly<Record<string, string>> = {
  runs: 'run',
  currencies: 'run, currency',
  participants: 'run, bic',
  reference_rates: 'run, currency, currency2',
  scenario_events: 'run, from_time, kind, participant, text',
  labels: 'run, injection, uetr',
  payment_accounts: 'run, uetr',
  payments_current: 'run, pool, payment_position',
  payments: 'run, pool, event_number',
  balances: 'run, pool, currency, participant, time',
  queue_samples: 'run, pool, currency, participant, time',
  cycles: 'run, pool, event_number',
  certificates: 'run, pool, event_number',
  nettings: 'run, pool, event_number',
  held_up: 'run, pool, event_number',
  security_events: 'run, pool, event_number',
  limits: 'run, pool, event_number, kind',
  chain_events: 'run, pool, event_number',
  account_days: 'run, pool, event_number, participant',
  cover_hours: 'run, pool, time, currency',
  issuers: 'run, pool, event_number',
  liquidity_forecasts: 'run, pool, event_number, participant, currency, hour',
  liquidity_needs: 'run, pool, event_number, participant, hour',
  verifier_batches: 'run, time, batch_size',
  reconciliations: 'run, time, pool, figure',
};

/**
 * Sums that may pass 64 bits: 128-bit integers in the store, which readers of Parquet and Arrow take
 * for bytes, so they leave it as decimals without a fraction.
 */
const WIDE: Readonly<Record<string, readonly string[]>> = {
  queue_samples: ['value_minor', 'value_max_minor'],
};

export const FORMATS = { parquet: 'Parquet', csv: 'CSVWithNames', arrow: 'Arrow' } as const;
export type Format = keyof typeof FORMATS;

export const DICTIONARY = 'dictionary.csv';

/** Plain strings and times, as pandas and R read them. */
export const SETTINGS = {
  output_format_parquet_string_as_string: 1,
  output_format_arrow_string_as_string: 1,
  output_format_arrow_low_cardinality_as_dictionary: 0,
  date_time_output_format: 'iso',
} as const;

/** Those of `--format pssimpy`. */
const PSSIMPY_FILES = [
  ...['banks.csv', 'accounts.csv', 'transactions.csv', 'arguments.json', 'export.json'],
];

/** Whether an export wrote a file of this name. */
export const isExported = (file: string): boolean =>
  file === DICTIONARY ||
  PSSIMPY_FILES.includes(file) ||
  Object.keys(EXPORTED_TABLES).some((table) =>
    Object.keys(FORMATS).some((format) => file === `${table}.${format}`),
  );

export function tableSql(table: string): string {
  const wide = (WIDE[table] ?? []).map((name) => `toDecimal128(${name}, 0) AS ${name}`);
  const columns = wide.length === 0 ? '*' : `* REPLACE (${wide.join(', ')})`;
  return `SELECT ${columns} FROM ${table} ORDER BY ${EXPORTED_TABLES[table]}`;
}

const IS_WIDE = Object.entries(WIDE)
  .flatMap(([table, names]) => names.map((name) => `(table = '${table}' AND name = '${name}')`))
  .join(' OR ');

/** Types by Arrow's names, as pandas and R show them; in CSV all is text. */
const TYPE = `multiIf(
  ${IS_WIDE}, 'decimal128(38, 0)',
  plain LIKE 'DateTime64(3%', 'timestamp[ms, tz=UTC]',
  plain LIKE 'DateTime%', 'timestamp[s, tz=UTC]',
  plain = 'Array(String)', 'list<string>',
  plain = 'Date', 'date32[day]',
  plain = 'Float64', 'double',
  lower(plain))`;

/**
 * Every column of the tables with its type and what it means (infra/clickhouse's comments). A view
 * has no comments of its own: its columns mean what those of its table do.
 */
export const dictionarySql = (tables: readonly string[]): string =>
  `SELECT table, name AS column, ${TYPE} AS type, multiIf(comment != '', comment,
     name = 'status_at', 'State time of the latest status, UTC',
     name = 'was_queued', '1 where it ever waited, else 0', meanings[name]) AS meaning
   FROM (SELECT *, replaceRegexpOne(type, '^LowCardinality\\\\((.*)\\\\)$', '\\\\1') AS plain
      FROM system.columns) AS c,
     (SELECT mapFromArrays(groupArray(name), groupArray(comment)) AS meanings FROM system.columns
      WHERE database = currentDatabase() AND table = 'payments') AS p
   WHERE database = currentDatabase() AND table IN (${tables.map((name) => `'${name}'`).join(', ')})
   ORDER BY table, position`;

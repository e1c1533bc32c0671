/**
 * The columns of each table that a run leaves as Parquet without a store, with the types in which the
 * store's export has them. What each means: infra/clickhouse's comments.
 */

/**
 * `name`, `text` and `document` are text, names of few values, documents long; `u8` to `i64` integers;
 * `wide` an integer that 64 bits may not hold, a decimal without a fraction; `time` an instant in ms, UTC;
 * `date` a day; `texts` a list.
 */
export type ColumnType =
  | ('name' | 'text' | 'document' | 'u8' | 'u32' | 'u64' | 'i64' | 'wide')
  | ('time' | 'date' | 'double' | 'texts');
export type TableForm = Readonly<Record<string, ColumnType>>;

const OF_POOL = { run: 'name', pool: 'name' } as const;
const OF_EVENT = { ...OF_POOL, event_number: 'u64' } as const;
const ACCOUNT = { participant: 'name', currency: 'name' } as const;

export const TABLE_FORMS = {
  runs: {
    ...{ run: 'text', scenario: 'text', seed: 'u64', version: 'text', pools: 'texts' },
    ...{ events_hash: 'text', summary: 'document' },
  },
  currencies: { ...OF_POOL, currency: 'name', minor_units: 'u8' },
  participants: { run: 'name', bic: 'name', name: 'text', role: 'name' },
  reference_rates: {
    ...{ run: 'name', currency: 'name', currency2: 'name' },
    ...{ rate: 'double', source: 'name', date: 'date' },
  },
  scenario_events: {
    ...{ run: 'name', kind: 'name', participant: 'name' },
    ...{ from_time: 'time', until_time: 'time', text: 'text' },
  },
  labels: {
    ...{ run: 'name', injection: 'name', kind: 'name', participant: 'name' },
    ...{ from_time: 'time', until_time: 'time', uetr: 'text', end_to_end_id: 'text' },
  },
  payment_accounts: {
    ...{ run: 'name', uetr: 'text', debtor_account: 'text', creditor_account: 'text' },
  },
  payments: {
    ...{ ...OF_EVENT, time: 'time', payment_position: 'u64', uetr: 'text', status: 'name' },
    ...{ reason: 'name', iso_reason: 'name', mechanism: 'name', priority: 'name' },
    ...{ debtor_agent: 'name', creditor_agent: 'name', dealer: 'name' },
    ...{ currency: 'name', amount_minor: 'i64', currency2: 'name', amount2_minor: 'i64' },
    ...{ corridor: 'name', cycle: 'u32', submitted_at: 'time', is_first: 'u8', kind: 'name' },
    ...{ message_type: 'name', second_leg: 'u8' },
  },
  balances: {
    ...{ ...OF_POOL, time: 'time', ...ACCOUNT, balance_minor: 'i64', lowest_minor: 'i64' },
    ...{ credit_line_minor: 'i64', injected_minor: 'i64', drawn_max_minor: 'i64' },
  },
  queue_samples: {
    ...{ ...OF_POOL, time: 'time', ...ACCOUNT, count: 'u32', value_minor: 'wide' },
    ...{ count_max: 'u32', value_max_minor: 'wide', oldest_submitted_at: 'time' },
  },
  cycles: {
    ...{ ...OF_EVENT, cycle: 'u32', time: 'time', outcome: 'name', settled: 'u32' },
    ...{ left_queued: 'u32', mechanism: 'name', currency: 'name' },
  },
  certificates: {
    ...OF_EVENT,
    cycle: 'u32',
    offsetting: 'u32',
    time: 'time',
    certificate: 'document',
  },
  nettings: {
    ...{ ...OF_EVENT, time: 'time', cycle: 'u32', kind: 'name', participant: 'name' },
    ...{ counterparty: 'name', currency: 'name', amount_minor: 'i64', balance_minor: 'i64' },
  },
  held_up: {
    ...{ ...OF_EVENT, time: 'time', cycle: 'u32', payment_position: 'u64', uetr: 'text' },
    ...{ short: 'name', participant: 'name', counterparty: 'name', currency: 'name' },
    ...{ amount_minor: 'i64' },
  },
  security_events: {
    ...{ ...OF_EVENT, position: 'u64', time: 'time', kind: 'name', participant: 'name' },
    ...{ reason: 'name', uetr: 'text' },
  },
  limits: {
    ...{ ...OF_EVENT, time: 'time', kind: 'name', participant: 'name', counterparty: 'name' },
    ...{ currency: 'name', amount_minor: 'i64', is_removed: 'u8' },
  },
  chain_events: {
    ...{ ...OF_EVENT, time: 'time', kind: 'name', chain: 'u64', leg: 'u8', legs: 'u8' },
    ...{ payment_position: 'u64', uetr: 'text', participant: 'name', verdict: 'name' },
    ...{ reason: 'name', currency: 'name', amount_minor: 'i64', earmarked_minor: 'i64' },
    digest: 'text',
  },
  account_days: {
    ...{ ...OF_EVENT, time: 'time', date: 'date', opened_at: 'time', ...ACCOUNT },
    ...{ balance_minor: 'i64', credit_line_minor: 'i64', collateral_minor: 'i64' },
    ...{ usage_minor: 'i64', surplus_minor: 'i64' },
  },
  cover_hours: {
    ...{ ...OF_EVENT, time: 'time', currency: 'name', participant: 'name', second: 'name' },
    ...{ one_minor: 'i64', two_minor: 'i64' },
  },
  issuers: { ...OF_EVENT, time: 'time', ...ACCOUNT },
  liquidity_forecasts: {
    ...{ ...OF_EVENT, time: 'time', date: 'date', hour: 'u8', ...ACCOUNT },
    ...{ balance_minor: 'i64', credit_minor: 'i64', moved_minor: 'i64', dates: 'u8' },
    ...{ lower_minor: 'i64', middle_minor: 'i64', upper_minor: 'i64' },
  },
  liquidity_needs: {
    ...{ ...OF_EVENT, time: 'time', date: 'date', hour: 'u8', hour_at: 'time', ...ACCOUNT },
    ...{ need_minor: 'i64', moved_minor: 'i64', date_moved_minor: 'i64' },
  },
} as const satisfies Readonly<Record<string, TableForm>>;

export type FormedTable = keyof typeof TABLE_FORMS;

/** Rows of the analysis store (infra/clickhouse): 64-bit integers as strings, times as ClickHouse reads them. */
interface PoolRecord {
  readonly run: string;
  readonly pool: string;
  readonly time: string;
}

interface EventRecord extends PoolRecord {
  readonly event_number: number;
}

export interface PaymentRecord extends EventRecord {
  readonly payment_position: number;
  readonly uetr: string;
  readonly status: string;
  readonly reason: string;
  readonly iso_reason: string;
  readonly mechanism: string;
  readonly priority: string;
  readonly debtor_agent: string;
  readonly creditor_agent: string;
  readonly dealer: string;
  readonly currency: string;
  readonly amount_minor: string;
  readonly currency2: string;
  readonly amount2_minor: string;
  readonly corridor: string;
  readonly cycle: number;
  readonly submitted_at: string;
  /** 1 in the first row of a message. */
  readonly is_first: 0 | 1;
  /** Kind of the event that gave the status. */
  readonly kind: string;
  readonly message_type: string;
  /** 1: the later leg of a matched pair, which is no payment of its own. */
  readonly second_leg: number;
}

export interface BalanceRecord extends PoolRecord {
  readonly participant: string;
  readonly currency: string;
  readonly balance_minor: string;
  readonly lowest_minor: string;
  readonly credit_line_minor: string;
  readonly injected_minor: string;
  readonly drawn_max_minor: string;
}

export interface QueueRecord extends PoolRecord {
  readonly participant: string;
  readonly currency: string;
  readonly count: number;
  readonly value_minor: string;
  readonly count_max: number;
  readonly value_max_minor: string;
  readonly oldest_submitted_at: string;
}

interface CycleRecord extends EventRecord {
  readonly cycle: number;
  readonly outcome: string;
  readonly settled: number;
  readonly left_queued: number;
  readonly mechanism: string;
  /** Empty: all currencies together. */
  readonly currency: string;
}

/** What a cycle of deferred net settlement booked on an account, or a share of another's loss. */
interface NettingRecord extends EventRecord {
  readonly cycle: number;
  readonly kind: string;
  readonly participant: string;
  readonly counterparty: string;
  readonly currency: string;
  readonly amount_minor: string;
  readonly balance_minor: string;
}

/** What a cycle's certificate says of the first payment left in a queue. */
interface HeldUpRecord extends EventRecord {
  readonly cycle: number;
  readonly payment_position: number;
  readonly uetr: string;
  /** balance, bilateralLimit or multilateralLimit. */
  readonly short: string;
  readonly participant: string;
  readonly counterparty: string;
  readonly currency: string;
  readonly amount_minor: string;
}

export interface SecurityRecord extends EventRecord {
  readonly position: number;
  readonly kind: 'notAuthentic' | 'repeated' | 'identityReused' | 'keyRegistered' | 'keyRevoked';
  readonly participant: string;
  readonly reason: string;
  readonly uetr: string;
}

/** A bound of an account's payments, as it was set. */
interface LimitRecord extends EventRecord {
  readonly kind: string;
  readonly participant: string;
  readonly counterparty: string;
  readonly currency: string;
  readonly amount_minor: string;
  /** 1: no such bound from then on. */
  readonly is_removed: 0 | 1;
}

/** What an event tells of a chain besides the status of a leg. */
export interface ChainRecord extends EventRecord {
  readonly kind: string;
  readonly chain: number;
  readonly leg: number;
  readonly legs: number;
  readonly payment_position: number;
  readonly uetr: string;
  readonly participant: string;
  readonly verdict: string;
  readonly reason: string;
  readonly currency: string;
  readonly amount_minor: string;
  readonly earmarked_minor: string;
  readonly digest: string;
}

/** What an account had at a business date's opening, and by how much payments took it below and above that. */
export interface AccountDayRecord extends EventRecord {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly opened_at: string;
  readonly participant: string;
  readonly currency: string;
  readonly balance_minor: string;
  readonly credit_line_minor: string;
  readonly collateral_minor: string;
  readonly usage_minor: string;
  readonly surplus_minor: string;
}

/** What defaults leave uncovered at a full hour, the row's time. */
interface CoverRecord extends EventRecord {
  readonly currency: string;
  readonly participant: string;
  /** Empty: no other has a shortfall. */
  readonly second: string;
  readonly one_minor: string;
  readonly two_minor: string;
}

/** Who issues a currency, from then on. */
interface IssuerRecord extends EventRecord {
  readonly participant: string;
  readonly currency: string;
}

/** An account at a full hour after a date's opening, with what its liquidity need for the rest of the date is forecast to be. */
export interface ForecastRecord extends EventRecord {
  readonly date: string;
  readonly hour: number;
  readonly participant: string;
  readonly currency: string;
  readonly balance_minor: string;
  readonly credit_minor: string;
  readonly moved_minor: string;
  /** On how many dates before it rests. */
  readonly dates: number;
  readonly lower_minor: string;
  readonly middle_minor: string;
  readonly upper_minor: string;
}

/** What the need was, as the date closes: what forecasts of later dates rest on. */
export interface NeedRecord extends EventRecord {
  readonly date: string;
  readonly hour: number;
  readonly hour_at: string;
  readonly participant: string;
  readonly currency: string;
  readonly need_minor: string;
  readonly moved_minor: string;
  readonly date_moved_minor: string;
}

export interface TableRows {
  payments: PaymentRecord[];
  balances: BalanceRecord[];
  queue_samples: QueueRecord[];
  cycles: CycleRecord[];
  security_events: SecurityRecord[];
  nettings: NettingRecord[];
  held_up: HeldUpRecord[];
  limits: LimitRecord[];
  chain_events: ChainRecord[];
  account_days: AccountDayRecord[];
  cover_hours: CoverRecord[];
  issuers: IssuerRecord[];
  liquidity_forecasts: ForecastRecord[];
  liquidity_needs: NeedRecord[];
}

export const noRows = (): TableRows => ({
  payments: [],
  balances: [],
  queue_samples: [],
  cycles: [],
  security_events: [],
  nettings: [],
  held_up: [],
  limits: [],
  chain_events: [],
  account_days: [],
  cover_hours: [],
  issuers: [],
  liquidity_forecasts: [],
  liquidity_needs: [],
});

export type Table = keyof TableRows;
export const TABLES = Object.keys(noRows()) as readonly Table[];

/** Tables that no event has rows for: their rows are the scenario's. */
export const SCENARIO_TABLES = [
  'runs',
  'currencies',
  'participants',
  'reference_rates',
  'scenario_events',
] as const;
export type ScenarioTable = (typeof SCENARIO_TABLES)[number];
export const LABEL_TABLES = ['labels', 'payment_accounts'] as const;
export type LabelTable = (typeof LABEL_TABLES)[number];

/** The row of `insertions` for a block: how much one insertion brought, and when. */
export const insertionRow = (
  run: string,
  reader: string,
  atMs: number,
  records: number,
  tables: readonly { readonly rows: readonly object[] }[],
) => ({
  table: 'insertions',
  rows: [
    {
      run,
      reader,
      time: clickHouseTime(atMs),
      records,
      rows: tables.reduce((sum, { rows }) => sum + rows.length, 0),
    },
  ],
});

let lastSecond = Number.NaN;
let lastText = '';

/** "2026-03-16 07:00:00.123", in UTC. Events come in the order of time: most are of the second before. */
export function clickHouseTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, 20).replace('T', ' ');
    lastSecond = second;
  }
  return lastText + String(ms - second * 1000).padStart(3, '0');
}

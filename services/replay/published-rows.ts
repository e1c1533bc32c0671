import type { NamedStore } from './named-store.ts';

/** Tables that a run's rows are inserted into; views fold the others there as they did here. */
export const PUBLISHED_TABLES = [
  'currencies',
  'participants',
  'reference_rates',
  'scenario_events',
  'payments',
  'balances',
  'queue_samples',
  'cycles',
  'certificates',
  'nettings',
  'held_up',
  'security_events',
  'limits',
  'chain_events',
  'account_days',
  'cover_hours',
  'issuers',
  'liquidity_forecasts',
  'liquidity_needs',
  'labels',
  'payment_accounts',
  'verifier_batches',
  // Last: with it the run is among the choices.
  'runs',
] as const;

/** A table's rows of one run: how many, and what their columns sum to; empty where they may differ. */
export interface Sums {
  readonly rows: number;
  readonly sum: string;
}

/** A run that is run again has other figures here: durations of this machine, the version. */
const MEASURED: ReadonlySet<string> = new Set(['verifier_batches', 'runs']);

/** Rows of a run by table, for two stores of one schema: equal where the rows are. */
export async function rowSums(
  { query }: Pick<NamedStore, 'query'>,
  run: string,
): Promise<ReadonlyMap<string, Sums>> {
  const sums = new Map<string, Sums>();
  for (const table of PUBLISHED_TABLES) {
    const columns = await query<{ name: string }>(
      `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}
       ORDER BY name`,
      { table },
    );
    const whole = columns.map(({ name }) => `toString(${name})`).join(", '|', ");
    const sum = MEASURED.has(table) ? "''" : `toString(sum(cityHash64(concat(${whole}))))`;
    const [found] = await query<{ rows: string; sum: string }>(
      `SELECT count() AS rows, ${sum} AS sum FROM ${table} WHERE run = {run:String}`,
      { run },
    );
    sums.set(table, { rows: Number(found?.rows), sum: found?.sum ?? '' });
  }
  return sums;
}

/** What the run's rows are about: names, currencies, bounds in time, the verifier's work. */
import type { Ask, RowOf } from './ask-store.ts';

const VERIFICATION = { messages: Number, invalid: Number, durationNs: BigInt };
export type VerificationRow = RowOf<typeof VERIFICATION>;

export async function names(ask: Ask): Promise<ReadonlyMap<string, string>> {
  const rows = await ask.rows(
    { bic: String, name: String },
    'SELECT bic, name FROM participants WHERE run = {run:String}',
  );
  return new Map(rows.map(({ bic, name }) => [bic, name]));
}

export async function minorUnitsByCurrency(ask: Ask): Promise<ReadonlyMap<string, number>> {
  const rows = await ask.rows(
    { currency: String, decimals: Number },
    'SELECT currency, minor_units AS decimals FROM currencies WHERE run = {run:String}',
  );
  return new Map(rows.map(({ currency, decimals }) => [currency, decimals]));
}

/** Null where no payment has a row. */
export async function bounds(ask: Ask): Promise<{ firstMs: number; lastMs: number } | null> {
  const [row] = await ask.rows(
    { firstMs: Number, lastMs: Number, statuses: Number },
    `SELECT toUnixTimestamp64Milli(min(submitted_at)) AS firstMs,
       toUnixTimestamp64Milli(max(time)) AS lastMs, count() AS statuses
     FROM payments WHERE run = {run:String}`,
  );
  return row && row.statuses > 0 ? row : null;
}

export async function verification(ask: Ask): Promise<VerificationRow> {
  const [row] = await ask.rows(
    VERIFICATION,
    `SELECT sum(batch_size) AS messages, sum(verifier_batches.invalid) AS invalid,
       toString(sum(duration_ns)) AS durationNs
     FROM verifier_batches WHERE run = {run:String}`,
  );
  return row ?? { messages: 0, invalid: 0, durationNs: 0n };
}

export async function clickHouseVersion(ask: Ask): Promise<string> {
  const [row] = await ask.rows({ version: String }, 'SELECT version() AS version');
  return row?.version ?? '';
}

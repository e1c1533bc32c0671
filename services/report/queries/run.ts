/** What the run's rows are about: names, currencies, bounds in time, the verifier's work. */
import type { Ask } from './ask.ts';

export interface VerificationRow {
  readonly messages: number;
  readonly invalid: number;
  readonly durationNs: bigint;
}

export async function names(ask: Ask): Promise<ReadonlyMap<string, string>> {
  const rows = await ask.rows<{ bic: string; name: string }>(
    'SELECT bic, name FROM participants WHERE run = {run:String}',
  );
  return new Map(rows.map(({ bic, name }) => [bic, name]));
}

export async function minorUnitsByCurrency(ask: Ask): Promise<ReadonlyMap<string, number>> {
  const rows = await ask.rows<{ currency: string; decimals: number }>(
    'SELECT currency, minor_units AS decimals FROM currencies WHERE run = {run:String}',
  );
  return new Map(rows.map(({ currency, decimals }) => [currency, Number(decimals)]));
}

/** Null where no payment has a row. */
export async function bounds(ask: Ask): Promise<{ firstMs: number; lastMs: number } | null> {
  const [row] = await ask.rows<{ firstMs: number; lastMs: number; statuses: number }>(
    `SELECT toUnixTimestamp64Milli(min(submitted_at)) AS firstMs,
       toUnixTimestamp64Milli(max(time)) AS lastMs, count() AS statuses
     FROM payments WHERE run = {run:String}`,
  );
  if (!row || Number(row.statuses) === 0) return null;
  return { firstMs: Number(row.firstMs), lastMs: Number(row.lastMs) };
}

export async function verification(ask: Ask): Promise<VerificationRow> {
  const [row] = await ask.rows<VerificationRow>(
    `SELECT sum(batch_size) AS messages, sum(verifier_batches.invalid) AS invalid,
       toString(sum(duration_ns)) AS durationNs
     FROM verifier_batches WHERE run = {run:String}`,
  );
  return {
    messages: Number(row?.messages ?? 0),
    invalid: Number(row?.invalid ?? 0),
    durationNs: BigInt(row?.durationNs ?? 0),
  };
}

export async function clickHouseVersion(ask: Ask): Promise<string> {
  const [row] = await ask.rows<{ version: string }>('SELECT version() AS version');
  return row?.version ?? '';
}

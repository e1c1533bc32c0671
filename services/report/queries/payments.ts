/**
 * Payments and their times; the later leg of a matched pair is none of its own, its value counts. The wait is the time from submission to settlement, ms.
 */
import type { StatusCode } from '../../protocol/messages/status-report.ts';
import { type Ask, type Buckets, type Loose, PERCENTILES } from './ask.ts';

export interface StatusCount {
  readonly status: StatusCode;
  readonly payments: number;
}

export interface SettledBucket {
  /** Buckets from the frame's start. */
  readonly bucket: number;
  readonly mechanism: string;
  readonly currency: string;
  readonly payments: number;
  readonly valueMinor: bigint;
}

export interface Waits {
  readonly payments: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface WaitBin {
  readonly mechanism: string;
  /** How many of the edges the wait exceeds. */
  readonly bin: number;
  readonly payments: number;
}

export interface Refused {
  readonly isoReason: string;
  readonly reason: string;
  readonly debtorAgent: string;
  readonly payments: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export interface Cancelled {
  readonly isoReason: string;
  readonly reason: string;
  readonly currency: string;
  readonly payments: number;
  readonly valueMinor: bigint;
}

const WAIT = 'toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at)';
const BUCKET = 'intDiv(toUnixTimestamp64Milli(time) - {start:Int64}, {step:Int64})';

export async function statuses(ask: Ask): Promise<StatusCount[]> {
  const rows = await ask.rows<StatusCount>(
    `SELECT status, count() AS payments FROM payments_current
     WHERE run = {run:String} AND NOT second_leg GROUP BY status ORDER BY status`,
  );
  return rows.map((row) => ({ status: row.status, payments: Number(row.payments) }));
}

export async function settledByBucket(ask: Ask, buckets: Buckets): Promise<SettledBucket[]> {
  const rows = await ask.rows<SettledBucket>(
    `SELECT ${BUCKET} AS bucket, mechanism, currency, countIf(NOT second_leg) AS payments,
       toString(sum(toInt128(amount_minor))) AS valueMinor
     FROM payments WHERE run = {run:String} AND status = 'ACSC'
     GROUP BY bucket, mechanism, currency ORDER BY bucket, mechanism, currency`,
    buckets,
  );
  return rows.map(({ mechanism, currency, ...row }) => ({
    mechanism,
    currency,
    bucket: Number(row.bucket),
    payments: Number(row.payments),
    valueMinor: BigInt(row.valueMinor),
  }));
}

/** Null where nothing settled. */
export async function waits(ask: Ask): Promise<Waits | null> {
  const [row] = await ask.rows<Waits>(
    `SELECT length(waits) AS payments, ${PERCENTILES}, waits[-1] AS maxMs
     FROM (SELECT arraySort(groupArray(${WAIT})) AS waits FROM payments
       WHERE run = {run:String} AND status = 'ACSC' AND NOT second_leg)`,
  );
  return row && Number(row.payments) > 0 ? waitsOf(row) : null;
}

/** By the time of settlement; buckets in which nothing settled are missing. */
export async function waitsByBucket(
  ask: Ask,
  buckets: Buckets,
): Promise<(Waits & { readonly bucket: number })[]> {
  const rows = await ask.rows<Waits & { readonly bucket: number }>(
    `SELECT bucket, length(waits) AS payments, ${PERCENTILES}, waits[-1] AS maxMs
     FROM (SELECT ${BUCKET} AS bucket, arraySort(groupArray(${WAIT})) AS waits FROM payments
       WHERE run = {run:String} AND status = 'ACSC' AND NOT second_leg
       GROUP BY bucket) ORDER BY bucket`,
    buckets,
  );
  return rows.map((row) => ({ ...waitsOf(row), bucket: Number(row.bucket) }));
}

/** @param edgesMs ascending; a wait lies in the bin of the number of edges that it exceeds */
export async function waitBins(ask: Ask, edgesMs: readonly number[]): Promise<WaitBin[]> {
  const rows = await ask.rows<WaitBin>(
    `SELECT mechanism, arrayCount(edge -> ${WAIT} > edge, [${edgesMs.join(', ')}]) AS bin,
       count() AS payments
     FROM payments WHERE run = {run:String} AND status = 'ACSC' AND NOT second_leg
     GROUP BY mechanism, bin ORDER BY bin, mechanism`,
  );
  return rows.map(({ mechanism, bin, payments }) => ({
    mechanism,
    bin: Number(bin),
    payments: Number(payments),
  }));
}

export async function rejected(ask: Ask): Promise<Refused[]> {
  const rows = await ask.rows<Refused>(
    `SELECT iso_reason AS isoReason, reason, debtor_agent AS debtorAgent, count() AS payments,
       toUnixTimestamp64Milli(min(time)) AS firstAtMs,
       toUnixTimestamp64Milli(max(time)) AS lastAtMs
     FROM payments WHERE run = {run:String} AND status = 'RJCT'
     GROUP BY isoReason, reason, debtorAgent ORDER BY payments DESC, isoReason, debtorAgent`,
  );
  return rows.map(({ isoReason, reason, debtorAgent, ...row }) => ({
    isoReason,
    reason,
    debtorAgent,
    payments: Number(row.payments),
    firstAtMs: Number(row.firstAtMs),
    lastAtMs: Number(row.lastAtMs),
  }));
}

export async function cancelled(ask: Ask): Promise<Cancelled[]> {
  const rows = await ask.rows<Cancelled>(
    `SELECT iso_reason AS isoReason, reason, currency, countIf(NOT second_leg) AS payments,
       toString(sum(toInt128(amount_minor))) AS valueMinor
     FROM payments WHERE run = {run:String} AND status = 'CANC'
     GROUP BY isoReason, reason, currency ORDER BY isoReason, reason, currency`,
  );
  return rows.map(({ isoReason, reason, currency, ...row }) => ({
    isoReason,
    reason,
    currency,
    payments: Number(row.payments),
    valueMinor: BigInt(row.valueMinor),
  }));
}

/** Instants at which messages with an invalid signature were refused, ms, the first `most`. */
export async function invalidSignatures(ask: Ask, most: number): Promise<number[]> {
  const rows = await ask.rows<{ atMs: number }>(
    `SELECT toUnixTimestamp64Milli(time) AS atMs FROM payments
     WHERE run = {run:String} AND status = 'RJCT' AND reason = 'signatureInvalid'
     ORDER BY time LIMIT ${most}`,
  );
  return rows.map(({ atMs }) => Number(atMs));
}

const waitsOf = (row: Loose<Waits>): Waits => ({
  payments: Number(row.payments),
  p50Ms: Number(row.p50Ms),
  p95Ms: Number(row.p95Ms),
  p99Ms: Number(row.p99Ms),
  maxMs: Number(row.maxMs),
});

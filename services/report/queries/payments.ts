/**
 * Payments and their times; the later leg of a matched pair is none of its own, its value counts. The wait is the time from submission to settlement, ms.
 */
import type { StatusCode } from '../../protocol/messages/status-report.ts';
import { type Ask, type Buckets, PERCENTILES, type RowOf } from './ask-store.ts';
import { BUT_REFUSED_REPEATS } from './refused-repeats.ts';

const STATUS_COUNT = { status: (code: string) => code as StatusCode, payments: Number };
export type StatusCount = RowOf<typeof STATUS_COUNT>;

/** Buckets count from the frame's start. */
const SETTLED_BUCKET = {
  bucket: Number,
  mechanism: String,
  currency: String,
  payments: Number,
  valueMinor: BigInt,
};
export type SettledBucket = RowOf<typeof SETTLED_BUCKET>;

const WAITS = { payments: Number, p50Ms: Number, p95Ms: Number, p99Ms: Number, maxMs: Number };
export type Waits = RowOf<typeof WAITS>;
const WAITS_BUCKET = { ...WAITS, bucket: Number };
export type WaitsBucket = RowOf<typeof WAITS_BUCKET>;

/** `bin`: how many of the edges the wait exceeds. */
const WAIT_BIN = { mechanism: String, bin: Number, payments: Number };
export type WaitBin = RowOf<typeof WAIT_BIN>;

const REFUSED = {
  isoReason: String,
  reason: String,
  debtorAgent: String,
  payments: Number,
  firstAtMs: Number,
  lastAtMs: Number,
};
export type Refused = RowOf<typeof REFUSED>;

const CANCELLED = {
  isoReason: String,
  reason: String,
  currency: String,
  payments: Number,
  valueMinor: BigInt,
};
export type Cancelled = RowOf<typeof CANCELLED>;

const WAIT = 'toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(submitted_at)';
const BUCKET = 'intDiv(toUnixTimestamp64Milli(time) - {start:Int64}, {step:Int64})';

export const statuses = (ask: Ask): Promise<StatusCount[]> =>
  ask.rows(
    STATUS_COUNT,
    `SELECT status, count() AS payments FROM payments_current
     WHERE run = {run:String} AND NOT second_leg AND ${BUT_REFUSED_REPEATS}
     GROUP BY status ORDER BY status`,
  );

export const settledByBucket = (ask: Ask, buckets: Buckets): Promise<SettledBucket[]> =>
  ask.rows(
    SETTLED_BUCKET,
    `SELECT ${BUCKET} AS bucket, mechanism, currency, countIf(NOT second_leg) AS payments,
       toString(sum(toInt128(amount_minor))) AS valueMinor
     FROM payments WHERE run = {run:String} AND status = 'ACSC'
     GROUP BY bucket, mechanism, currency ORDER BY bucket, mechanism, currency`,
    buckets,
  );

/** Null where nothing settled. */
export async function waits(ask: Ask): Promise<Waits | null> {
  const [row] = await ask.rows(
    WAITS,
    `SELECT length(waits) AS payments, ${PERCENTILES}, waits[-1] AS maxMs
     FROM (SELECT arraySort(groupArray(${WAIT})) AS waits FROM payments
       WHERE run = {run:String} AND status = 'ACSC' AND NOT second_leg)`,
  );
  return row && row.payments > 0 ? row : null;
}

/** By the time of settlement; buckets in which nothing settled are missing. */
export const waitsByBucket = (ask: Ask, buckets: Buckets): Promise<WaitsBucket[]> =>
  ask.rows(
    WAITS_BUCKET,
    `SELECT bucket, length(waits) AS payments, ${PERCENTILES}, waits[-1] AS maxMs
     FROM (SELECT ${BUCKET} AS bucket, arraySort(groupArray(${WAIT})) AS waits FROM payments
       WHERE run = {run:String} AND status = 'ACSC' AND NOT second_leg
       GROUP BY bucket) ORDER BY bucket`,
    buckets,
  );

/** @param edgesMs ascending; a wait lies in the bin of the number of edges that it exceeds */
export const waitBins = (ask: Ask, edgesMs: readonly number[]): Promise<WaitBin[]> =>
  ask.rows(
    WAIT_BIN,
    `SELECT mechanism, arrayCount(edge -> ${WAIT} > edge, [${edgesMs.join(', ')}]) AS bin,
       count() AS payments
     FROM payments WHERE run = {run:String} AND status = 'ACSC' AND NOT second_leg
     GROUP BY mechanism, bin ORDER BY bin, mechanism`,
  );

export const rejected = (ask: Ask): Promise<Refused[]> =>
  ask.rows(
    REFUSED,
    `SELECT iso_reason AS isoReason, reason, debtor_agent AS debtorAgent, count() AS payments,
       toUnixTimestamp64Milli(min(time)) AS firstAtMs,
       toUnixTimestamp64Milli(max(time)) AS lastAtMs
     FROM payments WHERE run = {run:String} AND status = 'RJCT' AND ${BUT_REFUSED_REPEATS}
     GROUP BY isoReason, reason, debtorAgent ORDER BY payments DESC, isoReason, debtorAgent`,
  );

export const cancelled = (ask: Ask): Promise<Cancelled[]> =>
  ask.rows(
    CANCELLED,
    `SELECT iso_reason AS isoReason, reason, currency, countIf(NOT second_leg) AS payments,
       toString(sum(toInt128(amount_minor))) AS valueMinor
     FROM payments WHERE run = {run:String} AND status = 'CANC'
     GROUP BY isoReason, reason, currency ORDER BY isoReason, reason, currency`,
  );

/** Instants at which messages with an invalid signature were refused, ms, the first `most`. */
export async function invalidSignatures(ask: Ask, most: number): Promise<number[]> {
  const rows = await ask.rows(
    { atMs: Number },
    `SELECT toUnixTimestamp64Milli(time) AS atMs FROM payments
     WHERE run = {run:String} AND status = 'RJCT' AND reason = 'signatureInvalid'
     ORDER BY time LIMIT ${most}`,
  );
  return rows.map(({ atMs }) => atMs);
}

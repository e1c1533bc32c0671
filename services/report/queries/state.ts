/** State over the day: queues, cycles of gridlock resolution, settlement accounts. */
import { type Ask, type Buckets, type Integer, PERCENTILES } from './ask.ts';

export interface QueueBucket {
  readonly currency: string;
  readonly bucket: number;
  /** The most in the bucket, and what it ends with: that holds until the currency's next row. */
  readonly countMax: number;
  readonly valueMaxMinor: bigint;
  readonly countLast: number;
  readonly valueLastMinor: bigint;
}

export interface QueuePeakRow {
  readonly currency: string;
  readonly countMax: number;
  readonly countMaxAtMs: number;
  readonly valueMaxMinor: bigint;
  readonly valueMaxAtMs: number;
}

export interface QueuedPayments {
  readonly currency: string;
  readonly queued: number;
  readonly settled: number;
  readonly cancelled: number;
  readonly waiting: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface CycleCount {
  readonly outcome: string;
  readonly cycles: number;
  readonly settled: number;
}

export interface AccountRow {
  readonly participant: string;
  readonly currency: string;
  readonly openingMinor: bigint;
  readonly lowestMinor: bigint;
  readonly lowestAtMs: number;
  readonly closingMinor: bigint;
  readonly creditLineMinor: bigint;
  /** Issued less redeemed after the opening. */
  readonly injectedMinor: bigint;
  /** The most by which payments drew it below what was put in. */
  readonly drawnMinor: bigint;
}

/** A sample stands at the end of its minute: the bucket is that of the instant before. */
export async function queueByBucket(ask: Ask, buckets: Buckets): Promise<QueueBucket[]> {
  const rows = await ask.rows<QueueBucket>(
    `SELECT currency,
       intDiv(toUnixTimestamp64Milli(time) - 1 - {start:Int64}, {step:Int64}) AS bucket,
       max(count_max) AS countMax, toString(max(value_max_minor)) AS valueMaxMinor,
       argMax(count, time) AS countLast, toString(argMax(value_minor, time)) AS valueLastMinor
     FROM queue_samples WHERE run = {run:String} AND participant = ''
     GROUP BY currency, bucket ORDER BY currency, bucket`,
    buckets,
  );
  return rows.map((row) => ({
    currency: row.currency,
    bucket: Number(row.bucket),
    countMax: Number(row.countMax),
    valueMaxMinor: BigInt(row.valueMaxMinor),
    countLast: Number(row.countLast),
    valueLastMinor: BigInt(row.valueLastMinor),
  }));
}

/** Instants are the ends of the minutes in which the peak lay. */
export async function queuePeaks(ask: Ask): Promise<QueuePeakRow[]> {
  const rows = await ask.rows<QueuePeakRow>(
    `SELECT currency, max(count_max) AS countMax,
       toUnixTimestamp64Milli(argMax(time, (count_max, -toUnixTimestamp64Milli(time))))
         AS countMaxAtMs,
       toString(max(value_max_minor)) AS valueMaxMinor,
       toUnixTimestamp64Milli(argMax(time, (value_max_minor, -toUnixTimestamp64Milli(time))))
         AS valueMaxAtMs
     FROM queue_samples WHERE run = {run:String} AND participant = ''
     GROUP BY currency ORDER BY currency`,
  );
  return rows.map((row) => ({
    currency: row.currency,
    countMax: Number(row.countMax),
    countMaxAtMs: Number(row.countMaxAtMs),
    valueMaxMinor: BigInt(row.valueMaxMinor),
    valueMaxAtMs: Number(row.valueMaxAtMs),
  }));
}

/** Payments that were queued, and how long those of them waited that settled. */
export async function queuedPayments(ask: Ask): Promise<QueuedPayments[]> {
  const rows = await ask.rows<QueuedPayments>(
    `SELECT currency, queued, length(waits) AS settled, cancelled, waiting, ${PERCENTILES}
     FROM (SELECT currency, count() AS queued, countIf(status = 'CANC') AS cancelled,
         countIf(status = 'PDNG') AS waiting,
         arraySort(groupArrayIf(toUnixTimestamp64Milli(status_at)
           - toUnixTimestamp64Milli(submitted_at), status = 'ACSC')) AS waits
       FROM payments_current WHERE run = {run:String} AND was_queued
       GROUP BY currency) ORDER BY currency`,
  );
  return rows.map((row) => {
    const settled = Number(row.settled);
    const wait = (ms: Integer | null) => (settled === 0 ? null : Number(ms));
    return {
      currency: row.currency,
      queued: Number(row.queued),
      settled,
      cancelled: Number(row.cancelled),
      waiting: Number(row.waiting),
      p50Ms: wait(row.p50Ms),
      p95Ms: wait(row.p95Ms),
      p99Ms: wait(row.p99Ms),
    };
  });
}

export async function cycleCounts(ask: Ask): Promise<CycleCount[]> {
  const rows = await ask.rows<CycleCount>(
    `SELECT outcome, count() AS cycles, sum(cycles.settled) AS settled FROM cycles
     WHERE run = {run:String} GROUP BY outcome ORDER BY outcome`,
  );
  return rows.map(({ outcome, cycles, settled }) => ({
    outcome,
    cycles: Number(cycles),
    settled: Number(settled),
  }));
}

/** The first row of an account is its opening; the time is the end of the lowest minute. */
export async function accountRows(ask: Ask): Promise<AccountRow[]> {
  const rows = await ask.rows<AccountRow>(
    `SELECT participant, currency, toString(argMin(balance_minor, time)) AS openingMinor,
       toString(min(lowest_minor)) AS lowestMinor,
       toUnixTimestamp64Milli(argMin(time, (lowest_minor, time))) AS lowestAtMs,
       toString(argMax(balance_minor, time)) AS closingMinor,
       toString(max(credit_line_minor)) AS creditLineMinor,
       toString(argMax(injected_minor, time)) AS injectedMinor,
       toString(max(drawn_max_minor)) AS drawnMinor
     FROM balances WHERE run = {run:String}
     GROUP BY participant, currency ORDER BY currency, participant`,
  );
  return rows.map((row) => ({
    participant: row.participant,
    currency: row.currency,
    openingMinor: BigInt(row.openingMinor),
    lowestMinor: BigInt(row.lowestMinor),
    lowestAtMs: Number(row.lowestAtMs),
    closingMinor: BigInt(row.closingMinor),
    creditLineMinor: BigInt(row.creditLineMinor),
    injectedMinor: BigInt(row.injectedMinor),
    drawnMinor: BigInt(row.drawnMinor),
  }));
}

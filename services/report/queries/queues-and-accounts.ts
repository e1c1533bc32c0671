/** State over the day: queues, cycles of gridlock resolution, settlement accounts. */
import { type Ask, type Buckets, PERCENTILES, type RowOf } from './ask-store.ts';

/** The most in the bucket, and what it ends with: that holds until the currency's next row. */
const QUEUE_BUCKET = {
  currency: String,
  bucket: Number,
  countMax: Number,
  valueMaxMinor: BigInt,
  countLast: Number,
  valueLastMinor: BigInt,
};
export type QueueBucket = RowOf<typeof QUEUE_BUCKET>;

const QUEUE_PEAK = {
  currency: String,
  countMax: Number,
  countMaxAtMs: Number,
  valueMaxMinor: BigInt,
  valueMaxAtMs: Number,
};
export type QueuePeakRow = RowOf<typeof QUEUE_PEAK>;

const waitMs = (ms: string | null) => (ms === null ? null : Number(ms));
/** The waits are null where none settled. */
const QUEUED = {
  currency: String,
  queued: Number,
  settled: Number,
  cancelled: Number,
  waiting: Number,
  p50Ms: waitMs,
  p95Ms: waitMs,
  p99Ms: waitMs,
};
export type QueuedPayments = RowOf<typeof QUEUED>;

const CYCLE_COUNT = { outcome: String, cycles: Number, settled: Number };
export type CycleCount = RowOf<typeof CYCLE_COUNT>;

/**
 * `injectedMinor`: the most that was issued less redeemed after the opening. `drawnMinor`: the most by which payments
 * drew it below what was put in.
 */
const ACCOUNT = {
  participant: String,
  currency: String,
  openingMinor: BigInt,
  lowestMinor: BigInt,
  lowestAtMs: Number,
  closingMinor: BigInt,
  creditLineMinor: BigInt,
  injectedMinor: BigInt,
  drawnMinor: BigInt,
};
export type AccountRow = RowOf<typeof ACCOUNT>;

/** A sample stands at the end of its minute: the bucket is that of the instant before. */
export const queueByBucket = (ask: Ask, buckets: Buckets): Promise<QueueBucket[]> =>
  ask.rows(
    QUEUE_BUCKET,
    `SELECT currency,
       intDiv(toUnixTimestamp64Milli(time) - 1 - {start:Int64}, {step:Int64}) AS bucket,
       max(count_max) AS countMax, toString(max(value_max_minor)) AS valueMaxMinor,
       argMax(count, time) AS countLast, toString(argMax(value_minor, time)) AS valueLastMinor
     FROM queue_samples WHERE run = {run:String} AND participant = ''
     GROUP BY currency, bucket ORDER BY currency, bucket`,
    buckets,
  );

/** Instants are the ends of the minutes in which the peak lay. */
export const queuePeaks = (ask: Ask): Promise<QueuePeakRow[]> =>
  ask.rows(
    QUEUE_PEAK,
    `SELECT currency, max(count_max) AS countMax,
       toUnixTimestamp64Milli(argMax(time, (count_max, -toUnixTimestamp64Milli(time))))
         AS countMaxAtMs,
       toString(max(value_max_minor)) AS valueMaxMinor,
       toUnixTimestamp64Milli(argMax(time, (value_max_minor, -toUnixTimestamp64Milli(time))))
         AS valueMaxAtMs
     FROM queue_samples WHERE run = {run:String} AND participant = ''
     GROUP BY currency ORDER BY currency`,
  );

/** Payments that were queued, and how long those of them waited that settled. Of a matched pair the first leg counts. */
export async function queuedPayments(ask: Ask): Promise<QueuedPayments[]> {
  const rows = await ask.rows(
    QUEUED,
    `SELECT currency, queued, length(waits) AS settled, cancelled, waiting, ${PERCENTILES}
     FROM (SELECT currency, count() AS queued, countIf(status = 'CANC') AS cancelled,
         countIf(status = 'PDNG') AS waiting,
         arraySort(groupArrayIf(toUnixTimestamp64Milli(status_at)
           - toUnixTimestamp64Milli(submitted_at), status = 'ACSC')) AS waits
       FROM payments_current WHERE run = {run:String} AND was_queued AND NOT second_leg
       GROUP BY currency) ORDER BY currency`,
  );
  const none = { p50Ms: null, p95Ms: null, p99Ms: null };
  return rows.map((row) => (row.settled === 0 ? { ...row, ...none } : row));
}

export const cycleCounts = (ask: Ask): Promise<CycleCount[]> =>
  ask.rows(
    CYCLE_COUNT,
    `SELECT outcome, count() AS cycles, sum(cycles.settled) AS settled FROM cycles
     WHERE run = {run:String} GROUP BY outcome ORDER BY outcome`,
  );

/** The first row of an account is its opening; the time is the end of the lowest minute. */
export const accountRows = (ask: Ask): Promise<AccountRow[]> =>
  ask.rows(
    ACCOUNT,
    `SELECT participant, currency, toString(argMin(balance_minor, time)) AS openingMinor,
       toString(min(lowest_minor)) AS lowestMinor,
       toUnixTimestamp64Milli(argMin(time, (lowest_minor, time))) AS lowestAtMs,
       toString(argMax(balance_minor, time)) AS closingMinor,
       toString(max(credit_line_minor)) AS creditLineMinor,
       toString(max(injected_minor)) AS injectedMinor,
       toString(max(drawn_max_minor)) AS drawnMinor
     FROM balances WHERE run = {run:String}
     GROUP BY participant, currency ORDER BY currency, participant`,
  );

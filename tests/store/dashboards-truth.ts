/** What is true of a recorded run, in the words that the figures of panels are made of. */
import assert from 'node:assert/strict';
import { isCounted, isLeg, type PaymentRow } from '../../services/report/figures/payment-table.ts';
import { type QueuePoint, queueSeries } from './dashboards-queues.ts';
import type { Booking, QueueChange, Truth } from './dashboards-run.ts';
import { MINUTE_MS } from './dashboards-telemetry.ts';

export type Rows = readonly Readonly<Record<string, unknown>>[];
/** Found, expected, and within what share of it (0: exactly). */
export type Pair = readonly [unknown, unknown, number?];
export type Figure = (rows: Rows, truth: Truth) => readonly Pair[];

/** A percentile is told by the end of its bucket. */
export const BUCKET = 1 / 128;
/** Whole units are drawn as floating-point numbers. */
export const FLOAT = 1e-9;

export const minute = (ms: number) => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
/** The view begins and ends with a minute: the one that begins where it ends is not in it. */
export const inView = ({ view }: Truth, ms: number | null) =>
  ms !== null && ms >= view.fromMs && ms < view.toMs;
/** Each leg of a trade by itself: what its bank sent, and whose value counts. */
export const endedLegs = (truth: Truth, status: PaymentRow['status'], rows = truth.rows) =>
  rows.filter((row) => row.status === status && inView(truth, row.finalAtMs));
export const settledLegs = (truth: Truth) => endedLegs(truth, 'settled');
/** Payments: a trade of two legs is one. */
export const ended = (truth: Truth, status: PaymentRow['status']) =>
  endedLegs(truth, status).filter(isCounted);
export const settled = (truth: Truth) => ended(truth, 'settled');
export const submitted = (truth: Truth) =>
  truth.rows.filter((row) => isCounted(row) && inView(truth, row.submittedAtMs));
/** As the report counts what a target is about: neither rejected nor withdrawn by its bank. */
export const owed = (truth: Truth, corridors: readonly string[]) =>
  truth.rows.filter(
    (row) =>
      isCounted(row) &&
      corridors.includes(`${row.currency}-${row.currency2}`) &&
      // What ended after the view still waits in it.
      ((row.status !== 'rejected' && row.reason !== 'cancelledByDebtorAgent') ||
        (row.finalAtMs ?? 0) >= truth.view.toMs) &&
      row.submittedAtMs < truth.view.toMs &&
      (row.finalAtMs === null || row.finalAtMs >= truth.view.fromMs),
  );
export const traded = (truth: Truth) => settled(truth).filter(isLeg);
export const wait = ({ finalAtMs, submittedAtMs }: PaymentRow) => (finalAtMs ?? 0) - submittedAtMs;
export const minorSum = (rows: readonly PaymentRow[]) =>
  rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
/** Both currencies of the run have two decimals. */
export const whole = (minor: bigint) => Number(minor) / 100;

/** By nearest rank: the least value that so large a share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.find((_, index) => index + 1 >= share * sorted.length) ?? assert.fail('no value');
}

/** Settled payments by the interval of the view that they settled in. */
export function inIntervals(
  { view }: Truth,
  payments: readonly PaymentRow[],
): [number, PaymentRow[]][] {
  const intervals = new Map<number, PaymentRow[]>();
  const lengthMs = view.intervalSeconds * 1000;
  for (const payment of payments) {
    const atMs = Math.floor((payment.finalAtMs ?? 0) / lengthMs) * lengthMs;
    intervals.set(atMs, [...(intervals.get(atMs) ?? []), payment]);
  }
  return [...intervals];
}

/** Intervals of the view: a point each. */
export const intervalsOf = ({ view }: Truth) => {
  const at = (ms: number) => Math.floor(ms / 1000 / view.intervalSeconds);
  // The last is one that begins before the end.
  return at(view.toMs - 1) - at(view.fromMs) + 1;
};
/** Rows that have the figure. */
export const told = (rows: Rows, column: string) => rows.filter((row) => row[column] !== null);

export const only = (rows: Rows, column: string) => rows[0]?.[column];
export const count = (rows: Rows, column: string) => Number(only(rows, column));
/** A rate a second of intervals of 300 s, back to a number. */
export const total = (rows: Rows, column: string, seconds = 300) =>
  rows.reduce((sum, row) => sum + Number(row[column]) * seconds, 0);
export const sum = (rows: Rows, column: string) => total(rows, column, 1);
export const where = (rows: Rows, column: string, value: string) =>
  rows.filter((row) => row[column] === value);

/** Payments in a queue at an instant: queued before it, not ended before it. */
const waitingAt = (truth: Truth, atMs: number) =>
  truth.rows.filter(
    ({ queuedAtMs, finalAtMs }) =>
      queuedAtMs !== null && queuedAtMs < atMs && (finalAtMs === null || finalAtMs >= atMs),
  );
export const waitingNow = (truth: Truth) => waitingAt(truth, truth.view.toMs);

export function balanceAt(truth: Truth, bic: string, currency: string, atMs: number): bigint {
  const own = (one: Booking) => one.bic === bic && one.currency === currency && one.atMs < atMs;
  return truth.bookings.findLast(own)?.balance ?? 0n;
}

export const lowest = (truth: Truth, bic: string, currency: string) =>
  truth.bookings
    .filter((one) => one.bic === bic && one.currency === currency && one.atMs < truth.view.toMs)
    .map(({ balance }) => balance)
    .sort((a, b) => (a < b ? -1 : 1))[0] as bigint;

/** Both currencies of the run. */
export const CODES = ['EUR', 'SGD'];
export const inQueueOf = (
  truth: Truth,
  code: string,
  isOf: (change: QueueChange) => boolean = () => true,
) => queueSeries(truth, (change) => change.currency === code && isOf(change));

/** Every point of a series. */
export const series = (
  rows: Rows,
  column: string,
  points: readonly QueuePoint[],
  figure: (point: QueuePoint) => number,
): Pair[] => [
  [rows.map(({ time }) => Date.parse(`${time}Z`)), points.map(({ atMs }) => atMs)],
  ...points.map((point, index): Pair => [rows[index]?.[column], figure(point), FLOAT]),
];

/** Credit lines at the end of the view, by account. */
export function linesOf({ scenario, view }: Truth): Map<string, bigint> {
  const lines = new Map<string, bigint>();
  const name = (participant: number, currency: number) =>
    `${scenario.participants[participant]?.bic} ${scenario.currencies[currency]?.code}`;
  for (const [participant, { accounts }] of scenario.participants.entries())
    for (const { currency, creditLineMinor } of accounts)
      if (creditLineMinor > 0n) lines.set(name(participant, currency), creditLineMinor);
  for (const { kind, atMs, participant, currency, amountMinor } of scenario.liquidityEvents)
    if (kind === 'creditLine' && atMs < view.toMs)
      lines.set(name(participant, currency), amountMinor);
  return lines;
}

/** Value of all legs in a currency, a dealer's among them. */
export const legsIn = (rows: readonly PaymentRow[], code: string) =>
  rows.reduce((all, { currency, amountMinor, currency2, amount2Minor }) => {
    const own = currency === code ? amountMinor : 0n;
    return all + own + (currency2 === code && currency !== code ? amount2Minor : 0n);
  }, 0n);

export const mechanismShare = (rows: readonly PaymentRow[], mechanism: string) =>
  rows.filter((row) => row.mechanism === mechanism).length / rows.length;

/** Trades that settle are of both currencies of the run. */
export const TRADED = 'EUR/SGD';
const corridorOf = (row: PaymentRow) => {
  const { currency, currency2 } = row;
  if (isLeg(row)) return row.pairPosition === null ? `${currency}/?` : TRADED;
  return currency === currency2 ? currency : `${currency}-${currency2}`;
};
export const inCorridor = (truth: Truth, corridor: string) =>
  settled(truth).filter((row) => corridorOf(row) === corridor);
export const betweenCurrencies = (truth: Truth) =>
  BETWEEN.flatMap((corridor) => inCorridor(truth, corridor));
export const MID = 1.4676;
/** Corridors between currencies. */
export const BETWEEN = ['EUR-SGD', 'SGD-EUR'];
/** A cost is the small difference of two sums of floating-point numbers. */
export const COST_FLOAT = 1e-9;

/** What of the value debited, at the mid rate, does not arrive. */
export function costOf(truth: Truth, corridor: string): number {
  const payments = inCorridor(truth, corridor);
  const rate = corridor === 'EUR-SGD' ? MID : 1 / MID;
  const credited = whole(payments.reduce((all, one) => all + one.amount2Minor, 0n));
  return 1 - credited / (whole(minorSum(payments)) * rate);
}

export const ofBank = (truth: Truth) =>
  truth.rows.filter(({ debtorAgent }) => debtorAgent === truth.bank);
export const cyclesIn = (truth: Truth, outcome: number) =>
  truth.cycles.filter(
    (one) => one.outcome === outcome && one.atMs >= truth.view.fromMs && one.atMs < truth.view.toMs,
  );

/**
 * Indicators of a run. Definitions stand beside each; sums are exact (bigint), a ratio is a Number
 * made at the end by one division.
 */
import { amountText } from '../../protocol/names/money.ts';
import { ExactSum, ProductSum } from './exact-sum.ts';

/** Submission, settlement (the day's end where it did not settle) and the day's end, ms. */
export interface Delay {
  readonly submittedAtMs: number;
  readonly settledAtMs: number;
  readonly dayEndsAtMs: number;
}

export interface DelayedPayment extends Delay {
  /** 0 or more, minor units. */
  readonly valueMinor: bigint;
}

/** Both indicators of delay, payment by payment. */
export class DelaySums {
  readonly #waited = new ProductSum();
  readonly #longest = new ProductSum();
  readonly #value = new ExactSum();

  add(payment: DelayedPayment): void {
    const { valueMinor } = payment;
    this.addHalves(Number(valueMinor >> 32n), Number(valueMinor & 0xffff_ffffn), payment);
  }

  /** @param high of the value, and its low half: as exact-sum.ts has them */
  addHalves(high: number, low: number, { submittedAtMs, settledAtMs, dayEndsAtMs }: Delay): void {
    this.#waited.add(high, low, settledAtMs - submittedAtMs);
    this.#longest.add(high, low, dayEndsAtMs - submittedAtMs);
    this.#value.addHalves(high, low);
  }

  /**
   * Settlement delay indicator rho = sum v(s - a) / sum v(T - a), between 0 (all at once) and 1 (all
   * at the end of the day); v value, a submission, s settlement, T end of day. Null without payments.
   * Source: Leinonen and Soramaki, Bank of Finland Discussion Paper 16/1999.
   */
  get indicator(): number | null {
    const longest = this.#longest.value;
    return longest === 0n ? null : ratio(this.#waited.value, longest);
  }

  /** Value-weighted delay = sum v(s - a) / sum v, in ms. Null without payments. */
  get weightedMs(): number | null {
    const value = this.#value.value;
    return value === 0n ? null : ratio(this.#waited.value, value);
  }
}

function sumsOf(payments: Iterable<DelayedPayment>): DelaySums {
  const sums = new DelaySums();
  for (const payment of payments) sums.add(payment);
  return sums;
}

export const settlementDelayIndicator = (payments: Iterable<DelayedPayment>): number | null =>
  sumsOf(payments).indicator;
export const valueWeightedDelayMs = (payments: Iterable<DelayedPayment>): number | null =>
  sumsOf(payments).weightedMs;

/** The smallest value that at least `share` of the values do not exceed (nearest rank). */
export function percentile(ascending: ArrayLike<number>, share: number): number | null {
  if (ascending.length === 0) return null;
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] as number;
}

/** By nearest rank, ms; null where there are no values. */
export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export const percentiles = (ascending: ArrayLike<number>): Percentiles => ({
  p50Ms: percentile(ascending, 0.5),
  p95Ms: percentile(ascending, 0.95),
  p99Ms: percentile(ascending, 0.99),
});

const DECIMALS = 9;

/**
 * Quotient of two integers, 0 or more and above 0, to nine decimals, half up. Where a Number cannot
 * hold that many (from 2^23, about 8.4 million, on) to as many as it holds: every digit that is told is right.
 */
export function ratio(numerator: bigint, denominator: bigint): number {
  for (let decimals = DECIMALS; decimals > 0; decimals--) {
    const scale = 10n ** BigInt(decimals);
    const scaled = (numerator * scale * 2n + denominator) / (denominator * 2n);
    // Where neighbours read as other numbers, this one is written with its own digits and no others.
    const [below, value, above] = [scaled - 1n, scaled, scaled + 1n].map((digits) =>
      Number(amountText(digits, decimals)),
    ) as [number, number, number];
    if (below < value && value < above) return value;
  }
  return Number((numerator * 2n + denominator) / (denominator * 2n));
}

/** How long value waits. Definitions stand beside each; sums are exact. */
import { ExactSum, highOf, lowOf, ProductSum } from '../../analysis/exact-sum.ts';
import { ratio } from './ratio-rounding.ts';

/** Submission, settlement (the day's end where it did not settle) and the day's end, ms. */
export interface DelayedPayment {
  readonly submittedAtMs: number;
  readonly settledAtMs: number;
  readonly dayEndsAtMs: number;
  /** 0 or more, minor units. */
  readonly valueMinor: bigint;
}

/** Both indicators of delay, payment by payment. */
export class DelaySums {
  readonly #waited = new ProductSum();
  readonly #longest = new ProductSum();
  readonly #value = new ExactSum();

  add({ valueMinor, submittedAtMs, settledAtMs, dayEndsAtMs }: DelayedPayment): void {
    const [high, low] = [highOf(valueMinor), lowOf(valueMinor)];
    this.addHalves(high, low, settledAtMs - submittedAtMs, dayEndsAtMs - submittedAtMs);
  }

  /**
   * @param high of the value, and its low half: as exact-sum.ts has them
   * @param waitedMs from submission to settlement
   * @param longestMs from submission to the day's end
   */
  addHalves(high: number, low: number, waitedMs: number, longestMs: number): void {
    this.#waited.add(high, low, waitedMs);
    this.#longest.add(high, low, longestMs);
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

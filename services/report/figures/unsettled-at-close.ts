/** What had not settled when a currency closed. */

import { ExactSum } from '../../analysis/exact-sum.ts';
import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { isCancelledAs } from './liquidity-bounds.ts';
import { type PaymentTable, STATUS } from './payment-table.ts';

export interface CloseFigures {
  readonly currency: string;
  /** Of the currency; or of another, which cancelled payments that debit this one. */
  readonly closesMs: number;
  /** Waiting at the close, by currency debited: cancelled by it, or kept for the next opening. */
  readonly payments: number;
  /** Of all of them, both legs of a trade. */
  readonly valueMinor: bigint;
  readonly cancelled: number;
}

/**
 * Payments that were taken in by the close and not ended before it, and those between two currencies
 * that the close of the other one cancelled. Legs that look for their mirror are among them; two that
 * met are one payment, as the leg that came first. What is carried over is counted at each close.
 */
export class UnsettledAtCloses {
  readonly #payments: PaymentTable;
  readonly #code: string;
  readonly #own: ReadonlySet<number>;
  /** Own ones, and those of others that cancelled any. */
  readonly #closes: Set<number>;
  /** Rows that may have waited at any. */
  readonly #waited: number[] = [];

  /** Its own closes before and after the submission of the payment that was taken last: most have the same. */
  #lastCloseMs = Number.NaN;
  #nextCloseMs = Number.NaN;

  constructor(payments: PaymentTable, { code, hours }: ScenarioCurrency) {
    this.#payments = payments;
    this.#code = code;
    this.#own = new Set(hours.flatMap((open) => (open ? [open.closesMs] : [])));
    this.#closes = new Set(this.#own);
  }

  /** A payment that debits the currency. */
  take(row: number): void {
    const { submittedMs, finalMs, statuses } = this.#payments.of;
    const status = statuses[row];
    if (status === STATUS.rejected) return;
    const submittedAtMs = submittedMs[row] as number;
    const endedMs = finalMs[row] as number;
    if (!(this.#lastCloseMs <= submittedAtMs && submittedAtMs < this.#nextCloseMs))
      this.#turn(submittedAtMs);
    // Most end before a close. What did not end has no final time: NaN is not below it.
    if (status !== STATUS.cancelled && endedMs < this.#nextCloseMs) return;
    this.#waited.push(row);
    if (isCancelledAtClose(this.#payments, row)) this.#closes.add(endedMs);
  }

  #turn(submittedAtMs: number): void {
    const own = [...this.#own].sort((one, other) => one - other);
    this.#lastCloseMs =
      own.findLast((closesMs) => closesMs <= submittedAtMs) ?? Number.NEGATIVE_INFINITY;
    this.#nextCloseMs =
      own.find((closesMs) => closesMs > submittedAtMs) ?? Number.POSITIVE_INFINITY;
  }

  figures(): CloseFigures[] {
    return [...this.#closes]
      .sort((one, other) => one - other)
      .map((closesMs) => this.#at(closesMs));
  }

  #at(closesMs: number): CloseFigures {
    const payments = this.#payments;
    const { submittedMs, finalMs } = payments.of;
    const isEndedByClose = (row: number) =>
      finalMs[row] === closesMs &&
      (isCancelledAtClose(payments, row) || isMatchCancelled(payments, row));
    const isOwn = this.#own.has(closesMs);
    // What did not end has no final time: NaN is not at or before the close.
    const isKept = (row: number) => isOwn && !((finalMs[row] as number) <= closesMs);
    // What comes in at the very instant of a close comes in after it.
    const waiting = this.#waited.filter(
      (row) => (submittedMs[row] as number) < closesMs && (isKept(row) || isEndedByClose(row)),
    );
    const value = new ExactSum();
    for (const row of waiting) value.addFrom(payments.words, row);
    const counted = waiting.filter((row) => payments.isCounted(row));
    return {
      currency: this.#code,
      closesMs,
      payments: counted.length,
      valueMinor: value.value,
      cancelled: counted.filter(isEndedByClose).length,
    };
  }
}

const isCancelledAtClose = isCancelledAs('cancelledAtClose');
/** The other leg ended, in the netting of a close perhaps. */
const isMatchCancelled = isCancelledAs('matchCancelled');

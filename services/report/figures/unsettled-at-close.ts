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
export function unsettledAtCloses(
  payments: PaymentTable,
  { code, hours }: ScenarioCurrency,
): CloseFigures[] {
  const handle = payments.currency(code);
  const { currencies, submittedMs, finalMs } = payments.of;
  const own = new Set(hours.flatMap((open) => (open ? [open.closesMs] : [])));
  const all = payments.rowsIn(handle);
  const closes = new Set(own);
  for (let at = 0; at < all.length; at++) {
    const row = all[at] as number;
    if (isCancelledAtClose(payments, row) && currencies[row] === handle)
      closes.add(finalMs[row] as number);
  }
  const firstMs = Math.min(...closes);
  const mine: number[] = [];
  // Most have ended before any close. What did not end has no final time: NaN is not below it.
  for (let at = 0; at < all.length; at++) {
    const row = all[at] as number;
    if (
      !((finalMs[row] as number) < firstMs) &&
      currencies[row] === handle &&
      payments.of.statuses[row] !== STATUS.rejected
    )
      mine.push(row);
  }
  return [...closes]
    .sort((one, other) => one - other)
    .map((closesMs) => {
      const isEndedByClose = (row: number) =>
        finalMs[row] === closesMs &&
        (isCancelledAtClose(payments, row) || isMatchCancelled(payments, row));
      // What did not end has no final time: NaN is not at or before the close.
      const isKept = (row: number) => own.has(closesMs) && !((finalMs[row] as number) <= closesMs);
      // What comes in at the very instant of a close comes in after it.
      const waiting = mine.filter(
        (row) => (submittedMs[row] as number) < closesMs && (isKept(row) || isEndedByClose(row)),
      );
      const value = new ExactSum();
      for (const row of waiting) value.addFrom(payments.words, row);
      const counted = waiting.filter((row) => payments.isCounted(row));
      return {
        currency: code,
        closesMs,
        payments: counted.length,
        valueMinor: value.value,
        cancelled: counted.filter(isEndedByClose).length,
      };
    });
}

const isCancelledAtClose = isCancelledAs('cancelledAtClose');
/** The other leg ended, in the netting of a close perhaps. */
const isMatchCancelled = isCancelledAs('matchCancelled');

/** What had not settled when a currency closed. */
import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { isCounted, type PaymentRow } from './payment-book.ts';

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
  rows: readonly PaymentRow[],
  { code, hours }: ScenarioCurrency,
): CloseFigures[] {
  const mine = rows.filter(({ currency, status }) => currency === code && status !== 'rejected');
  const own = new Set(hours.flatMap((open) => (open ? [open.closesMs] : [])));
  const others = mine.filter(isCancelledAtClose).map(({ finalAtMs }) => finalAtMs as number);
  return [...new Set([...own, ...others])]
    .sort((one, other) => one - other)
    .map((closesMs) => {
      const endedByClose = (row: PaymentRow) =>
        row.finalAtMs === closesMs && (isCancelledAtClose(row) || isOfMate(row));
      const isKept = (row: PaymentRow) =>
        own.has(closesMs) && (row.finalAtMs === null || row.finalAtMs > closesMs);
      const waiting = mine.filter(
        // What comes in at the very instant of a close comes in after it.
        (row) => row.submittedAtMs < closesMs && (isKept(row) || endedByClose(row)),
      );
      const counted = waiting.filter(isCounted);
      return {
        currency: code,
        closesMs,
        payments: counted.length,
        valueMinor: waiting.reduce((total, { amountMinor }) => total + amountMinor, 0n),
        cancelled: counted.filter(endedByClose).length,
      };
    });
}

const isCancelledAtClose = ({ status, reason }: PaymentRow) =>
  status === 'cancelled' && reason === 'cancelledAtClose';
/** The other leg ended, in the netting of a close perhaps. */
const isOfMate = ({ status, reason }: PaymentRow) =>
  status === 'cancelled' && reason === 'matchCancelled';

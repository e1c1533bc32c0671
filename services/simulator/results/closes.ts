/** What had not settled when a currency closed. */
import type { ScenarioCurrency } from '../scenario/scenario.ts';
import type { PaymentRow } from './payment-book.ts';

export interface CloseFigures {
  readonly currency: string;
  readonly closesMs: number;
  /** Waiting at the close, by currency debited: cancelled by it, or kept for the next opening. */
  readonly payments: number;
  readonly valueMinor: bigint;
  readonly cancelled: number;
}

/**
 * Payments that were taken in by the close and not ended before it. Legs that look for their mirror
 * are among them; what is carried over is counted at each close.
 */
export function unsettledAtCloses(
  rows: readonly PaymentRow[],
  { code, hours }: ScenarioCurrency,
): CloseFigures[] {
  const mine = rows.filter(({ currency, status }) => currency === code && status !== 'rejected');
  return hours.flatMap((open) => {
    if (!open) return [];
    const { closesMs } = open;
    const endedByClose = (row: PaymentRow) =>
      row.finalAtMs === closesMs && row.status === 'cancelled' && isOfClose(row);
    const waiting = mine.filter(
      (row) =>
        row.submittedAtMs <= closesMs &&
        (row.finalAtMs === null || row.finalAtMs > closesMs || endedByClose(row)),
    );
    const valueMinor = waiting.reduce((total, { amountMinor }) => total + amountMinor, 0n);
    const cancelled = waiting.filter(endedByClose).length;
    return [{ currency: code, closesMs, payments: waiting.length, valueMinor, cancelled }];
  });
}

const isOfClose = ({ reason }: PaymentRow) =>
  reason === 'cancelledAtClose' || reason === 'matchCancelled';

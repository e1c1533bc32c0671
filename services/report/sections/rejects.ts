import { seriesColour } from '../charts/axes.ts';
import { type Bar, drawBars } from '../charts/bars.ts';
import { figure, nothing, section, table } from '../elements.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import type { Cancelled, Refused } from '../queries/payments.ts';
import {
  amountCell,
  bankCell,
  countCell,
  indexOf,
  instantCell,
  numeric,
  reasonText,
  type View,
} from './section-input.ts';

export function rejectsSection(
  view: View,
  refused: readonly Refused[],
  cancelled: readonly Cancelled[],
): Markup {
  return section(
    'rejects',
    'Rejected and cancelled',
    html`<p class="def">Reasons by their ISO 20022 code (ExternalStatusReason1Code). A rejected payment was not taken in; a
cancelled one was, and ended without settlement. Neither booked anything.</p>`,
    html`<div class="pair">${rejectFigure(refused)}${cancelFigure(view, cancelled)}</div>`,
    refused.length > 0 && rejectTable(view, refused),
    cancelled.length > 0 && cancelTable(view, cancelled),
  );
}

/** A bar for each key with the sum of its payments, the longest first. */
function grouped<Row extends { readonly payments: number }>(
  rows: readonly Row[],
  key: (row: Row) => string,
  colour: (row: Row) => string,
): Bar[] {
  const bars = new Map<string, Omit<Bar, 'text'>>();
  for (const row of rows) {
    const name = key(row);
    const value = (bars.get(name)?.value ?? 0) + row.payments;
    bars.set(name, { name, value, colour: colour(row) });
  }
  return [...bars.values()]
    .sort((a, b) => b.value - a.value)
    .map((bar) => ({ ...bar, text: countText(bar.value) }));
}

function rejectFigure(refused: readonly Refused[]): Markup {
  const codes = grouped(
    refused,
    ({ isoReason: code, reason }) => code || reason,
    () => 'var(--alarm)',
  );
  return figure({
    title: 'Rejected, by reason',
    text: 'Number of payments, forged messages included.',
    chart:
      codes.length === 0
        ? nothing('None was rejected.')
        : drawBars('rejected', 'Rejected payments by reason', codes),
  });
}

function cancelFigure(view: View, cancelled: readonly Cancelled[]): Markup {
  const drawn = grouped(
    cancelled,
    ({ currency, isoReason: code }) => `${code} ${currency}`,
    ({ currency }) => seriesColour(indexOf(view, currency)),
  );
  return figure({
    title: 'Cancelled, by reason and currency',
    text: 'Number of payments, by currency debited.',
    chart:
      drawn.length === 0
        ? nothing('None was cancelled.')
        : drawBars('cancelled', 'Cancelled payments by reason and currency', drawn),
  });
}

function rejectTable(view: View, refused: readonly Refused[]): Markup {
  return table('Rejected by reason and debtor’s bank; times UTC', refused, [
    ['Reason', ({ isoReason }) => isoReason],
    [{ head: 'Meaning', wraps: true }, ({ reason }) => reasonText(reason)],
    ['Debtor’s bank', ({ debtorAgent }) => bankCell(view, debtorAgent)],
    [numeric('Payments'), ({ payments }) => countCell(payments)],
    [numeric('First'), ({ firstAtMs }) => instantCell(view, firstAtMs)],
    [numeric('Last'), ({ lastAtMs }) => instantCell(view, lastAtMs)],
  ]);
}

function cancelTable(view: View, cancelled: readonly Cancelled[]): Markup {
  return table('Cancelled by reason and currency debited', cancelled, [
    ['Reason', ({ isoReason }) => isoReason],
    [{ head: 'Meaning', wraps: true }, ({ reason }) => reasonText(reason)],
    ['Currency', ({ currency }) => currency],
    [numeric('Payments'), ({ payments }) => countCell(payments)],
    [numeric('Value'), ({ valueMinor, currency }) => amountCell(view, valueMinor, currency)],
  ]);
}

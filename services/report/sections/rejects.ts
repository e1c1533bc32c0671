import { seriesColour } from '../charts/axes.ts';
import { type Bar, drawBars } from '../charts/bars.ts';
import { figure, noFigure, section, table } from '../elements.ts';
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

const REJECTED = 'Rejected by reason and debtor’s bank; times UTC';
const CANCELLED = 'Cancelled by reason and currency debited';

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
  const title = 'Rejected, by reason';
  if (codes.length === 0) return noFigure(title, 'None was rejected.');
  return figure({
    title,
    text: 'Number of payments, forged messages included.',
    unit: 'payments',
    source: REJECTED,
    chart: drawBars('rejected', 'Rejected payments by reason', codes),
  });
}

function cancelFigure(view: View, cancelled: readonly Cancelled[]): Markup {
  const drawn = grouped(
    cancelled,
    ({ currency, isoReason: code }) => `${code} ${currency}`,
    ({ currency }) => seriesColour(indexOf(view, currency)),
  );
  const title = 'Cancelled, by reason and currency';
  if (drawn.length === 0) return noFigure(title, 'None was cancelled.');
  return figure({
    title,
    text: 'Number of payments, by currency debited.',
    unit: 'payments',
    source: CANCELLED,
    chart: drawBars('cancelled', 'Cancelled payments by reason and currency', drawn),
  });
}

function rejectTable(view: View, refused: readonly Refused[]): Markup {
  return table(REJECTED, refused, [
    ['Reason', ({ isoReason }) => isoReason],
    [{ head: 'Meaning', wraps: true }, ({ reason }) => reasonText(reason)],
    ['Debtor’s bank', ({ debtorAgent }) => bankCell(view, debtorAgent)],
    [numeric('Payments'), ({ payments }) => countCell(payments)],
    [numeric('First'), ({ firstAtMs }) => instantCell(view, firstAtMs)],
    [numeric('Last'), ({ lastAtMs }) => instantCell(view, lastAtMs)],
  ]);
}

function cancelTable(view: View, cancelled: readonly Cancelled[]): Markup {
  return table(CANCELLED, cancelled, [
    ['Reason', ({ isoReason }) => isoReason],
    [{ head: 'Meaning', wraps: true }, ({ reason }) => reasonText(reason)],
    ['Currency', ({ currency }) => currency],
    [numeric('Payments'), ({ payments }) => countCell(payments)],
    [numeric('Value'), ({ valueMinor, currency }) => amountCell(view, valueMinor, currency)],
  ]);
}

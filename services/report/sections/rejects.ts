import { seriesColour } from '../charts/axes.ts';
import { type Bar, barsChart, barsHeight } from '../charts/bars.ts';
import { draw, HALF } from '../charts/render.ts';
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

function grouped<T>(rows: readonly T[], key: (row: T) => string, count: (row: T) => number) {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) ?? 0) + count(row));
  return [...sums].sort(([, a], [, b]) => b - a);
}

function bars(id: string, what: string, drawn: readonly Bar[]): Markup {
  return draw(
    id,
    `${what}: ${drawn.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
    { width: HALF, height: barsHeight(drawn.length) },
    barsChart(drawn),
  );
}

function rejectFigure(refused: readonly Refused[]): Markup {
  const codes = grouped(
    refused,
    ({ isoReason: code, reason }) => code || reason,
    ({ payments }) => payments,
  );
  const drawn = codes.map(([name, value]) => ({
    name,
    value,
    text: countText(value),
    colour: 'var(--alarm)',
  }));
  return figure({
    title: 'Rejected, by reason',
    text: 'Number of payments, forged messages included.',
    chart:
      drawn.length === 0
        ? nothing('None was rejected.')
        : bars('rejected', 'Rejected payments by reason', drawn),
  });
}

function cancelFigure(view: View, cancelled: readonly Cancelled[]): Markup {
  const drawn = grouped(
    cancelled,
    ({ currency, isoReason: code }) => `${code} ${currency}`,
    ({ payments }) => payments,
  ).map(([name, value]) => ({
    name,
    value,
    text: countText(value),
    colour: seriesColour(indexOf(view, name.slice(name.lastIndexOf(' ') + 1))),
  }));
  return figure({
    title: 'Cancelled, by reason and currency',
    text: 'Number of payments, by currency debited.',
    chart:
      drawn.length === 0
        ? nothing('None was cancelled.')
        : bars('cancelled', 'Cancelled payments by reason and currency', drawn),
  });
}

function rejectTable(view: View, refused: readonly Refused[]): Markup {
  return table(
    'Rejected by reason and debtor’s bank; times UTC',
    [
      { head: 'Reason' },
      { head: 'Meaning', wraps: true },
      { head: 'Debtor’s bank' },
      numeric('Payments'),
      numeric('First'),
      numeric('Last'),
    ],
    refused.map(({ isoReason: code, reason, debtorAgent, payments, firstAtMs, lastAtMs }) => [
      code,
      reasonText(reason),
      bankCell(view, debtorAgent),
      countCell(payments),
      instantCell(view, firstAtMs),
      instantCell(view, lastAtMs),
    ]),
  );
}

function cancelTable(view: View, cancelled: readonly Cancelled[]): Markup {
  return table(
    'Cancelled by reason and currency debited',
    [
      { head: 'Reason' },
      { head: 'Meaning', wraps: true },
      { head: 'Currency' },
      numeric('Payments'),
      numeric('Value'),
    ],
    cancelled.map(({ isoReason: code, reason, currency, payments, valueMinor }) => [
      code,
      reasonText(reason),
      currency,
      countCell(payments),
      amountCell(view, valueMinor, currency),
    ]),
  );
}

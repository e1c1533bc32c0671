import { seriesColour } from '../charts/axes.ts';
import { type Bar, barsChart, barsHeight } from '../charts/bars.ts';
import { draw, HALF } from '../charts/render.ts';
import { figure, nothing, section, table } from '../elements.ts';
import { compact, countText, moneyText, plotted, shareText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import type { Corridor } from '../queries/payments.ts';
import { type ReferenceValue, referenceValue } from '../reference.ts';
import { amount, indexOf, type View } from './view.ts';

const BARS_MAX = 24;

export function corridors(view: View, rows: readonly Corridor[]): Markup {
  const title = 'Value by corridor';
  if (rows.length === 0)
    return section('corridors', title, nothing('No valid payment was submitted in this run.'));
  const reference = referenceValue(view.scenario);
  return section(
    'corridors',
    title,
    html`<p class="def">A corridor is the currency debited and the currency credited; one code alone is a
payment inside that currency. Payments over two currencies settle both legs at once, through a dealer.</p>`,
    html`<div class="pair">${reference && valueFigure(view, rows, reference)}${numberFigure(view, rows)}</div>`,
    corridorTable(view, rows, reference),
  );
}

function bars(
  view: View,
  rows: readonly Corridor[],
  bar: (row: Corridor) => Omit<Bar, 'name'>,
): Bar[] {
  return rows
    .map((row) => ({
      name: label(row),
      colour: seriesColour(indexOf(view, row.currency)),
      ...bar(row),
    }))
    .sort((a, b) => b.value - a.value)
    .slice(0, BARS_MAX);
}

const label = ({ currency, currency2 }: Corridor) =>
  currency === currency2 ? currency : `${currency} → ${currency2}`;

function valueFigure(view: View, rows: readonly Corridor[], reference: ReferenceValue): Markup {
  const { currency, decimals, source } = reference;
  const drawn = bars(view, rows, (row) => {
    const value = plotted(reference.convert(row.debitedMinor, row.currency), decimals);
    return { value, text: compact(value) };
  });
  return figure({
    title: `Value settled, in ${currency}`,
    text:
      source === null
        ? 'Sum of the amounts debited.'
        : html`Sum of the amounts debited, made comparable at the reference rates of the scenario (${source.text}, <time>${source.date}</time>).`,
    chart: draw(
      'corridor-value',
      `Value settled by corridor in ${currency}: ${drawn.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
      { width: HALF, height: barsHeight(drawn.length) },
      barsChart(drawn),
    ),
  });
}

function numberFigure(view: View, rows: readonly Corridor[]): Markup {
  const drawn = bars(view, rows, ({ settled }) => ({ value: settled, text: countText(settled) }));
  return figure({
    title: 'Payments settled',
    text: 'Number; a payment over two currencies is one payment. The colour is that of the currency debited.',
    chart: draw(
      'corridor-number',
      `Payments settled by corridor: ${drawn.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
      { width: HALF, height: barsHeight(drawn.length) },
      barsChart(drawn),
    ),
  });
}

function corridorTable(
  view: View,
  rows: readonly Corridor[],
  reference: ReferenceValue | null,
): Markup {
  const converted = reference !== null && reference.source !== null;
  return table(
    'By corridor: payments and exact value settled',
    [
      { head: 'Corridor' },
      { head: 'Submitted', numeric: true },
      { head: 'Settled', numeric: true },
      { head: 'Settled %', numeric: true },
      { head: 'Debited', numeric: true },
      { head: 'Credited', numeric: true },
      ...(converted
        ? [{ head: `Debited in ${reference.currency}, at reference rates`, numeric: true }]
        : []),
    ],
    rows.map((row) => [
      label(row),
      countText(row.submitted),
      countText(row.settled),
      shareText(row.settled, row.submitted),
      `${row.currency} ${amount(view, row.debitedMinor, row.currency)}`,
      `${row.currency2} ${amount(view, row.creditedMinor, row.currency2)}`,
      ...(converted
        ? [moneyText(reference.convert(row.debitedMinor, row.currency), reference.decimals)]
        : []),
    ]),
  );
}

import { amountText } from '../../protocol/names/minor-units.ts';
import { seriesColour } from '../charts/axes.ts';
import { type Bar, drawBars } from '../charts/bars.ts';
import { Cell, type ColumnOf, figure, nothing, section, table } from '../elements.ts';
import type { CorridorFigures } from '../figures/corridor-figures.ts';
import { compact, countText, moneyText, plotted } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { type ReferenceValue, referenceValue } from '../reference-rates.ts';
import { corridorPart } from './corridor-part.ts';
import {
  amountCell,
  corridorName,
  countCell,
  indexOf,
  numeric,
  shareCell,
  type View,
} from './section-input.ts';
import { targets } from './segments-against-g20.ts';

const BARS_MAX = 24;
const CORRIDOR_TABLE = 'By corridor: payments by outcome, and exact value settled';
/** Corridors with a part of their own; the table has all. */
const PARTS_MAX = 40;

export function corridorsSection(view: View): Markup {
  const title = 'Corridors';
  const rows = view.indicators.corridors;
  if (rows.length === 0)
    return section('corridors', title, nothing('No valid payment was submitted in this run.'));
  const reference = referenceValue(view.scenario);
  const largest = [...rows].sort((a, b) => b.submitted - a.submitted).slice(0, PARTS_MAX);
  return section(
    'corridors',
    title,
    html`<p class="def">A corridor is the currency debited and the currency credited; one code alone is a
payment inside that currency. Payments over two currencies (→) settle both legs at once, through a dealer. Trades
(⇄) are payment or delivery versus payment between two banks, each leg instructed by its own: one payment. Messages that
failed authentication name no corridor and are in none.</p>`,
    html`<div class="pair">${reference && valueFigure(view, rows, reference)}${numberFigure(view, rows)}</div>`,
    corridorTable(view, rows, reference),
    targets(view),
    html`<div class="pair parts">${rows
      .filter((row) => largest.includes(row))
      .map((row) => corridorPart(view, row))}</div>`,
    rows.length > PARTS_MAX &&
      html`<p class="def">The ${countText(PARTS_MAX)} corridors with the most payments; the tables have all.</p>`,
  );
}

function bars(
  view: View,
  rows: readonly CorridorFigures[],
  bar: (row: CorridorFigures) => Omit<Bar, 'name'>,
): Bar[] {
  return rows
    .map((row) => ({
      name: corridorName(row),
      colour: seriesColour(indexOf(view, row.currency)),
      ...bar(row),
    }))
    .sort((a, b) => b.value - a.value)
    .slice(0, BARS_MAX);
}

/** Of a trade what is delivered in its first currency: no value counts twice. */
function valueFigure(
  view: View,
  rows: readonly CorridorFigures[],
  reference: ReferenceValue,
): Markup {
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
    unit: currency,
    source: CORRIDOR_TABLE,
    chart: drawBars('corridor-value', `Value settled by corridor in ${currency}`, drawn),
  });
}

function numberFigure(view: View, rows: readonly CorridorFigures[]): Markup {
  const drawn = bars(view, rows, ({ settled }) => ({ value: settled, text: countText(settled) }));
  return figure({
    title: 'Payments settled',
    text: 'Number; a payment over two currencies is one payment. The colour is that of the currency debited.',
    unit: 'payments',
    source: CORRIDOR_TABLE,
    chart: drawBars('corridor-number', 'Payments settled by corridor', drawn),
  });
}

function corridorTable(
  view: View,
  rows: readonly CorridorFigures[],
  reference: ReferenceValue | null,
): Markup {
  const converted = reference !== null && reference.source !== null ? reference : null;
  return table<CorridorFigures>(CORRIDOR_TABLE, rows, [
    ['Corridor', corridorName],
    [numeric('Submitted'), ({ submitted }) => countCell(submitted)],
    [numeric('Settled'), ({ settled }) => countCell(settled)],
    [
      { ...numeric('Settled %'), csvHead: 'Settled, of 1' },
      ({ settled, submitted }) => shareCell(settled, submitted),
    ],
    [numeric('Rejected'), ({ rejected }) => countCell(rejected)],
    [numeric('Cancelled'), ({ cancelled }) => countCell(cancelled)],
    [numeric('Open'), ({ open }) => countCell(open)],
    [
      numeric('Debited'),
      ({ debitedMinor, currency }) => amountCell(view, debitedMinor, currency, currency),
    ],
    [
      numeric('Credited'),
      ({ creditedMinor, currency2 }) =>
        currency2 === '?' ? '–' : amountCell(view, creditedMinor, currency2, currency2),
    ],
    ...(converted ? [convertedColumn(converted)] : []),
  ]);
}

const convertedColumn = (reference: ReferenceValue): ColumnOf<CorridorFigures> => [
  numeric(`Debited in ${reference.currency}`),
  ({ debitedMinor, currency }) => {
    const minor = reference.convert(debitedMinor, currency);
    return new Cell(moneyText(minor, reference.decimals), amountText(minor, reference.decimals));
  },
];

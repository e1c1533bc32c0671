/** What defaults would leave uncovered, hour by hour. */

import { nothing, section, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import type { CoverAtHour } from '../figures/cover.ts';
import type { CurrencyIndicators } from '../figures/currency-indicators.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { amountCell, bankCell, instantCell, numeric, type View } from './section-input.ts';

/** Of each currency those at which most is uncovered; summary.json has all. */
const HOURS_MAX = 24;

export function coverSection(view: View): Markup {
  const title = 'Credit and liquidity resources';
  const currencies = view.indicators.currencies.filter(
    ({ defaultCoverByHour }) => defaultCoverByHour.length > 0,
  );
  const { name, definition, source } = DEFINITIONS.defaultCover;
  return section(
    'cover',
    title,
    ...(currencies.length === 0
      ? [nothing('At no full hour would the default of a participant have left a shortfall.')]
      : currencies.map((of) => ofCurrency(view, of))),
    html`<p class="def"><b>${name}</b> ${definition} <small>${source}.</small></p>`,
  );
}

function ofCurrency(view: View, { currency, defaultCoverByHour }: CurrencyIndicators): Markup {
  const most = [...defaultCoverByHour]
    .sort((a, b) => (a.twoMinor < b.twoMinor ? 1 : -1))
    .slice(0, HOURS_MAX);
  const rows = defaultCoverByHour.filter((hour) => most.includes(hour));
  const more = defaultCoverByHour.length - rows.length;
  return html`${table<CoverAtHour>(`Default cover in ${currency}, at full hours`, rows, [
    ['At', ({ atMs }) => instantCell(view, atMs)],
    [{ head: 'Participant', csvHead: 'BIC' }, ({ participant }) => bankCell(view, participant)],
    [numeric('Cover 1'), ({ oneMinor }) => amountCell(view, oneMinor, currency)],
    [
      { head: 'Second', csvHead: 'Second BIC' },
      ({ second }) => (second === null ? '–' : bankCell(view, second)),
    ],
    [numeric('Cover 2'), ({ twoMinor }) => amountCell(view, twoMinor, currency)],
  ])}
${more > 0 && html`<p class="def">And ${countText(more)} hours more in ${currency}: summary.json has all.</p>`}`;
}

/** Flows of payments and trades, quotes and rates, as configured. */
import { Exact, type Rate } from '../../protocol/names/money.ts';
import { referenceRate } from '../../scenario/rates.ts';
import type { ScenarioQuote } from '../../scenario/scenario.ts';
import { table } from '../elements.ts';
import { countText, grouped } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { amountCell, bankCell, countCell, numeric, type View } from './section-input.ts';

type Document = View['scenario']['document'];
type Amounts = Document['traffic'][number]['amounts'];

const weights = (all: Readonly<Record<string, number>> | undefined): string =>
  Object.entries(all ?? {})
    .filter(([, weight]) => weight > 0)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(', ');

const amountsText = ({ median, sigma, min, max }: Amounts): string =>
  `median ${grouped(median)}, σ ${sigma}, ${grouped(min)} to ${grouped(max)}`;

const AMOUNTS = 'Amounts (log-normal)';

export function trafficTable({ scenario }: View): Markup | null {
  const flows = scenario.document.traffic;
  if (flows.length === 0) return null;
  return table(
    'Traffic: payments drawn for each business date',
    [
      { head: 'Flow' },
      { head: 'From' },
      { head: 'To' },
      numeric('Per date'),
      { head: AMOUNTS, wraps: true },
      { head: 'Profile' },
      { head: 'Priorities (weights)', wraps: true },
      { head: 'Dealers (weights)', wraps: true },
    ],
    flows.map(
      ({ name, kind, from, to, paymentsPerDate, amounts, profile, priorities, dealers }) => [
        kind === 'bank' ? `${name} (pacs.009)` : name,
        from,
        to ?? from,
        countCell(paymentsPerDate),
        amountsText(amounts),
        profile,
        weights(priorities),
        weights(dealers) || '–',
      ],
    ),
  );
}

export function tradesTable({ scenario }: View): Markup | null {
  const flows = scenario.document.trades;
  if (flows.length === 0) return null;
  return table(
    'Trades between banks (PvP, DvP) drawn for each business date',
    [
      { head: 'Flow' },
      { head: 'Delivers' },
      { head: 'Receives' },
      numeric('Per date'),
      { head: AMOUNTS, wraps: true },
      numeric('Price'),
      { head: 'Profile' },
      { head: 'Second leg', wraps: true },
    ],
    flows.map((flow, index) => [
      flow.name,
      flow.delivers,
      flow.receives,
      countCell(flow.tradesPerDate),
      amountsText(flow.amounts),
      rateText(scenario.trades[index]?.price),
      flow.profile,
      `up to ${countText(flow.counterpartyAfterSeconds)} s later${flow.unmatchedEvery === undefined ? '' : `; none in every ${countText(flow.unmatchedEvery)}th`}`,
    ]),
  );
}

function rateText(rate: Rate | undefined): string {
  if (!rate) return '–';
  const { mantissa, scale } = rate;
  return new Exact(mantissa.toString()).div(new Exact(10).pow(scale)).toFixed();
}

/** The dealers' quotes beside the reference rate; null where nobody quotes. */
export function quoteTable(view: View): Markup | null {
  const { quotes, document, ratesSource } = view.scenario;
  if (quotes.length === 0) return null;
  const { rates } = document;
  const code = (currency: number) => view.scenario.currencies[currency]?.code ?? '';
  const reference = ({ from, to }: ScenarioQuote) => {
    const rate = rates && referenceRate(rates, code(from), code(to));
    return rate === undefined || typeof rate === 'string'
      ? '–'
      : rate.toSignificantDigits(10).toFixed();
  };
  return html`${table(
    'Quotes: units of the second currency for one of the first',
    [
      { head: 'Dealer', csvHead: 'BIC' },
      { head: 'Pair' },
      numeric('Reference rate'),
      numeric('Quoted'),
      numeric('Covers of the first'),
      { head: 'Valid' },
      { head: 'Rounds halves' },
    ],
    quotes.map((quote) => [
      bankCell(view, view.scenario.participants[quote.dealer]?.bic ?? ''),
      `${code(quote.from)}/${code(quote.to)}`,
      reference(quote),
      rateText(quote.rate),
      amountCell(view, quote.coveredMinor, code(quote.from)),
      quote.validMs === null ? 'while both are open' : `${countText(quote.validMs / 60_000)} min`,
      quote.rounding,
    ]),
  )}
${
  ratesSource &&
  html`<p class="def">Reference rates: ${ratesSource.source}, <time>${ratesSource.date}</time>; a pair’s own rate, else crossed, shown
with ten digits.</p>`
}`;
}

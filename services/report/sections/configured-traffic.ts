/** Flows of payments and trades, quotes and rates, as configured. */
import { Exact, type Rate } from '../../protocol/names/minor-units.ts';
import { referenceRate } from '../../scenario/rates-and-rounding.ts';
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

const words = (head: string) => ({ head, wraps: true });
const AMOUNTS = words('Amounts (log-normal)');

export function trafficTable({ scenario }: View): Markup | null {
  const flows = scenario.document.traffic;
  if (flows.length === 0) return null;
  return table('Traffic: payments drawn for each business date', flows, [
    ['Flow', ({ kind, name }) => (kind === 'bank' ? `${name} (pacs.009)` : name)],
    ['From', ({ from }) => from],
    ['To', ({ from, to }) => to ?? from],
    [numeric('Per date'), ({ paymentsPerDate }) => countCell(paymentsPerDate)],
    [AMOUNTS, ({ amounts }) => amountsText(amounts)],
    ['Profile', ({ profile }) => profile],
    [words('Priorities (weights)'), ({ priorities }) => weights(priorities)],
    [words('Dealers (weights)'), ({ dealers }) => weights(dealers) || '–'],
  ]);
}

export function tradesTable({ scenario }: View): Markup | null {
  const flows = scenario.document.trades;
  if (flows.length === 0) return null;
  return table('Trades between banks (PvP, DvP) drawn for each business date', flows, [
    ['Flow', ({ name }) => name],
    ['Delivers', ({ delivers }) => delivers],
    ['Receives', ({ receives }) => receives],
    [numeric('Per date'), ({ tradesPerDate }) => countCell(tradesPerDate)],
    [AMOUNTS, ({ amounts }) => amountsText(amounts)],
    [numeric('Price'), (_, index) => rateText(scenario.trades[index]?.price)],
    ['Profile', ({ profile }) => profile],
    [
      words('Second leg'),
      ({ counterpartyAfterSeconds, unmatchedEvery }) =>
        `up to ${countText(counterpartyAfterSeconds)} s later${unmatchedEvery === undefined ? '' : `; none in every ${countText(unmatchedEvery)}th`}`,
    ],
  ]);
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
  return html`${table('Quotes: units of the second currency for one of the first', quotes, [
    [
      { head: 'Dealer', csvHead: 'BIC' },
      ({ dealer }) => bankCell(view, view.scenario.participants[dealer]?.bic ?? ''),
    ],
    ['Pair', ({ from, to }) => `${code(from)}/${code(to)}`],
    [numeric('Reference rate'), reference],
    [numeric('Quoted'), ({ rate }) => rateText(rate)],
    [
      numeric('Covers of the first'),
      ({ coveredMinor, from }) => amountCell(view, coveredMinor, code(from)),
    ],
    [
      'Valid',
      ({ validMs }) =>
        validMs === null ? 'while both are open' : `${countText(validMs / 60_000)} min`,
    ],
    ['Rounds halves', ({ rounding }) => rounding],
  ])}
${
  ratesSource &&
  html`<p class="def">Reference rates: ${ratesSource.source}, <time>${ratesSource.date}</time>; a pair’s own rate, else crossed, shown
with ten digits.</p>`
}`;
}

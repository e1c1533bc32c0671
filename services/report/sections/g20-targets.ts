/** The corridors against the G20's targets for cross-border payments. */
import { Exact } from '../../protocol/names/minor-units.ts';
import { DEFINITIONS } from '../definitions.ts';
import { table } from '../elements.ts';
import { type CorridorFigures, shareOf } from '../figures/corridor-figures.ts';
import { percentText } from '../format.ts';
import { type Content, html, type Markup } from '../html.ts';
import { referenceValue } from '../reference-rates.ts';
import { corridorName, countCell, numeric, percentCell, type View } from './section-input.ts';

/** FSB, Targets for addressing the four challenges of cross-border payments, October 2021. */
const WITHIN_HOUR = 0.75;
const WITHIN_DAY = 1;
const COST_MOST = 0.03;
const COST_AVERAGE = 0.01;

const { speed: SPEED, cost: COST, transparency: TRANSPARENCY } = DEFINITIONS;

export function targets(view: View): Markup {
  // A leg without a mirror is no payment that could be credited.
  const rows = view.indicators.corridors.filter(({ currency2 }) => currency2 !== '?');
  return html`${table('Corridors against the G20 targets', rows, [
    ['Corridor', corridorName],
    [numeric('Payments'), ({ speed }) => countCell(speed.payments)],
    [numeric('Within 1\u00a0h'), (row) => percentCell(withinHour(row), 2)],
    ['Target 75\u00a0%', (row) => met(row, withinHour(row), (share) => share >= WITHIN_HOUR)],
    [numeric('Within a business day'), (row) => percentCell(withinDay(row), 2)],
    ['Target 100\u00a0%', (row) => met(row, withinDay(row), (share) => share >= WITHIN_DAY)],
    [numeric('Cost'), ({ cost }) => percentCell(cost?.share ?? null, 4)],
    [
      'Target ≤\u00a03\u00a0%',
      (row) => met(row, row.cost?.share ?? null, (share) => share <= COST_MOST),
    ],
    [
      numeric('Cost known before'),
      (row) =>
        percentCell(
          crosses(row) ? shareOf(row.submitted - row.refusedForRate, row.submitted) : null,
          2,
        ),
    ],
    // A run in which a bank lacks a status is refused: run-books.ts.
    [numeric('Status told'), ({ submitted }) => percentCell(submitted === 0 ? null : 1, 0)],
  ])}
<p class="def"><b>${SPEED.name}</b> ${SPEED.definition}</p>
<p class="def"><b>${COST.name}</b> ${COST.definition} ${averageCost(view)}</p>
<p class="def"><b>${TRANSPARENCY.name}</b> ${TRANSPARENCY.definition}</p>`;
}

const withinHour = ({ speed }: CorridorFigures) => shareOf(speed.withinHour, speed.payments);
const withinDay = ({ speed }: CorridorFigures) => shareOf(speed.withinBusinessDay, speed.payments);
const crosses = ({ kind, currency, currency2 }: CorridorFigures) =>
  kind === 'payments' && currency !== currency2;

/** A target for cross-border payments, here those between two currencies. */
function met(
  row: CorridorFigures,
  share: number | null,
  holds: (share: number) => boolean,
): Content {
  if (!crosses(row)) return 'no target';
  if (share === null) return '–';
  return holds(share)
    ? html`<span class="good">met</span>`
    : html`<span class="bad">not met</span>`;
}

/** Weighted by the value debited at reference rates; the corridors with a cost have such rates. */
function averageCost(view: View): string {
  const priced = view.indicators.corridors.flatMap(({ cost, currency, debitedMinor }) =>
    cost === null || cost.share === null ? [] : [{ share: cost.share, currency, debitedMinor }],
  );
  if (priced.length === 0)
    return 'No payment over two currencies settled here, so there is no cost to show.';
  const reference = referenceValue(view.scenario);
  const highest = percentText(Math.max(...priced.map(({ share }) => share)), 4);
  if (!reference) return `The dearest corridor: ${highest}.`;
  let [value, charged] = [new Exact(0), new Exact(0)];
  for (const { share, currency, debitedMinor } of priced) {
    // Not rounded: in a base currency of high value all of it may come to less than a minor unit.
    const debited = reference.exact(debitedMinor, currency);
    value = value.add(debited);
    charged = charged.add(debited.mul(share));
  }
  const average = Number(charged.div(value).toFixed(9));
  const holds = average <= COST_AVERAGE ? 'met' : 'not met';
  return `On average, weighted by value: ${percentText(average, 4)} (target 1 %: ${holds}); the dearest corridor: ${highest}.`;
}

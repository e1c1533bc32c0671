/** Accounts that an observation has below what they may owe. */
import { table } from '../elements.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { amountCell, bankCell, instantCell, numeric, type View } from './section-input.ts';

/** Rows that the report shows; summary.json has all. */
const ROWS_MAX = 30;

/** Null where nothing was observed. */
export function belowFloorPart(view: View): Markup | null {
  const { observed } = view.summary;
  if (observed === undefined) return null;
  const { belowFloor, settledAfterClose } = observed;
  const late =
    settledAfterClose > 0 &&
    html`<p class="def">Settled after the close of the currency, as the data have it: ${countText(settledAfterClose)}. The delay indicator counts each to
its settlement.</p>`;
  if (belowFloor.length === 0)
    return html`<p class="def">No account lay below what it may owe: its balance, its credit line and what its collateral gives
covered all that settled.</p>${late}`;
  const more = belowFloor.length - ROWS_MAX;
  return html`${table(
    'Accounts below what they may owe, as observed; times UTC',
    belowFloor.slice(0, ROWS_MAX),
    [
      ['Account', ({ participant }) => bankCell(view, participant)],
      ['Currency', ({ currency }) => currency],
      [numeric('First'), ({ firstMs }) => instantCell(view, firstMs)],
      [numeric('Lowest'), ({ lowestMs }) => instantCell(view, lowestMs)],
      [
        numeric('Below by'),
        ({ shortMinor, currency }) => amountCell(view, BigInt(shortMinor), currency),
      ],
    ],
  )}
<p class="def">The core would have let none of them settle so: the opening balances, the credit lines or the payments of the data lack
something.${more > 0 && ` And ${countText(more)} more: summary.json has all.`}</p>${late}`;
}

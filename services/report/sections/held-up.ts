/** What held payments up, by account and hour. */

import { Cell, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import type { HeldUpFigures } from '../figures/held-up-book.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankName,
  countCell,
  durationCell,
  durationColumn,
  instantCell,
  numeric,
  shareCell,
  type View,
} from './section-input.ts';

/** The longest that the report shows; summary.json has all. */
const ROWS_MAX = 30;

const WITHOUT_ACCOUNT = {
  funds: '',
  limit: '',
  mirror: 'The other bank’s leg had not come',
  closed: 'A currency of the payment was closed',
  rules: 'No account: its time, a cycle or a rule',
} as const satisfies Record<HeldUpFigures['by'], string>;

const NOT_OBSERVED = html`<p class="def"><b>What held payments up</b> is not known: the data say when payments settled, and not what
they waited for.</p>`;

export function heldUpTable(view: View): Markup {
  if (view.scenario.observedMs !== undefined) return NOT_OBSERVED;
  const all = view.indicators.heldUp;
  const whole = all.reduce((sum, { heldUpMs }) => sum + heldUpMs, 0);
  const shown = [...all].sort((a, b) => b.heldUpMs - a.heldUpMs).slice(0, ROWS_MAX);
  const { name, definition } = DEFINITIONS.heldUp;
  const more = all.length - shown.length;
  return html`${table(
    'What held payments up, by account and hour, the longest first; hours UTC',
    shown,
    [
      [{ head: 'Held up by', wraps: true, csvHead: 'Account' }, (row) => holderCell(view, row)],
      [numeric('Hour from'), ({ hourMs }) => instantCell(view, hourMs)],
      ['Payments debit', ({ debited }) => debited],
      [numeric('Payments'), ({ payments }) => countCell(payments)],
      [numeric('Value'), ({ valueMinor, debited }) => amountCell(view, valueMinor, debited)],
      [durationColumn('For, in all'), ({ heldUpMs }) => durationCell(heldUpMs)],
      [numeric('of all'), ({ heldUpMs }) => shareCell(heldUpMs, whole)],
    ],
  )}
<p class="def"><b>${name}</b> ${definition}${more > 0 && ` And ${countText(more)} rows more: summary.json has all.`}</p>`;
}

function holderCell(view: View, { by, participant, currency }: HeldUpFigures): Cell {
  if (participant === '') return new Cell(WITHOUT_ACCOUNT[by], by);
  const what = by === 'limit' ? `its limit in ${currency}` : currency;
  return new Cell(
    html`<span class="name">${bankName(view, participant)}</span> <small>${participant}</small>, ${what}`,
    `${participant} ${currency}${by === 'limit' ? ' limit' : ''}`,
  );
}

/** Who defaulted in deferred net settlement, and what of the value planned did not settle. */

import { DEFINITIONS } from '../definitions.ts';
import { Cell, type ColumnOf, table } from '../elements.ts';
import { ratio } from '../figures/delay-indicators.ts';
import type { Summary } from '../figures/summary.ts';
import { countText, percentText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  countCell,
  instantCell,
  minorText,
  numeric,
  scenarioCurrencies,
  type View,
} from './section-input.ts';

type Default = Summary['defaults'][number];

/** By currency debited: what became of all the value that the scenario plans. */
export function outcomeValues(view: View): Markup {
  const { summary } = view;
  const outcomes = [
    ['Settled', summary.settledValueMinor],
    ['Rejected', summary.rejectedValueMinor],
    ['Cancelled, unwound', summary.cancelledValueMinor],
    ['Queued at close', summary.queuedValueMinor],
    ['Never sent', summary.unsentValueMinor],
  ] as const;
  const planned = (code: string) =>
    outcomes.reduce((sum, [, values]) => sum + BigInt(values[code] ?? 0), 0n);
  const columns = scenarioCurrencies(view).flatMap(
    ({ code }): ColumnOf<(typeof outcomes)[number]>[] => [
      [numeric(code), ([, values]) => amountCell(view, BigInt(values[code] ?? 0), code)],
      [
        { ...numeric('%'), csvHead: `${code}, share` },
        ([, values]) => shareOf(values[code], planned(code)),
      ],
    ],
  );
  return html`${table('What became of the value planned, by currency debited', outcomes, [
    ['Outcome', ([name]) => name],
    ...columns,
  ])}
<p class="def"><b>${DEFINITIONS.settledShare.name}</b> ${DEFINITIONS.settledShare.definition}</p>`;
}

function shareOf(minor: string | undefined, whole: bigint): Cell {
  const share = whole === 0n ? null : ratio(BigInt(minor ?? 0), whole);
  return new Cell(percentText(share, 2), share === null ? '' : String(share));
}

/** Nothing where no currency nets and nobody defaulted. */
export function defaultsTable(view: View): Markup | false {
  const { defaults, uncapped } = view.summary;
  const nets = Object.entries(uncapped);
  if (nets.length === 0 && defaults.length === 0) return false;
  const open = nets.filter(([, accounts]) => accounts > 0);
  return html`${
    open.length > 0 &&
    html`<p class="warning"><b>No net debit cap</b> bounds what these may owe in a netting cycle: ${open
      .map(([code, count]) => `${countText(count)} accounts in ${code}`)
      .join(', ')}.</p>`
  }
${
  defaults.length === 0
    ? html`<p class="def">Nobody defaulted in this run.</p>`
    : table(
        'Defaults: when, how short, who bore it, and what ended without settlement; times UTC',
        defaults,
        [
          [
            { head: 'Bank or dealer', csvHead: 'BIC' },
            ({ participant }) => bankCell(view, participant),
          ],
          ['Currency', ({ currency }) => currency],
          [numeric('At'), ({ atMs }) => instantCell(view, atMs)],
          [{ ...numeric('Cycle') }, ({ cycle }) => (cycle === null ? '–' : countCell(cycle))],
          [
            numeric('Shortfall'),
            ({ shortfallMinor, currency }) => amountCell(view, BigInt(shortfallMinor), currency),
          ],
          [{ head: 'Borne by', wraps: true }, (one) => bearers(view, one)],
          ...(['unwound', 'rejected', 'cancelled'] as const).flatMap(
            (what): ColumnOf<Default>[] => [
              [numeric(HEADS[what]), (one) => countCell(one[what].payments)],
              [
                { ...numeric('Value'), csvHead: `${HEADS[what]}, value` },
                (one) => amountCell(view, BigInt(one[what].valueMinor), one.currency),
              ],
            ],
          ),
        ],
      )
}
${
  defaults.length > 0 &&
  html`<p class="def"><b>${DEFINITIONS.defaults.name}</b> ${DEFINITIONS.defaults.definition} <b>Unwound</b>: payments from it or
to it that were taken out of the netting. <b>Rejected</b> and <b>cancelled</b>: payments that would have debited it
after that.</p>`
}`;
}

const HEADS = { unwound: 'Unwound', rejected: 'Rejected', cancelled: 'Cancelled' } as const;

function bearers(view: View, { borneBy, currency }: Default): Cell {
  const text = borneBy.map(
    ({ participant, amountMinor }) =>
      `${participant} ${minorText(view, BigInt(amountMinor), currency)}`,
  );
  return new Cell(text.join(', ') || 'nobody', text.join('; '));
}

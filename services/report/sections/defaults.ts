/** Who defaulted in deferred net settlement, and what of the value planned did not settle. */

import { Cell, type ColumnOf, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { ratio } from '../figures/ratio-rounding.ts';
import type { Summary } from '../figures/summary.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  countCell,
  instantCell,
  minorText,
  numeric,
  percentCell,
  scenarioCurrencies,
  type View,
} from './section-input.ts';

type Default = Summary['defaults'][number];

/** By currency debited: what became of all the value that the scenario plans. */
export function outcomeShares(view: View): Markup {
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
  const rows = [['Planned', null], ...outcomes] as const;
  const columns = scenarioCurrencies(view).map(({ code }): ColumnOf<(typeof rows)[number]> => {
    const whole = planned(code);
    return [
      numeric(code),
      ([, values]) => {
        if (values === null) return amountCell(view, whole, code);
        return percentCell(whole === 0n ? null : ratio(BigInt(values[code] ?? 0), whole), 2);
      },
    ];
  });
  const title = 'What became of the value planned: the value, and each outcome’s share of it';
  const { name, definition } = DEFINITIONS.settledShare;
  return html`${table(title, rows, [['By currency debited', ([outcome]) => outcome], ...columns])}
<p class="def"><b>${name}</b> ${definition}</p>`;
}

/** Nothing where no currency nets and nobody defaulted. */
export function defaultsPart(view: View): Markup | false {
  const { defaults, uncapped } = view.summary;
  const nets = Object.entries(uncapped);
  if (nets.length === 0 && defaults.length === 0) return false;
  const open = nets.filter(([, accounts]) => accounts > 0);
  const counted = open.map(([code, count]) => `${countText(count)} in ${code}`).join(', ');
  return html`${
    open.length > 0 &&
    html`<p>Accounts without a <b>net debit cap</b>, so that nothing bounds what they may owe in a netting cycle: ${counted}.</p>`
  }
${defaults.length === 0 ? html`<p>Nobody defaulted in this run.</p>` : defaultsTable(view)}`;
}

function defaultsTable(view: View): Markup {
  const money = (minor: bigint, code: string) => amountCell(view, minor, code);
  const title =
    'Defaults: when, how short, who bore it, and what ended without settlement; times UTC';
  const parts: ColumnOf<Default>[] = [
    [{ head: 'Bank or dealer', csvHead: 'BIC' }, ({ participant }) => bankCell(view, participant)],
    ['Currency', ({ currency }) => currency],
    [numeric('At'), ({ atMs }) => instantCell(view, atMs)],
    [numeric('Cycle'), ({ cycle }) => (cycle === null ? '–' : countCell(cycle))],
    [
      numeric('Shortfall'),
      (one) => (isShort(one) ? money(BigInt(one.shortfallMinor), one.currency) : '–'),
    ],
    [{ head: 'Borne by', wraps: true }, (one) => bearers(view, one)],
    [numeric('Unwound'), ({ unwound }) => countCell(unwound.payments)],
    [
      { ...numeric('Value'), csvHead: 'Value unwound' },
      ({ unwound, currency }) => money(BigInt(unwound.valueMinor), currency),
    ],
    [numeric('Rejected'), ({ rejected }) => countCell(rejected.payments)],
    [numeric('Cancelled'), ({ cancelled }) => countCell(cancelled.payments)],
    [
      { ...numeric('Their value'), csvHead: 'Value rejected and cancelled' },
      ({ rejected, cancelled, currency }) =>
        money(BigInt(rejected.valueMinor) + BigInt(cancelled.valueMinor), currency),
    ],
  ];
  const { name, definition } = DEFINITIONS.defaults;
  return html`${table(title, view.summary.defaults, parts)}
<p class="def"><b>${name}</b> ${definition} <b>Unwound</b>: payments from it or to it that were taken out of the netting.
<b>Rejected</b> and <b>cancelled</b>: payments that would have debited it after that. What others owed it, and what it had, makes the shortfall less and
not what each of those whom it was to pay bears: together they may bear more than the shortfall.</p>`;
}

/** One that the scenario makes default may have had no net debit. */
const isShort = ({ shortfallMinor }: Default) => BigInt(shortfallMinor) > 0n;

function bearers(view: View, one: Default): Cell {
  const { borneBy, currency } = one;
  const text = borneBy.map(
    ({ participant, amountMinor }) =>
      `${participant} ${minorText(view, BigInt(amountMinor), currency)}`,
  );
  return new Cell(text.join(', ') || (isShort(one) ? 'nobody' : '–'), text.join('; '));
}

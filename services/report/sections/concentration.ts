/** How concentrated what settles is, and which participants are critical. */

import { type ColumnOf, facts, foldedTable, nothing, section, table } from '../elements.ts';
import { DEFINITIONS, type Definition } from '../figure-definitions.ts';
import { SHARED_BY, type ShareFigures, type SharesBy } from '../figures/concentration.ts';
import type { CurrencyIndicators } from '../figures/currency-indicators.ts';
import { ratio } from '../figures/ratio-rounding.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  countCell,
  numeric,
  percentCell,
  ratioCell,
  type View,
} from './section-input.ts';

/** Of each currency; summary.json has all. */
const ROWS_MAX = 20;

const WORDS: Readonly<Record<keyof SharesBy, string>> = {
  debtors: 'Debtors’ agents',
  creditors: 'Creditors’ agents',
  dealers: 'Dealers',
  pairs: 'Pairs',
};

const DEFINED = [
  DEFINITIONS.shares,
  DEFINITIONS.valueShare,
  DEFINITIONS.criticality,
] as const satisfies readonly Definition[];

export function concentrationSection(view: View): Markup {
  const title = 'Concentration';
  const currencies = view.indicators.currencies.filter(({ valid }) => valid.grossMinor > 0n);
  if (currencies.length === 0)
    return section('concentration', title, nothing('No valid payment was submitted in this run.'));
  return section(
    'concentration',
    title,
    ...currencies.map((of) => ofCurrency(view, of)),
    facts(DEFINED.map(({ name, definition }) => [name, definition])),
  );
}

const COLUMNS: readonly ColumnOf<ShareFigures>[] = [
  [numeric('Number'), ({ number }) => countCell(number)],
  [numeric('Concentration'), ({ concentration }) => ratioCell(concentration, 4)],
  [numeric('Largest'), ({ largestShare }) => percentCell(largestShare)],
  [numeric('5 largest'), ({ fiveLargestShare }) => percentCell(fiveLargestShare)],
  [numeric('10 largest'), ({ tenLargestShare }) => percentCell(tenLargestShare)],
];

function ofCurrency(view: View, of: CurrencyIndicators): Markup {
  const { currency, shares, sharesByDate } = of;
  const rows = SHARED_BY.map((by) => ({ by, ...shares[by] }));
  const dates = sharesByDate.flatMap(({ date, ...by }) =>
    SHARED_BY.map((one) => ({ date, by: one, ...by[one] })),
  );
  return html`${table<(typeof rows)[number]>(`Shares of the value settled in ${currency}`, rows, [
    [`${currency}, by`, ({ by }) => WORDS[by]],
    ...COLUMNS,
  ])}
${
  sharesByDate.length > 1 &&
  foldedTable(
    `Table: the same in ${currency}, by business date`,
    table<(typeof dates)[number]>(
      `Shares of the value settled in ${currency} on each business date`,
      dates,
      [['Date', ({ date }) => date], ['By', ({ by }) => WORDS[by]], ...COLUMNS],
    ),
  )
}
${critical(view, of)}`;
}

function critical(view: View, { currency, accounts, valid }: CurrencyIndicators): Markup {
  type Account = (typeof accounts)[number];
  const ranked = [...accounts].sort((a, b) =>
    a.leastUnsettledMinor < b.leastUnsettledMinor ? 1 : -1,
  );
  const more = ranked.length - ROWS_MAX;
  const gross = valid.grossMinor;
  return html`${table<Account>(
    `Participants in ${currency} whose outage leaves most unsettled`,
    ranked.slice(0, ROWS_MAX),
    [
      [
        { head: 'Bank or dealer', csvHead: 'BIC' },
        ({ participant }) => bankCell(view, participant),
      ],
      [
        numeric('Share of the value'),
        ({ inMinor, outMinor }) => percentCell(ratio(inMinor + outMinor, 2n * gross)),
      ],
      [numeric('Pays'), ({ outMinor }) => amountCell(view, outMinor, currency)],
      [
        numeric('Least unsettled'),
        ({ leastUnsettledMinor }) => amountCell(view, leastUnsettledMinor, currency),
      ],
      [
        numeric('Of the value'),
        ({ leastUnsettledMinor }) => percentCell(ratio(leastUnsettledMinor, gross)),
      ],
    ],
  )}
${more > 0 && html`<p class="def">And ${countText(more)} rows more in ${currency}: summary.json has all.</p>`}`;
}

/** What supervisors monitor of each bank's intraday liquidity, by account and month. */

import { type ColumnOf, facts, foldedTable, nothing, section, table } from '../elements.ts';
import { DEFINITIONS, type Definition } from '../figure-definitions.ts';
import type { IntradayLiquidity, OutstandingDates } from '../figures/intraday-liquidity.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  countCell,
  currencyIndicators,
  numeric,
  percentCell,
  scenarioCurrencies,
  type View,
} from './section-input.ts';

/** Of each currency; summary.json has all. */
const ROWS_MAX = 30;
/** More columns do not fit on paper. */
const HOURS_SHOWN = 12;

type Row = IntradayLiquidity;

const D = DEFINITIONS;

const DEFINED = [
  D.intradayUsage,
  D.intradayPositive,
  D.intradayAvailable,
  D.intradayPayments,
  D.intradayTimeSpecific,
  D.intradayThroughput,
] as const satisfies readonly Definition[];

export function intradaySection(view: View): Markup {
  const title = 'Intraday liquidity';
  const currencies = scenarioCurrencies(view).flatMap(({ code }) => {
    const rows = currencyIndicators(view, code)?.intraday ?? [];
    return rows.length === 0 ? [] : [{ code, rows }];
  });
  if (currencies.length === 0)
    return section('intraday', title, nothing('No business date opened in this run.'));
  return section(
    'intraday',
    title,
    html`<p class="def">The monitoring tools of the Basel Committee (BCBS 248), by account and month; those that used most stand
first. B(i) and B(ii), what a bank sends and lends for the banks that it serves as a correspondent: no figure, because the
accounts here are the banks’ own.${view.summary.supply?.some(({ customers }) => customers) ? ' What banks pay for those who have deposits at them stands in “Money by issuer”.' : ''}</p>`,
    ...currencies.map(({ code, rows }) => ofCurrency(view, code, rows)),
    facts(
      DEFINED.map(({ name, definition, source }) => [
        name,
        html`${definition} <small>${source}.</small>`,
      ]),
    ),
  );
}

function ofCurrency(view: View, code: string, all: readonly Row[]): Markup {
  const ranked = [...all].sort((a, b) => compare(most(b.maximumUsage), most(a.maximumUsage)));
  const rows = ranked.slice(0, ROWS_MAX);
  const more = all.length - rows.length;
  const months = new Set(all.map(({ month }) => month));
  const account: readonly ColumnOf<Row>[] = [
    [{ head: 'Bank or dealer', csvHead: 'BIC' }, ({ participant }) => bankCell(view, participant)],
    ...(months.size > 1 ? [['Month', ({ month }: Row) => month] as const] : []),
  ];
  const money = (head: string, csvHead: string, of: (row: Row) => bigint): ColumnOf<Row> => [
    { head, numeric: true, csvHead },
    (row) => amountCell(view, of(row), code),
  ];
  const span = months.size > 1 ? 'by month' : `in ${[...months][0]}`;
  return html`${table(
    `Intraday liquidity in ${code}, ${span}: the date that stands out, and the average`,
    rows,
    [
      ...account,
      money('A(i) usage', 'Daily maximum usage', (row) => most(row.maximumUsage)),
      money('average', 'Average maximum usage', (row) => row.maximumUsage.averageMinor),
      money('positive', 'Largest positive position', (row) => most(row.largestPositive)),
      money('A(ii) available', 'Least available at the start', (row) => most(row.available)),
      money('average', 'Average available at the start', (row) => row.available.averageMinor),
      money('A(iii) sent', 'Most sent on a date', (row) => most(row.sent)),
      money('received', 'Most received on a date', (row) => most(row.received)),
      money('A(iv) time-specific', 'Most time-specific on a date', (row) => most(row.timeSpecific)),
      [numeric('Missed, number'), ({ timeSpecific }) => countCell(timeSpecific.missed)],
    ],
  )}
${throughputTable(code, rows, account)}
${more > 0 && html`<p class="def">And ${countText(more)} rows more in ${code}: summary.json has all, with the three dates that stand out.</p>`}`;
}

const most = ({ outstandingMinor }: OutstandingDates): bigint => outstandingMinor[0] ?? 0n;
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of those that sent something; of many hours the evenly spaced ones. */
function throughputTable(
  code: string,
  rows: readonly Row[],
  account: readonly ColumnOf<Row>[],
): Markup | false {
  const paying = rows.filter(({ throughput }) => throughput.length > 0);
  const hours = paying[0]?.throughput.length ?? 0;
  if (hours === 0) return false;
  const step = Math.ceil(hours / HOURS_SHOWN);
  const shown = Array.from({ length: Math.ceil(hours / step) }, (_, at) =>
    Math.min(hours, (at + 1) * step),
  );
  return foldedTable(
    `Table: C(i), intraday throughput in ${code}`,
    table(
      `Share of the value sent in ${code} that had settled so many hours after the opening, average of the dates`,
      paying,
      [
        ...account,
        ...shown.map(
          (hour): ColumnOf<Row> => [
            numeric(`${hour} h`),
            ({ throughput }) => percentCell(throughput[hour - 1] ?? null),
          ],
        ),
      ],
    ),
  );
}

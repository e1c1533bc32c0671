/** One corridor by itself. */

import { REASONS } from '../../core/settlement/reasons.ts';
import { isoReason } from '../../protocol/names/iso-reasons.ts';
import { facts, table } from '../elements.ts';
import { type CorridorFigures, type DealerCost, shareOf } from '../figures/corridor-figures.ts';
import { countText, durationOrDash, percentText, shareText } from '../format.ts';
import { type Content, html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  corridorName,
  countCell,
  minorText,
  numeric,
  percentCell,
  reasonText,
  type View,
} from './section-input.ts';

export function corridorPart(view: View, row: CorridorFigures): Markup {
  const name = corridorName(row);
  const id = `corridor-${row.kind}-${row.currency}-${row.currency2 === '?' ? 'unmatched' : row.currency2}`;
  return html`<section class="part" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${name}</h3>
${facts(figures(view, row))}
${row.cost && row.cost.byDealer.length > 0 && dealerTable(view, name, row, row.cost.byDealer)}
</section>
`;
}

function figures(view: View, row: CorridorFigures): [string, Content][] {
  const { speed, cost } = row;
  const outcomes = [
    `${countText(row.settled)} of ${countText(row.submitted)} (${shareText(row.settled, row.submitted)})`,
    ...[
      [row.rejected, 'rejected'] as const,
      [row.cancelled, 'cancelled'] as const,
      [row.open, 'open'] as const,
    ]
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${countText(count)} ${word}`),
  ];
  return [
    ['Settled', outcomes.join('; ')],
    ...value(view, row),
    [
      'Time to finality',
      row.p50Ms === null
        ? '–'
        : `p50 ${durationOrDash(row.p50Ms)}, p95 ${durationOrDash(row.p95Ms)}, p99 ${durationOrDash(row.p99Ms)}`,
    ],
    [
      'Credited',
      `${percentText(shareOf(speed.withinHour, speed.payments), 2)} within 1 h, ${percentText(shareOf(speed.withinBusinessDay, speed.payments), 2)} within a business day`,
    ],
    ['Cost', costText(row, cost?.share ?? null)],
    ...reasons(row),
  ];
}

function value(view: View, row: CorridorFigures): [string, Content][] {
  if (row.currency2 === '?') return [];
  const debited = `${row.currency} ${minorText(view, row.debitedMinor, row.currency)}`;
  const credited = `${row.currency2} ${minorText(view, row.creditedMinor, row.currency2)}`;
  if (row.kind === 'trades') return [['Delivered', `${debited} for ${credited}`]];
  if (row.currency === row.currency2) return [['Value', debited]];
  return [['Value', `${debited} gave ${credited}`]];
}

function costText(row: CorridorFigures, share: number | null): string {
  if (row.kind === 'trades') return 'none: the banks trade at a price that they agreed';
  if (row.currency === row.currency2) return 'none is charged in the scenario';
  if (row.cost === null) return 'not known: the scenario has no reference rate';
  return share === null ? '–' : `${percentText(share, 4)} of the value`;
}

function reasons({ endedBy }: CorridorFigures): [string, Content][] {
  const ended = Object.entries(endedBy).map(([reason, count]) => {
    const known = REASONS.find((one) => one === reason);
    const code = (known && isoReason(known)?.code) ?? '';
    return `${countText(count)} ${code} ${reasonText(reason)}`;
  });
  return ended.length === 0 ? [] : [['Not settled', ended.join('; ')]];
}

function dealerTable(
  view: View,
  name: string,
  { currency, currency2 }: CorridorFigures,
  dealers: readonly DealerCost[],
): Markup {
  return table(`${name} by dealer`, dealers, [
    [{ head: 'Dealer', csvHead: 'BIC' }, ({ dealer }) => bankCell(view, dealer)],
    [numeric('Payments'), ({ payments }) => countCell(payments)],
    [
      { head: currency, numeric: true, csvHead: `Debited ${currency}` },
      ({ debitedMinor }) => amountCell(view, debitedMinor, currency),
    ],
    [
      { head: currency2, numeric: true, csvHead: `Credited ${currency2}` },
      ({ creditedMinor }) => amountCell(view, creditedMinor, currency2),
    ],
    [numeric('Cost'), ({ share }) => percentCell(share, 4)],
  ]);
}

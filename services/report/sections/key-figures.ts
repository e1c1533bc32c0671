import { Cell, type ColumnOf, section, type Tile, table, tiles } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { ratio } from '../figures/ratio-rounding.ts';
import { countText, durationOrDash, percentText, shareText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { appearance, shownMechanisms } from '../mechanism-appearance.ts';
import type { SettledBucket, StatusCount, Waits } from '../queries/payments.ts';
import { belowFloorPart } from './below-floor.ts';
import { defaultsPart, outcomeShares } from './defaults.ts';
import {
  countCell,
  numeric,
  percentCell,
  scenarioCurrencies,
  shareCell,
  type View,
} from './section-input.ts';

export interface KeyFigures {
  readonly statuses: readonly StatusCount[];
  readonly waits: Waits | null;
  readonly settled: readonly SettledBucket[];
}

export function keyFiguresSection(view: View, figures: KeyFigures): Markup {
  return section(
    'key-figures',
    'Key figures',
    tiles('Payments by outcome', outcomes(view, figures.statuses)),
    balance(view, figures.statuses),
    outcomeShares(view),
    defaultsPart(view),
    belowFloorPart(view),
    tiles('Time to finality', finality(figures.waits)),
    mechanismTable(view, figures.settled),
  );
}

const numberWith = (statuses: readonly StatusCount[], status: StatusCount['status']): number =>
  statuses.find((row) => row.status === status)?.payments ?? 0;

/** What was accepted for netting and not settled waits like what is queued. */
const NUMBER_OF = (statuses: readonly StatusCount[], status: StatusCount['status']) =>
  numberWith(statuses, status) + (status === 'PDNG' ? numberWith(statuses, 'ACSP') : 0);

function outcomes({ summary }: View, statuses: readonly StatusCount[]): Tile[] {
  const submitted = statuses.reduce((sum, { payments }) => sum + payments, 0);
  const tile = (name: string, status: StatusCount['status'], definition: string): Tile => {
    const count = NUMBER_OF(statuses, status);
    return { name, value: countText(count), note: shareText(count, submitted), definition };
  };
  return [
    {
      name: 'Submitted',
      value: countText(submitted),
      definition: 'Reached clearing; with forged messages, without repeats.',
    },
    tile('Settled', 'ACSC', 'Final: every leg is booked (ACSC).'),
    tile('Rejected', 'RJCT', 'Refused with a reason, nothing booked (RJCT).'),
    tile('Cancelled', 'CANC', 'Taken in, and ended without settlement (CANC).'),
    tile('Queued at close', 'PDNG', 'Still waiting when the run ended (PDNG, ACSP).'),
    {
      name: 'Never sent',
      value: countText(summary.unsent),
      note: shareText(summary.unsent, summary.planned),
      definition: `Kept from being sent by an outage without end. Of all ${countText(summary.planned)} planned ${percentText(summary.settledShare, 2)} settled.`,
    },
    {
      name: 'Repeated',
      value: countText(summary.repeated),
      definition: 'Sent again: told the first outcome once more, or refused under a revoked key.',
    },
  ];
}

/** The sums that must hold, in figures. */
function balance({ summary }: View, statuses: readonly StatusCount[]): Markup {
  const pairs: [StatusCount['status'], number][] = [
    ['ACSC', summary.settled],
    ['RJCT', summary.rejected],
    ['CANC', summary.cancelled],
    ['PDNG', summary.queuedAtClose],
  ];
  const agrees = pairs.every(([status, count]) => NUMBER_OF(statuses, status) === count);
  const parts = pairs.map(([status]) => countText(NUMBER_OF(statuses, status)));
  const submitted = pairs.reduce((sum, [status]) => sum + NUMBER_OF(statuses, status), 0);
  const check = (holds: boolean, yes: string, no: string) =>
    html`<li class="${holds ? 'good' : 'bad'}"><b>${holds ? '✓' : '✗'}</b><span>${holds ? yes : no}</span></li>`;
  return html`<ul class="checks">
${check(
  submitted === summary.submitted,
  `${countText(submitted)} submitted = ${parts.join(' + ')} (settled, rejected, cancelled, queued).`,
  `${countText(summary.submitted)} submitted, but ${parts.join(' + ')} accounted for.`,
)}
${check(
  summary.conserved,
  'Money is conserved: in every currency the balances sum to what was issued less redeemed.',
  'Money is not conserved: the balances of a currency do not sum to what was issued.',
)}
${check(
  agrees,
  'ClickHouse and summary.json agree: two ways from the events to the same figures.',
  `ClickHouse and summary.json differ: the summary has ${pairs.map(([, count]) => countText(count)).join(', ')} (settled, rejected, cancelled, queued).`,
)}
</ul>`;
}

function finality(waits: Waits | null): Tile[] {
  const tile = (name: string, ms: number | null, definition: string) => ({
    name,
    value: durationOrDash(ms),
    definition,
  });
  return [
    tile(
      'Time to finality, p50',
      waits?.p50Ms ?? null,
      'From submission to settlement: half of the settled payments took no longer.',
    ),
    tile(
      'p95',
      waits?.p95Ms ?? null,
      '95 % of the settled payments took no longer (nearest rank).',
    ),
    tile('p99', waits?.p99Ms ?? null, '99 % of the settled payments took no longer.'),
    tile('Longest', waits?.maxMs ?? null, 'The longest wait of a payment that settled.'),
  ];
}

/** By number, and by value in each currency: the same mechanism may settle many small payments. */
function mechanismTable(view: View, settled: readonly SettledBucket[]): Markup {
  const codes = scenarioCurrencies(view).map(({ code }) => code);
  const sum = (rows: readonly SettledBucket[], code: string) =>
    rows.reduce((total, row) => (row.currency === code ? total + row.valueMinor : total), 0n);
  const all = settled.reduce((total, { payments }) => total + payments, 0);
  const rows = shownMechanisms(settled).map((mechanism) => {
    const mine = settled.filter((row) => row.mechanism === mechanism);
    const count = mine.reduce((total, { payments }) => total + payments, 0);
    return { mechanism, mine, count, ...appearance(mechanism) };
  });
  const title =
    'Settled by each mechanism: number, its share, and the share of the value in each currency';
  return html`${table(title, rows, [
    [
      { head: 'Settled', wraps: true, csvHead: 'Mechanism' },
      ({ words, definition, mechanism }) =>
        new Cell(html`${words}<span class="def">${definition}</span>`, mechanism),
    ],
    [numeric('Payments'), ({ count }) => countCell(count)],
    [numeric('of all'), ({ count }) => shareCell(count, all)],
    ...codes.map((code): ColumnOf<(typeof rows)[number]> => {
      const whole = sum(settled, code);
      return [
        numeric(`${code} value`),
        ({ mine }) => percentCell(whole === 0n ? null : ratio(sum(mine, code), whole), 2),
      ];
    }),
  ])}
<p class="def"><b>${DEFINITIONS.mechanism.name}</b> ${DEFINITIONS.mechanism.definition}</p>`;
}

/** What crosses a border, segment by segment, against the G20's targets (figures/g20-targets.ts). */

import { type ColumnOf, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { shareOf } from '../figures/corridor-figures.ts';
import type { CrossBorderCorridor, SegmentFigures } from '../figures/cross-border.ts';
import {
  COST_TARGETS,
  HOUR_IN_EVERY_CORRIDOR,
  type MarketSegment,
  WITHIN_DAY,
  WITHIN_HOUR,
} from '../figures/g20-targets.ts';
import { countText } from '../format.ts';
import { type Content, html, type Markup } from '../html.ts';
import { countCell, numeric, percentCell, type View } from './section-input.ts';

const TARGET_HOUR = `Target ${100 * WITHIN_HOUR}\u00a0%`;
const TARGET_DAY = `Target ${100 * WITHIN_DAY}\u00a0%`;

/** Corridors in the table, those with the most payments; summary.json has all. */
const ROWS_MAX = 60;

const {
  corridorAcross: ACROSS,
  segment: SEGMENT,
  speed: SPEED,
  cost: COST,
  transparency: TRANSPARENCY,
} = DEFINITIONS;

export function targets(view: View): Markup {
  const { segments, corridors } = view.indicators.crossBorder;
  const shown = [...corridors].sort((a, b) => b.submitted - a.submitted).slice(0, ROWS_MAX);
  return html`${
    segments.length === 0
      ? html`<p class="def">No payment crossed a border in this run: the G20’s targets are about none.</p>`
      : html`${segmentTable(segments, corridors)}
<p class="def"><b>With speed, with cost</b> Of how many of the segment’s corridors speed and cost are judged.</p>
${corridorTable(corridors.filter((corridor) => shown.includes(corridor)))}`
  }
${
  corridors.length > ROWS_MAX &&
  html`<p class="def">The ${countText(ROWS_MAX)} corridors with the most payments; <code>summary.json</code> has all.</p>`
}
${[ACROSS, SEGMENT, SPEED, COST, TRANSPARENCY].map(
  ({ name, definition }) => html`<p class="def"><b>${name}</b> ${definition}</p>`,
)}`;
}

type Judged = Pick<CrossBorderCorridor, 'segment' | 'submitted' | 'refusedForRate' | 'speed'>;

/** What a segment and a corridor of it have in common. */
const speedColumns = <T extends Judged>(
  hour: readonly ColumnOf<T>[],
  day: readonly ColumnOf<T>[],
): ColumnOf<T>[] => [
  [numeric('Payments'), ({ speed }) => countCell(speed.payments)],
  [numeric('Within 1\u00a0h'), (row) => percentCell(withinHour(row), 2)],
  ...hour,
  [numeric('Within a business day'), (row) => percentCell(withinDay(row), 2)],
  ...day,
];

function segmentTable(
  segments: readonly SegmentFigures[],
  corridors: readonly CrossBorderCorridor[],
): Markup {
  return table<SegmentFigures>('Segments against the G20 targets', segments, [
    ['Segment', ({ segment }) => segment],
    [numeric('With speed'), ({ speed, corridors: all }) => judgedText(speed.corridors, all)],
    ...speedColumns<SegmentFigures>(
      [
        [
          TARGET_HOUR,
          (row) =>
            HOUR_IN_EVERY_CORRIDOR.has(row.segment)
              ? met(worst(row.segment, corridors), (share) => share >= WITHIN_HOUR)
              : met(withinHour(row), (share) => share >= WITHIN_HOUR),
        ],
      ],
      [[TARGET_DAY, (row) => met(withinDay(row), (share) => share >= WITHIN_DAY)]],
    ),
    [numeric('With cost'), ({ cost, corridors: all }) => judgedText(cost.corridors, all)],
    [numeric('Cost on average'), ({ cost }) => percentCell(cost.share, 4)],
    ['Target on average', (row) => costMet(row.segment, 'average', row.cost.share)],
    [numeric('Highest'), ({ cost }) => percentCell(cost.highestShare, 4)],
    ['Target of a corridor', (row) => costMet(row.segment, 'most', row.cost.highestShare)],
    [numeric('Cost known before'), (row) => percentCell(knownBefore(row), 2)],
    // A run in which a bank lacks a status is refused: run-books.ts.
    [numeric('Status told'), () => percentCell(1, 0)],
  ]);
}

const corridorTable = (rows: readonly CrossBorderCorridor[]): Markup =>
  table<CrossBorderCorridor>('Corridors between countries', rows, [
    ['Corridor', (row) => `${row.segment}: ${crossBorderName(row)}`],
    ...speedColumns<CrossBorderCorridor>(
      [
        [
          TARGET_HOUR,
          (row) =>
            HOUR_IN_EVERY_CORRIDOR.has(row.segment)
              ? met(withinHour(row), (share) => share >= WITHIN_HOUR)
              : 'of the segment',
        ],
      ],
      [],
    ),
    [numeric('Cost'), ({ cost }) => percentCell(cost?.share ?? null, 4)],
    ['Target of a corridor', (row) => costMet(row.segment, 'most', row.cost?.share ?? null)],
  ]);

/** Of how many of the corridors a target is judged: 209 of 688. */
const judgedText = (judged: number, all: number) => `${countText(judged)} of ${countText(all)}`;

/** DE EUR → FR EUR */
const crossBorderName = ({ country, currency, country2, currency2 }: CrossBorderCorridor) =>
  `${country} ${currency} → ${country2} ${currency2}`;

const withinHour = ({ speed }: Judged) => shareOf(speed.withinHour, speed.payments);
const withinDay = ({ speed }: Judged) => shareOf(speed.withinBusinessDay, speed.payments);
const knownBefore = ({ submitted, refusedForRate }: Judged) =>
  shareOf(submitted - refusedForRate, submitted);

/** The share of its slowest corridor within an hour. */
function worst(segment: MarketSegment, corridors: readonly CrossBorderCorridor[]): number | null {
  const shares = corridors.flatMap((row) =>
    row.segment === segment ? (withinHour(row) ?? []) : [],
  );
  return shares.length === 0 ? null : Math.min(...shares);
}

function costMet(segment: MarketSegment, of: 'average' | 'most', share: number | null): Content {
  const costs = COST_TARGETS[segment];
  return costs === null ? 'no target' : met(share, (value) => value <= costs[of]);
}

const met = (share: number | null, holds: (share: number) => boolean): Content =>
  share === null
    ? '–'
    : holds(share)
      ? html`<span class="good">met</span>`
      : html`<span class="bad">not met</span>`;

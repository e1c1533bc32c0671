import {
  FINALITY_HEIGHT,
  PERCENTILE_STYLES,
  percentilesChart,
  waitBarsChart,
} from '../charts/finality.ts';
import { draw, HALF } from '../charts/render.ts';
import {
  type ColumnOf,
  figure,
  foldedTable,
  legend,
  noFigure,
  nothing,
  section,
  table,
} from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { countText, shareText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { markItems, mechanismItems } from '../legends.ts';
import { appearance, shownMechanisms } from '../mechanism-appearance.ts';
import type { WaitBin, WaitsBucket } from '../queries/payments.ts';
import { type Frame, stepText } from '../time-frame.ts';
import {
  bucketText,
  countCell,
  durationCell,
  durationColumn,
  numeric,
  shareCell,
  type View,
} from './section-input.ts';

/** A wait lies in the bin of the number of edges that it exceeds; the first bin is "at once". */
export const WAIT_EDGES_MS = [0, 1000, 10_000, 60_000, 600_000, 3_600_000, 14_400_000] as const;
const BINS = ['at once', '≤ 1 s', '≤ 10 s', '≤ 1 min', '≤ 10 min', '≤ 1 h', '≤ 4 h', '> 4 h'];

export interface FinalityFigures {
  readonly bins: readonly WaitBin[];
  readonly buckets: readonly WaitsBucket[];
  /** The frame of the buckets. */
  readonly frame: Frame;
}

export function finalitySection(view: View, figures: FinalityFigures): Markup {
  const title = 'Time to finality';
  if (figures.bins.length === 0)
    return section('finality', title, nothing('Nothing settled in this run.'));
  return section(
    'finality',
    title,
    html`<p class="def"><b>${DEFINITIONS.finality.name}</b> ${DEFINITIONS.finality.definition} In virtual time, so what the
machine took is not in it.</p>`,
    html`<div class="pair">${waitFigure(figures.bins)}${percentileFigure(view, figures)}</div>`,
    binTable(figures.bins),
    bucketTable(view, figures),
  );
}

const inBin = (rows: readonly WaitBin[], bin: number, mechanism?: string) =>
  rows
    .filter((row) => row.bin === bin && (mechanism === undefined || row.mechanism === mechanism))
    .reduce((sum, { payments }) => sum + payments, 0);

function waitFigure(rows: readonly WaitBin[]): Markup {
  const atOnce = inBin(rows, 0);
  const all = rows.reduce((sum, { payments }) => sum + payments, 0);
  const waiting = BINS.slice(1).map((_, index) => inBin(rows, index + 1));
  const text = `${countText(atOnce)} of ${countText(all)} settled payments (${shareText(atOnce, all)}) settled at once and are not drawn.`;
  const drawn = shownMechanisms(rows).filter((mechanism) =>
    rows.some((row) => row.bin > 0 && row.mechanism === mechanism),
  );
  if (atOnce === all) return noFigure('Payments that waited', `${text} None waited.`);
  return figure({
    title: 'Payments that waited, by time to finality',
    text: `${text} The others by the time up to which they settled.`,
    unit: 'payments',
    source: BIN_TABLE,
    legend: legend(mechanismItems(drawn)),
    chart: draw(
      'waits',
      `Payments that waited by time to finality: ${waiting.map((count, index) => `${BINS[index + 1]} ${countText(count)}`).join(', ')}.`,
      { width: HALF, height: FINALITY_HEIGHT },
      waitBarsChart({
        bins: BINS.slice(1).map((bin) => bin.replace('≤ ', '')),
        layers: drawn.map((mechanism) => ({
          colour: appearance(mechanism).colour,
          payments: waiting.map((_, index) => inBin(rows, index + 1, mechanism)),
        })),
      }),
    ),
  });
}

function percentileFigure(view: View, { buckets, frame }: FinalityFigures): Markup {
  const points = buckets.map(({ bucket, p50Ms, p95Ms, p99Ms }) => ({
    bucket,
    ms: [p50Ms, p95Ms, p99Ms] as const,
  }));
  return figure({
    title: 'Percentiles over time',
    text: `Of the payments that settled in each ${stepText(frame)}, UTC; logarithmic scale, all up to 1 s at its foot.`,
    unit: 'time',
    source: bucketCaption(frame),
    legend: legend([
      ...PERCENTILE_STYLES.map(({ name, colour, dash }) => ({
        text: name,
        colour,
        dash,
        shape: 'line' as const,
      })),
      ...markItems(view),
    ]),
    chart: draw(
      'percentiles',
      `Time to finality over the day: p50, p95 and p99 of the payments that settled in each ${stepText(frame)}. The figures are in the table below.`,
      { width: HALF, height: FINALITY_HEIGHT },
      percentilesChart(frame, view.marks, points),
    ),
  });
}

const BIN_TABLE = 'Settled payments by time to finality';

function binTable(rows: readonly WaitBin[]): Markup {
  const counts = BINS.map((_, bin) => inBin(rows, bin));
  const upTo = (bin: number) => counts.slice(0, bin + 1).reduce((a, b) => a + b);
  return table(BIN_TABLE, BINS, [
    ['Time to finality', (name) => name],
    ...shownMechanisms(rows).map(
      (mechanism): ColumnOf<string> => [
        numeric(appearance(mechanism).words),
        (_, bin) => countCell(inBin(rows, bin, mechanism)),
      ],
    ),
    [numeric('Payments'), (_, bin) => countCell(counts[bin] as number)],
    [numeric('Cumulative'), (_, bin) => shareCell(upTo(bin), upTo(BINS.length))],
  ]);
}

const bucketCaption = (frame: Frame) =>
  `Time to finality of the payments that settled in the ${stepText(frame)} from each time, UTC`;

function bucketTable(view: View, { buckets, frame }: FinalityFigures): Markup {
  return foldedTable(
    `Table: percentiles per ${stepText(frame)}`,
    table(bucketCaption(frame), buckets, [
      ['From', ({ bucket }) => bucketText(view, bucket, frame)],
      [numeric('Settled'), ({ payments }) => countCell(payments)],
      [durationColumn('p50'), ({ p50Ms }) => durationCell(p50Ms)],
      [durationColumn('p95'), ({ p95Ms }) => durationCell(p95Ms)],
      [durationColumn('p99'), ({ p99Ms }) => durationCell(p99Ms)],
      [durationColumn('Longest'), ({ maxMs }) => durationCell(maxMs)],
    ]),
  );
}

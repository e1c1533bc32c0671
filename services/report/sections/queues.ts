import { roundCount, roundMaximum } from '../charts/axes.ts';
import { type QueuePanel, queueChart, queueHeight } from '../charts/queues.ts';
import { draw, HALF } from '../charts/render.ts';
import {
  type ColumnOf,
  figure,
  foldedTable,
  legend,
  nothing,
  section,
  table,
} from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { countText } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { markItems } from '../legends.ts';
import type {
  CycleCount,
  QueueBucket,
  QueuedPayments,
  QueuePeakRow,
} from '../queries/queues-and-accounts.ts';
import { stepText } from '../time-frame.ts';
import { heldUpTable } from './held-up.ts';
import {
  amountCell,
  bucketText,
  countCell,
  durationCell,
  durationColumn,
  instantCell,
  numeric,
  position,
  scenarioCurrencies,
  type View,
} from './section-input.ts';
import { standstillTable } from './standstills.ts';

export interface QueueFigures {
  readonly buckets: readonly QueueBucket[];
  readonly peaks: readonly QueuePeakRow[];
  readonly queued: readonly QueuedPayments[];
  readonly cycles: readonly CycleCount[];
}

/** The most that waited in each bucket; a bucket without a row has what the one before ended with. */
interface Depth {
  readonly count: readonly number[];
  readonly valueMinor: readonly bigint[];
}

const SAMPLE_MS = 60_000;

export function queuesSection(view: View, figures: QueueFigures): Markup {
  const title = 'Queues, gridlocks and deadlocks';
  if (figures.peaks.length === 0)
    return section(
      'queues',
      title,
      nothing('No payment was queued in this run.'),
      standstillTable(view, figures.cycles),
    );
  const codes = scenarioCurrencies(view).map(({ code }) => code);
  const depths = new Map(codes.map((code) => [code, depthOf(view, figures.buckets, code)]));
  return section(
    'queues',
    title,
    html`<p class="def">A payment waits where its debtor’s bank lacks funds, or where one of its class waits before it.
By currency debited; each panel has its own scale. Shown is the most in each ${stepText(view.frame)}, so no peak is lost.</p>`,
    html`<div class="pair">${depthFigure(view, depths)}${valueFigure(view, depths)}</div>`,
    queuedTable(figures.queued, codes),
    peakTable(view, figures.peaks, codes),
    heldUpTable(view),
    standstillTable(view, figures.cycles),
    bucketTable(view, depths),
  );
}

function depthOf({ frame }: View, rows: readonly QueueBucket[], code: string): Depth {
  const mine = new Map(
    rows.filter(({ currency }) => currency === code).map((row) => [row.bucket, row]),
  );
  const count: number[] = [];
  const valueMinor: bigint[] = [];
  let held = { count: 0, valueMinor: 0n };
  for (let bucket = 0; bucket < frame.count; bucket++) {
    const row = mine.get(bucket);
    count.push(Math.max(held.count, row?.countMax ?? 0));
    valueMinor.push(
      row && row.valueMaxMinor > held.valueMinor ? row.valueMaxMinor : held.valueMinor,
    );
    if (row) held = { count: row.countLast, valueMinor: row.valueLastMinor };
  }
  return { count, valueMinor };
}

function panels(
  view: View,
  most: (code: string) => readonly number[],
  round: (most: number) => number,
): QueuePanel[] {
  return scenarioCurrencies(view).map(({ code, index, hours }) => ({
    currency: code,
    index,
    hours,
    most: most(code),
    scale: round(most(code).reduce((a, b) => Math.max(a, b), 0)),
  }));
}

const depthCaption = ({ frame }: View) =>
  `The most in the queue in the ${stepText(frame)} from each time, UTC: number and value`;

const depthLegend = (view: View) =>
  legend([
    { text: 'currency closed', colour: 'var(--closed)', shape: 'square' },
    ...markItems(view),
  ]);

function depthFigure(view: View, depths: ReadonlyMap<string, Depth>): Markup {
  const shown = panels(view, (code) => depths.get(code)?.count ?? [], roundCount);
  return figure({
    title: 'Payments in the queue',
    text: `Number of payments waiting, UTC: the most in each ${stepText(view.frame)}.`,
    unit: 'payments',
    source: depthCaption(view),
    legend: depthLegend(view),
    chart: draw(
      'queue-depth',
      `Payments in the queue over the day by currency. The most: ${peaksLabel(shown)}.`,
      { width: HALF, height: queueHeight(shown.length) },
      queueChart(view.frame, view.marks, shown),
    ),
  });
}

function valueFigure(view: View, depths: ReadonlyMap<string, Depth>): Markup {
  const values = (code: string) =>
    (depths.get(code)?.valueMinor ?? []).map((value) => position(view, value, code));
  const shown = panels(view, values, roundMaximum);
  return figure({
    title: 'Value in the queue',
    text: `Sum of the amounts waiting, UTC: the most in each ${stepText(view.frame)}.`,
    unit: 'units of each currency',
    source: depthCaption(view),
    legend: depthLegend(view),
    chart: draw(
      'queue-value',
      `Value in the queue over the day by currency, in units of each. The most: ${peaksLabel(shown)}.`,
      { width: HALF, height: queueHeight(shown.length) },
      queueChart(view.frame, view.marks, shown),
    ),
  });
}

const peaksLabel = (shown: readonly QueuePanel[]) =>
  shown
    .map(({ currency, most }) => `${currency} ${countText(Math.round(Math.max(0, ...most)))}`)
    .join(', ');

function queuedTable(queued: readonly QueuedPayments[], codes: readonly string[]): Markup {
  const rows = codes.flatMap((code) => queued.filter(({ currency }) => currency === code));
  return html`${table('Queued payments by currency debited', rows, [
    ['Currency', ({ currency }) => currency],
    [numeric('Queued'), ({ queued: count }) => countCell(count)],
    [numeric('Then settled'), ({ settled }) => countCell(settled)],
    [numeric('Cancelled'), ({ cancelled }) => countCell(cancelled)],
    [numeric('Still queued'), ({ waiting }) => countCell(waiting)],
    [durationColumn('Time in queue p50'), ({ p50Ms }) => durationCell(p50Ms)],
    [durationColumn('p95', 'Time in queue p95'), ({ p95Ms }) => durationCell(p95Ms)],
    [durationColumn('p99', 'Time in queue p99'), ({ p99Ms }) => durationCell(p99Ms)],
  ])}
<p class="def"><b>${DEFINITIONS.timeInQueue.name}</b> ${DEFINITIONS.timeInQueue.definition} By nearest rank.</p>`;
}

function peakTable(view: View, peaks: readonly QueuePeakRow[], codes: readonly string[]): Markup {
  const minute = (ms: number) => instantCell(view, ms - SAMPLE_MS);
  const at = (csvHead: string) => ({ head: 'at', numeric: true, csvHead });
  const rows = codes.flatMap((code) => peaks.filter(({ currency }) => currency === code));
  return table('Peaks of the queue, with the minute in which they lay, UTC', rows, [
    ['Currency', ({ currency }) => currency],
    [numeric('Most payments'), ({ countMax }) => countCell(countMax)],
    [at('Minute of the most payments'), ({ countMaxAtMs }) => minute(countMaxAtMs)],
    [
      numeric('Most value'),
      ({ valueMaxMinor, currency }) => amountCell(view, valueMaxMinor, currency),
    ],
    [at('Minute of the most value'), ({ valueMaxAtMs }) => minute(valueMaxAtMs)],
  ]);
}

function bucketTable(view: View, depths: ReadonlyMap<string, Depth>): Markup {
  const step = stepText(view.frame);
  return foldedTable(
    `Table: the most in the queue per ${step}`,
    table(depthCaption(view), Array.from({ length: view.frame.count }), [
      ['From', (_, bucket) => bucketText(view, bucket)],
      ...[...depths].flatMap(([code, { count, valueMinor }]): ColumnOf<unknown>[] => [
        [numeric(`${code} number`), (_, bucket) => countCell(count[bucket] ?? 0)],
        [numeric(`${code} value`), (_, bucket) => amountCell(view, valueMinor[bucket] ?? 0n, code)],
      ]),
    ]),
  );
}

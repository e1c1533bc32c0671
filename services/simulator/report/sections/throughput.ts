import { seriesColour, seriesDash } from '../charts/axes.ts';
import { drawBoth } from '../charts/render.ts';
import { shareChart, throughputChart } from '../charts/throughput.ts';
import { figure, folded, type LegendItem, legend, nothing, section, table } from '../elements.ts';
import { countText, shareText } from '../format.ts';
import { stepText } from '../frame.ts';
import { html, type Markup } from '../html.ts';
import { appearance, shownMechanisms } from '../mechanisms.ts';
import type { SettledBucket } from '../queries/payments.ts';
import { amount, bucketText, currencies, payments, type View } from './view.ts';

/** Refusals of invalid signatures that are drawn; more would be a solid line. */
export const REFUSALS_DRAWN = 300;

export function throughput(
  view: View,
  settled: readonly SettledBucket[],
  invalidSignaturesMs: readonly number[],
): Markup {
  if (settled.length === 0)
    return section('throughput', 'Throughput', nothing('Nothing settled in this run.'));
  return section(
    'throughput',
    'Throughput',
    settledFigure(view, settled, invalidSignaturesMs),
    shareFigure(view, settled),
    bucketTable(view, settled),
  );
}

const MARKS_IN_LEGEND = 8;

/** The marks that a chart over time shows, for its legend; the table of events has them all. */
export function markItems({ marks }: View): LegendItem[] {
  const lettered = marks.filter(({ letter }) => letter !== '');
  const items = lettered.slice(0, MARKS_IN_LEGEND).map(({ letter, short, untilMs, endless }) => {
    const isSpan = untilMs !== null || endless;
    return {
      text: `${letter} ${short}`,
      colour: isSpan ? 'var(--mark)' : 'var(--mark-line)',
      shape: isSpan ? ('square' as const) : ('stroke' as const),
    };
  });
  const more = lettered.length - items.length;
  if (more === 0) return items;
  const text = `and ${more} more: see the events of the scenario`;
  return [...items, { text, colour: 'var(--mark-line)', shape: 'stroke' }];
}

function settledFigure(
  view: View,
  settled: readonly SettledBucket[],
  invalidSignaturesMs: readonly number[],
): Markup {
  const { frame, marks } = view;
  const step = stepText(frame);
  const shown = shownMechanisms(settled);
  const counts = shown.map((mechanism) => {
    const buckets = new Array<number>(frame.count).fill(0);
    for (const row of settled)
      if (row.mechanism === mechanism)
        buckets[row.bucket] = (buckets[row.bucket] ?? 0) + row.payments;
    return { colour: appearance(mechanism).colour, payments: buckets };
  });
  const totals = bucketTotals(view, settled);
  const most = totals.reduce((a, b) => Math.max(a, b), 0);
  const busiest = bucketText(view, totals.indexOf(most));
  return figure({
    title: `Payments settled per ${step}`,
    text: `Settled payments by the time of their settlement, UTC, and by how they settled. Most: ${countText(most)} in the ${step} from ${busiest}.`,
    legend: legend([
      ...shown.map((mechanism) => ({
        text: `settled ${appearance(mechanism).words}`,
        colour: appearance(mechanism).colour,
        shape: 'square' as const,
      })),
      ...markItems(view),
      ...(invalidSignaturesMs.length > 0
        ? [
            {
              text: 'message refused for its signature',
              colour: 'var(--alarm)',
              shape: 'triangle' as const,
            },
          ]
        : []),
    ]),
    chart: drawBoth(
      'settled',
      `Payments settled per ${step} over the day, stacked by mechanism. The most is ${payments(most)} from ${busiest} UTC.`,
      { wide: 250, narrow: 220 },
      (size) => throughputChart({ frame, marks, settled: counts, invalidSignaturesMs }, size),
    ),
  });
}

function bucketTotals({ frame }: View, settled: readonly SettledBucket[]): number[] {
  const totals = new Array<number>(frame.count).fill(0);
  for (const { bucket, payments: count } of settled) totals[bucket] = (totals[bucket] ?? 0) + count;
  return totals;
}

/** Value settled in a currency up to the end of each bucket. */
function cumulative({ frame }: View, settled: readonly SettledBucket[], code: string): bigint[] {
  const values = new Array<bigint>(frame.count).fill(0n);
  for (const { bucket, currency, valueMinor } of settled)
    if (currency === code) values[bucket] = (values[bucket] ?? 0n) + valueMinor;
  let sum = 0n;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}

const ratioOf = (part: bigint, whole: bigint) =>
  whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000;

function shareFigure(view: View, settled: readonly SettledBucket[]): Markup {
  const lines = currencies(view).flatMap(({ code, index }) => {
    const values = cumulative(view, settled, code);
    const whole = values[values.length - 1] ?? 0n;
    return whole === 0n
      ? []
      : [{ code, index, shares: values.map((value) => ratioOf(value, whole)) }];
  });
  const half = lines.map(({ code, shares }) => {
    const bucket = shares.findIndex((share) => share >= 0.5);
    return `${code} ${bucketText(view, bucket + 1)}`;
  });
  const halves = half.map((text, index) => html`${index > 0 && ', '}<time>${text}</time>`);
  return figure({
    title: 'Cumulative share of value settled',
    text: html`Value settled up to each time / value settled in the whole run, by currency debited. Half is settled by: ${halves}.`,
    legend: legend([
      ...lines.map(({ code, index }) => ({
        text: code,
        colour: seriesColour(index),
        shape: 'line' as const,
        dash: seriesDash(index),
      })),
      ...markItems(view),
    ]),
    chart: drawBoth(
      'share',
      `Cumulative share of value settled over the day by currency. Half is settled by: ${half.join(', ')} UTC.`,
      { wide: 250, narrow: 230 },
      (size) => shareChart(view.frame, view.marks, lines, size),
    ),
  });
}

function bucketTable(view: View, settled: readonly SettledBucket[]): Markup {
  const codes = currencies(view).map(({ code }) => code);
  const sums = new Map(codes.map((code) => [code, cumulative(view, settled, code)]));
  const totals = bucketTotals(view, settled);
  const all = totals.reduce((a, b) => a + b, 0);
  let run = 0;
  const rows = totals.map((count, bucket) => {
    run += count;
    return [
      bucketText(view, bucket),
      countText(count),
      shareText(run, all),
      ...codes.map((code) => {
        const values = sums.get(code) ?? [];
        return amount(view, (values[bucket] ?? 0n) - (values[bucket - 1] ?? 0n), code);
      }),
    ];
  });
  const step = stepText(view.frame);
  return folded(
    `Table: payments and value settled per ${step}`,
    table(
      `Settled in the ${step} from each time, UTC; values in major units of the currency debited`,
      [
        { head: 'From' },
        { head: 'Payments', numeric: true },
        { head: 'Cumulative', numeric: true },
        ...codes.map((code) => ({ head: code, numeric: true })),
      ],
      rows,
    ),
  );
}

/** Value submitted and settled over time, and what went wrong. The profile by time of day: throughput-profile.ts. */
import { drawBoth } from '../charts/render.ts';
import { throughputChart } from '../charts/throughput.ts';
import {
  type ColumnOf,
  figure,
  foldedTable,
  type LegendItem,
  legend,
  nothing,
  section,
  table,
} from '../elements.ts';
import { countText } from '../format.ts';
import type { Markup } from '../html.ts';
import { markItems, mechanismItems } from '../legends.ts';
import { appearance, shownMechanisms } from '../mechanism-appearance.ts';
import type { SettledBucket } from '../queries/payments.ts';
import { stepText } from '../time-frame.ts';
import {
  amountCell,
  bucketText,
  countCell,
  numeric,
  payments,
  scenarioCurrencies,
  shareCell,
  type View,
} from './section-input.ts';
import {
  guidelineTable,
  type Profile,
  profileFigure,
  runningSums,
  settledCaption,
  valueByBucket,
} from './throughput-profile.ts';

/** Refusals of invalid signatures that are drawn; more would be a solid line. */
export const REFUSALS_DRAWN = 300;

export function throughputSection(
  view: View,
  settled: readonly SettledBucket[],
  profile: Profile,
  invalidSignaturesMs: readonly number[],
): Markup {
  if (settled.length === 0)
    return section('throughput', 'Throughput', nothing('Nothing settled in this run.'));
  return section(
    'throughput',
    'Throughput',
    settledFigure(view, settled, invalidSignaturesMs),
    profileFigure(view, profile),
    guidelineTable(view),
    bucketTable(view, settled),
  );
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
    unit: `payments per ${step}`,
    source: settledCaption(frame),
    legend: legend([
      ...mechanismItems(shown),
      ...markItems(view),
      ...(invalidSignaturesMs.length > 0 ? [REFUSAL] : []),
    ]),
    chart: drawBoth(
      'settled',
      `Payments settled per ${step} over the day, stacked by mechanism. The most is ${payments(most)} from ${busiest} UTC.`,
      { wide: 250, narrow: 220 },
      (size) => throughputChart({ frame, marks, settled: counts, invalidSignaturesMs }, size),
    ),
  });
}

const REFUSAL: LegendItem = {
  text: 'message refused for its signature',
  colour: 'var(--alarm)',
  shape: 'triangle',
};

function bucketTotals({ frame }: View, settled: readonly SettledBucket[]): number[] {
  const totals = new Array<number>(frame.count).fill(0);
  for (const { bucket, payments: count } of settled) totals[bucket] = (totals[bucket] ?? 0) + count;
  return totals;
}

function bucketTable(view: View, settled: readonly SettledBucket[]): Markup {
  const totals = bucketTotals(view, settled);
  const runs = runningSums(totals.map(BigInt)).map(Number);
  const step = stepText(view.frame);
  return foldedTable(
    `Table: payments and value settled per ${step}`,
    table(settledCaption(view.frame), totals, [
      ['From', (_, bucket) => bucketText(view, bucket)],
      [numeric('Payments'), (count) => countCell(count)],
      [numeric('Cumulative'), (_, bucket) => shareCell(runs[bucket] as number, runs.at(-1) ?? 0)],
      ...scenarioCurrencies(view).map(({ code }): ColumnOf<number> => {
        const values = valueByBucket(view.frame, settled, code);
        return [numeric(code), (_, bucket) => amountCell(view, values[bucket] ?? 0n, code)];
      }),
    ]),
  );
}

import { drawBoth } from '../charts/render.ts';
import { throughputChart } from '../charts/throughput.ts';
import { figure, foldedTable, legend, nothing, section, table } from '../elements.ts';
import { countText } from '../format.ts';
import { stepText } from '../frame.ts';
import type { Markup } from '../html.ts';
import { markItems } from '../legends.ts';
import { appearance, shownMechanisms } from '../mechanisms.ts';
import type { SettledBucket } from '../queries/payments.ts';
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
import { guidelineTable, type Profile, profileFigure, runningSums } from './throughput-profile.ts';

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
  return runningSums(values);
}

function bucketTable(view: View, settled: readonly SettledBucket[]): Markup {
  const codes = scenarioCurrencies(view).map(({ code }) => code);
  const sums = new Map(codes.map((code) => [code, cumulative(view, settled, code)]));
  const totals = bucketTotals(view, settled);
  const all = totals.reduce((a, b) => a + b, 0);
  let run = 0;
  const rows = totals.map((count, bucket) => {
    run += count;
    return [
      bucketText(view, bucket),
      countCell(count),
      shareCell(run, all),
      ...codes.map((code) => {
        const values = sums.get(code) ?? [];
        return amountCell(view, (values[bucket] ?? 0n) - (values[bucket - 1] ?? 0n), code);
      }),
    ];
  });
  const step = stepText(view.frame);
  return foldedTable(
    `Table: payments and value settled per ${step}`,
    table(
      `Settled in the ${step} from each time, UTC; values in major units of the currency debited`,
      [{ head: 'From' }, numeric('Payments'), numeric('Cumulative'), ...codes.map(numeric)],
      rows,
    ),
  );
}

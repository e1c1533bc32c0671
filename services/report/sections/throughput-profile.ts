/** How early in the day value settles, and how that stands to the scenario's guideline points. */

import type { ScenarioCurrency } from '../../scenario/scenario.ts';
import { seriesColour, seriesDash } from '../charts/axes.ts';
import { drawBoth } from '../charts/render.ts';
import { type GuidelinePoint, shareChart } from '../charts/throughput.ts';
import { Cell, type ColumnOf, figure, type LegendItem, legend, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
import { ratio } from '../figures/ratio-rounding.ts';
import { dateSettledAt } from '../figures/throughput.ts';
import { percentText, timeOfDay } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { markItems } from '../legends.ts';
import type { SettledBucket } from '../queries/payments.ts';
import { type Frame, stepText } from '../time-frame.ts';
import {
  currencyIndicators,
  numeric,
  percentCell,
  scenarioCurrencies,
  type View,
} from './section-input.ts';

/** What settled, in a frame of one day: that of the run, or all dates laid over each other. */
export interface Profile {
  readonly frame: Frame;
  readonly settled: readonly SettledBucket[];
}

const MINUTE_MS = 60_000;
const STEP_MS = 10 * MINUTE_MS;

/** The buckets that `profileOf` wants of a run of several dates. */
export const fineBuckets = ({ startMs }: Frame) => ({ startMs, stepMs: STEP_MS });

const midnightMs = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/**
 * Lays the dates of a run over each other: buckets count from the earliest time of day (UTC, since
 * midnight of the business date) at which a currency is open or something settled.
 */
export function profileOf(
  view: View,
  buckets: { readonly startMs: number; readonly stepMs: number },
  settled: readonly SettledBucket[],
): Profile {
  const { currencies: all, businessDates } = view.scenario;
  const midnights = businessDates.map(midnightMs);
  const hoursOf = new Map(all.map(({ code, hours }) => [code, hours]));
  const placed = settled.flatMap((row) => {
    const atMs = buckets.startMs + row.bucket * buckets.stepMs;
    const date = dateSettledAt(hoursOf.get(row.currency) ?? [], atMs);
    return date === null ? [] : [{ row, offsetMs: atMs - (midnights[date] as number) }];
  });
  const open = all.flatMap(({ hours }) =>
    hours.flatMap((span, date) => (span ? [span.opensMs - (midnights[date] as number)] : [])),
  );
  const offsets = placed.map(({ offsetMs }) => offsetMs);
  const least = [...open, ...offsets].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = offsets.reduce((a, b) => Math.max(a, b), least);
  const startMs = Math.floor(least / STEP_MS) * STEP_MS;
  const count = Math.floor((most - startMs) / STEP_MS) + 1;
  return {
    frame: {
      startMs,
      endMs: startMs + count * STEP_MS,
      stepMs: STEP_MS,
      count,
      severalDates: false,
    },
    settled: placed.map(({ row, offsetMs }) => ({
      ...row,
      bucket: Math.floor((offsetMs - startMs) / STEP_MS),
    })),
  };
}

export function runningSums(values: readonly bigint[]): bigint[] {
  let sum = 0n;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}

/** Value settled in a currency in each bucket. */
export function valueByBucket(
  frame: Frame,
  settled: readonly SettledBucket[],
  code: string,
): bigint[] {
  const values = new Array<bigint>(frame.count).fill(0n);
  for (const { bucket, currency, valueMinor } of settled)
    if (currency === code) values[bucket] = (values[bucket] ?? 0n) + valueMinor;
  return values;
}

/** Share of the currency's value that settled up to the end of each bucket. */
function shares({ frame, settled }: Profile, code: string): number[] | null {
  const sums = runningSums(valueByBucket(frame, settled, code));
  const whole = sums.at(-1) ?? 0n;
  return whole === 0n ? null : sums.map((sum) => ratio(sum, whole));
}

/** Of the table that has what settled in each bucket. */
export const settledCaption = (frame: Frame): string =>
  `Settled in the ${stepText(frame)} from each time, UTC; values in major units of the currency debited`;

export function profileFigure(view: View, profile: Profile): Markup {
  const several = view.frame.severalDates;
  const lines = scenarioCurrencies(view).flatMap(({ code, index }) => {
    const values = shares(profile, code);
    return values === null ? [] : [{ code, index, shares: values }];
  });
  const points = scenarioCurrencies(view).flatMap((currency) =>
    currency.guidelines.flatMap(({ share, atMs }): GuidelinePoint[] => {
      const ms = timeInFrame(view, atMs, several);
      return ms === null ? [] : [{ index: currency.index, share, atMs: ms }];
    }),
  );
  const text = lines.map(({ code }) => halves(view, code)).join('; ');
  return figure({
    title: DEFINITIONS.throughputProfile.name,
    text: html`${DEFINITIONS.throughputProfile.definition} Half and nine tenths are settled by: ${text} (UTC).`,
    unit: '% of the value settled in the currency',
    source: settledCaption(view.frame),
    legend: legend([
      ...lines.map(({ code, index }) => ({
        text: code,
        colour: seriesColour(index),
        shape: 'line' as const,
        dash: seriesDash(index),
      })),
      ...(points.length > 0 ? [GUIDELINE] : []),
      ...(several ? [] : markItems(view)),
    ]),
    chart: drawBoth(
      'share',
      `Cumulative share of value settled by time of day and currency. Half and nine tenths are settled by: ${text} UTC.`,
      { wide: 250, narrow: 230 },
      (size) =>
        shareChart({ frame: profile.frame, marks: several ? [] : view.marks, lines, points }, size),
    ),
  });
}

const GUIDELINE: LegendItem = { text: 'guideline point', colour: 'var(--ink)', shape: 'diamond' };

function halves(view: View, code: string): string {
  const { halfByMs, ninetyPercentByMs } = currencyIndicators(view, code)?.throughput ?? {};
  const time = (ms: number | null | undefined) => (ms == null ? '–' : timeOfDay(ms));
  return `${code} ${time(halfByMs)}, ${time(ninetyPercentByMs)}`;
}

/** Where a guideline's instants lie on the chart's axis: all dates alike, as the first has it. */
function timeInFrame(
  { scenario }: View,
  atMs: readonly (number | null)[],
  several: boolean,
): number | null {
  const date = atMs.findIndex((ms) => ms !== null);
  const ms = atMs[date] ?? null;
  return ms === null || !several ? ms : ms - midnightMs(scenario.businessDates[date] as string);
}

export function guidelineTable(view: View): Markup {
  const rows = scenarioCurrencies(view).flatMap((currency) => guidelineRows(view, currency));
  if (rows.length === 0)
    return html`<p class="def">The scenario sets no guideline points (<code>throughputGuidelines</code> of a currency) to hold
the profile against.</p>`;
  const datesMet: ColumnOf<GuidelineRow> = [
    'Dates on which it was met',
    ({ met, dates }) => `${met} of ${dates}`,
  ];
  return table('Throughput against the guideline points of the scenario', rows, [
    ['Currency', ({ code }) => code],
    ['By, local time', ({ by, zone }) => `${by} ${zone}`],
    [numeric('Guideline'), ({ share }) => new Cell(percentText(share, 1), String(share))],
    [numeric('Reached'), ({ reached }) => percentCell(reached, 2)],
    ['Met', ({ reached, share }) => (reached === null ? '–' : reached >= share ? 'yes' : 'no')],
    ...(view.scenario.businessDates.length > 1 ? [datesMet] : []),
  ]);
}

type GuidelineRow = ReturnType<typeof guidelineRows>[number];

function guidelineRows(view: View, { code }: ScenarioCurrency) {
  const zone = view.scenario.document.currencies[code]?.zone ?? '';
  const figures = currencyIndicators(view, code)?.throughput.guidelines ?? [];
  return figures.map(({ by, share, reached, byDate }) => {
    const dates = byDate.filter((value) => value !== null);
    const met = dates.filter((value) => value >= share).length;
    return { code, zone, by, share, reached, dates: dates.length, met };
  });
}

import type { EChartsOption } from 'echarts/types/dist/echarts';
import type { TimeMark } from '../event-marks.ts';
import type { Frame } from '../time-frame.ts';
import {
  amountAxis,
  BAR_LABEL,
  grid,
  INK,
  LABEL,
  MUTED,
  NONE,
  roundCount,
  timeAxis,
} from './axes.ts';
import { HALF } from './render.ts';
import { markLetters, marksSeries } from './time-marks.ts';

const LEFT = 48;
const RIGHT = 12;
const TOP = 26;
const BOTTOM = 26;
export const FINALITY_HEIGHT = 240;

export interface WaitBars {
  /** Names of the bins, ascending. */
  readonly bins: readonly string[];
  /** By mechanism, payments in each bin. */
  readonly layers: readonly { readonly colour: string; readonly payments: readonly number[] }[];
}

/** How long payments waited that did not settle at once: bars stacked by mechanism. */
export function waitBarsChart({ bins, layers }: WaitBars): EChartsOption {
  const totals = bins.map((_, bin) =>
    layers.reduce((sum, { payments }) => sum + (payments[bin] ?? 0), 0),
  );
  const most = totals.reduce((a, b) => Math.max(a, b), 0);
  return {
    grid: grid({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM }),
    xAxis: {
      type: 'category',
      data: [...bins],
      axisTick: NONE,
      axisLine: { lineStyle: { color: 'var(--axis)' } },
      axisLabel: { ...BAR_LABEL, color: MUTED, interval: 0 },
    },
    yAxis: amountAxis(roundCount(most)) as EChartsOption['yAxis'] & object,
    series: layers.map(({ colour, payments }, layer) => ({
      type: 'bar',
      stack: 'waits',
      silent: true,
      barCategoryGap: '28%',
      itemStyle: { color: colour },
      data: [...payments],
      label: {
        ...BAR_LABEL,
        show: layer === layers.length - 1,
        position: 'top',
        color: INK,
        formatter: ({ dataIndex }: { dataIndex: number }) =>
          String(totals[dataIndex] || '').replace(/\B(?=(\d{3})+$)/g, ','),
      },
    })),
  };
}

/** Axis of durations: log10 of seconds, from a second up. */
const MARKS: readonly [number, string][] = [
  [1, '≤ 1 s'],
  [10, '10 s'],
  [60, '1 min'],
  [600, '10 min'],
  [3600, '1 h'],
  [14_400, '4 h'],
  [86_400, '1 d'],
  [604_800, '7 d'],
];
const height = (ms: number) => Math.log10(Math.max(ms, 1000) / 1000);

export const PERCENTILE_STYLES = [
  { name: 'p50', colour: 'var(--c4)', dash: [2, 2], width: 2 },
  { name: 'p95', colour: 'var(--c0)', dash: [7, 3], width: 2 },
  { name: 'p99', colour: 'var(--c1)', dash: [], width: 2 },
] as const;

export interface PercentilePoint {
  readonly bucket: number;
  /** p50, p95, p99. */
  readonly ms: readonly [number, number, number];
}

/** Percentiles of the time to finality of what settled in each bucket. */
export function percentilesChart(
  frame: Frame,
  marks: readonly TimeMark[],
  points: readonly PercentilePoint[],
): EChartsOption {
  const longest = points.reduce((most, { ms }) => Math.max(most, ms[2]), 60_000);
  const shown = MARKS.slice(0, MARKS.findIndex(([seconds]) => seconds * 1000 >= longest) + 1);
  const ticks = shown.length > 0 ? shown : MARKS;
  const max = Math.max(
    height((ticks[ticks.length - 1] as [number, string])[0] * 1000),
    height(longest),
  );
  const values = ticks.map(([seconds]) => Math.log10(seconds));
  const byBucket = new Map(points.map((point) => [point.bucket, point]));
  return {
    title: markLetters(marks, frame, { left: LEFT, width: HALF - LEFT - RIGHT, top: TOP - 16 }),
    grid: grid({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM }),
    xAxis: timeAxis(frame, HALF - LEFT - RIGHT),
    yAxis: {
      type: 'value',
      min: 0,
      max,
      axisLine: NONE,
      axisTick: NONE,
      splitLine: NONE,
      axisLabel: {
        ...LABEL,
        margin: 6,
        customValues: values,
        formatter: (value: number) =>
          ticks[values.findIndex((tick) => Math.abs(tick - value) < 1e-9)]?.[1] ?? '',
      },
    },
    series: [
      marksSeries(marks, frame),
      ...gridLines(frame, values),
      ...PERCENTILE_STYLES.map(({ colour, dash, width }, which) => ({
        type: 'line' as const,
        silent: true,
        showSymbol: true,
        symbolSize: 6,
        itemStyle: { color: colour },
        lineStyle: { color: colour, width, type: dash.length > 0 ? [...dash] : ('solid' as const) },
        data: Array.from({ length: frame.count }, (_, bucket) => {
          const point = byBucket.get(bucket);
          const at = frame.startMs + (bucket + 0.5) * frame.stepMs;
          // A line needs two points: one that stands alone is a dot.
          const alone = !byBucket.has(bucket - 1) && !byBucket.has(bucket + 1);
          const value = point ? Math.round(height(point.ms[which] as number) * 1000) / 1000 : '-';
          return { value: [at, value], symbol: alone ? 'circle' : 'none' };
        }),
      })),
    ],
  };
}

/** Behind the curves. */
const gridLines = (frame: Frame, values: readonly number[]) =>
  values.map((value) => ({
    type: 'line' as const,
    silent: true,
    showSymbol: false,
    z: 1,
    lineStyle: { color: 'var(--grid)', width: 1 },
    data: [
      [frame.startMs, value],
      [frame.endMs, value],
    ],
  }));

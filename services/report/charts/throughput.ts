import type { EChartsOption, ScatterSeriesOption } from 'echarts/types/dist/echarts';
import type { TimeMark } from '../event-marks.ts';
import type { Frame } from '../time-frame.ts';
import { amountAxis, grid, roundCount, seriesColour, seriesDash, timeAxis } from './axes.ts';
import type { Size } from './render.ts';
import { markLetters, marksSeries, steps } from './time-marks.ts';

const LEFT = 44;
const RIGHT = 14;
const TOP = 36;
const BOTTOM = 26;

/** Above the row of triangles. */
const letters = (marks: readonly TimeMark[], frame: Frame, width: number) =>
  markLetters(marks, frame, { left: LEFT, width: width - LEFT - RIGHT, top: TOP - 25 });

export interface ThroughputData {
  readonly frame: Frame;
  readonly marks: readonly TimeMark[];
  /** By mechanism from below, its colour and the payments in each bucket. */
  readonly settled: readonly { readonly colour: string; readonly payments: readonly number[] }[];
  /** Instants at which a message with an invalid signature was refused. */
  readonly invalidSignaturesMs: readonly number[];
}

/** Payments settled in each bucket, stacked by mechanism. */
export function throughputChart(data: ThroughputData, { width }: Size): EChartsOption {
  const { frame, marks } = data;
  // Each layer is drawn from zero up to the sum of those below it, the highest first.
  const layers = data.settled.map((_, layer) =>
    Array.from({ length: frame.count }, (__, bucket) =>
      data.settled
        .slice(0, layer + 1)
        .reduce((sum, { payments }) => sum + (payments[bucket] ?? 0), 0),
    ),
  );
  const top = layers[layers.length - 1] ?? [];
  const most = top.reduce((a, b) => Math.max(a, b), 0);
  const areas = layers.map((counts, layer) =>
    steps(
      [...counts, 0].map((count, bucket) => [frame.startMs + bucket * frame.stepMs, count]),
      data.settled[layer]?.colour as string,
    ),
  );
  return {
    title: letters(marks, frame, width),
    grid: grid({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM }),
    xAxis: timeAxis(frame, width - LEFT - RIGHT),
    yAxis: amountAxis(roundCount(most)),
    series: [
      marksSeries(marks, frame),
      ...areas.reverse(),
      refusals(data.invalidSignaturesMs, roundCount(most)),
    ],
  };
}

/** Small triangles on the upper edge. */
function refusals(instantsMs: readonly number[], edge: number): ScatterSeriesOption {
  return {
    type: 'scatter',
    silent: true,
    clip: false,
    symbol: 'path://M0 0L8 0L4 7Z',
    symbolSize: [8, 7],
    symbolOffset: [0, -4],
    itemStyle: { color: 'var(--alarm)' },
    data: instantsMs.map((at) => [at, edge]),
  };
}

interface ShareLine {
  /** Index in the scenario's currencies: gives colour and dashes. */
  readonly index: number;
  /** Share of the day's value that settled up to the end of each bucket, 0 to 1. */
  readonly shares: readonly number[];
}

/** A share that is meant to be reached by an instant. */
export interface GuidelinePoint {
  readonly index: number;
  readonly share: number;
  readonly atMs: number;
}

export interface ShareData {
  readonly frame: Frame;
  readonly marks: readonly TimeMark[];
  readonly lines: readonly ShareLine[];
  readonly points: readonly GuidelinePoint[];
}

/** Cumulative share of value settled, a line for each currency, and its guideline points. */
export function shareChart(
  { frame, marks, lines, points }: ShareData,
  { width }: Size,
): EChartsOption {
  return {
    title: letters(marks, frame, width),
    grid: grid({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM }),
    xAxis: timeAxis(frame, width - LEFT - RIGHT),
    yAxis: {
      ...amountAxis(1, { text: (share) => `${Math.round(share * 100)} %` }),
      interval: 0.25,
    } as EChartsOption['yAxis'] & object,
    series: [
      marksSeries(marks, frame),
      ...lines.map(({ index, shares }) => ({
        type: 'line' as const,
        silent: true,
        showSymbol: false,
        lineStyle: {
          color: seriesColour(index),
          width: 2,
          type: seriesDash(index).length > 0 ? [...seriesDash(index)] : ('solid' as const),
        },
        data: rising([0, ...shares]).map(({ share, bucket }) => [
          frame.startMs + bucket * frame.stepMs,
          Math.round(share * 10_000) / 10_000,
        ]),
      })),
      ...points.map(({ index, share, atMs }) => ({
        type: 'scatter' as const,
        silent: true,
        symbol: 'diamond',
        symbolSize: 11,
        z: 5,
        itemStyle: { color: seriesColour(index), borderColor: 'var(--bg)', borderWidth: 1.5 },
        data: [[atMs, share]],
      })),
    ],
  };
}

/** From the last bucket with nothing to the first with all: what lies outside hides other lines. */
function rising(shares: readonly number[]) {
  const last = shares.indexOf(1);
  return shares
    .map((share, bucket) => ({ share, bucket }))
    .filter(
      ({ share, bucket }) =>
        (last < 0 || bucket <= last) && (share > 0 || (shares[bucket + 1] ?? 0) > 0),
    );
}

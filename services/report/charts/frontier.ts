import type { EChartsOption } from 'echarts/types/dist/echarts';
import { amountAxis, grid, LABEL, MUTED, NONE, roundMaximum, title } from './axes.ts';
import { HALF } from './render.ts';

const LEFT = 52;
const RIGHT = 16;
const WIDTH = HALF - LEFT - RIGHT;
const TITLE = 24;
const DELAY = 150;
const SHARE = 64;
const GAP = 14;
const BOTTOM = 26;
export const FRONTIER_HEIGHT = TITLE + DELAY + GAP + TITLE + SHARE + BOTTOM;

export interface FrontierPoint {
  /** Liquidity, in major units. */
  readonly liquidity: number;
  /** Half the width of a mean's confidence interval; 0: none. */
  readonly liquidityHalfWidth: number;
  readonly delay: number;
  readonly delayHalfWidth: number;
  /** Share of the value that settled, 0 to 1. */
  readonly settled: number;
  /** Whether it is over all that it should be the mean of; else it is hollow. */
  readonly isWhole: boolean;
}

export interface FrontierLine {
  readonly colour: string;
  readonly dash: readonly number[];
  readonly points: readonly FrontierPoint[];
}

/** What is drawn of a point's intervals, up and across: ρ is from 0 to 1, liquidity from 0 on, and what goes beyond is cut. */
export const drawnIntervals = (point: FrontierPoint) => [
  ...drawnInterval('up', point.delay, point.delayHalfWidth, 1),
  ...drawnInterval('across', point.liquidity, point.liquidityHalfWidth, Number.POSITIVE_INFINITY),
];

function drawnInterval(way: 'up' | 'across', mean: number, halfWidth: number, most: number) {
  const [low, high] = [mean - halfWidth, mean + halfWidth];
  const ends = [Math.max(0, low), Math.min(most, high)] as const;
  return halfWidth > 0 ? [{ way, ends, isCut: [low < 0, high > most] as const }] : [];
}

/** Delay against liquidity, and under it, over the same axis, the share that settled at all. */
export function frontierChart(delayName: string, lines: readonly FrontierLine[]): EChartsOption {
  const points = lines.flatMap((line) => line.points);
  /** With the ends of intervals. */
  const most = (way: 'up' | 'across', mean: (point: FrontierPoint) => number) =>
    points
      .flatMap((point) => [
        mean(point),
        ...drawnIntervals(point).flatMap((of) => (of.way === way ? of.ends : [])),
      ])
      .reduce((highest, value) => Math.max(highest, value), 0);
  const shareTop = TITLE + DELAY + GAP + TITLE;
  const maxLiquidity = roundMaximum(most('across', ({ liquidity }) => liquidity));
  const liquidityAxis = (gridIndex: number, labels: boolean) => ({
    ...amountAxis(maxLiquidity),
    gridIndex,
    axisLine: { lineStyle: { color: 'var(--axis)' } },
    axisLabel: { ...(amountAxis(maxLiquidity).axisLabel as object), show: labels, margin: 8 },
    splitLine: NONE,
  });
  return {
    title: [title(delayName, LEFT, 4), title('Settled share', LEFT, shareTop - TITLE + 6)],
    grid: [
      grid({ left: LEFT, right: RIGHT, width: WIDTH, top: TITLE, height: DELAY }),
      grid({ left: LEFT, right: RIGHT, width: WIDTH, top: shareTop, height: SHARE }),
    ],
    xAxis: [liquidityAxis(0, false), liquidityAxis(1, true)] as EChartsOption['xAxis'] & object,
    yAxis: [
      amountAxis(most('up', ({ delay }) => delay)),
      {
        type: 'value',
        gridIndex: 1,
        min: 0,
        max: 1,
        interval: 0.5,
        axisLine: NONE,
        axisTick: NONE,
        axisLabel: {
          ...LABEL,
          color: MUTED,
          margin: 6,
          formatter: (share: number) => `${share * 100} %`,
        },
        splitLine: { show: true, lineStyle: { color: 'var(--grid)', width: 1 } },
      },
    ] as EChartsOption['yAxis'] & object,
    series: lines.flatMap((line) => [
      ...drawn(line, 0, ({ delay }) => delay),
      ...drawn(line, 1, ({ settled }) => settled),
      ...line.points.flatMap((point) => whiskers(line, point)),
    ]),
  };
}

const drawn = (
  { colour, dash, points }: FrontierLine,
  axis: number,
  value: (point: FrontierPoint) => number,
) => [
  {
    type: 'line' as const,
    ...{ xAxisIndex: axis, yAxisIndex: axis, silent: true },
    ...{ showSymbol: true, symbol: 'circle', symbolSize: axis === 0 ? 6 : 4 },
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 2, type: dash.length > 0 ? [...dash] : ('solid' as const) },
    data: points.map((point) => ({
      value: [point.liquidity, value(point)],
      itemStyle: point.isWhole
        ? {}
        : { color: 'var(--bg)', borderColor: colour, borderWidth: axis === 0 ? 2 : 1.5 },
    })),
  },
];

/** An end that is cut is a triangle that points on. */
const whiskers = ({ colour }: FrontierLine, point: FrontierPoint) =>
  drawnIntervals(point).map(({ way, ends, isCut }) => ({
    type: 'line' as const,
    ...{ silent: true, showSymbol: true, symbolSize: 6 },
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 1.25 },
    data: ends.map((end, at) => ({
      value: way === 'up' ? [point.liquidity, end] : [end, point.delay],
      symbol: isCut[at] ? 'triangle' : 'none',
      symbolRotate: way === 'across' ? 90 : at === 0 ? 180 : 0,
    })),
  }));

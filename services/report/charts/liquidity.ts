import type { EChartsOption } from 'echarts/types/dist/echarts';
import { BAR_LABEL, grid, INK, MUTED, NONE, nameAxis } from './axes.ts';
import { HALF } from './render.ts';

const ROW = 26;
const TOP = 4;
const BOTTOM = 24;
const LEFT = 152;
const RIGHT = 68;
const NAME_CHARACTERS = 20;

export interface LiquidityBar {
  readonly name: string;
  /** Share of the liquidity that was used at the lowest balance, 0 to 1. */
  readonly used: number;
  /** Share of the liquidity that is balance; the rest is credit line. */
  readonly funded: number;
  readonly text: string;
}

export const liquidityHeight = (bars: number): number => TOP + bars * ROW + BOTTOM;

/**
 * One currency: the available liquidity as a pale track, what was used of it as a bar, and a stroke
 * where the opening balance ends and credit begins.
 */
export function liquidityChart(bars: readonly LiquidityBar[], colour: string): EChartsOption {
  return {
    grid: grid({ left: LEFT, right: RIGHT, width: HALF - LEFT - RIGHT, top: TOP, bottom: BOTTOM }),
    xAxis: {
      type: 'value',
      min: 0,
      max: 1,
      interval: 0.5,
      axisLine: NONE,
      axisTick: NONE,
      splitLine: NONE,
      axisLabel: { ...BAR_LABEL, color: MUTED, formatter: (share: number) => `${share * 100} %` },
    },
    yAxis: nameAxis(
      bars.map(({ name }) => name),
      NAME_CHARACTERS,
    ) as EChartsOption['yAxis'] & object,
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: 14,
        barGap: '-100%',
        itemStyle: { color: 'var(--track)' },
        data: bars.map(() => 1),
        label: {
          ...BAR_LABEL,
          show: true,
          position: 'right',
          distance: 6,
          color: INK,
          formatter: ({ dataIndex }: { dataIndex: number }) => bars[dataIndex]?.text ?? '',
        },
      },
      {
        type: 'bar',
        silent: true,
        barWidth: 14,
        itemStyle: { color: colour },
        data: bars.map(({ used }) => Math.min(used, 1)),
      },
      {
        type: 'scatter',
        silent: true,
        symbol: 'rect',
        symbolSize: [2.5, 20],
        itemStyle: { color: INK },
        data: bars.flatMap(({ funded }, row) => (funded < 1 ? [[funded, row]] : [])),
      },
    ],
  };
}

import type { EChartsOption } from 'echarts/types/dist/echarts';
import type { Markup } from '../html.ts';
import { BAR_LABEL, grid, hiddenAxis, INK, nameAxis } from './axes.ts';
import { draw, HALF } from './render.ts';

const ROW = 24;
const TOP = 4;
const BOTTOM = 6;
/** Width of a digit of the label's font, about. */
const CHARACTER = 7;
const NAME_CHARACTERS = 22;

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Stands at the bar's end. */
  readonly text: string;
  /** A custom property of the style sheet. */
  readonly colour?: string;
}

/** Rows of names with a bar each, in the order given. */
export const drawBars = (id: string, what: string, bars: readonly Bar[]): Markup =>
  draw(
    id,
    `${what}: ${bars.map(({ name, text }) => `${name} ${text}`).join(', ')}.`,
    { width: HALF, height: TOP + bars.length * ROW + BOTTOM },
    barsChart(bars),
  );

function barsChart(bars: readonly Bar[]): EChartsOption {
  const most = bars.reduce((max, { value }) => Math.max(max, value), 0);
  const longest = (texts: readonly string[]) =>
    texts.reduce((max, { length }) => Math.max(max, length), 0);
  const names = Math.min(longest(bars.map(({ name }) => name)), NAME_CHARACTERS);
  const left = Math.round(names * CHARACTER) + 20;
  const right = longest(bars.map(({ text }) => text)) * CHARACTER + 10;
  return {
    grid: grid({ left, right, width: HALF - left - right, top: TOP, bottom: BOTTOM }),
    xAxis: hiddenAxis(most) as EChartsOption['xAxis'] & object,
    yAxis: nameAxis(
      bars.map(({ name }) => name),
      NAME_CHARACTERS,
    ) as EChartsOption['yAxis'] & object,
    series: [
      {
        type: 'bar',
        silent: true,
        barWidth: 13,
        data: bars.map(({ value, text, colour }) => ({
          value,
          itemStyle: { color: colour ?? 'var(--c0)' },
          label: { formatter: () => text },
        })),
        label: { ...BAR_LABEL, show: true, position: 'right', distance: 5, color: INK },
      },
    ],
  };
}

import type { EChartsOption } from 'echarts/types/dist/echarts';
import type { TimeMark } from '../event-marks.ts';
import type { Frame } from '../time-frame.ts';
import { amountAxis, grid, INK, seriesColour, timeAxis, title } from './axes.ts';
import { HALF } from './render.ts';
import { closedSpans, markLetters, marksSeries, steps } from './time-marks.ts';

const LEFT = 46;
/** px: room for half of the last time's label. */
const RIGHT = 18;
const TOP = 4;
const PLOT = 58;
const TITLE = 28;
const BOTTOM = 24;

export interface QueuePanel {
  readonly currency: string;
  readonly index: number;
  readonly hours: Parameters<typeof closedSpans>[0];
  /** Scale of the panel: from zero to this. */
  readonly scale: number;
  /** The most in each bucket: payments, or value in major units. */
  readonly most: readonly number[];
}

export const queueHeight = (panels: number): number => TOP + panels * (PLOT + TITLE) + BOTTOM;

/** One panel a currency under the other, each with its own scale, over one time axis. */
export function queueChart(
  frame: Frame,
  marks: readonly TimeMark[],
  panels: readonly QueuePanel[],
): EChartsOption {
  const top = (panel: number) => TOP + panel * (PLOT + TITLE) + TITLE;
  const last = panels.length - 1;
  return {
    title: [
      ...panels.map(({ currency }, panel) => title(currency, 0, top(panel) - TITLE + 9)),
      ...markLetters(marks, frame, { left: LEFT, width: HALF - LEFT - RIGHT, top: top(0) - 16 }),
    ],
    grid: panels.map((_, panel) =>
      grid({ left: LEFT, right: RIGHT, top: top(panel), height: PLOT }),
    ),
    xAxis: panels.map((_, panel) => ({
      ...timeAxis(frame, HALF - LEFT - RIGHT, { gridIndex: panel, labels: panel === last }),
    })) as EChartsOption['xAxis'] & object,
    yAxis: panels.map(({ scale }, panel) =>
      amountAxis(scale, { gridIndex: panel }),
    ) as EChartsOption['yAxis'] & object,
    series: panels.flatMap(({ index, hours, most }, panel) => [
      marksSeries(marks, frame, {
        axis: panel,
        closed: closedSpans(hours, frame),
      }),
      steps(
        [...most, 0].map((value, bucket) => [frame.startMs + bucket * frame.stepMs, value]),
        seriesColour(index),
        { axis: panel, opacity: 0.35, lineWidth: 1.25 },
      ),
    ]),
    textStyle: { color: INK },
  };
}

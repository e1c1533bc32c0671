/** Series over time that stand for no figure of their own: marks of events, closed hours, steps. */
import type { LineSeriesOption, TitleComponentOption } from 'echarts/types/dist/echarts';
import type { TimeMark } from '../event-marks.ts';
import type { Frame } from '../time-frame.ts';
import { title } from './axes.ts';

/** Closed hours of a currency: what lies between the spans in which it is open. */
export function closedSpans(
  hours: readonly ({ readonly opensMs: number; readonly closesMs: number } | null)[],
  frame: Frame,
): [number, number][] {
  const spans: [number, number][] = [];
  let from = frame.startMs;
  for (const open of hours) {
    if (!open) continue;
    if (open.opensMs > from) spans.push([from, open.opensMs]);
    from = Math.max(from, open.closesMs);
  }
  if (from < frame.endMs) spans.push([from, frame.endMs]);
  return spans;
}

const isSpan = ({ untilMs, endless }: TimeMark) => untilMs !== null || endless;
const drawnMarks = (marks: readonly TimeMark[]) =>
  marks.flatMap((mark) =>
    mark.letter === '' || mark.fromMs === null ? [] : [{ ...mark, fromMs: mark.fromMs }],
  );

/** A line without points that carries the marks of a grid: shaded spans, and strokes at instants. */
export function marksSeries(
  marks: readonly TimeMark[],
  frame: Frame,
  options: { readonly axis?: number; readonly closed?: readonly [number, number][] } = {},
): LineSeriesOption {
  const axis = options.axis ?? 0;
  const area = (from: number, to: number, color: string): [object, object] => [
    { xAxis: from, itemStyle: { color } },
    { xAxis: Math.min(to, frame.endMs) },
  ];
  const drawn = drawnMarks(marks);
  return {
    type: 'line',
    xAxisIndex: axis,
    yAxisIndex: axis,
    data: [],
    silent: true,
    markArea: {
      silent: true,
      label: { show: false },
      data: [
        ...(options.closed ?? []).map(([from, to]) => area(from, to, 'var(--closed)')),
        ...drawn
          .filter(isSpan)
          .map(({ fromMs, untilMs }) => area(fromMs, untilMs ?? frame.endMs, 'var(--mark)')),
      ],
    },
    markLine: {
      silent: true,
      symbol: 'none',
      label: { show: false },
      lineStyle: { color: 'var(--mark-line)', width: 1, type: [3, 3] },
      data: drawn.filter((mark) => !isSpan(mark)).map(({ fromMs }) => ({ xAxis: fromMs })),
    },
  };
}

/** Least distance between two letters, px. */
const LETTER_PX = 13;

/**
 * The letters of the marks, above a grid: at the begin of each, moved to the right where two would
 * overlap.
 */
export function markLetters(
  marks: readonly TimeMark[],
  frame: Frame,
  place: { readonly left: number; readonly width: number; readonly top: number },
): TitleComponentOption[] {
  const span = frame.endMs - frame.startMs;
  let free = place.left - LETTER_PX / 2;
  return drawnMarks(marks).map((mark) => {
    const at = place.left + ((mark.fromMs - frame.startMs) / span) * place.width;
    // A shaded span has room for its letter inside; a stroke has it above.
    const left = Math.max(free, at + (isSpan(mark) ? LETTER_PX / 2 : 0));
    free = left + LETTER_PX;
    return { ...title(mark.letter, Math.round(left), place.top), textAlign: 'center' };
  });
}

/** A value that holds from each instant to the next, as a line with its area. */
export function steps(
  points: readonly (readonly [number, number])[],
  colour: string,
  options: { readonly axis?: number; readonly opacity?: number; readonly lineWidth?: number } = {},
): LineSeriesOption {
  const axis = options.axis ?? 0;
  return {
    type: 'line',
    step: 'end',
    xAxisIndex: axis,
    yAxisIndex: axis,
    silent: true,
    showSymbol: false,
    lineStyle: { color: colour, width: options.lineWidth ?? 0 },
    areaStyle: { color: colour, opacity: options.opacity ?? 1 },
    data: thinned(points),
  };
}

/** Points that repeat the value before and after them draw nothing. */
function thinned(points: readonly (readonly [number, number])[]): [number, number][] {
  return points
    .filter(
      ([, value], index) =>
        value !== points[index - 1]?.[1] || index === points.length - 1 || index === 0,
    )
    .map(([at, value]) => [at, value]);
}

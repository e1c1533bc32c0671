/** Axes, grids and marks that the charts share. */
import type {
  GridComponentOption,
  TitleComponentOption,
  XAXisComponentOption,
  YAXisComponentOption,
} from 'echarts/types/dist/echarts';
import { compact } from '../format.ts';
import type { Frame } from '../time-frame.ts';

export const INK = 'var(--ink)';
export const MUTED = 'var(--ink-2)';
export const FONT_PX = 12;

export const LABEL = { color: MUTED, fontSize: FONT_PX, fontFamily: 'sans-serif' };
/** At bars, which it must not cut out. */
export const BAR_LABEL = { fontSize: FONT_PX, fontFamily: 'sans-serif', textBorderWidth: 0 };
export const NONE = { show: false };
const LINE = { lineStyle: { color: 'var(--axis)', width: 1 } };

/** Colours of currencies, in the scenario's order; lines also differ by their dashes. */
export const seriesColour = (index: number): string => `var(--c${index % 8})`;
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4]];
export const seriesDash = (index: number): readonly number[] =>
  DASHES[index % DASHES.length] as readonly number[];

export function grid(place: GridComponentOption): GridComponentOption {
  return { outerBoundsMode: 'none', ...place };
}

export function title(text: string, left: number, top: number): TitleComponentOption {
  return { text, left, top, padding: 0, textStyle: { ...LABEL, color: INK, fontWeight: 600 } };
}

const HOUR_MS = 3_600_000;
const TICKS_MS = [0.25, 0.5, 1, 2, 3, 4, 6, 12, 24, 48, 168].map((hours) => hours * HOUR_MS);
const TICK_LABEL_PX = 50;

/** Round times inside the frame that leave room for their labels. */
function timeTicks(frame: Frame, widthPx: number): number[] {
  const span = frame.endMs - frame.startMs;
  const every =
    TICKS_MS.find((tick) => (span / tick) * TICK_LABEL_PX <= widthPx) ??
    Math.ceil((span * TICK_LABEL_PX) / widthPx / (24 * HOUR_MS)) * 24 * HOUR_MS;
  const ticks: number[] = [];
  const first = Math.ceil(frame.startMs / every) * every;
  for (let at = first; at <= frame.endMs; at += every) ticks.push(at);
  return ticks;
}

/** Midnight is the new date's. */
const tickText = (ms: number, severalDates: boolean): string =>
  new Date(ms)
    .toISOString()
    .slice(...(severalDates && ms % (24 * HOUR_MS) === 0 ? [5, 10] : [11, 16]));

export function timeAxis(
  frame: Frame,
  widthPx: number,
  options: { readonly gridIndex?: number; readonly labels?: boolean } = {},
): XAXisComponentOption {
  const ticks = timeTicks(frame, widthPx);
  return {
    type: 'value',
    gridIndex: options.gridIndex ?? 0,
    min: frame.startMs,
    max: frame.endMs,
    axisLine: LINE,
    axisTick: { show: true, customValues: ticks, length: 4, ...LINE },
    axisLabel: {
      ...LABEL,
      show: options.labels ?? true,
      customValues: ticks,
      margin: 8,
      formatter: (ms: number) => tickText(ms, frame.severalDates),
    },
    splitLine: NONE,
  };
}

/** The least round number not below `value` whose half is round too; 1 for nothing. */
export function roundMaximum(value: number): number {
  if (!(value > 0)) return 1;
  const unit = Number(`1e${Math.floor(Math.log10(value))}`);
  const step = [1, 2, 4, 6, 8, 10].find((times) => times * unit >= value) as number;
  return step * unit;
}

/** Of counts: half of it is a count too. */
export const roundCount = (most: number): number => roundMaximum(Math.max(most, 2));

export function amountAxis(
  most: number,
  options: { readonly gridIndex?: number; readonly text?: (value: number) => string } = {},
): YAXisComponentOption {
  const max = roundMaximum(most);
  return {
    type: 'value',
    gridIndex: options.gridIndex ?? 0,
    min: 0,
    max,
    interval: max / 2,
    axisLine: NONE,
    axisTick: NONE,
    axisLabel: { ...LABEL, margin: 6, formatter: options.text ?? compact },
    splitLine: { show: true, lineStyle: { color: 'var(--grid)', width: 1 } },
  };
}

/** An axis of names, the first on top; long ones are cut, as the table has them whole. */
export function nameAxis(names: readonly string[], longest: number): YAXisComponentOption {
  const short = (name: string) => (name.length > longest ? `${name.slice(0, longest - 1)}…` : name);
  return {
    type: 'category',
    data: names.map((name, index) => ({ value: `${index}\n${name}` })),
    inverse: true,
    axisLine: LINE,
    axisTick: NONE,
    axisLabel: {
      ...LABEL,
      color: INK,
      interval: 0,
      formatter: (value: string) => short(value.slice(value.indexOf('\n') + 1)),
    },
  };
}

export const hiddenAxis = (max: number): XAXisComponentOption => ({
  type: 'value',
  min: 0,
  max: max > 0 ? max : 1,
  show: false,
});

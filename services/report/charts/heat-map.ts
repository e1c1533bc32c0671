import type { CustomSeriesOption, EChartsOption } from 'echarts/types/dist/echarts';
import { grid, INK, LABEL, NONE, title } from './axes.ts';
import type { Size } from './render.ts';

/** Of rows by columns, with one colour scale for all panels of a kind. */
export interface HeatPanel {
  readonly title: string;
  /** By row and column; null: there is no figure. */
  readonly values: readonly (readonly (number | null)[])[];
  /** The value of full colour; 0: there is none. */
  readonly most: number;
}

interface HeatParts {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly panels: readonly HeatPanel[];
}

const LEFT = 92;
const GAP = 14;
const TITLE = 24;
const BOTTOM = 26;
const ROW = 15;
/** From this width on panels stand side by side. */
const WIDE_FROM = 700;

/** Fills, for what the legend says of them. */
export const HEAT_MORE = 'var(--c6)';
export const HEAT_LESS = 'var(--c2)';
const EMPTY = 'var(--track)';
/** 09:00; 01:00+1, on the day after. */
const FULL_HOUR = /^(\d\d):00([+-]\d)?$/;
/** Faint, and still no empty cell. */
const LEAST_OPACITY = 0.12;

const panelHeight = (rows: number) => TITLE + rows * ROW + BOTTOM;

/** Of the two drawings, px. */
export const heatHeights = (rows: number, panels: number) => ({
  wide: panelHeight(rows),
  narrow: panels * panelHeight(rows),
});

/** Rows by columns, coloured by value: above 0 one colour, below another, both by the root of their share of the most. */
export function heatMap({ rows, columns, panels }: HeatParts, { width }: Size): EChartsOption {
  const isWide = width >= WIDE_FROM;
  const panelWidth = isWide
    ? (width - LEFT - (panels.length - 1) * GAP) / panels.length
    : width - LEFT;
  const places = panels.map((_, index) => ({
    left: LEFT + (isWide ? index * (panelWidth + GAP) : 0),
    top: TITLE + (isWide ? 0 : index * panelHeight(rows.length)),
  }));
  // Full hours need no minutes.
  const short = columns.every((name) => FULL_HOUR.test(name))
    ? columns.map((name) => name.replace(FULL_HOUR, '$1$2'))
    : columns;
  return {
    title: panels.map((panel, index) => {
      const { left = 0, top = 0 } = places[index] ?? {};
      return title(panel.title, left, top - TITLE + 4);
    }),
    grid: places.map((place) => grid({ ...place, width: panelWidth, height: rows.length * ROW })),
    xAxis: panels.map((_, gridIndex) => ({
      ...{ type: 'category' as const, gridIndex, data: [...short] },
      ...{ axisLine: NONE, axisTick: NONE, axisLabel: { ...LABEL, margin: 6 } },
    })),
    yAxis: panels.map((_, gridIndex) => ({
      ...{ type: 'category' as const, gridIndex, data: [...rows], inverse: true },
      ...{ axisLine: NONE, axisTick: NONE },
      axisLabel: { ...LABEL, color: INK, interval: 0, show: !isWide || gridIndex === 0 },
    })),
    series: panels.map((panel, index) => cells(panel, index)),
  };
}

function cells({ values, most }: HeatPanel, index: number): CustomSeriesOption {
  const data = values.flatMap((row, y) =>
    row.flatMap((value, x) => (value === null ? [] : [[x, y, value]])),
  );
  return {
    ...{ type: 'custom', xAxisIndex: index, yAxisIndex: index, silent: true, data },
    renderItem(_, api) {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
      const [width = 0, height = 0] = (api.size?.([1, 1]) ?? []) as number[];
      const value = Number(api.value(2));
      // By its square root: a few large banks would leave all others as pale as nothing.
      const share = most > 0 ? Math.sqrt(Math.abs(value) / most) : 0;
      return {
        type: 'rect',
        shape: {
          x: x - width / 2 + 0.5,
          y: y - height / 2 + 0.5,
          width: width - 1,
          height: height - 1,
        },
        style: {
          fill: value > 0 ? HEAT_MORE : value < 0 ? HEAT_LESS : EMPTY,
          opacity: value === 0 ? 0.5 : LEAST_OPACITY + (1 - LEAST_OPACITY) * share,
        },
      };
    },
  };
}

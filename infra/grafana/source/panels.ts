import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { ClickHouseTarget, DATASOURCE } from './clickhouse-target.ts';

/** Grafana's grid has 24 columns. */
const COLUMNS = 24;

/** What every panel has: a figure without a definition is not shown. */
export interface Figure {
  readonly title: string;
  /** Defines the figure and says what it tells. */
  readonly description: string;
  readonly sql: string;
  /** Grafana's unit id: short, ms, percentunit, reqps, ... */
  readonly unit: string;
  readonly width?: number;
  readonly height?: number;
  /** Shown where the query finds no row. */
  readonly noValue?: string;
}

export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly builder: cog.Builder<dashboard.Panel>;
}

interface Common<Self> {
  title(text: string): Self;
  description(text: string): Self;
  datasource(ref: common.DataSourceRef): Self;
  unit(unit: string): Self;
  noValue(text: string): Self;
  withTarget(target: cog.Builder<cog.Dataquery>): Self;
}

/** Rows of whole minutes are counted: a time range that ends within one counts all of it. */
const BY_MINUTE = /\bminute >= \$__fromTime/;
const SAYS_BY_MINUTE = /\bcounted by minute/;

const definition = ({ description, sql }: Figure) =>
  BY_MINUTE.test(sql) && !SAYS_BY_MINUTE.test(description)
    ? `${description} Counted by minute: those that begin in the time range, each whole.`
    : description;

function begin<Self extends Common<Self>>(
  builder: Self,
  figure: Figure,
  format: 'timeSeries' | 'table',
): Self {
  return builder
    .title(figure.title)
    .description(definition(figure))
    .datasource(DATASOURCE)
    .unit(figure.unit)
    .noValue(figure.noValue ?? 'no data in this range')
    .withTarget(new ClickHouseTarget(figure.sql.trim(), format));
}

export interface Lines extends Figure {
  /** Areas on top of each other, for parts of a whole. */
  readonly stacked?: boolean;
  /** Steps, for levels that hold until the next sample. */
  readonly steps?: boolean;
  /** Levels that may lie below zero: else the axis begins there. */
  readonly belowZero?: boolean;
  /** A horizontal line: a target. */
  readonly target?: number;
}

export function lines(figure: Lines): Panel {
  const builder = begin(new timeseries.PanelBuilder(), figure, 'timeSeries')
    .interval('1m')
    .lineWidth(1)
    .fillOpacity(figure.stacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (!figure.belowZero) builder.min(0);
  if (figure.stacked)
    builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (figure.steps) builder.lineInterpolation(common.LineInterpolation.StepAfter);
  if (figure.target !== undefined)
    builder
      .thresholds(thresholds([[figure.target, 'red']]))
      .thresholdsStyle(
        new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
      );
  return { width: figure.width ?? 12, height: figure.height ?? 8, builder };
}

const thresholds = (steps: readonly (readonly [number, string])[]) =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: 'green' }, ...steps.map(([value, color]) => ({ value, color }))]);

export interface Stat extends Figure {
  /** From which value on it is amber or red. */
  readonly limits?: readonly (readonly [number, 'orange' | 'red'])[];
  readonly decimals?: number;
}

export function number(figure: Stat): Panel {
  const builder = begin(new stat.PanelBuilder(), figure, 'table')
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(figure.limits ? common.BigValueColorMode.Value : common.BigValueColorMode.None)
    .reduceOptions(
      new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false),
    )
    .thresholds(thresholds(figure.limits ?? []));
  if (figure.decimals !== undefined) builder.decimals(figure.decimals);
  return { width: figure.width ?? 4, height: figure.height ?? 4, builder };
}

export interface Table extends Figure {
  /** Units of columns, where they differ from the panel's. */
  readonly columnUnits?: Readonly<Record<string, string>>;
  /** A link from a column: URL with ${__value.text} and the dashboard's variables. */
  readonly link?: { readonly column: string; readonly title: string; readonly url: string };
}

/** From a bank's name to its own dashboard, over the same run and time. */
export const PARTICIPANT_LINK = {
  column: 'participant',
  title: 'This bank’s day',
  url: '/d/corridor-participant?var-bank=${__value.text}&${run:queryparam}&${__url_time_range}',
};

export function rows(figure: Table): Panel {
  const builder = begin(new table.PanelBuilder(), figure, 'table').filterable(true);
  for (const [column, unit] of Object.entries(figure.columnUnits ?? {}))
    builder.overrideByName(column, [{ id: 'unit', value: unit }]);
  if (figure.link)
    builder.overrideByName(figure.link.column, [
      { id: 'links', value: [{ title: figure.link.title, url: figure.link.url }] },
    ]);
  return { width: figure.width ?? 12, height: figure.height ?? 8, builder };
}

/** Bars by the first column; every further column is a series. */
export function bars(figure: Figure): Panel {
  const builder = begin(new barchart.PanelBuilder(), figure, 'table')
    .orientation(common.VizOrientation.Horizontal)
    .showValue(common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    );
  return { width: figure.width ?? 12, height: figure.height ?? 8, builder };
}

/**
 * Grafana's own list of alerts: it has no query. The foundation SDK has no builder for its options:
 * https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/alert-list/
 */
export function alertList(figure: Omit<Figure, 'sql' | 'unit'>): Panel {
  const builder = new dashboard.PanelBuilder()
    .type('alertlist')
    .title(figure.title)
    .description(figure.description)
    .options({
      viewMode: 'list',
      groupMode: 'default',
      groupBy: [],
      maxItems: 20,
      sortOrder: 3,
      dashboardAlerts: false,
      alertName: '',
      alertInstanceLabelFilter: '',
      folder: { title: 'Corridor', uid: 'corridor' },
      stateFilter: { firing: true, pending: true, error: true, noData: false, normal: false },
    });
  return { width: figure.width ?? 12, height: figure.height ?? 8, builder };
}

/** Places panels from left to right, a new line where one does not fit, with ids from 1. */
export function placed(panels: readonly Panel[]): dashboard.Panel[] {
  let x = 0;
  let y = 0;
  let lineHeight = 0;
  return panels.map(({ width, height, builder }, index) => {
    if (x + width > COLUMNS) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const panel = {
      ...builder.build(),
      id: index + 1,
      gridPos: { x, y, w: width, h: height },
    };
    x += width;
    lineHeight = Math.max(lineHeight, height);
    return panel;
  });
}

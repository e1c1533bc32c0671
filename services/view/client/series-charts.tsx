import { computed } from '@preact/signals';
import type { EChartsOption } from 'echarts/types/dist/echarts';
import { durationText } from '../../protocol/names/vocabulary.ts';
import { SERIES_SECONDS } from '../lengths-of-feed-lists-charts.ts';
import type { SecondPoint } from '../told-to-page.ts';
import { Chart } from './chart.tsx';
import { isDriven } from './clocks.ts';
import { clockText, shownCount, shownRate } from './format.ts';
import { nowSecond, points } from './page-state.ts';
import { palette } from './palette.ts';

const HEIGHT = 190;

type Value = number | null;

interface Line {
  readonly name: string;
  readonly colour: number;
  readonly values: readonly (readonly [number, Value])[];
  readonly isFilled?: boolean;
}

/** Every second of the window; those in which nothing happened count `empty`. */
function seconds<T>(of: (point: SecondPoint) => T, empty: (last: SecondPoint | undefined) => T) {
  const bySecond = new Map(points.value.map((point) => [point.atS, point]));
  const end = Math.max(nowSecond.value - 1, 0);
  const first = points.value[0]?.atS ?? end;
  let last: SecondPoint | undefined;
  const values: (readonly [number, T])[] = [];
  for (let atS = Math.max(first, end - SERIES_SECONDS + 1); atS <= end; atS++) {
    const point = bySecond.get(atS);
    if (point) last = point;
    values.push([atS * 1000, point ? of(point) : empty(last)]);
  }
  return values;
}

function optionOf(
  lines: readonly Line[],
  write: (value: number) => string,
  log: boolean,
): EChartsOption {
  const { soft, grid, panel, ink, rule, series } = palette.value;
  const end = (nowSecond.value - 1) * 1000;
  const label = { color: soft, fontSize: 11 };
  return {
    grid: { left: 8, right: 10, top: 10, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: panel,
      borderColor: rule,
      textStyle: { color: ink, fontSize: 12 },
      axisPointer: { lineStyle: { color: soft } },
      formatter: (given: unknown) => tooltip(given, write),
    },
    xAxis: {
      type: 'time',
      min: end - (SERIES_SECONDS - 1) * 1000,
      max: end,
      axisLabel: {
        ...label,
        hideOverlap: true,
        formatter: (ms: number) => clockText(ms).slice(0, 5),
      },
      minInterval: 60_000,
      maxInterval: 60_000,
      axisLine: { lineStyle: { color: rule } },
      axisTick: { show: false },
    },
    yAxis: {
      type: log ? 'log' : 'value',
      min: log ? 1 : 0,
      minInterval: 1,
      splitNumber: 4,
      axisLabel: { ...label, formatter: (value: number) => write(value) },
      splitLine: { lineStyle: { color: grid } },
    },
    series: lines.map(({ name, colour, values, isFilled }) => ({
      type: 'line' as const,
      name,
      data: values as unknown as [number, number][],
      showSymbol: false,
      connectNulls: false,
      color: series[colour] ?? ink,
      lineStyle: { width: 1.75 },
      ...(isFilled && { areaStyle: { opacity: 0.14 } }),
    })),
  };
}

function tooltip(given: unknown, write: (value: number) => string): string {
  const rows = given as { seriesName: string; value: [number, Value] }[];
  const [first] = rows;
  if (!first) return '';
  const lines = rows.map(
    ({ seriesName, value }) => `${seriesName}  ${value[1] === null ? '–' : write(value[1])}`,
  );
  return [`${clockText(first.value[0])} UTC`, ...lines].join('\n');
}

const none = () => 0;
const unknown = () => null;
const throughput = computed<readonly Line[]>(() => [
  { name: 'submitted', colour: 4, values: seconds((point) => point.submitted, none) },
  { name: 'settled', colour: 0, values: seconds((point) => point.settled, none), isFilled: true },
  { name: 'rejected', colour: 6, values: seconds((point) => point.rejected, none) },
]);
/** A logarithmic axis begins at 1 ms. */
const drawn = (ms: Value) => (ms === null ? null : Math.max(1, ms));
/** Of a driven scenario in its own time alone: two clocks have no common axis. */
const timeOf = (name: 'p50' | 'p95' | 'p99') => (point: SecondPoint) =>
  drawn(isDriven.value ? (point.scenario?.[name] ?? null) : point[name]);
const times = computed<readonly Line[]>(() => [
  { name: 'p99', colour: 3, values: seconds(timeOf('p99'), unknown) },
  { name: 'p95', colour: 1, values: seconds(timeOf('p95'), unknown) },
  { name: 'p50', colour: 2, values: seconds(timeOf('p50'), unknown) },
]);
const waitingOf = (point: SecondPoint | undefined) => point?.queued ?? 0;
const queued = computed<readonly Line[]>(() => [
  { name: 'waiting', colour: 7, values: seconds(waitingOf, waitingOf), isFilled: true },
]);

const latest = (line: Line): Value => line.values.at(-1)?.[1] ?? null;

function Legend({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <ul class="legend">
      {lines.map(({ name, colour }) => (
        <li key={name}>
          <span class={`swatch c${colour}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly lines: readonly Line[];
  readonly write: (value: number) => string;
  readonly log?: boolean;
}

function Panel({ id, title, note, lines, write, log = false }: PanelProps) {
  const told = lines
    .map((line) => `${line.name} ${latest(line) === null ? 'none' : write(latest(line) as number)}`)
    .join(', ');
  const isEmpty = lines.every(({ values }) => values.every(([, value]) => value === null));
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        <Legend lines={lines} />
      </div>
      <p class="note">{note}</p>
      {isEmpty ? (
        <p class="empty" style={{ height: `${HEIGHT}px` }}>
          Nothing settled in the last five minutes.
        </p>
      ) : (
        <Chart
          label={`${title}, the last five minutes by second. Now: ${told}.`}
          height={HEIGHT}
          option={optionOf(lines, write, log)}
        />
      )}
    </section>
  );
}

export function SeriesCharts() {
  return (
    <div class="three">
      <Panel
        id="throughput"
        title="Throughput"
        note={`Payments a second${isDriven.value ? ' of the network’s clock' : ''}`}
        lines={throughput.value}
        write={(value) => shownRate(value)}
      />
      <Panel
        id="finality"
        title="Time to finality"
        note={`From the log’s append of the payment to that of its settlement${isDriven.value ? ', in the scenario’s time' : ''}; ten seconds each`}
        lines={times.value}
        write={durationText}
        log
      />
      <Panel
        id="waiting"
        title="Waiting payments"
        note="In queues, and for an opening, a time or the other leg"
        lines={queued.value}
        write={(value) => shownCount(Math.round(value))}
      />
    </div>
  );
}

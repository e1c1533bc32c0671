/**
 * Metrics of a run and the thresholds on them, as k6 evaluates them at its end (k6 1.0 to 2.2,
 * `metrics/thresholds.go`, `metrics/sink.go`): a rate without samples has no value and passes any
 * threshold; a counter without samples is 0, and so is each percentile of a trend.
 */
import type { MetricKind } from './vu.ts';

export interface Metrics {
  declare(name: string, is: MetricKind): void;
  add(name: string, value: number): void;
  /** Those that do not hold; throws BadOptions where k6 would not take one. */
  failed(thresholds: Readonly<Record<string, readonly string[]>>): string[];
  summary(): Record<string, Record<string, number>>;
}

/** k6 ends with 104. */
export class BadOptions extends Error {}

interface Metric {
  readonly is: MetricKind;
  readonly values: number[];
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Between the two nearest values, in proportion. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below = 0, above = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

function figure({ is, values }: Metric, name: string): number | undefined {
  if (is === 'counter' && name === 'count') return sum(values);
  if (is === 'rate' && name === 'rate')
    return values.length === 0 ? undefined : sum(values) / values.length;
  const share = /^p\((\d+(?:\.\d+)?)\)$/.exec(name)?.[1];
  if (is === 'trend' && share !== undefined) return percentile(values, Number(share) / 100);
  throw new BadOptions(`a ${is} has no ${name}`);
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

function holds(metric: Metric | undefined, expression: string): boolean {
  const parts = /^([a-z]+(?:\([\d.]+\))?)(==|<=|>=|<|>)([\d.]+)$/.exec(expression);
  const compare = COMPARE[parts?.[2] ?? ''];
  if (!metric || !parts || !compare) throw new BadOptions(`no threshold: ${expression}`);
  const value = figure(metric, parts[1] as string);
  return value === undefined || compare(value, Number(parts[3]));
}

export function createMetrics(): Metrics {
  const metrics = new Map<string, Metric>();
  const declare = (name: string, is: MetricKind) => {
    if (!metrics.has(name)) metrics.set(name, { is, values: [] });
  };
  // k6's own, as far as they are wanted.
  for (const name of ['iterations', 'dropped_iterations']) declare(name, 'counter');
  return {
    declare,
    add: (name, value) => void metrics.get(name)?.values.push(value),
    failed: (thresholds) =>
      Object.entries(thresholds).flatMap(([name, expressions]) =>
        expressions.filter((one) => !holds(metrics.get(name), one)).map((one) => `${name} ${one}`),
      ),
    summary: () =>
      Object.fromEntries(
        [...metrics].map(([name, metric]) => [
          name,
          {
            samples: metric.values.length,
            ...(metric.is === 'counter' && { count: sum(metric.values) }),
          },
        ]),
      ),
  };
}

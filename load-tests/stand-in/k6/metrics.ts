/** Stand-in for `k6/metrics`, with the thresholds that k6 evaluates at the end of a run. */
export abstract class Metric {
  static readonly all = new Map<string, Metric>();
  readonly values: number[] = [];
  constructor(name: string) {
    Metric.all.set(name, this);
  }
  add(value: number | boolean): void {
    this.values.push(Number(value));
  }
  /** By the names that thresholds use. */
  abstract figure(name: string): number;
  abstract summary(): Record<string, number>;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

export class Counter extends Metric {
  figure(name: string): number {
    if (name === 'count') return sum(this.values);
    throw new Error(`a counter has no ${name}`);
  }
  summary() {
    return { count: this.figure('count') };
  }
}

export class Rate extends Metric {
  figure(name: string): number {
    if (name === 'rate')
      return this.values.length === 0 ? 0 : sum(this.values) / this.values.length;
    throw new Error(`a rate has no ${name}`);
  }
  summary() {
    return { rate: this.figure('rate'), samples: this.values.length };
  }
}

export class Trend extends Metric {
  figure(name: string): number {
    const sorted = [...this.values].sort((a, b) => a - b);
    const share = /^p\((\d+(?:\.\d+)?)\)$/.exec(name)?.[1];
    if (share !== undefined)
      return sorted[Math.ceil((Number(share) / 100) * sorted.length) - 1] ?? 0;
    throw new Error(`a trend has no ${name}`);
  }
  summary() {
    return { samples: this.values.length, p95: this.figure('p(95)') };
  }
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** Whether an expression such as `p(95)<250` holds of a metric; throws where k6 would not take it. */
export function holds(metric: string, expression: string): boolean {
  const parts = /^([a-z]+(?:\([\d.]+\))?)(==|<=|>=|<|>)([\d.]+)$/.exec(expression);
  const known = Metric.all.get(metric);
  const compare = COMPARE[parts?.[2] ?? ''];
  if (!parts || !known || !compare) throw new Error(`no threshold: ${metric} ${expression}`);
  return compare(known.figure(parts[1] as string), Number(parts[3]));
}

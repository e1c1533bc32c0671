/** Stand-in for `k6/metrics`: samples go to the main thread. */
import { type MetricKind, tell } from '../vu.ts';

class Metric {
  readonly #name: string;
  constructor(name: string, is: MetricKind) {
    this.#name = name;
    tell({ kind: 'metric', name, is });
  }
  add(value: number | boolean): void {
    tell({ kind: 'sample', name: this.#name, value: Number(value) });
  }
}

export class Counter extends Metric {
  constructor(name: string) {
    super(name, 'counter');
  }
}

export class Rate extends Metric {
  constructor(name: string) {
    super(name, 'rate');
  }
}

export class Trend extends Metric {
  constructor(name: string) {
    super(name, 'trend');
  }
}

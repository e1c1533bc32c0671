import {
  FINALITY_P99_TARGET_MS,
  FINALITY_RANGE_MS,
  REJECTED_RANGE_MS,
} from '../live/alert-thresholds.ts';
import { Durations } from './duration-buckets.ts';
import { SERIES_SECONDS } from './lengths-of-feed-lists-charts.ts';
import type { Finality, SecondPoint } from './told-to-page.ts';

interface Second {
  atS: number;
  submitted: number;
  settled: number;
  rejected: number;
  /** Settled after more than the target. */
  late: number;
  queued: number;
  readonly durations: Durations;
  /** The same durations in a driven scenario's time; null until there are some. */
  scenario: Durations | null;
}

export interface SeriesSums {
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  /** Of those settled: their time to finality was above FINALITY_P99_TARGET_MS. */
  readonly late: number;
}

/** Seconds whose settlements a point's percentiles look back on, and those of the headline. */
const POINT_SECONDS = 10;
const HEADLINE_SECONDS = 60;
/** What alerts look back on, which is longer than charts show. */
const RING_SECONDS = Math.max(SERIES_SECONDS, FINALITY_RANGE_MS / 1000, REJECTED_RANGE_MS / 1000);

/** The last RING_SECONDS by second, in a ring: by when the log took the events. */
export class Series {
  readonly #ring: Second[] = Array.from({ length: RING_SECONDS }, () => ({
    ...{ atS: -1, submitted: 0, settled: 0, rejected: 0, late: 0, queued: 0 },
    ...{ durations: new Durations(), scenario: null },
  }));
  readonly #changed = new Set<number>();
  #last = 0;

  /** The second to count in; one before the ring's time counts in its last. */
  #at(ms: number): Second {
    const atS = Math.max(Math.floor(ms / 1000), this.#last - RING_SECONDS + 1);
    const second = this.#ring[atS % RING_SECONDS] as Second;
    if (second.atS !== atS) {
      Object.assign(second, { atS, submitted: 0, settled: 0, rejected: 0, late: 0, queued: 0 });
      second.durations.clear();
      second.scenario?.clear();
    }
    if (atS > this.#last) this.#last = atS;
    this.#changed.add(atS);
    return second;
  }

  submitted(ms: number): void {
    this.#at(ms).submitted += 1;
  }

  rejected(ms: number): void {
    this.#at(ms).rejected += 1;
  }

  /** @param scenarioMs the duration in a driven scenario's time; null: it is not known */
  settled(ms: number, durationMs: number, scenarioMs: number | null = null): void {
    const second = this.#at(ms);
    second.settled += 1;
    if (durationMs > FINALITY_P99_TARGET_MS) second.late += 1;
    second.durations.add(durationMs);
    if (scenarioMs === null) return;
    second.scenario ??= new Durations();
    second.scenario.add(scenarioMs);
  }

  waiting(ms: number, count: number): void {
    this.#at(ms).queued = count;
  }

  /** Points that changed since the last call, or all. */
  points(all: boolean): SecondPoint[] {
    const oldest = this.#last - SERIES_SECONDS;
    const wanted = all ? this.#ring.map(({ atS }) => atS) : [...this.#changed];
    return wanted
      .filter((atS) => atS > oldest && this.#second(atS) !== undefined)
      .sort((a, b) => a - b)
      .map((atS) => {
        const { submitted, settled, rejected, queued } = this.#second(atS) as Second;
        return { atS, submitted, settled, rejected, queued, ...this.#times(atS, POINT_SECONDS) };
      });
  }

  forgetChanges(): void {
    this.#changed.clear();
  }

  /** Of the last minute before `nowMs`. */
  finality(nowMs: number): Finality {
    const lastS = Math.floor(nowMs / 1000);
    const { count } = this.#over(lastS, HEADLINE_SECONDS, OF_NETWORK);
    return { count, ...this.#times(lastS, HEADLINE_SECONDS) };
  }

  #times(lastS: number, seconds: number) {
    const scenario = this.#over(lastS, seconds, OF_SCENARIO);
    return {
      ...whole(this.#over(lastS, seconds, OF_NETWORK)),
      ...(scenario.count > 0 && { scenario: whole(scenario) }),
    };
  }

  /** What was counted in the seconds up to `nowMs`. */
  sums(nowMs: number, seconds: number): SeriesSums {
    const sum = { submitted: 0, settled: 0, rejected: 0, late: 0 };
    const lastS = Math.floor(nowMs / 1000);
    for (let atS = lastS - seconds + 1; atS <= lastS; atS++) {
      const second = this.#second(atS);
      if (!second) continue;
      sum.settled += second.settled;
      sum.rejected += second.rejected;
      sum.late += second.late;
      sum.submitted += second.submitted;
    }
    return sum;
  }

  #second(atS: number): Second | undefined {
    if (atS < 0) return undefined;
    const second = this.#ring[atS % RING_SECONDS] as Second;
    return second.atS === atS ? second : undefined;
  }

  #over(lastS: number, seconds: number, of: (second: Second) => Durations | null): Durations {
    const sum = new Durations();
    for (let atS = Math.max(0, lastS - seconds + 1); atS <= lastS; atS++) {
      const second = this.#second(atS);
      const durations = second && of(second);
      if (durations) sum.addAll(durations);
    }
    return sum;
  }
}

const OF_NETWORK = ({ durations }: Second) => durations;
const OF_SCENARIO = ({ scenario }: Second) => scenario;

function whole(durations: Durations) {
  const [p50, p95, p99] = durations.percentiles(0.5, 0.95, 0.99);
  return { p50: p50 ?? null, p95: p95 ?? null, p99: p99 ?? null };
}

import type { Logger } from '../live/ports.ts';
import type { ControlRecord } from '../protocol/control-record.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { PoolInput } from './pool-input.ts';
import { errorKind } from './ports.ts';

/** When one currency is open on one date. */
export interface MarketHours {
  readonly pool: string;
  readonly currency: string;
  /** The business date, YYYY-MM-DD. */
  readonly date: string;
  readonly opensMs: number;
  readonly closesMs: number;
}

export const TICK_MS = 100;

interface Instant {
  readonly atMs: number;
  readonly record: (timeMs: number) => ControlRecord;
}

/**
 * The passing of time, as records: a tick in each pool's input at every `step`, and openings and
 * closes where hours are configured. While the log is away nothing piles up: one write a pool is
 * under way, and what comes after it has the time that then is. What an opening's or close's failed
 * write left open is written again: clearing refuses the second.
 */
export class Clockwork {
  readonly #pools: readonly PoolClock[];
  readonly #now: () => number;

  constructor(
    pools: readonly PoolInput[],
    hours: readonly MarketHours[],
    options: { now: () => number; logger: Logger; metrics: GatewayMetrics },
  ) {
    this.#now = options.now;
    this.#pools = pools.map(
      (input) =>
        new PoolClock(
          input,
          hours.filter(({ pool }) => pool === input.pool),
          options,
        ),
    );
  }

  /** Call it every TICK_MS. Never rejects. */
  async step(): Promise<void> {
    const nowMs = this.#now();
    await Promise.all(this.#pools.map((pool) => pool.step(nowMs)));
  }
}

class PoolClock {
  readonly #input: PoolInput;
  readonly #logger: Logger;
  readonly #metrics: GatewayMetrics;
  /** By currency, in order; what is done is taken out. */
  readonly #due: Instant[][];
  #isBusy = false;
  #state = '';

  constructor(
    input: PoolInput,
    hours: readonly MarketHours[],
    { logger, metrics }: { logger: Logger; metrics: GatewayMetrics },
  ) {
    this.#input = input;
    this.#logger = logger;
    this.#metrics = metrics;
    const currencies = [...new Set(hours.map(({ currency }) => currency))];
    this.#due = currencies.map((currency) =>
      hours
        .filter((one) => one.currency === currency)
        .flatMap(instants)
        .sort((a, b) => a.atMs - b.atMs),
    );
  }

  async step(nowMs: number): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const { pool } = this.#input;
    try {
      if (!(await this.#input.isHeld(nowMs))) await this.#openAndClose(nowMs);
      const outcome = await this.#input.tick(nowMs);
      this.#metrics.ticks.inc({ pool, outcome });
      this.#tell(outcome === 'held' ? 'held' : '');
    } catch (error) {
      this.#metrics.ticks.inc({ pool, outcome: 'failed' });
      this.#tell(`the log is away (${errorKind(error)})`);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Of what is due for a currency the last counts: the gateway may have been away for days. */
  async #openAndClose(nowMs: number): Promise<void> {
    if (this.#due.length === 0 || !(await this.#input.genesis())) return;
    for (const waiting of this.#due) {
      const count = waiting.findIndex(({ atMs }) => atMs > nowMs);
      const due = count < 0 ? waiting.length : count;
      const last = waiting[due - 1];
      if (!last) continue;
      await this.#input.append(last.record, nowMs);
      waiting.splice(0, due);
    }
  }

  /** A line when the state changes, not ten a second. */
  #tell(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    const { pool } = this.#input;
    if (state === '') this.#logger.info({ pool }, 'time goes on');
    else if (state === 'held')
      this.#logger.error(
        { pool },
        'the clock jumped: no ticks until the operator accepts its time with a command "tick"',
      );
    else this.#logger.warn({ pool, reason: state }, 'ticks pause');
  }
}

function instants({ currency, date, opensMs, closesMs }: MarketHours): Instant[] {
  return [
    {
      atMs: opensMs,
      record: (timeMs) => ({ kind: 'open', timeMs, currency, date, closesAtMs: closesMs }),
    },
    { atMs: closesMs, record: (timeMs) => ({ kind: 'close', timeMs, currency, date }) },
  ];
}

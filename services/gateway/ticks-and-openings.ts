import type { Logger } from '../live/service-context.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { errorKind } from './log-port-and-try-later.ts';
import type { PoolInput } from './pool-input-and-clock.ts';

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
  readonly kind: 'open' | 'close';
  readonly atMs: number;
  readonly record: (timeMs: number) => ControlRecord;
}

/**
 * The passing of time, as records: a tick in each pool's input at every `step`, and openings and closes where hours
 * are configured. While the log is away nothing piles up: one write a pool is under way, and what comes after it
 * has the time that then is. What an opening's or close's failed write left open is written again: clearing refuses
 * the second. At one instant dates close before others open: of a currency that is open around the clock one date
 * ends where the next begins, and clearing refuses to open a date while another is open. A clock that went back or
 * jumped: pool-input-and-clock.ts.
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
        .sort((a, b) => a.atMs - b.atMs || closesFirst(a, b)),
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

  /**
   * Of what is due for a currency every close is written and the opening that comes last: the gateway
   * may have been away for days, and which date is open still, clearing knows. It refuses the others.
   */
  async #openAndClose(nowMs: number): Promise<void> {
    if (this.#due.length === 0 || !(await this.#input.genesis())) return;
    const due = this.#due.map((waiting) => waiting.filter(({ atMs }) => atMs <= nowMs));
    const written = due
      .flatMap((ofCurrency) =>
        ofCurrency.filter((one) => one.kind === 'close' || one === ofCurrency.at(-1)),
      )
      .sort(closesFirst);
    if (written.length === 0) return;
    await this.#input.append((timeMs) => written.map(({ record }) => record(timeMs)), nowMs);
    for (const [index, waiting] of this.#due.entries()) waiting.splice(0, due[index]?.length ?? 0);
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

const closesFirst = (a: Instant, b: Instant) =>
  Number(a.kind === 'open') - Number(b.kind === 'open');

function instants({ currency, date, opensMs, closesMs }: MarketHours): Instant[] {
  return [
    {
      kind: 'open',
      atMs: opensMs,
      record: (timeMs) => ({ kind: 'open', timeMs, currency, date, closesAtMs: closesMs }),
    },
    {
      kind: 'close',
      atMs: closesMs,
      record: (timeMs) => ({ kind: 'close', timeMs, currency, date }),
    },
  ];
}

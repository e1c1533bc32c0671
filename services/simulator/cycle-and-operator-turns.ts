import type { PlannedAction } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** An instant of the timetable at which a pool's cycle runs, and a mechanism of one's own is asked. */
export interface CycleAsk {
  readonly kind: 'ask';
  readonly atMs: number;
  readonly pool: number;
  /** Null: for all. */
  readonly currency: number | null;
  /**
   * The record by which all happens that comes before: a tick for what falls due, a cycle for what the
   * core's own cycle does; null: the plan has it.
   */
  readonly first: 'tick' | 'cycle' | null;
}

/** An instant at which the operators between two pools look what is due by what the pools have done. */
export interface OperatorTurn {
  readonly kind: 'turn';
  readonly atMs: number;
}

/** At which the plan waits for what follows from all before it. */
export type PlannedPause = CycleAsk | OperatorTurn;

/**
 * The plan of a run with the cycles of its pools: the periodic ones come before all that is planned for
 * their instant, those at fixed times behind the core's own, the last ones right before the closes. The order of all else
 * at one instant: scenario/timeline-and-same-instant-order.ts.
 */
export function* withAsks(
  plan: Iterable<PlannedAction>,
  { pools, currencies, settlement }: Scenario,
): Generator<PlannedAction | CycleAsk, void> {
  const { cycleEveryMs, rules } = settlement;
  const takesPart = (currency: number) => rules[currency]?.cycleMechanism === 'proposed';
  const clocks = pools.map(() => ({ open: new Set<number>(), nextMs: 0 }));
  const isAsked = pools.map((pool) => pool.currencies.some(takesPart));

  function* due(untilMs: number): Generator<CycleAsk, void> {
    if (cycleEveryMs === 0) return;
    for (;;) {
      const running = [...clocks.entries()].filter(
        ([pool, { open, nextMs }]) => isAsked[pool] && open.size > 0 && nextMs <= untilMs,
      );
      const [first] = running.sort(([, a], [, b]) => a.nextMs - b.nextMs);
      if (!first) return;
      const [pool, clock] = first;
      yield { kind: 'ask', atMs: clock.nextMs, pool, currency: null, first: 'tick' };
      clock.nextMs += cycleEveryMs;
    }
  }

  for (const action of plan) {
    yield* due(action.atMs);
    const { kind, atMs } = action;
    if (kind === 'open' || kind === 'close') {
      const { currency } = action;
      const pool = currencies[currency]?.pool as number;
      const { open } = clocks[pool] as (typeof clocks)[number];
      if (kind === 'close' && takesPart(currency))
        yield { kind: 'ask', atMs, pool, currency, first: 'cycle' };
      if (kind === 'open' && open.size === 0)
        Object.assign(clocks[pool] as object, { nextMs: atMs + cycleEveryMs });
      if (kind === 'open') open.add(currency);
      else open.delete(currency);
    }
    yield action;
    if (kind !== 'cycle') continue;
    const { currency } = action;
    for (const pool of pools.keys())
      if (
        currency === null
          ? isAsked[pool]
          : currencies[currency]?.pool === pool && takesPart(currency)
      )
        yield { kind: 'ask', atMs, pool, currency, first: null };
  }
}

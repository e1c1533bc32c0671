import type { ScenarioEvent } from '../../protocol/telemetry.ts';
import { scenarioEvents } from '../../simulator/results/scenario-tables.ts';
import type { Scenario } from '../../simulator/scenario/scenario.ts';

/**
 * What a driven scenario does beside its payments, told when it does it: charts of the network have
 * the network's time, not the scenario's.
 */
export class ScenarioMarks {
  /** In order of the scenario's time. */
  #left: readonly ScenarioEvent[];

  constructor(scenario: Scenario) {
    const planned = scenarioEvents(scenario, scenario.liquidityEvents);
    this.#left = [...planned].sort((one, other) => one.fromMs - other.fromMs);
  }

  /**
   * The scenario's time begins there; what comes before it happens then, or was told by an earlier
   * drive of it.
   */
  begin(scenarioMs: number, isResumed: boolean): void {
    this.#left = isResumed
      ? this.#left.filter(({ fromMs }) => fromMs >= scenarioMs)
      : this.#left.map((one) => ({ ...one, fromMs: Math.max(one.fromMs, scenarioMs) }));
  }

  /**
   * What has begun since the last call, with the network's times. When it ends is reckoned with the
   * present speed.
   * @param nowMs of the network
   */
  due(scenarioMs: number, nowMs: number, speed: number): ScenarioEvent[] {
    const next = this.#left.findIndex(({ fromMs }) => fromMs > scenarioMs);
    const due = next < 0 ? this.#left : this.#left.slice(0, next);
    this.#left = this.#left.slice(due.length);
    return due.map((one) => {
      const fromMs = Math.round(nowMs - (scenarioMs - one.fromMs) / speed);
      const lastsMs = Math.max(0, one.untilMs - one.fromMs) / speed;
      return { ...one, fromMs, untilMs: Math.round(fromMs + lastsMs) };
    });
  }
}

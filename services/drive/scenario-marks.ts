import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { TELEMETRY } from '../protocol/names/topic-plan.ts';
import {
  isScenarioTelemetry,
  readTelemetry,
  type ScenarioEvent,
} from '../protocol/records/telemetry.ts';
import { scenarioEvents } from '../report/figures/scenario-tables.ts';
import type { Scenario } from '../scenario/scenario.ts';

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

  /** Leaves out what an earlier drive of the scenario told: the log is a drive's only memory. */
  async recall(log: LogPort): Promise<void> {
    const told = new Map<string, number>();
    const records = recordsOf(log, TELEMETRY, 0, { handsUnreadable: true });
    for await (const { value, unreadable } of records) {
      const telemetry = unreadable === undefined && readTelemetry(value);
      if (!telemetry || !isScenarioTelemetry(telemetry)) continue;
      for (const { text } of telemetry.events) told.set(text, (told.get(text) ?? 0) + 1);
    }
    this.#left = this.#left.filter(({ text }) => {
      const times = told.get(text) ?? 0;
      told.set(text, times - 1);
      return times <= 0;
    });
  }

  /** The scenario's time begins there; what comes before it and is not told yet happens then. */
  begin(scenarioMs: number): void {
    this.#left = this.#left.map((one) => ({ ...one, fromMs: Math.max(one.fromMs, scenarioMs) }));
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

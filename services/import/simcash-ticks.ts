/** SimCash's ticks, counted from 0 over all days, as dates and times of day. */

import { instantMs } from '../scenario/local-time-to-instant.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import type { SimcashDocument, SimcashSchedule } from './simcash-schema.ts';

type Simulation = SimcashDocument['simulation'];

export interface TickClock {
  readonly dates: readonly string[];
  readonly tickSeconds: number;
  at(tick: number): { readonly date: string; readonly time: string; readonly atMs: number };
}

const DAY_MS = 86_400_000;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/**
 * The first tick of a day is at its opening; a tick is the part of the day that so many make, in whole seconds.
 * @throws ScenarioError of the flags
 */
export function tickClock(
  { ticks_per_day: perDay, num_days: days }: Simulation,
  { firstDate, opens, closes }: { firstDate: string; opens: string; closes: string },
): TickClock {
  const isTime = (time: string) => TIME.test(time) || time === '24:00';
  for (const [flag, time] of [
    ['opens', opens],
    ['closes', closes],
  ] as const)
    if (!isTime(time))
      throw new ScenarioError(`--${flag} ${time}: expected a time of day as HH:MM`);
  const firstMs = instantMs(firstDate, '00:00', 'UTC');
  const [fromMs, toMs] = [opens, closes].map((time) => instantMs(firstDate, time, 'UTC'));
  const seconds = (toMs! - fromMs!) / 1000;
  const tickSeconds = Math.floor(seconds / perDay);
  if (tickSeconds < 1)
    throw new ScenarioError(
      `--opens ${opens} --closes ${closes}: expected a day of at least ${perDay} seconds, one for each of ticks_per_day`,
    );
  const dates = Array.from({ length: days }, (_, day) =>
    new Date(firstMs + day * DAY_MS).toISOString().slice(0, 10),
  );
  return {
    ...{ dates, tickSeconds },
    at(tick) {
      const day = Math.floor(tick / perDay);
      const atMs = fromMs! + day * DAY_MS + (tick % perDay) * tickSeconds * 1000;
      return { date: dates[day]!, time: new Date(atMs).toISOString().slice(11, 19), atMs };
    },
  };
}

/** The ticks of a schedule up to the end. */
export function scheduledTicks(
  schedule: SimcashSchedule,
  { ticks_per_day: perDay, num_days: days }: Simulation,
): number[] {
  const end = perDay * days;
  if (schedule.type === 'OneTime') return schedule.tick < end ? [schedule.tick] : [];
  const { start_tick: first, interval } = schedule;
  const count = Math.max(0, Math.ceil((end - first) / interval));
  return Array.from({ length: count }, (_, index) => first + index * interval);
}

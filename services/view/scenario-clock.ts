/** The driven scenario's time at an instant of the network's clock, ms; null: nothing was driven then. */
export type ScenarioClock = (atMs: number) => number | null;

export const NOT_DRIVEN: ScenarioClock = () => null;

/** How long it was from one instant to another, in the scenario's time. */
export function spanBetween(clock: ScenarioClock, fromMs: number, untilMs: number): number | null {
  const [from, until] = [clock(fromMs), clock(untilMs)];
  return from === null || until === null ? null : until - from;
}

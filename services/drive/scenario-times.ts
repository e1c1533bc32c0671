/** An instant of the network's clock, and the scenario's time then; ms since 1970. */
export interface TimesMark {
  readonly atMs: number;
  readonly scenarioMs: number;
}

/** Marks lie so far apart, ms: between two of them the scenario's time is taken to have gone evenly. */
const MARK_MS = 1_000;

/**
 * Which time a driven scenario had when: speeds change, and the time stands while a drive is paused or
 * does not keep up, so that a wait on the network's clock is no wait in the scenario's.
 */
export class ScenarioTimes {
  readonly #marks: TimesMark[] = [];

  /** @param isTurn from here on the scenario's time goes at another speed, or stands */
  note(mark: TimesMark, isTurn = false): void {
    const last = this.#marks.at(-1);
    const before = this.#marks.at(-2);
    if (last && !isTurn && mark.atMs - last.atMs < MARK_MS) return;
    // A pause of any length takes two marks.
    if (last && before?.scenarioMs === last.scenarioMs && last.scenarioMs === mark.scenarioMs)
      this.#marks.pop();
    this.#marks.push(mark);
  }

  /**
   * @param present the last mark, as it is now
   * @returns null: before the drive began
   */
  at(atMs: number, present: TimesMark): number | null {
    const first = this.#marks[0];
    if (!first || atMs < first.atMs) return null;
    if (atMs >= present.atMs) return present.scenarioMs;
    let [low, high] = [0, this.#marks.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle] as TimesMark).atMs <= atMs) low = middle;
      else high = middle;
    }
    const from = this.#marks[low] as TimesMark;
    const until = this.#marks[low + 1] ?? present;
    if (until.atMs <= from.atMs) return from.scenarioMs;
    const part = (atMs - from.atMs) / (until.atMs - from.atMs);
    return Math.round(from.scenarioMs + part * (until.scenarioMs - from.scenarioMs));
  }
}

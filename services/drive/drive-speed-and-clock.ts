/** Scenario seconds for one second: those that a person may choose from, and the bounds of all that are taken. */
export const SPEEDS = [1, 10, 60, 600, 3_600];
export const SPEED_MIN = 0.01;
export const SPEED_MAX = 1_000_000;

/**
 * The present time of a driven scenario, ms since 1970: it goes on `speed` times as fast as the
 * machine's clock, and stands while it is paused or while the log is away. Who pauses it, and when the
 * next message is due: drive.ts; how people ask for a pause: view/view-routes.ts.
 */
export class DriveClock {
  readonly #elapsedMs: () => number;
  #speed: number;
  #scenarioMs = 0;
  /** When the clock last stood at #scenarioMs; null while it stands there. */
  #sinceMs: number | null = null;
  #started = false;
  #paused = false;
  #held = false;

  /** @param elapsedMs monotonic */
  constructor(elapsedMs: () => number, speed: number) {
    this.#elapsedMs = elapsedMs;
    this.#speed = speed;
  }

  get speed(): number {
    return this.#speed;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get started(): boolean {
    return this.#started;
  }

  nowMs(): number {
    if (this.#sinceMs === null) return this.#scenarioMs;
    return this.#scenarioMs + (this.#elapsedMs() - this.#sinceMs) * this.#speed;
  }

  start(scenarioMs: number): void {
    this.#scenarioMs = scenarioMs;
    this.#started = true;
    this.#go();
  }

  pause(): void {
    this.#stand(this.nowMs());
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#go();
  }

  setSpeed(speed: number): void {
    this.#stand(this.nowMs());
    this.#speed = speed;
    this.#go();
  }

  /** Goes back to an instant, where it is beyond it, and goes on. */
  setBack(scenarioMs: number): void {
    if (this.nowMs() <= scenarioMs) return;
    this.#stand(scenarioMs);
    this.#go();
  }

  /** Goes back to an instant and stands there until `release`. */
  hold(scenarioMs: number): void {
    this.#stand(scenarioMs);
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#go();
  }

  #stand(scenarioMs: number): void {
    this.#scenarioMs = scenarioMs;
    this.#sinceMs = null;
  }

  #go(): void {
    if (!this.#started || this.#paused || this.#held) return;
    this.#scenarioMs = this.nowMs();
    this.#sinceMs = this.#elapsedMs();
  }
}

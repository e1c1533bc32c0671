/** Marks lie so far apart, ms. */
const MARK_MS = 250;
/** The speed is that of so long, and not told of less. */
const WINDOW_MS = 5_000;
const WINDOW_MS_MIN = 2_000;
/** Below this part of the speed asked for a drive does not keep up. */
const KEPT = 0.95;

interface Mark {
  readonly elapsedMs: number;
  readonly scenarioMs: number;
}

/** How fast a scenario's time really went of late. */
export class DrivePace {
  #marks: Mark[] = [];

  /** What was before is of no matter: the clock was stopped, or goes at another speed. */
  forget(): void {
    this.#marks = [];
  }

  note(mark: Mark): void {
    const last = this.#marks[this.#marks.length - 1];
    if (last && mark.elapsedMs - last.elapsedMs < MARK_MS) return;
    this.#marks.push(mark);
    while ((this.#marks[1]?.elapsedMs ?? mark.elapsedMs) <= mark.elapsedMs - WINDOW_MS)
      this.#marks.shift();
  }

  /** Scenario seconds for one second where they are fewer than `speed`; null: they are not. */
  reached(now: Mark, speed: number): number | null {
    const [first] = this.#marks;
    if (!first || now.elapsedMs - first.elapsedMs < WINDOW_MS_MIN) return null;
    const reached = (now.scenarioMs - first.scenarioMs) / (now.elapsedMs - first.elapsedMs);
    return reached < KEPT * speed ? Math.max(0, reached) : null;
  }
}

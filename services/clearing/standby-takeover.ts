/** Where nobody says how long events must be missing before a standby takes over. */
export const TAKEOVER_MS = 2_000;
/** A standby looks into the topic so often while something that it computed is missing there. */
export const STANDBY_WAIT_MS = 50;

/**
 * When a writer of a pool's events that stands by takes over from one that has ended, or hangs. Nothing fences two writers
 * apart: whose history stands: first-written-history-wins.ts.
 */
export class StandbyTakeover {
  readonly #elapsedMs: () => number;
  readonly #takeoverMs: number;
  /** Since when the topic lacks something that is computed. */
  #lackingSinceMs: number | null = null;

  /** @param elapsedMs monotonic */
  constructor(elapsedMs: () => number, takeoverMs: number) {
    this.#elapsedMs = elapsedMs;
    this.#takeoverMs = takeoverMs;
  }

  /** @param lacks whether the topic lacks something that is computed now */
  isDue(lacks: boolean): boolean {
    if (!lacks) {
      this.waitAnew();
      return false;
    }
    this.#lackingSinceMs ??= this.#elapsedMs();
    return this.#elapsedMs() - this.#lackingSinceMs >= this.#takeoverMs;
  }

  /** Another writer is at work. */
  waitAnew(): void {
    this.#lackingSinceMs = null;
  }
}

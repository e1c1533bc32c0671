import type { CycleState } from './told-to-page.ts';

/**
 * When a pool's next periodic cycle falls due, as clearing's own calendar has it
 * (assembly/settlement/cut-offs-and-cycle-times.ts): every interval from the opening on that found all closed.
 */
export class CycleClock {
  #intervalMs = 0;
  #openCount = 0;
  #fromMs = 0;

  /** @param intervalMs 0: none but those before a close and those that the operator asks for */
  begin(intervalMs: number): void {
    this.#intervalMs = intervalMs;
  }

  opened(timeMs: number): void {
    if (this.#openCount === 0) this.#fromMs = timeMs;
    this.#openCount += 1;
  }

  closed(): void {
    this.#openCount -= 1;
  }

  state(nowMs: number): CycleState {
    const everyMs = this.#intervalMs;
    if (everyMs === 0 || this.#openCount === 0) return { everyMs, nextMs: null };
    const passed = Math.max(0, Math.floor((nowMs - this.#fromMs) / everyMs));
    return { everyMs, nextMs: this.#fromMs + (passed + 1) * everyMs };
  }
}

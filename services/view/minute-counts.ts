export const MINUTE_MS = 60_000;
export const minuteOf = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS);

/** Minutes since 1970 in which something was noted, ascending, each with how often. */
export class MinuteCounts {
  readonly minutes: number[] = [];
  readonly counts: number[] = [];
  readonly #keptMinutes: number;

  /** @param keptMinutes how far behind the latest a minute is kept at least */
  constructor(keptMinutes: number) {
    this.#keptMinutes = keptMinutes;
  }

  /** How often the minute was noted with this. */
  note(minute: number): number {
    const index = this.from(minute);
    if (this.minutes[index] === minute) {
      this.counts[index] = (this.counts[index] as number) + 1;
      return this.counts[index] as number;
    }
    // Pools that are read one after the other bring earlier minutes too.
    this.minutes.splice(index, 0, minute);
    this.counts.splice(index, 0, 1);
    if (this.minutes.length > 2 * this.#keptMinutes) this.#forget();
    return 1;
  }

  /** Index of the first minute that is not before `minute`. */
  from(minute: number): number {
    let [low, high] = [0, this.minutes.length];
    if (high > 0 && (this.minutes[high - 1] as number) < minute) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.minutes[middle] as number) < minute) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(minute: number): boolean {
    return this.minutes[this.from(minute)] === minute;
  }

  #forget(): void {
    const dropped = this.from((this.minutes.at(-1) as number) - this.#keptMinutes);
    this.minutes.splice(0, dropped);
    this.counts.splice(0, dropped);
  }
}

export const MINUTE_MS = 60_000;
export const DAY_MINUTES = 1_440;
export const minuteOf = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS);

/** Index of the first of so many in ascending order that is not before; the count where all are. */
export function firstIndex(count: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

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
    const { length } = this.minutes;
    if (length > 0 && (this.minutes[length - 1] as number) < minute) return length;
    return firstIndex(length, (index) => (this.minutes[index] as number) < minute);
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

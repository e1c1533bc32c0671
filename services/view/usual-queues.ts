import {
  QUEUE_GROWN_TIMES,
  QUEUE_USUAL_MIN,
  USUAL_CLOCK_MS,
  USUAL_DAYS,
  USUAL_DAYS_MIN,
} from '../live/alert-thresholds.ts';
import {
  DAY_MINUTES,
  firstIndex,
  MINUTE_MS,
  type MinuteCounts,
  minuteOf,
} from './minute-counts.ts';

/** A currency in which more waits than usual: live/alert-thresholds.ts has the rule. */
export interface GrownQueue {
  readonly currency: string;
  readonly waiting: number;
  /** The lower median of what waited at most at this time of day. */
  readonly usual: number;
}

const CLOCK = USUAL_CLOCK_MS / MINUTE_MS;
const KEPT = (USUAL_DAYS + 1) * DAY_MINUTES;

interface MinuteOfQueue {
  readonly minute: number;
  /** The most in it, and at its end. */
  most: number;
  last: number;
}

/** How many payments waited in a currency, by the minutes in which that changed: times must not fall. */
export class QueueMinutes {
  #minutes: MinuteOfQueue[] = [];

  note(timeMs: number, count: number): void {
    const minute = minuteOf(timeMs);
    const latest = this.#minutes.at(-1);
    if (latest && latest.minute >= minute) {
      latest.most = Math.max(latest.most, count);
      latest.last = count;
      return;
    }
    this.#minutes.push({ minute, most: Math.max(latest?.last ?? 0, count), last: count });
    if (this.#minutes.length > 2 * KEPT)
      this.#minutes = this.#minutes.filter((one) => one.minute >= minute - KEPT);
  }

  /**
   * Null: no more than usual, or nothing is known to be usual.
   * @param active minutes in which somebody sent in the currency
   */
  grown(nowMs: number, active: MinuteCounts): Omit<GrownQueue, 'currency'> | null {
    const now = minuteOf(nowMs);
    const waiting = this.#lastUpTo(now);
    if (waiting <= this.#lastUpTo(now - CLOCK - 1)) return null;
    const days: number[] = [];
    for (let day = 1; day <= USUAL_DAYS; day++) {
      const from = now - day * DAY_MINUTES - CLOCK;
      const until = from + 2 * CLOCK;
      if ((active.minutes[active.from(from)] ?? Number.POSITIVE_INFINITY) > until) continue;
      days.push(this.#mostIn(from, until));
    }
    const usual = usualOf(days);
    if (usual === null || waiting <= QUEUE_GROWN_TIMES * Math.max(usual, QUEUE_USUAL_MIN))
      return null;
    return { waiting, usual };
  }

  /** Index of the first minute after `minute`. */
  #after(minute: number): number {
    return firstIndex(
      this.#minutes.length,
      (index) => (this.#minutes[index] as MinuteOfQueue).minute <= minute,
    );
  }

  #lastUpTo(minute: number): number {
    return this.#minutes[this.#after(minute) - 1]?.last ?? 0;
  }

  #mostIn(from: number, until: number): number {
    const within = this.#minutes.slice(this.#after(from - 1), this.#after(until));
    return Math.max(this.#lastUpTo(from - 1), ...within.map(({ most }) => most));
  }
}

/** The lower median of those days that count; null: too few do. */
export function usualOf(days: readonly number[]): number | null {
  if (days.length < USUAL_DAYS_MIN) return null;
  const sorted = [...days].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1] as number;
}

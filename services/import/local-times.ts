/**
 * Local times of a source to instants, and back: a zone is asked once for each of its minutes. Of a scenario:
 * scenario/local-time-to-instant.ts.
 */
import { DateTime } from 'luxon';
import { instantMs, isDate } from '../scenario/local-time-to-instant.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Offsets change at quarters of an hour, everywhere since 1970. */
const QUARTER_MS = 15 * MINUTE_MS;

/** A minute as a zone's clocks show it. */
interface LocalMinute {
  /** The first of its instants. */
  readonly atMs: number;
  /** How often it comes: not where the clocks go forward over it, twice where they go back over it. */
  readonly comes: 0 | 1 | 2;
}

export class LocalTimes {
  readonly #zone: string;
  readonly #dates = new Map<string, boolean>();
  readonly #minutes = new Map<string, Map<number, LocalMinute>>();
  readonly #offsets = new Map<number, number>();
  readonly #days = new Map<number, string>();

  constructor(zone: string) {
    this.#zone = zone;
  }

  isDate(date: string): boolean {
    let is = this.#dates.get(date);
    if (is === undefined) {
      is = isDate(date);
      this.#dates.set(date, is);
    }
    return is;
  }

  /** The instant of a local time on a date of the calendar: the first, where it comes twice. */
  instantOf(date: string, timeMs: number): number {
    return this.#minuteOf(date, timeMs).atMs + (timeMs % MINUTE_MS);
  }

  /** How often the zone's clocks show a local time on a date of the calendar. */
  comes(date: string, timeMs: number): LocalMinute['comes'] {
    return this.#minuteOf(date, timeMs).comes;
  }

  #minuteOf(date: string, timeMs: number): LocalMinute {
    const minutes = this.#minutes.get(date) ?? new Map<number, LocalMinute>();
    if (minutes.size === 0) this.#minutes.set(date, minutes);
    const minute = Math.floor(timeMs / MINUTE_MS);
    let found = minutes.get(minute);
    if (found === undefined) {
      const two = (value: number) => String(value).padStart(2, '0');
      const text = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
      const atMs = instantMs(date, text, this.#zone);
      const local = this.localOf(atMs);
      const isShown = local.date === date && local.timeMs === minute * MINUTE_MS;
      const offsets = DateTime.fromMillis(atMs, { zone: this.#zone }).getPossibleOffsets();
      found = { atMs, comes: isShown ? (offsets.length > 1 ? 2 : 1) : 0 };
      minutes.set(minute, found);
    }
    return found;
  }

  /** The local date and time of an instant. */
  localOf(atMs: number): { date: string; timeMs: number } {
    const quarter = Math.floor(atMs / QUARTER_MS);
    let offsetMs = this.#offsets.get(quarter);
    if (offsetMs === undefined) {
      offsetMs = DateTime.fromMillis(quarter * QUARTER_MS, { zone: this.#zone }).offset * MINUTE_MS;
      this.#offsets.set(quarter, offsetMs);
    }
    const day = Math.floor((atMs + offsetMs) / DAY_MS);
    let date = this.#days.get(day);
    if (date === undefined) {
      date = new Date(day * DAY_MS).toISOString().slice(0, 10);
      this.#days.set(day, date);
    }
    return { date, timeMs: atMs + offsetMs - day * DAY_MS };
  }
}

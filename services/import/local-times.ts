/** Local times of a source to instants, and back: a zone is asked once for each of its minutes. */
import { DateTime } from 'luxon';
import { instantMs, isDate } from '../scenario/instants.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Offsets change at quarters of an hour, everywhere since 1970. */
const QUARTER_MS = 15 * MINUTE_MS;

export class LocalTimes {
  readonly #zone: string;
  readonly #dates = new Map<string, boolean>();
  readonly #minutes = new Map<string, Map<number, number>>();
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

  /** The instant of a local time on a date of the calendar. */
  instantOf(date: string, timeMs: number): number {
    const minutes = this.#minutes.get(date) ?? new Map<number, number>();
    if (minutes.size === 0) this.#minutes.set(date, minutes);
    const minute = Math.floor(timeMs / MINUTE_MS);
    let atMs = minutes.get(minute);
    if (atMs === undefined) {
      const two = (value: number) => String(value).padStart(2, '0');
      atMs = instantMs(date, `${two(Math.floor(minute / 60))}:${two(minute % 60)}`, this.#zone);
      minutes.set(minute, atMs);
    }
    return atMs + (timeMs % MINUTE_MS);
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

import type { StatementRules } from '../protocol/records/control-record.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * When reports fall due, by the pool's own time: at times of day in UTC, every so many minutes since 1970,
 * or never.
 */
export class ReportTimes {
  readonly #everyMs: number;
  /** Ms after midnight, UTC. */
  readonly #times: readonly number[];
  /** Not due before it. */
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor({ reportEveryMinutes, reportTimes }: StatementRules) {
    this.#everyMs = reportEveryMinutes * MINUTE_MS;
    this.#times = reportTimes.map((time) => Date.parse(`1970-01-01T${time}:00Z`));
  }

  /**
   * Takes the time of every event, in order. The last instant that fell due since the event before, up to
   * and with this one's time; null: none did. What fell due between is told by the last alone: nothing
   * has happened since.
   */
  pass(timeMs: number): number | null {
    if (timeMs < this.#nextMs) return null;
    const isFirst = this.#nextMs === Number.NEGATIVE_INFINITY;
    const dueMs = this.#lastUntil(timeMs);
    this.#nextMs = this.#firstAfter(timeMs);
    return isFirst || dueMs === Number.NEGATIVE_INFINITY ? null : dueMs;
  }

  #lastUntil(timeMs: number): number {
    const every = this.#everyMs;
    const days = Math.floor(timeMs / DAY_MS) * DAY_MS;
    const ofDay = this.#times.map((at) => (days + at <= timeMs ? days + at : days + at - DAY_MS));
    return Math.max(
      every > 0 ? Math.floor(timeMs / every) * every : Number.NEGATIVE_INFINITY,
      ...ofDay,
    );
  }

  #firstAfter(timeMs: number): number {
    const every = this.#everyMs;
    const days = Math.floor(timeMs / DAY_MS) * DAY_MS;
    const ofDay = this.#times.map((at) => (days + at > timeMs ? days + at : days + at + DAY_MS));
    return Math.min(
      every > 0 ? (Math.floor(timeMs / every) + 1) * every : Number.POSITIVE_INFINITY,
      ...ofDay,
    );
  }
}

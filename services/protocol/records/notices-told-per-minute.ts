/**
 * Which notices are told. Anybody may send what names a bank and fails authentication, so of the
 * notices to one bank in one minute of the pool's time the first NOTICES_PER_MINUTE are told; the
 * others are counted, and the count is told with the first event of a later minute. It is a function
 * of the events alone: a notifier that repeats them tells the same.
 */
export const NOTICES_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** Notices of one minute that were not told. */
export interface Withheld {
  /** Handle of the participant that they name. */
  readonly participant: number;
  readonly count: number;
  /** When the minute began. */
  readonly fromMs: number;
}

export class NoticeLimit {
  #minute = Number.NEGATIVE_INFINITY;
  /** Notices of this minute, by participant. */
  readonly #notices = new Map<number, number>();

  /** Takes the time of every event, in order; what was withheld in a minute that is over by then. */
  pass(timeMs: number): Withheld[] {
    const minute = Math.floor(timeMs / MINUTE_MS);
    if (minute <= this.#minute) return NONE;
    const fromMs = this.#minute * MINUTE_MS;
    this.#minute = minute;
    if (this.#notices.size === 0) return NONE;
    const withheld = [...this.#notices]
      .filter(([, count]) => count > NOTICES_PER_MINUTE)
      .map(([participant, count]) => ({ participant, count: count - NOTICES_PER_MINUTE, fromMs }));
    this.#notices.clear();
    return withheld;
  }

  /** Takes a notice, after its time; whether it is told. */
  tells(participant: number): boolean {
    const count = (this.#notices.get(participant) ?? 0) + 1;
    this.#notices.set(participant, count);
    return count <= NOTICES_PER_MINUTE;
  }
}

const NONE: Withheld[] = [];

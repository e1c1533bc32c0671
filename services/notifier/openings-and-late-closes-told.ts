import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { DayEventCode } from '../protocol/messages/system-event.ts';

/**
 * A close is late when so much time has passed since its cut-off: the record that closes is written by a
 * clock of its own, some ticks after the instant.
 */
export const DELAY_MS = 60_000;

/** What is told of a currency's business date. Times in ms. */
export interface DayNotice {
  readonly code: DayEventCode;
  readonly currency: number;
  /** Days since 1970. */
  readonly date: number;
  readonly atMs: number;
}

/** How the business date of a currency stands. Times in ms. */
export interface CurrencyDate {
  /** Days since 1970. */
  readonly date: number;
  readonly openedMs: number;
  readonly cutOffMs: number;
  /** Null: it is open. */
  readonly closedMs: number | null;
}

interface OpenDate {
  readonly currency: number;
  readonly date: number;
  readonly cutOffMs: number;
  /** What of it has been told since it opened. */
  cutOffIsTold: boolean;
  delayIsTold: boolean;
}

/**
 * Openings, cut-offs, closes, and closes that are late: a cut-off with the first event from its instant on, a delay
 * when the first record is over that is a minute later, each once for a business date. A function of the events.
 */
export class BusinessDay {
  readonly #open = new Map<number, OpenDate>();
  /** The last business date of each currency. */
  readonly #dates = new Map<number, CurrencyDate>();
  /** When the next cut-off or delay that is not told will be. */
  #nextMs = Number.POSITIVE_INFINITY;

  /** The present business date of a currency, or the last; undefined: it has not opened yet. */
  of(currency: number): CurrencyDate | undefined {
    return this.#dates.get(currency);
  }

  /** Dates that are told to be late, and open still. */
  late(): readonly Pick<DayNotice, 'currency' | 'date'>[] {
    return [...this.#open.values()].filter(({ delayIsTold }) => delayIsTold);
  }

  take(event: SettlementEvent): readonly DayNotice[] {
    const due = event.timeMs >= this.#nextMs ? this.#cutOffs(event.timeMs) : NONE;
    if (event.kind === 'opened') {
      const { currency, date, closesAtMs: cutOffMs } = event;
      this.#dates.set(currency, { date, openedMs: event.timeMs, cutOffMs, closedMs: null });
      this.#open.set(currency, {
        ...{ currency, date, cutOffMs },
        ...{ cutOffIsTold: false, delayIsTold: false },
      });
      this.#await();
      return [...due, { code: 'OPEN', currency, date, atMs: cutOffMs }];
    }
    if (event.kind !== 'closed') return due;
    const { currency, date, timeMs } = event;
    this.#open.delete(currency);
    const known = this.#dates.get(currency);
    if (known) this.#dates.set(currency, { ...known, closedMs: timeMs });
    this.#await();
    return [...due, { code: 'CLSD', currency, date, atMs: timeMs }];
  }

  /** A record is over: what it has not closed and should have been closed a minute ago is late. */
  conclude(timeMs: number): readonly DayNotice[] {
    if (timeMs < this.#nextMs) return NONE;
    const late = [...this.#open.values()].filter(
      ({ cutOffMs, delayIsTold }) => !delayIsTold && cutOffMs + DELAY_MS <= timeMs,
    );
    for (const open of late) open.delayIsTold = true;
    this.#await();
    return late.map(({ currency, date, cutOffMs: atMs }) => ({
      ...{ code: 'DLAY', currency, date, atMs },
    }));
  }

  #cutOffs(timeMs: number): DayNotice[] {
    const past = [...this.#open.values()].filter(
      ({ cutOffMs, cutOffIsTold }) => !cutOffIsTold && cutOffMs <= timeMs,
    );
    for (const open of past) open.cutOffIsTold = true;
    this.#await();
    return past.map(({ currency, date, cutOffMs: atMs }) => ({
      ...{ code: 'COFF', currency, date, atMs },
    }));
  }

  #await(): void {
    this.#nextMs = Number.POSITIVE_INFINITY;
    for (const { cutOffMs, cutOffIsTold, delayIsTold } of this.#open.values()) {
      if (delayIsTold) continue;
      this.#nextMs = Math.min(this.#nextMs, cutOffIsTold ? cutOffMs + DELAY_MS : cutOffMs);
    }
  }
}

const NONE: readonly DayNotice[] = [];

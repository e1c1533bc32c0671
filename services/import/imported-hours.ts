/** When currencies are open: as the mapping says, else as the source's payments need. */

import { LocalTimes } from './local-times.ts';
import type { Mapping } from './mapping.ts';

const HOUR_MS = 3_600_000;
const HOURS_MAX = 24;

interface Seen {
  firstMs: number;
  lastMs: number;
}

export class OpeningHours {
  readonly #given: Readonly<Record<string, object>>;
  readonly #zone: string;
  readonly #times: LocalTimes;
  readonly #seen = new Map<string, Seen>();
  readonly assumed: string[] = [];

  constructor({ scenario, payments }: Mapping) {
    this.#given = (scenario.currencies ?? {}) as Record<string, object>;
    this.#zone = payments.zone;
    this.#times = new LocalTimes(payments.zone);
  }

  /** @param timeMs of something in the currency, local, since midnight */
  see(code: string, timeMs: number): void {
    const seen = this.#seen.get(code);
    if (seen === undefined) this.#seen.set(code, { firstMs: timeMs, lastMs: timeMs });
    else if (timeMs < seen.firstMs) seen.firstMs = timeMs;
    else if (timeMs > seen.lastMs) seen.lastMs = timeMs;
  }

  /** What was observed on the payment's date; a later date has hours of its own. */
  seeInstant(code: string, date: string, atMs: number): void {
    const local = this.#times.localOf(atMs);
    if (local.date === date) this.see(code, local.timeMs);
  }

  /**
   * As a scenario has them: full hours around what was seen.
   * @param codes of all accounts, securities among them, which the mapping has under `securities`
   */
  currencies(codes: readonly string[]): Record<string, unknown> {
    const currencies: Record<string, unknown> = {};
    for (const code of new Set([...Object.keys(this.#given), ...codes])) {
      if (code.length > 3) continue;
      const given = this.#given[code];
      if (given !== undefined && 'opens' in given) {
        currencies[code] = given;
        continue;
      }
      const { firstMs, lastMs } = this.#seen.get(code) ?? this.#all();
      const opens = hour(Math.floor(firstMs / HOUR_MS));
      // A payment at the very moment of the cut-off is too late.
      const closes = hour(Math.min(HOURS_MAX, Math.floor(lastMs / HOUR_MS) + 1));
      currencies[code] = { opens, closes, zone: this.#zone, ...given };
      this.assumed.push(
        `${code} is open from ${opens} to ${closes} ${this.#zone}: full hours around its payments.`,
      );
    }
    return currencies;
  }

  /** Around everything, for a currency in which nothing is paid. */
  #all(): Seen {
    const all = [...this.#seen.values()];
    return {
      firstMs: Math.min(...all.map(({ firstMs }) => firstMs)),
      lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
    };
  }
}

const hour = (count: number): string => `${String(count).padStart(2, '0')}:00`;

import { BANK_OUTAGE_RANGE_MS } from '../live/alert-thresholds.ts';

const DAY_MS = 86_400_000;
/** By which days are counted, since 1970, UTC. */
export const dayOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS);
const DAYS = BANK_OUTAGE_RANGE_MS / DAY_MS;

/** Amounts by day, of the days that a bank's share is told from. */
export class DaySums {
  readonly #days = new Map<number, bigint>();

  add(timeMs: number, amount: bigint): void {
    const day = dayOf(timeMs);
    const known = this.#days.get(day);
    this.#days.set(day, (known ?? 0n) + amount);
    if (known !== undefined) return;
    for (const one of this.#days.keys()) if (one <= day - 2 * DAYS) this.#days.delete(one);
  }

  /** Of the day and the seven before. */
  upTo(day: number): bigint {
    let sum = 0n;
    for (const [one, amount] of this.#days) if (one <= day && one > day - DAYS) sum += amount;
    return sum;
  }
}

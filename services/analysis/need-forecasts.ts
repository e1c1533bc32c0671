import { mean, quantileSorted } from 'simple-statistics';
import { type AccountKey, accountKey } from './ledger.ts';
import type { AccountHour, HourNeed } from './needs-by-hour.ts';

/** Of an account's liquidity need for the rest of a date, minor units: docs/indicators.md has the definition. */
export interface NeedForecast {
  /** Dates on which it rests. */
  readonly dates: number;
  /** Of NEED_QUANTILES. */
  readonly lowerMinor: bigint;
  readonly middleMinor: bigint;
  readonly upperMinor: bigint;
}

/** The interval between the first and the last holds the need of four dates in five. */
export const NEED_QUANTILES = [0.1, 0.5, 0.9] as const;
/** Dates before, of the account, that count at most, and that are needed at least. */
export const NEED_DATES_MAX = 20;
export const NEED_DATES_MIN = 4;

/** An account on a date that closed, minor units. */
interface Known {
  readonly date: number;
  /** By hour. */
  readonly needs: ReadonlyMap<number, { readonly need: number; readonly moved: number }>;
  /** What payments moved on the whole date. */
  readonly moved: number;
}

/** Forecasts of what accounts will need until the close, each from the same account's dates before. */
export class NeedForecasts {
  /** The last date last. */
  readonly #known = new Map<AccountKey, Known[]>();

  /** A date of a currency, as it closed; where it closes again, that counts in place of the first. */
  learn(needs: readonly HourNeed[]): void {
    const accounts = new Map<AccountKey, HourNeed[]>();
    for (const need of needs) {
      const key = accountKey(need.participant, need.currency);
      const own = accounts.get(key);
      if (own) own.push(need);
      else accounts.set(key, [need]);
    }
    for (const [key, own] of accounts) {
      const { date, dateMovedMinor } = own[0] as HourNeed;
      const before = (this.#known.get(key) ?? []).filter((known) => known.date !== date);
      const of = own.map(
        ({ hour, needMinor, movedMinor }) =>
          [hour, { need: Number(needMinor), moved: Number(movedMinor) }] as const,
      );
      const known = { date, needs: new Map(of), moved: Number(dateMovedMinor) };
      this.#known.set(key, [...before, known].slice(-NEED_DATES_MAX));
    }
  }

  /** Null: too few dates have this hour. */
  of({ participant, currency, date, hour, movedMinor }: AccountHour): NeedForecast | null {
    const known = this.#known.get(accountKey(participant, currency)) ?? [];
    const same = known.flatMap((one) => {
      const at = one.date === date ? undefined : one.needs.get(hour);
      return at ? [{ ...at, whole: one.moved }] : [];
    });
    if (same.length < NEED_DATES_MIN) return null;
    const usual = mean(same.map(({ whole }) => whole));
    const usualSoFar = mean(same.map(({ moved }) => moved));
    const scale = usual === 0 ? 1 : (Number(movedMinor) + usual - usualSoFar) / usual;
    const needs = same.map(({ need }) => need).sort((a, b) => a - b);
    const [lowerMinor, middleMinor, upperMinor] = NEED_QUANTILES.map((share) =>
      BigInt(Math.round(scale * quantileOf(needs, share))),
    ) as [bigint, bigint, bigint];
    return { dates: same.length, lowerMinor, middleMinor, upperMinor };
  }
}

/**
 * Below which the share lies of what comes next, where it is drawn as these were: its rank is share x (n + 1). The library's
 * rank is share x (n - 1) + 1. Beyond the least or the largest it is that one.
 */
function quantileOf(ascending: readonly number[], share: number): number {
  const n = ascending.length;
  const place = ((n + 1) * share - 1) / (n - 1);
  return quantileSorted(ascending as number[], Math.min(1, Math.max(0, place)));
}

import type { NoteAccount } from '../analysis/audited-accounts-book.ts';

export const HOUR_MS = 3_600_000;

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** By how much payments had drawn an account below what was put in, minor units; 0: not at all. */
interface Hour {
  readonly hourMs: number;
  most: bigint;
  /** As the hour ended. */
  last: bigint;
}

/** Of each account the hours in which something was booked on it, in order. */
export type DrawnByHour = ReadonlyMap<string, readonly Readonly<Hour>[]>;

/** Follows the accounts of a pool through its hours. */
export class HourlyLiquidity {
  readonly #hours = new Map<number, Hour[]>();

  readonly note: NoteAccount = ({ participant, currency }, drawnMinor, timeMs) => {
    const key = keyOf(participant, currency);
    const hours = this.#hours.get(key) ?? [];
    this.#hours.set(key, hours);
    const drawn = drawnMinor > 0n ? drawnMinor : 0n;
    const hourMs = hourOf(timeMs);
    const before = hours.at(-1);
    if (before?.hourMs !== hourMs) {
      const start = before?.last ?? 0n;
      hours.push({ hourMs, most: start > drawn ? start : drawn, last: drawn });
      return;
    }
    if (drawn > before.most) before.most = drawn;
    before.last = drawn;
  };

  of(participant: number, currency: number): readonly Readonly<Hour>[] {
    return this.#hours.get(keyOf(participant, currency)) ?? [];
  }
}

/** Currencies have 16 bits. */
const keyOf = (participant: number, currency: number): number => participant * 0x10000 + currency;

/** The most in an hour; where nothing was booked in it, what the one before ended with. */
export function drawnIn(hours: readonly Readonly<Hour>[], hourMs: number): bigint {
  const at = hours.findLast((hour) => hour.hourMs <= hourMs);
  if (at === undefined) return 0n;
  return at.hourMs === hourMs ? at.most : at.last;
}

/**
 * What the default of the one and of the two participants with the largest shortfall leaves uncovered, by currency and
 * hour: what resources a system needs (CPMI-IOSCO, Principles for financial market infrastructures, 4 and 7).
 */
import { legsOf } from '../../analysis/credit-and-limits-book.ts';
import { type AccountKey, accountKey, type LedgerAccount } from '../../analysis/ledger.ts';
import type { EventOf } from '../../core/settlement/settlement-event.ts';
import { bicOf, type DirectoryNames } from '../../protocol/names/directory.ts';
import type { OpenHours } from '../../scenario/scenario.ts';

/** Minor units, above 0. */
interface Shortfall {
  readonly participant: number;
  readonly minor: bigint;
}

/** At a full hour, after all of that instant: by currency the three largest, the larger first. */
export interface HourShortfalls {
  readonly atMs: number;
  readonly byCurrency: ReadonlyMap<number, readonly Shortfall[]>;
}

const HOUR_MS = 3_600_000;
/** The two largest, and one that may be the currency's issuer. */
const KEPT = 3;

/** Looks at the accounts at each full hour up to which something happened. */
export class CoverBook {
  /** Up to this full hour what was looked at is not known yet. */
  hourMs = Number.NEGATIVE_INFINITY;
  readonly #hours: HourShortfalls[] = [];
  /** What accounts are to pay less what they are to be paid, of the payments that are accepted for netting. */
  readonly #owed = new Map<AccountKey, bigint>();

  accepted(event: EventOf<'accepted'>): void {
    this.#count(event, 1n);
  }

  /** It is settled by a cycle, or unwound: it is in no net position any more. */
  ended(event: EventOf<'settled' | 'unwound'>): void {
    this.#count(event, -1n);
  }

  #count(event: EventOf<'accepted' | 'settled' | 'unwound'>, sign: bigint): void {
    for (const { debtor, creditor, currency, amount } of legsOf(event)) {
      this.#add(accountKey(debtor, currency), sign * amount);
      this.#add(accountKey(creditor, currency), -sign * amount);
    }
  }

  #add(account: AccountKey, amount: bigint): void {
    this.#owed.set(account, (this.#owed.get(account) ?? 0n) + amount);
  }

  /** Before an event that lies behind the hour: all before it is done. */
  pass(timeMs: number, accounts: Iterable<LedgerAccount>): void {
    if (this.hourMs > Number.NEGATIVE_INFINITY) this.#hours.push(this.#look(accounts));
    this.hourMs = Math.ceil(timeMs / HOUR_MS) * HOUR_MS;
  }

  /** In order of time; between two of them nothing changed after the hour of the first. */
  hours(accounts: Iterable<LedgerAccount>): readonly HourShortfalls[] {
    return this.hourMs === Number.NEGATIVE_INFINITY
      ? this.#hours
      : [...this.#hours, this.#look(accounts)];
  }

  #look(accounts: Iterable<LedgerAccount>): HourShortfalls {
    const byCurrency = new Map<number, Shortfall[]>();
    for (const { participant, currency, balance, collateral } of accounts) {
      const owed = this.#owed.get(accountKey(participant, currency)) ?? 0n;
      const minor = owed - balance - collateral;
      if (minor <= 0n) continue;
      const all = byCurrency.get(currency) ?? [];
      byCurrency.set(currency, all);
      all.push({ participant, minor });
    }
    for (const all of byCurrency.values()) {
      all.sort((a, b) => (a.minor < b.minor ? 1 : a.minor > b.minor ? -1 : 0));
      all.length = Math.min(all.length, KEPT);
    }
    return { atMs: this.hourMs, byCurrency };
  }
}

/** At a full hour while the currency is open. */
export interface CoverAtHour {
  readonly atMs: number;
  /** Whose is the largest shortfall, and whose the second; null: no other has any. */
  readonly participant: string;
  readonly second: string | null;
  /** What the default of the one, and of both, leaves uncovered. */
  readonly oneMinor: bigint;
  readonly twoMinor: bigint;
}

export interface CoverFigures {
  /** The most that they come to. */
  readonly defaultCover: { readonly oneMinor: bigint; readonly twoMinor: bigint };
  /** Hours at which there is any. */
  readonly defaultCoverByHour: readonly CoverAtHour[];
}

/**
 * @param seen in order of time
 * @param currency a handle
 * @param hours by business date
 * @param issuer BIC of the currency's own: what it issued is no credit that it drew; null: the operator
 */
export function coverFigures(
  seen: readonly HourShortfalls[],
  currency: number,
  hours: readonly (OpenHours | null)[],
  directory: DirectoryNames,
  issuer: string | null,
): CoverFigures {
  const defaultCoverByHour: CoverAtHour[] = [];
  let next = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const open of hours) {
    if (!open) continue;
    // Around the clock a date begins at the hour at which the one before ends.
    const firstMs = Math.max(Math.ceil(open.opensMs / HOUR_MS) * HOUR_MS, lastMs + HOUR_MS);
    for (let atMs = firstMs; atMs <= open.closesMs; atMs += HOUR_MS) {
      lastMs = atMs;
      while (next < seen.length && (seen[next] as HourShortfalls).atMs <= atMs) next += 1;
      const [largest, second] = (seen[next - 1]?.byCurrency.get(currency) ?? []).filter(
        ({ participant }) => bicOf(directory, participant) !== issuer,
      );
      if (largest === undefined) continue;
      defaultCoverByHour.push({
        atMs,
        participant: bicOf(directory, largest.participant),
        second: second ? bicOf(directory, second.participant) : null,
        oneMinor: largest.minor,
        twoMinor: largest.minor + (second?.minor ?? 0n),
      });
    }
  }
  const most = (of: 'oneMinor' | 'twoMinor') =>
    defaultCoverByHour.reduce((found, hour) => (hour[of] > found ? hour[of] : found), 0n);
  return {
    defaultCover: { oneMinor: most('oneMinor'), twoMinor: most('twoMinor') },
    defaultCoverByHour,
  };
}

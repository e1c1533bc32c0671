/**
 * What the default of the one and of the two participants with the largest shortfall leaves uncovered, by currency and
 * hour: what resources a system needs (CPMI-IOSCO, Principles for financial market infrastructures, 4 and 7).
 */
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { legsOf } from './credit-and-limits-book.ts';
import { type AccountKey, accountKey, type LedgerAccount } from './ledger.ts';

/** At a full hour while the currency is open, after all of that instant; minor units. */
export interface CoverHour {
  readonly atMs: number;
  readonly currency: number;
  /** Whose is the largest shortfall, and whose the second; null: no other has any. */
  readonly participant: number;
  readonly second: number | null;
  /** What the default of the one, and of both, leaves uncovered. */
  readonly oneMinor: bigint;
  readonly twoMinor: bigint;
}

const HOUR_MS = 3_600_000;

/** Looks at the accounts of a pool at each full hour. The issuer of a currency has drawn no credit of it. */
export class CoverBook {
  /** The first full hour that was not looked at: none before the first event. */
  hourMs = Number.NEGATIVE_INFINITY;
  /** By currency that has opened: until when it is open, ms. */
  readonly #untilMs = new Map<number, number>();
  readonly #issuers = new Map<number, number>();
  /** What accounts are to pay less what they are to be paid, of the payments that are accepted for netting. */
  readonly #owed = new Map<AccountKey, bigint>();

  take(event: SettlementEvent): void {
    switch (event.kind) {
      case 'opened':
        this.#untilMs.set(event.currency, Number.POSITIVE_INFINITY);
        return;
      case 'closed':
        this.#untilMs.set(event.currency, event.timeMs);
        return;
      case 'issuerSet':
        this.#issuers.set(event.currency, event.participant);
        return;
      case 'accepted':
        this.#count(event, 1n);
        return;
      // It is in no net position any more.
      case 'unwound':
        this.#count(event, -1n);
        return;
      case 'settled':
        if (event.mechanism === 'deferredNet') this.#count(event, -1n);
    }
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

  /** Before an event that lies behind `hourMs`: the hours before it, of which all is done. */
  pass(timeMs: number, accounts: Iterable<LedgerAccount>): CoverHour[] {
    const hours = [...this.#hours(timeMs, accounts)];
    this.hourMs = Math.ceil(timeMs / HOUR_MS) * HOUR_MS;
    return hours;
  }

  /** No event follows: the hour that may have come with the last. */
  end(accounts: Iterable<LedgerAccount>): CoverHour[] {
    return [...this.#hours(this.hourMs + 1, accounts)];
  }

  /** Those before an instant: in all of them the accounts are as they are now. */
  *#hours(beforeMs: number, accounts: Iterable<LedgerAccount>): Iterable<CoverHour> {
    const open = [...this.#untilMs].filter(([, untilMs]) => untilMs >= this.hourMs);
    if (open.length === 0) return;
    const shortfalls = this.#shortfalls(accounts);
    for (let atMs = this.hourMs; atMs < beforeMs; atMs += HOUR_MS)
      for (const [currency, untilMs] of open) {
        const short = shortfalls.get(currency);
        if (short && untilMs >= atMs) yield { atMs, currency, ...short };
      }
  }

  #shortfalls(accounts: Iterable<LedgerAccount>) {
    const largest = new Map<number, Omit<CoverHour, 'atMs' | 'currency'>>();
    for (const { participant, currency, balance, collateral } of accounts) {
      const owed = this.#owed.get(accountKey(participant, currency)) ?? 0n;
      const minor = owed - balance - collateral;
      if (minor <= 0n || participant === this.#issuers.get(currency)) continue;
      const { oneMinor, twoMinor, ...who } = largest.get(currency) ?? NONE;
      const secondMinor = twoMinor - oneMinor;
      if (minor > oneMinor)
        largest.set(currency, {
          participant,
          second: oneMinor > 0n ? who.participant : null,
          oneMinor: minor,
          twoMinor: minor + oneMinor,
        });
      else if (minor > secondMinor)
        largest.set(currency, {
          ...{ participant: who.participant, second: participant, oneMinor },
          twoMinor: oneMinor + minor,
        });
    }
    return largest;
  }
}

const NONE = { participant: 0, second: null, oneMinor: 0n, twoMinor: 0n } as const;

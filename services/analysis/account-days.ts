import type { EventOf } from '../core/settlement/settlement-event.ts';
import { ExactSum } from './exact-sum.ts';
import type { LedgerAccount } from './ledger.ts';

/** An account on a business date, minor units. */
export interface AccountDay {
  readonly participant: number;
  readonly currency: number;
  /** Days since 1970. */
  readonly date: number;
  /** State time at which the date opened first, ms. */
  readonly openedMs: number;
  /** Of what payments brought less what they took since the opening: the most below zero, and above it; 0 or more. */
  readonly usageMinor: bigint;
  readonly surplusMinor: bigint;
  /** At the opening. */
  readonly balanceMinor: bigint;
  readonly creditLineMinor: bigint;
  /** Capacity of collateral after its haircut. */
  readonly collateralMinor: bigint;
}

/** The date of a currency that opened last. */
interface LastDate extends Pick<AccountDay, 'date' | 'openedMs'> {
  /** Its accounts as it closed; null: it is open. */
  days: readonly AccountDay[] | null;
}

/** An account on that date. */
interface Levels {
  readonly opened: Omit<AccountDay, keyof LastDate | 'usageMinor' | 'surplusMinor'>;
  /** What was put in when these three were of use last: what is put in moves all of them. */
  readonly putIn: ExactSum;
  readonly start: ExactSum;
  readonly lowest: ExactSum;
  readonly highest: ExactSum;
}

/**
 * The accounts of a pool on business dates, from balances that events state: those of what is booked at once are after
 * the whole of it. A date ends as it closes: neither what is promised and settles behind that, nor an account that is
 * opened there, is of it. A live network may open a date again: it goes on.
 */
export class AccountDays {
  /** By currency. */
  readonly #dates: (LastDate | undefined)[] = [];
  /** By the ledger's number of the account. */
  readonly #levels: (Levels | undefined)[] = [];

  /**
   * A payment in one currency. Two comparisons, as there are millions: nothing lies lower without a debit or
   * higher without a credit, and each states the balance after all that is booked with it.
   */
  noteTransfer(debtor: LedgerAccount, creditor: LedgerAccount): void {
    const debited = this.#levels[debtor.number];
    if (debited && debtor.held.isBelow(debited.lowest)) debited.lowest.set(debtor.held);
    const credited = this.#levels[creditor.number];
    if (credited?.highest.isBelow(creditor.held)) credited.highest.set(creditor.held);
  }

  /** The account changed, what was put in perhaps with it; one that is opened in the course of a date begins there. */
  note(account: LedgerAccount): void {
    const levels = this.#levels[account.number];
    if (!levels) {
      if (this.#dates[account.currency]) this.#begin(account);
      return;
    }
    const { putIn, start, lowest, highest } = levels;
    if (!putIn.equals(account.putIn)) {
      for (const level of [start, lowest, highest]) {
        level.subtractSum(putIn);
        level.addSum(account.putIn);
      }
      putIn.set(account.putIn);
    }
    if (account.held.isBelow(lowest)) lowest.set(account.held);
    if (highest.isBelow(account.held)) highest.set(account.held);
  }

  /** Those of the currency's date before, which is over as this one opens: asked before `opened`. */
  endedBy({ currency, date }: EventOf<'opened'>): readonly AccountDay[] {
    const last = this.#dates[currency];
    return last && last.date !== date ? this.#of(currency, last) : [];
  }

  /** @param accounts of the ledger, with the new date's */
  opened({ currency, date, timeMs }: EventOf<'opened'>, accounts: Iterable<LedgerAccount>): void {
    const last = this.#dates[currency];
    if (last?.date === date) {
      last.days = null;
      return;
    }
    this.#dates[currency] = { date, openedMs: timeMs, days: null };
    for (const account of accounts) if (account.currency === currency) this.#begin(account);
  }

  /** Those of the currency's date, in the order in which the accounts were opened. */
  closed({ currency }: EventOf<'closed'>): readonly AccountDay[] {
    const last = this.#dates[currency];
    if (!last) return [];
    last.days = this.#of(currency, last);
    return last.days;
  }

  /** Of the last date of each currency, as far as it has come. */
  get last(): AccountDay[] {
    return this.#dates.flatMap((last, currency) => (last ? this.#of(currency, last) : []));
  }

  #of(currency: number, last: LastDate): readonly AccountDay[] {
    return (
      last.days ??
      this.#levels.flatMap((levels) =>
        levels?.opened.currency === currency ? [dayOf(levels, last)] : [],
      )
    );
  }

  #begin(account: LedgerAccount): void {
    const { participant, currency, creditLine, collateral } = account;
    const held = () => ExactSum.of([account.held]);
    this.#levels[account.number] = {
      opened: {
        ...{ participant, currency, balanceMinor: account.balance },
        ...{ creditLineMinor: creditLine, collateralMinor: collateral },
      },
      ...{ putIn: ExactSum.of([account.putIn]), start: held(), lowest: held(), highest: held() },
    };
  }
}

function dayOf(
  { opened, start, lowest, highest }: Levels,
  { date, openedMs }: LastDate,
): AccountDay {
  const began = start.value;
  return {
    ...{ ...opened, date, openedMs },
    ...{ usageMinor: began - lowest.value, surplusMinor: highest.value - began },
  };
}

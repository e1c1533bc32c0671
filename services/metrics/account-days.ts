import { ExactSum } from '../analysis/exact-sum.ts';
import type { LedgerAccount } from '../analysis/ledger.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { dateText } from '../protocol/names/dates.ts';
import { bicOf, currencyOf } from '../protocol/names/directory.ts';
import type { RowPlace } from './payment-rows.ts';
import { type AccountDayRecord, clickHouseTime } from './rows.ts';

/** Of a currency: the date that opened last. */
interface OpenedDate {
  readonly date: number;
  readonly openedMs: number;
}

/** An account on that date. */
interface DayOfAccount {
  readonly account: LedgerAccount;
  /** At the opening, as they stood. */
  readonly opening: bigint;
  readonly creditLine: bigint;
  readonly collateral: bigint;
  /** What was put in when these three were of use last: what is put in moves all of them. */
  readonly putIn: ExactSum;
  readonly start: ExactSum;
  readonly lowest: ExactSum;
  readonly highest: ExactSum;
}

/**
 * Rows of `account_days` (infra/clickhouse): what `AccountDay` of the report is, from balances that events state
 * alone. Those of what is booked at once are after the whole of it.
 */
export class AccountDays {
  readonly #place: RowPlace;
  /** By currency. */
  readonly #dates: (OpenedDate | undefined)[] = [];
  /** By the ledger's number of the account. */
  readonly #days: (DayOfAccount | undefined)[] = [];

  constructor(place: RowPlace) {
    this.#place = place;
  }

  /**
   * A payment in one currency. Two comparisons, as there are millions: nothing lies lower without a debit or
   * higher without a credit, and each states the balance after all that is booked with it.
   */
  noteTransfer(debtor: LedgerAccount, creditor: LedgerAccount): void {
    const debited = this.#days[debtor.number];
    if (debited && debtor.held.isBelow(debited.lowest)) debited.lowest.set(debtor.held);
    const credited = this.#days[creditor.number];
    if (credited?.highest.isBelow(creditor.held)) credited.highest.set(creditor.held);
  }

  /** The account changed, what was put in perhaps with it; one that is opened in the course of a date begins there. */
  note(account: LedgerAccount): void {
    const day = this.#days[account.number] ?? this.#begun(account);
    if (!day) return;
    const { putIn, start, lowest, highest } = day;
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

  /** A live network may open a date again: it goes on. */
  opened({ currency, date, timeMs }: EventOf<'opened'>, accounts: Iterable<LedgerAccount>): void {
    if (this.#dates[currency]?.date === date) return;
    this.#dates[currency] = { date, openedMs: timeMs };
    for (const account of accounts) {
      if (account.currency !== currency) continue;
      this.#days[account.number] = undefined;
      this.#begun(account);
    }
  }

  /** Of every account of the currency, by name. */
  closed({ number, timeMs, currency }: EventOf<'closed'>): AccountDayRecord[] {
    const { run, pool, directory } = this.#place;
    const opened = this.#dates[currency];
    if (!opened) return [];
    const place = {
      ...{ run, pool, event_number: number, time: clickHouseTime(timeMs) },
      ...{ date: dateText(opened.date), opened_at: clickHouseTime(opened.openedMs) },
      currency: currencyOf(directory, currency),
    };
    return this.#days
      .flatMap((day) => (day?.account.currency === currency ? [day] : []))
      .map((day) => ({
        ...{ ...place, participant: bicOf(directory, day.account.participant) },
        balance_minor: day.opening.toString(),
        credit_line_minor: day.creditLine.toString(),
        collateral_minor: day.collateral.toString(),
        usage_minor: (day.start.value - day.lowest.value).toString(),
        surplus_minor: (day.highest.value - day.start.value).toString(),
      }))
      .sort((a, b) => (a.participant < b.participant ? -1 : 1));
  }

  #begun(account: LedgerAccount): DayOfAccount | undefined {
    if (!this.#dates[account.currency]) return undefined;
    const held = () => ExactSum.of([account.held]);
    const day: DayOfAccount = {
      ...{ account, opening: account.balance, creditLine: account.creditLine },
      ...{ collateral: account.collateral, putIn: ExactSum.of([account.putIn]) },
      ...{ start: held(), lowest: held(), highest: held() },
    };
    this.#days[account.number] = day;
    return day;
  }
}

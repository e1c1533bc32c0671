import type { EventOf } from '../core/settlement/settlement-event.ts';
import { ExactSum } from './exact-sum.ts';
import type { LedgerAccount } from './ledger.ts';

/** An account at a full hour after the opening of a business date, the opening among them; minor units. */
export interface AccountHour {
  readonly participant: number;
  readonly currency: number;
  /** Days since 1970. */
  readonly date: number;
  /** From 0, the opening, to 24. */
  readonly hour: number;
  /** State time, ms. */
  readonly atMs: number;
  readonly balanceMinor: bigint;
  /** Credit line, and capacity of collateral after its haircut. */
  readonly creditMinor: bigint;
  /** What payments had moved since the opening, in and out together, as booked. */
  readonly movedMinor: bigint;
}

/** The same, as the close of the date tells what was to come. */
export interface HourNeed extends AccountHour {
  /** The most by which payments took more than they brought, from the hour to the close; 0 or more. */
  readonly needMinor: bigint;
  /** What payments moved until the close. */
  readonly dateMovedMinor: bigint;
}

/** Of an account, with what payments had brought less what they had taken, since its opening. */
interface Hour extends AccountHour {
  readonly flow: bigint;
  /** The least of that until the next hour. */
  lowest: bigint;
}

/** The date of a currency that opened last. */
interface LastDate {
  readonly date: number;
  readonly openedMs: number;
  isOpen: boolean;
  /** The full hour that comes next. */
  hour: number;
}

interface Levels {
  readonly account: LedgerAccount;
  readonly flow: ExactSum;
  /** The least since the last full hour. */
  readonly lowest: ExactSum;
  readonly moved: ExactSum;
  readonly hours: Hour[];
}

const HOUR_MS = 3_600_000;
/** A date that stays open for longer has no hours behind that. */
const HOURS_MAX = 24;

/**
 * The accounts of a pool at the full hours of business dates, from balances that events state: those of what is booked
 * at once are after the whole of it. What is booked at the very instant of a full hour was before it; of the opening's
 * instant all is to come. A date ends as it closes; where a live network opens it again it goes on, without the hours
 * between. The days: account-days.ts.
 */
export class AccountHours {
  /** By currency. */
  readonly #dates: (LastDate | undefined)[] = [];
  /** By the ledger's number of the account. */
  readonly #levels: (Levels | undefined)[] = [];
  /** Of the currencies that are open, the full hour that comes first, ms. */
  #nextMs = Number.POSITIVE_INFINITY;
  readonly #flow = new ExactSum();

  /** The account changed, what was put in perhaps with it; one that is opened in the course of a date begins there. */
  note(account: LedgerAccount): void {
    const levels = this.#levels[account.number];
    if (!levels) {
      if (this.#dates[account.currency]) this.#begin(account);
      return;
    }
    const now = this.#flow;
    now.set(account.held);
    now.subtractSum(account.putIn);
    const { flow, lowest, moved } = levels;
    if (now.isBelow(flow)) {
      moved.addSum(flow);
      moved.subtractSum(now);
      if (now.isBelow(lowest)) lowest.set(now);
    } else {
      moved.addSum(now);
      moved.subtractSum(flow);
    }
    flow.set(now);
  }

  /** The accounts at the full hours before this time, of an event that is not taken yet. */
  passed(timeMs: number): readonly AccountHour[] {
    if (timeMs <= this.#nextMs) return [];
    const hours = [...this.#dates.keys()].flatMap((currency) => this.#passed(currency, timeMs));
    this.#setNext();
    return hours;
  }

  /** @param accounts of the ledger, with the new date's */
  opened(
    { currency, date, timeMs }: EventOf<'opened'>,
    accounts: Iterable<LedgerAccount>,
  ): readonly AccountHour[] {
    const last = this.#dates[currency];
    if (last?.date === date) {
      last.isOpen = true;
      last.hour = Math.floor((timeMs - last.openedMs) / HOUR_MS) + 1;
      this.#setNext();
      return [];
    }
    this.#dates[currency] = { date, openedMs: timeMs, isOpen: true, hour: 0 };
    for (const account of accounts) if (account.currency === currency) this.#begin(account);
    const hours = this.#passed(currency, timeMs + 1);
    this.#setNext();
    return hours;
  }

  /** Of the currency's date, of an account hour by hour. */
  closed({ currency }: EventOf<'closed'>): readonly HourNeed[] {
    const last = this.#dates[currency];
    if (!last) return [];
    last.isOpen = false;
    this.#setNext();
    return this.#of(currency).flatMap(needsOf);
  }

  #of(currency: number): Levels[] {
    return this.#levels.filter((levels) => levels?.account.currency === currency) as Levels[];
  }

  #passed(currency: number, timeMs: number): AccountHour[] {
    const last = this.#dates[currency];
    const hours: AccountHour[] = [];
    if (!last?.isOpen) return hours;
    for (; nextOf(last) < timeMs; last.hour += 1)
      for (const levels of this.#of(currency)) {
        endHour(levels);
        const { account, flow, moved } = levels;
        const hour: Hour = {
          ...{ participant: account.participant, currency, date: last.date, hour: last.hour },
          ...{ atMs: nextOf(last), balanceMinor: account.balance, movedMinor: moved.value },
          creditMinor: account.creditLine + account.collateral,
          ...{ flow: flow.value, lowest: flow.value },
        };
        levels.hours.push(hour);
        hours.push(hour);
      }
    return hours;
  }

  #setNext(): void {
    const open = this.#dates.filter((last) => last?.isOpen) as LastDate[];
    this.#nextMs = Math.min(...open.map(nextOf));
  }

  #begin(account: LedgerAccount): void {
    const flow = ExactSum.of([account.held]);
    flow.subtractSum(account.putIn);
    const lowest = ExactSum.of([flow]);
    this.#levels[account.number] = { account, flow, lowest, moved: new ExactSum(), hours: [] };
  }
}

const nextOf = ({ openedMs, hour }: LastDate): number =>
  hour > HOURS_MAX ? Number.POSITIVE_INFINITY : openedMs + hour * HOUR_MS;

/** What lay lowest since the last full hour becomes that hour's. */
function endHour({ hours, flow, lowest }: Levels): void {
  const last = hours.at(-1);
  if (last) last.lowest = lowest.value;
  lowest.set(flow);
}

function needsOf(levels: Levels): HourNeed[] {
  const { hours, lowest, moved } = levels;
  const dateMovedMinor = moved.value;
  let least = lowest.value;
  // Of the last hour `lowest` is its own flow still: what lay lowest since then is in `least` already.
  return hours
    .toReversed()
    .map(({ lowest: own, flow, ...hour }) => {
      if (own < least) least = own;
      return { ...hour, needMinor: flow - least, dateMovedMinor };
    })
    .reverse();
}

/**
 * What supervisors monitor of a bank's intraday liquidity: BCBS 248, Monitoring tools for intraday liquidity
 * management (2013), tools A(i) to A(iv) and C(i), by account and month. Positions (A(i): `usageMinor`) come from
 * analysis/account-days.ts, values from the payments. B(i) and B(ii) are of banks that serve others as correspondents,
 * whom no account tells.
 */
import type { AccountDay } from '../../analysis/account-days.ts';
import { ExactSums } from '../../analysis/exact-sum.ts';
import { grown } from '../../analysis/growing-typed-arrays.ts';
import { dateText } from '../../protocol/names/dates.ts';
import { bicOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import type { OpenHours } from '../../scenario/scenario.ts';
import { addFlow, type Flows, isSettled, isWithdrawn } from './liquidity-bounds.ts';
import type { PaymentTable } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';
import { dateIndexAt } from './throughput.ts';

/** Of the dates of a month: those that stand out, and the average, half away from zero to the minor unit. */
export interface OutstandingDates {
  /** Three, or as many as there are dates: the largest first. Of what is available the smallest first. */
  readonly outstandingMinor: readonly bigint[];
  readonly averageMinor: bigint;
}

export interface IntradayLiquidity {
  readonly participant: string;
  /** As 2026-03. */
  readonly month: string;
  readonly dates: number;
  /** A(i): the most by which the payments made exceeded those received since the opening, and the reverse. */
  readonly maximumUsage: OutstandingDates;
  readonly largestPositive: OutstandingDates;
  /** A(ii): balance, credit line and collateral at the opening, and the average of each. */
  readonly available: OutstandingDates & {
    readonly averageBalanceMinor: bigint;
    readonly averageCreditLineMinor: bigint;
    readonly averageCollateralMinor: bigint;
  };
  /** A(iii): gross, of what settled on the date. */
  readonly sent: OutstandingDates;
  readonly received: OutstandingDates;
  /** A(iv): urgent payments that came in for the date's close; missed: what had not settled by then. */
  readonly timeSpecific: OutstandingDates & {
    readonly payments: number;
    readonly missed: number;
    readonly missedMinor: bigint;
  };
  /**
   * C(i): by full hours after the opening, from 1, what of the value sent on a date had settled: the average over the
   * dates on which it sent any. Empty: there was none.
   */
  readonly throughput: readonly number[];
}

const OUTSTANDING = 3;
const HOUR_MS = 3_600_000;
const FIRST_ROOM = 16;

/**
 * By account and month.
 * @param days of the currency's accounts
 * @param flows of the currency's payments
 * @param businessDates of the run, YYYY-MM-DD
 */
export function intradayLiquidity(
  days: readonly AccountDay[],
  flows: DayFlows,
  directory: DirectoryNames,
  businessDates: readonly string[],
): IntradayLiquidity[] {
  const months = monthsOf(days, (day) => ({
    ...day,
    ...flows.of(day.participant, businessDates.indexOf(dateText(day.date))),
  }));
  return months.map(({ participant, month, days }) =>
    monthOf(bicOf(directory, participant), month, days, flows.hourCount),
  );
}

/** Days by account and month, in the order in which they come. */
function monthsOf(days: readonly AccountDay[], dayOf: (day: AccountDay) => Day): AccountMonth[] {
  const months = new Map<string, AccountMonth>();
  for (const day of days) {
    const month = dateText(day.date).slice(0, 7);
    const key = `${day.participant} ${month}`;
    let of = months.get(key);
    if (!of) {
      of = { participant: day.participant, month, days: [] };
      months.set(key, of);
    }
    of.days.push(dayOf(day));
  }
  return [...months.values()];
}

type Day = AccountDay & ReturnType<DayFlows['of']>;

interface AccountMonth {
  readonly participant: number;
  readonly month: string;
  readonly days: Day[];
}

function monthOf(
  participant: string,
  month: string,
  days: readonly Day[],
  hourCount: number,
): IntradayLiquidity {
  const largest = (of: (day: Day) => bigint) => outstanding(days.map(of));
  const mean = (of: (day: Day) => bigint) => average(days.map(of));
  const has = (day: Day) => day.balanceMinor + day.creditLineMinor + day.collateralMinor;
  return {
    ...{ participant, month, dates: days.length },
    maximumUsage: largest(({ usageMinor }) => usageMinor),
    largestPositive: largest(({ surplusMinor }) => surplusMinor),
    available: {
      ...outstanding(days.map(has), (a, b) => (a < b ? -1 : 1)),
      averageBalanceMinor: mean(({ balanceMinor }) => balanceMinor),
      averageCreditLineMinor: mean(({ creditLineMinor }) => creditLineMinor),
      averageCollateralMinor: mean(({ collateralMinor }) => collateralMinor),
    },
    sent: largest(({ sentMinor }) => sentMinor),
    received: largest(({ receivedMinor }) => receivedMinor),
    timeSpecific: {
      ...largest(({ dueMinor }) => dueMinor),
      payments: days.reduce((sum, { due }) => sum + due, 0),
      missed: days.reduce((sum, { missed }) => sum + missed, 0),
      missedMinor: days.reduce((sum, { missedMinor }) => sum + missedMinor, 0n),
    },
    throughput: throughputOf(days, hourCount),
  };
}

/** @param order which date stands first */
export function outstanding(
  values: readonly bigint[],
  order = (a: bigint, b: bigint) => (a > b ? -1 : 1),
): OutstandingDates {
  return {
    outstandingMinor: [...values].sort(order).slice(0, OUTSTANDING),
    averageMinor: average(values),
  };
}

/** Half away from zero. */
function average(values: readonly bigint[]): bigint {
  const sum = values.reduce((total, value) => total + value, 0n);
  const count = BigInt(values.length);
  const size = ((sum < 0n ? -sum : sum) * 2n + count) / (count * 2n);
  return sum < 0n ? -size : size;
}

/** Of the average of ratios: so fine that its own nine decimals are right. */
const FINE = 10n ** 18n;

function throughputOf(days: readonly Day[], hourCount: number): number[] {
  const paid = days.filter(({ sentMinor }) => sentMinor > 0n);
  if (paid.length === 0) return [];
  return Array.from({ length: hourCount }, (_, hour) => {
    const shares = paid.map(({ sentMinor, sentByHour }) => {
      const settled = sentByHour.slice(0, hour + 1).reduce((sum, value) => sum + value, 0n);
      return (settled * FINE) / sentMinor;
    });
    return ratio(
      shares.reduce((sum, share) => sum + share, 0n),
      FINE * BigInt(paid.length),
    );
  });
}

const hoursOf = (open: OpenHours | null): number =>
  open ? Math.max(1, Math.ceil((open.closesMs - open.opensMs) / HOUR_MS)) : 0;

/** The payments of a currency by account and date. */
export class DayFlows {
  readonly #payments: PaymentTable;
  readonly #hours: readonly (OpenHours | null)[];
  /** Of the date that is open longest, the last begun hour with it. */
  readonly hourCount: number;
  /** By date, then by participant: the place of the account's sums and 1. */
  readonly #places: Uint32Array[];
  #length = 0;
  readonly #received = new ExactSums();
  /** By place and hour after the opening in which it settled; the last: later than all hours. */
  readonly #sent = new ExactSums();
  #due = new Uint32Array(FIRST_ROOM);
  #missed = new Uint32Array(FIRST_ROOM);
  readonly #dueValue = new ExactSums();
  readonly #missedValue = new ExactSums();
  /** Where what settled is added: its date, and the hour. */
  #date = 0;
  #hour = 0;
  readonly #added: Pick<Flows, 'add'> = {
    add: (debtor, creditor, words, place) => {
      const sender = this.#place(this.#date, debtor);
      this.#sent.addFrom(sender * (this.hourCount + 1) + this.#hour, words, place);
      this.#received.addFrom(this.#place(this.#date, creditor), words, place);
    },
  };

  constructor(payments: PaymentTable, hours: readonly (OpenHours | null)[]) {
    this.#payments = payments;
    this.#hours = hours;
    this.hourCount = Math.max(0, ...hours.map(hoursOf));
    this.#places = hours.map(() => new Uint32Array(payments.directory.participants.length));
  }

  /** @param date its number among the run's; -1: none of it */
  of(participant: number, date: number) {
    const place = (this.#places[date]?.[participant] ?? 0) - 1;
    // At a place that there is not, nothing has been summed up.
    const from = place < 0 ? -1 - this.hourCount : place * (this.hourCount + 1);
    const sent = Array.from({ length: this.hourCount + 1 }, (_, hour) =>
      this.#sent.value(from + hour),
    );
    return {
      receivedMinor: this.#received.value(place),
      sentMinor: sent.reduce((sum, value) => sum + value, 0n),
      sentByHour: sent.slice(0, -1),
      ...{ due: this.#due[place] ?? 0, dueMinor: this.#dueValue.value(place) },
      ...{ missed: this.#missed[place] ?? 0, missedMinor: this.#missedValue.value(place) },
    };
  }

  /** @param date index of the business date on which the payment settled */
  settled(row: number, date: number, isDebited: boolean): void {
    const payments = this.#payments;
    const atMs = payments.of.finalMs[row] as number;
    const opensMs = this.#hours[date]?.opensMs ?? atMs;
    this.#date = date;
    // What settles at a full hour has settled by it.
    const hour = Math.max(0, Math.ceil((atMs - opensMs) / HOUR_MS) - 1);
    this.#hour = Math.min(hour, this.hourCount);
    addFlow(this.#added, payments, row, isDebited);
  }

  /** A valid payment that debits the currency. */
  urgent(row: number): void {
    const payments = this.#payments;
    const { debtors, submittedMs, finalMs } = payments.of;
    // What comes in at the very instant of a close comes in after it.
    const date = dateIndexAt(this.#hours, (submittedMs[row] as number) + 1);
    if (date === null) return;
    const closesMs = this.#hours[date]?.closesMs ?? Number.POSITIVE_INFINITY;
    const isInTime = (finalMs[row] as number) <= closesMs;
    if (isWithdrawn(payments, row) && isInTime) return;
    const place = this.#place(date, debtors[row] as number);
    this.#due[place]! += 1;
    this.#dueValue.addFrom(place, payments.words, row);
    if (isSettled(payments, row) && isInTime) return;
    this.#missed[place]! += 1;
    this.#missedValue.addFrom(place, payments.words, row);
  }

  #place(date: number, participant: number): number {
    const places = this.#places[date] as Uint32Array;
    const known = places[participant] as number;
    return known > 0 ? known - 1 : this.#begin(places, participant);
  }

  #begin(places: Uint32Array, participant: number): number {
    const place = this.#length++;
    places[participant] = this.#length;
    for (const sums of [this.#received, this.#dueValue, this.#missedValue])
      sums.reach(this.#length);
    this.#sent.reach(this.#length * (this.hourCount + 1));
    if (place === this.#due.length) {
      this.#due = grown(this.#due, 2 * place);
      this.#missed = grown(this.#missed, 2 * place);
    }
    return place;
  }
}

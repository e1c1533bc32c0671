/**
 * What supervisors monitor of a bank's intraday liquidity: BCBS 248, Monitoring tools for intraday liquidity
 * management (2013), tools A(i) to A(iv) and C(i), by account and month. Positions (A(i): `usageMinor`) come from
 * analysis/account-days.ts, values from the payments. B(i) and B(ii) are of banks that serve others as correspondents,
 * whom no account tells.
 */
import type { AccountDay } from '../../analysis/account-days.ts';
import { ExactSum } from '../../analysis/exact-sum.ts';
import { PRIORITIES } from '../../protocol/messages/priorities.ts';
import { dateText } from '../../protocol/names/dates.ts';
import { bicOf } from '../../protocol/names/handles-to-names.ts';
import type { OpenHours, ScenarioCurrency } from '../../scenario/scenario.ts';
import { addFlow, type Flows, isSettled, isValid, isWithdrawn } from './liquidity-bounds.ts';
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
const URGENT = PRIORITIES.indexOf('urgent');

/**
 * @param businessDates of the run, YYYY-MM-DD
 * @returns what the days of the currency's accounts complete
 */
export function intradayLiquidity(
  payments: PaymentTable,
  { code, hours }: Pick<ScenarioCurrency, 'code' | 'hours'>,
  businessDates: readonly string[],
): (days: readonly AccountDay[]) => IntradayLiquidity[] {
  const flows = new DayFlows(payments, payments.currency(code) as number, hours);
  const hourCount = Math.max(0, ...hours.map(hoursOf));
  return (days) => {
    const months = monthsOf(days, (day) => ({
      ...day,
      ...flows.of(day.participant, businessDates.indexOf(dateText(day.date))),
    }));
    return months.map(({ participant, month, days }) =>
      monthOf(bicOf(payments.directory, participant), month, days, hourCount),
    );
  };
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

/** What an account sent and received on a date, and what was due. */
class AccountFlows {
  readonly received = new ExactSum();
  /** By the hour after the opening in which it settled. */
  readonly sent: ExactSum[] = [];
  due = 0;
  readonly dueValue = new ExactSum();
  missed = 0;
  readonly missedValue = new ExactSum();
}

/** The payments of a currency by account and date. */
class DayFlows {
  readonly #payments: PaymentTable;
  readonly #currency: number;
  readonly #hours: readonly (OpenHours | null)[];
  /** By date, then by participant. */
  readonly #flows: (AccountFlows | undefined)[][] = [];
  /** Of what settled and is added: its date, and the hour after the opening. */
  #date = 0;
  #hour = 0;
  readonly #added: Pick<Flows, 'add'> = {
    add: (debtor, creditor, words, place) => {
      const { sent } = this.#at(this.#date, debtor);
      const sum = sent[this.#hour] ?? new ExactSum();
      sent[this.#hour] = sum;
      sum.addFrom(words, place);
      this.#at(this.#date, creditor).received.addFrom(words, place);
    },
  };

  constructor(payments: PaymentTable, currency: number, hours: readonly (OpenHours | null)[]) {
    this.#payments = payments;
    this.#currency = currency;
    this.#hours = hours;
    const rows = payments.rowsIn(currency);
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as number;
      if (isSettled(payments, row)) this.#settled(row);
      if (payments.of.priorities[row] === URGENT) this.#due(row);
    }
  }

  /** @param date its number among the run's; -1: none of it */
  of(participant: number, date: number) {
    const { received, sent, due, dueValue, missed, missedValue } =
      this.#flows[date]?.[participant] ?? new AccountFlows();
    return {
      receivedMinor: received.value,
      sentMinor: ExactSum.of(Object.values(sent)).value,
      sentByHour: Array.from(sent, (value) => value?.value ?? 0n),
      ...{ due, dueMinor: dueValue.value, missed, missedMinor: missedValue.value },
    };
  }

  #settled(row: number): void {
    const payments = this.#payments;
    const atMs = payments.of.finalMs[row] as number;
    const date = dateIndexAt(this.#hours, atMs);
    if (date === null) return;
    const opensMs = this.#hours[date]?.opensMs ?? atMs;
    this.#date = date;
    // What settles at a full hour has settled by it.
    this.#hour = Math.max(0, Math.ceil((atMs - opensMs) / HOUR_MS) - 1);
    addFlow(this.#added, payments, row, this.#currency);
  }

  #due(row: number): void {
    const payments = this.#payments;
    const { currencies, debtors, submittedMs, finalMs } = payments.of;
    if (currencies[row] !== this.#currency || !isValid(payments, row)) return;
    // What comes in at the very instant of a close comes in after it.
    const date = dateIndexAt(this.#hours, (submittedMs[row] as number) + 1);
    if (date === null) return;
    const closesMs = this.#hours[date]?.closesMs ?? Number.POSITIVE_INFINITY;
    const isInTime = (finalMs[row] as number) <= closesMs;
    if (isWithdrawn(payments, row) && isInTime) return;
    const flows = this.#at(date, debtors[row] as number);
    flows.due += 1;
    flows.dueValue.addFrom(payments.words, row);
    if (isSettled(payments, row) && isInTime) return;
    flows.missed += 1;
    flows.missedValue.addFrom(payments.words, row);
  }

  #at(date: number, participant: number): AccountFlows {
    const flows = this.#flows[date] ?? [];
    this.#flows[date] = flows;
    const known = flows[participant];
    if (known) return known;
    const made = new AccountFlows();
    flows[participant] = made;
    return made;
  }
}

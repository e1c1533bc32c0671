/** How long value waits: until when what did not settle does (`delayUntil`), and the indicators. Sums are exact. */
import { ExactSum, highOf, lowOf, ProductSum } from '../../analysis/exact-sum.ts';
import type { OpenHours } from '../../scenario/scenario.ts';
import { type PaymentRow, type PaymentTable, STATUS } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';
import { isOfClosed } from './throughput.ts';

/** Submission, the wait's end (`delayUntil`: what did not settle has one too) and the day's end, ms. */
export interface DelayedPayment {
  readonly submittedAtMs: number;
  readonly settledAtMs: number;
  readonly dayEndsAtMs: number;
  /** 0 or more, minor units. */
  readonly valueMinor: bigint;
}

/** Both indicators of delay, payment by payment. */
export class DelaySums {
  readonly #waited = new ProductSum();
  readonly #longest = new ProductSum();
  readonly #sum = new ExactSum();
  /** Of payments that it has beside its own. */
  readonly #others: DelaySums | null;

  constructor(others: DelaySums | null = null) {
    this.#others = others;
  }

  add({ valueMinor, submittedAtMs, settledAtMs, dayEndsAtMs }: DelayedPayment): void {
    const [high, low] = [highOf(valueMinor), lowOf(valueMinor)];
    this.addHalves(high, low, settledAtMs - submittedAtMs, dayEndsAtMs - submittedAtMs);
  }

  /**
   * @param high of the value, and its low half: as exact-sum.ts has them
   * @param waitedMs from submission to settlement
   * @param longestMs from submission to the day's end
   */
  addHalves(high: number, low: number, waitedMs: number, longestMs: number): void {
    this.#waited.add(high, low, waitedMs);
    this.#longest.add(high, low, longestMs);
    this.#sum.addHalves(high, low);
  }

  /**
   * Settlement delay indicator rho = sum v(s - a) / sum v(T - a), between 0 (all at once) and 1 (all
   * at the end of the day); v value, a submission, s settlement, T end of day. Null without payments.
   * Source: Leinonen and Soramaki, Bank of Finland Discussion Paper 16/1999.
   */
  get indicator(): number | null {
    const { waited, longest } = this.#products;
    return longest === 0n ? null : ratio(waited, longest);
  }

  /** Value-weighted delay = sum v(s - a) / sum v, in ms. Null without payments. */
  get weightedMs(): number | null {
    const { waited, value } = this.#products;
    return value === 0n ? null : ratio(waited, value);
  }

  get #products(): { readonly waited: bigint; readonly longest: bigint; readonly value: bigint } {
    const { waited, longest, value } = this.#others === null ? NOTHING : this.#others.#products;
    return {
      waited: waited + this.#waited.value,
      longest: longest + this.#longest.value,
      value: value + this.#sum.value,
    };
  }
}

const NOTHING = { waited: 0n, longest: 0n, value: 0n };

/** Whose delays are summed. */
export interface DelayedPayments {
  /** By pool. */
  readonly payments: readonly PaymentTable[];
  /** Of a currency on its dates, in their order. */
  readonly hours: (currency: string) => readonly OpenHours[];
}

/** Delays by currency debited: of valid payments, and of all. */
export class Delays {
  readonly #valid = new Map<string, DelaySums>();
  readonly #submitted = new Map<string, DelaySums>();

  constructor({ payments, hours }: DelayedPayments) {
    for (const table of payments) this.#add(table, hours);
  }

  /** A payment that did not settle waits to its day's end where all are counted. */
  #add(table: PaymentTable, hoursOf: DelayedPayments['hours']): void {
    const sums = table.directory.currencies.map(({ currency }) => {
      const hours = hoursOf(currency);
      const own = { hours, lastCloseMs: lastClose(hours), afterMs: 0, dayEndsMs: 0 };
      // What settled is the same in both.
      const settled = new DelaySums();
      const [valid, submitted] = [new DelaySums(settled), new DelaySums(settled)];
      this.#valid.set(currency, valid);
      this.#submitted.set(currency, submitted);
      return { ...own, settled, valid, submitted };
    });
    const { currencies, submittedMs, finalMs, statuses } = table.of;
    for (let row = 0; row < table.length; row++) {
      const own = sums[currencies[row] as number];
      if (!own) continue;
      const submittedAtMs = submittedMs[row] as number;
      let endedMs = finalMs[row] as number;
      if (Number.isNaN(endedMs)) endedMs = Math.max(own.lastCloseMs, submittedAtMs);
      // The day of most ends as that of the one before.
      const { afterMs, dayEndsMs } = own;
      if (!(afterMs < endedMs && endedMs <= dayEndsMs && submittedAtMs < dayEndsMs))
        turnDay(own, submittedAtMs, endedMs);
      const longestMs = own.dayEndsMs - submittedAtMs;
      const waitedMs = endedMs - submittedAtMs;
      const high = table.high(row);
      const low = table.low(row);
      const status = statuses[row];
      if (status === STATUS.settled) {
        own.settled.addHalves(high, low, waitedMs, longestMs);
        continue;
      }
      if (status !== STATUS.rejected) own.valid.addHalves(high, low, waitedMs, longestMs);
      own.submitted.addHalves(high, low, longestMs, longestMs);
    }
  }

  valid(currency: string): DelaySums {
    return this.#valid.get(currency) ?? new DelaySums();
  }

  submitted(currency: string): DelaySums {
    return this.#submitted.get(currency) ?? new DelaySums();
  }
}

/** Of a currency: the day in which the wait of a payment ended. */
interface DelayDay {
  readonly hours: readonly OpenHours[];
  /** A wait that ended after this, and by the day's end, ended in it, whenever it began. */
  afterMs: number;
  dayEndsMs: number;
}

function turnDay(day: DelayDay, submittedAtMs: number, endedMs: number): void {
  const { hours } = day;
  day.dayEndsMs = dayEnd(submittedAtMs, endedMs, hours);
  const own = hours.findIndex(({ closesMs }) => closesMs === day.dayEndsMs);
  const before = hours[own - 1];
  // What ended behind a close of its own has a day of its own.
  if (own < 0) day.afterMs = Number.POSITIVE_INFINITY;
  else if (!before) day.afterMs = Number.NEGATIVE_INFINITY;
  else day.afterMs = (before.closesMs + (hours[own] as OpenHours).opensMs) / 2;
}

/**
 * One that did not settle waits until it is cancelled, or to the run's last close; the day's end T is
 * the close at which, or before which, the wait ended; where it began at a close, a later one, as it
 * began after that close. T of a wait that ended behind a close is its own end, where that close is no
 * further from it than the next opening, or was the last.
 * @param hours of the currency debited, in their order
 */
export function delayUntil(
  { submittedAtMs, finalAtMs }: Pick<PaymentRow, 'submittedAtMs' | 'finalAtMs'>,
  hours: readonly OpenHours[],
): Omit<DelayedPayment, 'valueMinor'> {
  const settledAtMs = finalAtMs ?? Math.max(lastClose(hours), submittedAtMs);
  return { submittedAtMs, settledAtMs, dayEndsAtMs: dayEnd(submittedAtMs, settledAtMs, hours) };
}

function dayEnd(submittedAtMs: number, endedAtMs: number, hours: readonly OpenHours[]): number {
  let closedMs = Number.NEGATIVE_INFINITY;
  for (const open of hours) {
    const { closesMs } = open;
    if (closesMs >= endedAtMs && closesMs > submittedAtMs) {
      const isLate = submittedAtMs < closedMs && isOfClosed(closedMs, endedAtMs, open);
      return isLate ? endedAtMs : closesMs;
    }
    closedMs = closesMs;
  }
  return Math.max(endedAtMs, closedMs);
}

const lastClose = (hours: readonly OpenHours[]): number =>
  Math.max(...hours.map(({ closesMs }) => closesMs));

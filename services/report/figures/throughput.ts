/**
 * When value settles: the throughput profile of a currency, held against guideline points. Its curve over the day is drawn by
 * sections/throughput-profile.ts.
 */

import { ExactSums } from '../../analysis/exact-sum.ts';
import type { OpenHours, ScenarioCurrency } from '../../scenario/scenario.ts';
import type { PaymentTable } from './payment-table.ts';
import { ratio } from './ratio-rounding.ts';

/** A share of a date's value that is meant to be settled by a time of day. */
interface GuidelineFigure {
  /** As the scenario says it: local time, and the share, 0 to 1. */
  readonly by: string;
  readonly share: number;
  /** Of all dates together; null where nothing settled. */
  readonly reached: number | null;
  /** By business date; null where nothing settled. */
  readonly byDate: readonly (number | null)[];
}

export interface ThroughputFigures {
  /** Time since midnight UTC of the business date by which so much of the value is settled, ms. */
  readonly halfByMs: number | null;
  readonly ninetyPercentByMs: number | null;
  readonly guidelines: readonly GuidelineFigure[];
}

/**
 * The business date to which an instant belongs: the first whose hours it does not lie behind, and
 * the last where it lies behind all. Null without any hours.
 */
export function dateIndexAt(hours: readonly (OpenHours | null)[], atMs: number): number | null {
  let last: number | null = null;
  for (let index = 0; index < hours.length; index++) {
    const open = hours[index];
    if (!open) continue;
    last = index;
    if (atMs <= open.closesMs) return index;
  }
  return last;
}

/**
 * The business date to which a settlement belongs: that within whose hours it lies, or, of one behind a close and before
 * the next opening, that whose hours are nearer, the earlier of two as near. Null without any hours.
 */
export function dateSettledAt(hours: readonly (OpenHours | null)[], atMs: number): number | null {
  const ahead = dateIndexAt(hours, atMs);
  if (ahead === null) return null;
  let closed = ahead - 1;
  while (closed >= 0 && !hours[closed]) closed -= 1;
  const before = hours[closed];
  return before && isOfClosed(before.closesMs, atMs, hours[ahead] as OpenHours) ? closed : ahead;
}

/** Whether an instant behind a close is of the date that closed: the next opening is no nearer. */
export const isOfClosed = (closedMs: number, atMs: number, { opensMs }: OpenHours): boolean =>
  atMs - closedMs <= opensMs - atMs;

const MINUTE_MS = 60_000;

/** What settles in a currency, by the time since midnight UTC of its business date: payments that debit it. */
export class SettledValue {
  readonly #payments: PaymentTable;
  readonly #midnights: readonly number[];
  /** By date: its minutes since midnight in which any settled, and the place of each. */
  readonly #places: readonly Map<number, number>[];
  readonly #sums = new ExactSums();
  /**
   * By place the row that came last, and by row the one before it at the same place; -1: none. Only those of a minute
   * in which a share is reached, or which has a guideline's time, are looked at one by one.
   */
  readonly #lastOf: number[] = [];
  readonly #before: Int32Array;
  #date = -1;
  #minute = 0;
  #place = 0;

  constructor(payments: PaymentTable, businessDates: readonly string[]) {
    this.#payments = payments;
    this.#midnights = businessDates.map((date) => Date.parse(`${date}T00:00:00Z`));
    this.#places = businessDates.map(() => new Map());
    this.#before = new Int32Array(payments.length);
  }

  /** @param date index of the business date on which the payment settled */
  take(row: number, date: number): void {
    const payments = this.#payments;
    const minute = this.#minuteOf(payments.of.finalMs[row] as number, date);
    // Most settle in the order in which they came.
    if (minute !== this.#minute || date !== this.#date) this.#turnTo(date, minute);
    const place = this.#place;
    this.#before[row] = this.#lastOf[place] as number;
    this.#lastOf[place] = row;
    this.#sums.addFrom(place, payments.words, row);
  }

  #turnTo(date: number, minute: number): void {
    const places = this.#places[date] as Map<number, number>;
    let place = places.get(minute);
    if (place === undefined) {
      place = this.#lastOf.length;
      places.set(minute, place);
      this.#lastOf.push(-1);
      this.#sums.reach(place + 1);
    }
    this.#date = date;
    this.#minute = minute;
    this.#place = place;
  }

  /** Share of the value settled up to each guideline point, and when so much was. */
  figures({ guidelines }: Pick<ScenarioCurrency, 'guidelines'>): ThroughputFigures {
    const byDate = this.#upTo(() => Number.POSITIVE_INFINITY);
    const whole = total(byDate);
    return {
      halfByMs: this.#reachedAt(50n, whole),
      ninetyPercentByMs: this.#reachedAt(90n, whole),
      guidelines: guidelines.map(({ by, share, atMs }) => {
        const early = this.#upTo((date) => atMs[date] ?? Number.POSITIVE_INFINITY);
        const reached = (part: bigint, of: bigint) => (of === 0n ? null : ratio(part, of));
        return {
          ...{ by, share, reached: reached(total(early), whole) },
          byDate: byDate.map((value, date) => reached(early[date] as bigint, value)),
        };
      }),
    };
  }

  /** Of each date what settled by its instant. */
  #upTo(instantOf: (date: number) => number): bigint[] {
    return this.#places.map((places, date) => {
      const atMs = instantOf(date);
      const last = this.#minuteOf(atMs, date);
      let sum = 0n;
      for (const [minute, place] of places) {
        if (minute < last) sum += this.#sums.value(place);
        else if (minute === last)
          for (const row of this.#rowsAt(place))
            if ((this.#payments.of.finalMs[row] as number) <= atMs) sum += this.#amount(row);
      }
      return sum;
    });
  }

  /** The first time up to which so many hundredths of the value lie, whatever the date; null of nothing. */
  #reachedAt(hundredths: bigint, whole: bigint): number | null {
    const wanted = (whole * hundredths + 99n) / 100n;
    const values = new Map<number, bigint>();
    for (const places of this.#places)
      for (const [minute, place] of places)
        values.set(minute, (values.get(minute) ?? 0n) + this.#sums.value(place));
    let sum = 0n;
    for (const [minute, value] of [...values].sort(([a], [b]) => a - b)) {
      if (sum + value >= wanted) return this.#reachedIn(minute, sum, wanted);
      sum += value;
    }
    return null;
  }

  #reachedIn(minute: number, before: bigint, wanted: bigint): number | null {
    const settled = this.#places.flatMap((places, date) => {
      const place = places.get(minute);
      if (place === undefined) return [];
      return this.#rowsAt(place).map((row) => ({ row, atMs: this.#sinceMidnight(row, date) }));
    });
    settled.sort((a, b) => a.atMs - b.atMs);
    let sum = before;
    for (const { row, atMs } of settled) {
      sum += this.#amount(row);
      if (sum >= wanted) return atMs;
    }
    return null;
  }

  #rowsAt(place: number): number[] {
    const rows: number[] = [];
    let row = this.#lastOf[place] as number;
    for (; row >= 0; row = this.#before[row] as number) rows.push(row);
    return rows;
  }

  #amount(row: number): bigint {
    return this.#payments.of.amounts[row] as bigint;
  }

  #minuteOf(atMs: number, date: number): number {
    return Math.floor((atMs - (this.#midnights[date] as number)) / MINUTE_MS);
  }

  #sinceMidnight(row: number, date: number): number {
    return (this.#payments.of.finalMs[row] as number) - (this.#midnights[date] as number);
  }
}

const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

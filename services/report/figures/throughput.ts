/**
 * When value settles: the throughput profile of a currency, held against guideline points. Its curve over the day is drawn by
 * sections/throughput-profile.ts.
 */

import { ExactSums } from '../../analysis/exact-sum.ts';
import type { OpenHours, ScenarioCurrency } from '../../scenario/scenario.ts';
import { type PaymentTable, STATUS } from './payment-table.ts';
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

/** Share of the value settled, by currency debited, up to each guideline point and in all. */
export function throughputFigures(
  payments: PaymentTable,
  currency: ScenarioCurrency,
  businessDates: readonly string[],
): ThroughputFigures {
  const settled = new SettledValue(payments, currency, businessDates);
  return {
    halfByMs: settled.reachedAt(50n),
    ninetyPercentByMs: settled.reachedAt(90n),
    guidelines: currency.guidelines.map(({ by, share, atMs }) => {
      const early = settled.byDateUpTo(atMs);
      const reached = (dates: readonly number[]) => {
        const whole = total(dates, settled.byDate);
        return whole === 0n ? null : ratio(total(dates, early), whole);
      };
      const dates = [...businessDates.keys()];
      return { by, share, reached: reached(dates), byDate: dates.map((date) => reached([date])) };
    }),
  };
}

const total = (dates: readonly number[], sums: ExactSums): bigint =>
  dates.reduce((sum, date) => sum + sums.value(date), 0n);

const SPAN_MS = 60_000;

/** What settled in a currency, by the time since midnight UTC of its business date. */
class SettledValue {
  /** By date. */
  readonly byDate: ExactSums;
  readonly #payments: PaymentTable;
  /** What settled: rows, their dates, and by minute since midnight when. */
  readonly #rows: Uint32Array;
  readonly #dates: Uint32Array;
  readonly #spanOf: Int32Array;
  readonly #midnights: readonly number[];
  /** What settled by minute since midnight, in order: few, so that only the rows of one need an order. */
  readonly #spans: readonly (readonly [span: number, value: bigint])[];

  constructor(
    payments: PaymentTable,
    { code, hours }: ScenarioCurrency,
    businessDates: readonly string[],
  ) {
    this.#payments = payments;
    this.#midnights = businessDates.map((date) => Date.parse(`${date}T00:00:00Z`));
    const byDate = new ExactSums(businessDates.length);
    this.byDate = byDate;
    const handle = payments.currency(code);
    const { currencies, finalMs, statuses } = payments.of;
    const { words } = payments;
    const places = new Map<number, number>();
    const sums = new ExactSums();
    let [lastSpan, place] = [Number.NaN, 0];
    const all = payments.rowsIn(handle);
    const [rows, dates] = [new Uint32Array(all.length), new Uint32Array(all.length)];
    const spanOf = new Int32Array(all.length);
    let settled = 0;
    for (let at = 0; at < all.length; at++) {
      const row = all[at] as number;
      if (currencies[row] !== handle || statuses[row] !== STATUS.settled) continue;
      const atMs = finalMs[row] as number;
      const date = dateIndexAt(hours, atMs);
      if (date === null) continue;
      const span = Math.floor((atMs - (this.#midnights[date] as number)) / SPAN_MS);
      rows[settled] = row;
      dates[settled] = date;
      spanOf[settled++] = span;
      // Most settle in the order in which they came.
      if (span !== lastSpan) {
        lastSpan = span;
        place = places.get(span) ?? places.size;
        places.set(span, place);
        sums.reach(place + 1);
      }
      byDate.addFrom(date, words, row);
      sums.addFrom(place, words, row);
    }
    this.#rows = rows.subarray(0, settled);
    this.#dates = dates.subarray(0, settled);
    this.#spanOf = spanOf.subarray(0, settled);
    this.#spans = [...places]
      .sort(([a], [b]) => a - b)
      .map(([span, of]) => [span, sums.value(of)] as const);
  }

  /** Of each date what settled by its instant; all of it where that is null. */
  byDateUpTo(atMs: readonly (number | null)[]): ExactSums {
    const sums = new ExactSums(this.#midnights.length);
    const { finalMs } = this.#payments.of;
    for (let index = 0; index < this.#rows.length; index++) {
      const row = this.#rows[index] as number;
      const date = this.#dates[index] as number;
      if ((finalMs[row] as number) <= (atMs[date] ?? Number.POSITIVE_INFINITY))
        sums.addFrom(date, this.#payments.words, row);
    }
    return sums;
  }

  /** The first time up to which so many hundredths of the value lie, whatever the date; null of nothing. */
  reachedAt(hundredths: bigint): number | null {
    const whole = total([...this.#midnights.keys()], this.byDate);
    const wanted = (whole * hundredths + 99n) / 100n;
    let sum = 0n;
    for (const [span, value] of this.#spans) {
      if (sum + value >= wanted) return this.#reachedIn(span, sum, wanted);
      sum += value;
    }
    return null;
  }

  #reachedIn(span: number, before: bigint, wanted: bigint): number | null {
    const inSpan: { row: number; atMs: number }[] = [];
    for (let index = 0; index < this.#spanOf.length; index++) {
      if (this.#spanOf[index] !== span) continue;
      const row = this.#rows[index] as number;
      inSpan.push({ row, atMs: this.#sinceMidnight(row, this.#dates[index] as number) });
    }
    inSpan.sort((a, b) => a.atMs - b.atMs);
    let sum = before;
    for (const { row, atMs } of inSpan) {
      sum += this.#payments.of.amounts[row] as bigint;
      if (sum >= wanted) return atMs;
    }
    return null;
  }

  #sinceMidnight(row: number, date: number): number {
    return (this.#payments.of.finalMs[row] as number) - (this.#midnights[date] as number);
  }
}

/** When value settles: the throughput profile of a currency, held against guideline points. */

import { ExactSum } from '../../analysis/exact-sum.ts';
import type { OpenHours, ScenarioCurrency } from '../../scenario/scenario.ts';
import { isSettled } from './liquidity-bounds.ts';
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

const total = (dates: readonly number[], sums: readonly ExactSum[]): bigint =>
  dates.reduce((sum, date) => sum + (sums[date]?.value ?? 0n), 0n);

const SPAN_MS = 60_000;

/** What settled in a currency, by the time since midnight UTC of its business date. */
class SettledValue {
  readonly byDate: readonly ExactSum[];
  readonly #payments: PaymentTable;
  /** What settled: rows, their dates, and by minute since midnight when. */
  readonly #rows: Uint32Array;
  readonly #dates: Uint32Array;
  readonly #spanOf: Int32Array;
  readonly #midnights: readonly number[];
  /** What settled by minute since midnight, in order: few, so that only the rows of one need an order. */
  readonly #spans: readonly (readonly [span: number, sum: ExactSum])[];

  constructor(
    payments: PaymentTable,
    { code, hours }: ScenarioCurrency,
    businessDates: readonly string[],
  ) {
    this.#payments = payments;
    this.#midnights = businessDates.map((date) => Date.parse(`${date}T00:00:00Z`));
    this.byDate = businessDates.map(() => new ExactSum());
    const handle = payments.currency(code);
    const { currencies, finalMs } = payments.of;
    const spans = new Map<number, ExactSum>();
    let last: readonly [span: number, sum: ExactSum] | null = null;
    const all = payments.rowsIn(handle);
    const [rows, dates] = [new Uint32Array(all.length), new Uint32Array(all.length)];
    const spanOf = new Int32Array(all.length);
    let settled = 0;
    for (let at = 0; at < all.length; at++) {
      const row = all[at] as number;
      if (currencies[row] !== handle || !isSettled(payments, row)) continue;
      const date = dateIndexAt(hours, finalMs[row] as number);
      if (date === null) continue;
      const span = Math.floor(this.#sinceMidnight(row, date) / SPAN_MS);
      rows[settled] = row;
      dates[settled] = date;
      spanOf[settled++] = span;
      this.#add(this.byDate[date] as ExactSum, row);
      // Most settle in the order in which they came.
      if (last?.[0] !== span) {
        const sum: ExactSum = spans.get(span) ?? new ExactSum();
        spans.set(span, sum);
        last = [span, sum];
      }
      this.#add(last[1], row);
    }
    this.#rows = rows.subarray(0, settled);
    this.#dates = dates.subarray(0, settled);
    this.#spanOf = spanOf.subarray(0, settled);
    this.#spans = [...spans].sort(([a], [b]) => a - b);
  }

  /** Of each date what settled by its instant; all of it where that is null. */
  byDateUpTo(atMs: readonly (number | null)[]): ExactSum[] {
    const sums = this.byDate.map(() => new ExactSum());
    const { finalMs } = this.#payments.of;
    for (let index = 0; index < this.#rows.length; index++) {
      const row = this.#rows[index] as number;
      const date = this.#dates[index] as number;
      if ((finalMs[row] as number) <= (atMs[date] ?? Number.POSITIVE_INFINITY))
        this.#add(sums[date] as ExactSum, row);
    }
    return sums;
  }

  /** The first time up to which so many hundredths of the value lie, whatever the date; null of nothing. */
  reachedAt(hundredths: bigint): number | null {
    const whole = ExactSum.of(this.byDate).value;
    const wanted = new ExactSum().add((whole * hundredths + 99n) / 100n);
    const sum = new ExactSum();
    for (const [span, value] of this.#spans) {
      const upTo = ExactSum.of([sum, value]);
      if (!upTo.isBelow(wanted)) return this.#reachedIn(span, sum, wanted);
      sum.set(upTo);
    }
    return null;
  }

  #reachedIn(span: number, before: ExactSum, wanted: ExactSum): number | null {
    const inSpan: { row: number; atMs: number }[] = [];
    for (let index = 0; index < this.#spanOf.length; index++) {
      if (this.#spanOf[index] !== span) continue;
      const row = this.#rows[index] as number;
      inSpan.push({ row, atMs: this.#sinceMidnight(row, this.#dates[index] as number) });
    }
    inSpan.sort((a, b) => a.atMs - b.atMs);
    const sum = ExactSum.of([before]);
    for (const { row, atMs } of inSpan) {
      this.#add(sum, row);
      if (!sum.isBelow(wanted)) return atMs;
    }
    return null;
  }

  #sinceMidnight(row: number, date: number): number {
    return (this.#payments.of.finalMs[row] as number) - (this.#midnights[date] as number);
  }

  #add(sum: ExactSum, row: number): void {
    sum.addFrom(this.#payments.words, row);
  }
}

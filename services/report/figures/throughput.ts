/** When value settles: the throughput profile of a currency, held against guideline points. */
import type { OpenHours, ScenarioCurrency } from '../../scenario/scenario.ts';
import { ratio } from './delay-indicators.ts';
import { ExactSum } from './exact-sum.ts';
import type { PaymentTable } from './payment-table.ts';

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
  for (const [index, open] of hours.entries()) {
    if (!open) continue;
    last = index;
    if (atMs <= open.closesMs) return index;
  }
  return last;
}

/** Value settled at one instant of a business date, by its index. */
interface Settled {
  readonly date: number;
  readonly atMs: number;
  readonly value: ExactSum;
}

/** Share of the value settled, by currency debited, up to each guideline point and in all. */
export function throughputFigures(
  payments: PaymentTable,
  currency: ScenarioCurrency,
  businessDates: readonly string[],
): ThroughputFigures {
  const settled = settledAt(payments, currency);
  const midnights = businessDates.map((date) => Date.parse(`${date}T00:00:00Z`));
  const sinceMidnight = settled
    .map(({ date, atMs, value }) => ({ atMs: atMs - (midnights[date] as number), value }))
    .sort((a, b) => a.atMs - b.atMs);
  const sum = (of: readonly Settled[]) => ExactSum.of(of.map(({ value }) => value)).value;
  const share = (of: readonly Settled[], byMs: readonly (number | null)[]) => {
    const whole = sum(of);
    const early = of.filter(({ date, atMs }) => atMs <= (byMs[date] ?? Number.POSITIVE_INFINITY));
    return whole === 0n ? null : ratio(sum(early), whole);
  };
  return {
    halfByMs: reachedAt(sinceMidnight, 50n),
    ninetyPercentByMs: reachedAt(sinceMidnight, 90n),
    guidelines: currency.guidelines.map(({ by, share: aim, atMs }) => ({
      by,
      share: aim,
      reached: share(settled, atMs),
      byDate: businessDates.map((_, index) =>
        share(
          settled.filter(({ date }) => date === index),
          atMs,
        ),
      ),
    })),
  };
}

/** What settled in a currency, by instant. */
function settledAt(payments: PaymentTable, { code, hours }: ScenarioCurrency): Settled[] {
  const handle = payments.currency(code);
  const { currencies, finalMs } = payments.of;
  const byInstant = new Map<number, Settled>();
  for (let row = 0; row < payments.length; row++) {
    if (currencies[row] !== handle || !payments.is(row, 'settled')) continue;
    const atMs = finalMs[row] as number;
    let instant = byInstant.get(atMs);
    if (!instant) {
      const date = dateIndexAt(hours, atMs);
      if (date === null) continue;
      instant = { date, atMs, value: new ExactSum() };
      byInstant.set(atMs, instant);
    }
    instant.value.addHalves(payments.high(row), payments.low(row));
  }
  return [...byInstant.values()];
}

/** The first instant up to which so many hundredths of the value lie. */
function reachedAt(
  ascending: readonly { readonly atMs: number; readonly value: ExactSum }[],
  hundredths: bigint,
): number | null {
  const whole = ExactSum.of(ascending.map(({ value }) => value)).value;
  const wanted = new ExactSum().add((whole * hundredths + 99n) / 100n);
  const sum = new ExactSum();
  for (const { atMs, value } of ascending) {
    sum.addSum(value);
    if (!sum.isBelow(wanted)) return atMs;
  }
  return null;
}

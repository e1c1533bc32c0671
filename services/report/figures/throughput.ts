/** When value settles: the throughput profile of a currency, held against guideline points. */
import type { OpenHours, ScenarioCurrency } from '../../scenario/scenario.ts';
import { ratio } from './delay-indicators.ts';
import type { PaymentRow } from './payment-book.ts';
import { sumMinor } from './sums.ts';

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

/** Value settled at an instant of a business date, by its index. */
interface Settled {
  readonly date: number;
  readonly atMs: number;
  readonly minor: bigint;
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

/** Share of the value settled, by currency debited, up to each guideline point and in all. */
export function throughputFigures(
  rows: readonly PaymentRow[],
  currency: ScenarioCurrency,
  businessDates: readonly string[],
): ThroughputFigures {
  const settled = rows.flatMap((row): Settled[] => {
    if (row.status !== 'settled' || row.currency !== currency.code) return [];
    const atMs = row.finalAtMs as number;
    const date = dateIndexAt(currency.hours, atMs);
    return date === null ? [] : [{ date, atMs, minor: row.amountMinor }];
  });
  const midnights = businessDates.map((date) => Date.parse(`${date}T00:00:00Z`));
  const sinceMidnight = settled
    .map(({ date, atMs, minor }) => ({ atMs: atMs - (midnights[date] as number), minor }))
    .sort((a, b) => a.atMs - b.atMs);
  const sum = (of: readonly Settled[]) => sumMinor(of, ({ minor }) => minor);
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

/** The first instant up to which so many hundredths of the value lie. */
function reachedAt(
  ascending: readonly { readonly atMs: number; readonly minor: bigint }[],
  hundredths: bigint,
): number | null {
  const whole = sumMinor(ascending, ({ minor }) => minor);
  let sum = 0n;
  for (const { atMs, minor } of ascending) {
    sum += minor;
    if (sum * 100n >= whole * hundredths) return atMs;
  }
  return null;
}

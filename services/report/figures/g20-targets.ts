/**
 * The G20's targets for cross-border payments: shares within an hour and a business day, how long these are, and
 * costs. FSB, Targets for addressing the four challenges of cross-border payments, October 2021.
 */
import type { Scenario } from '../../scenario/scenario.ts';
import { dateIndexAt } from './throughput.ts';

/** Segments of the FSB's targets. */
export const SEGMENTS = ['wholesale', 'retail', 'remittances'] as const;
export type MarketSegment = (typeof SEGMENTS)[number];

/** Of the payments, the same for each segment. */
export const WITHIN_HOUR = 0.75;
export const WITHIN_DAY = 1;
/** Of the value debited, by segment; null: it has no target for cost. */
export const COST_TARGETS: Readonly<
  Record<MarketSegment, { readonly average: number; readonly most: number } | null>
> = {
  wholesale: null,
  retail: { average: 0.01, most: 0.03 },
  remittances: { average: 0.03, most: 0.05 },
};
/** The target of an hour is for every corridor of these; of the others it is for the segment as a whole. */
export const HOUR_IN_EVERY_CORRIDOR: ReadonlySet<MarketSegment> = new Set(['remittances']);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const isWithinHour = (waitMs: number): boolean => waitMs <= HOUR_MS;

/**
 * Whether what waited so long from its submission on settled within a business day of both currencies;
 * '?' for the second stands for the first.
 */
export function withinBusinessDay(
  scenario: Scenario,
  currency: string,
  currency2: string,
): (submittedMs: number, waitMs: number) => boolean {
  const oneDayMs = businessDay(scenario, currency, currency2);
  // A business day is a day at least: most need not ask how long it is.
  return (submittedMs, waitMs) => waitMs <= DAY_MS || waitMs <= oneDayMs(submittedMs);
}

/** How long a business day is from an instant on: to the same time of the next date that both have. */
function businessDay(scenario: Scenario, code: string, code2: string): (atMs: number) => number {
  const hours = (of: string) => scenario.currencies.find((one) => one.code === of)?.hours ?? [];
  const [first, second] = [hours(code), hours(code2 === '?' ? code : code2)];
  const common = scenario.businessDates.flatMap((date, index) =>
    first[index] && second[index] ? [{ index, dayMs: Date.parse(`${date}T00:00:00Z`) }] : [],
  );
  return (atMs) => {
    const index = dateIndexAt(first, atMs);
    const from = common.findIndex((date) => date.index === index);
    const [today, next] = from < 0 ? [] : [common[from], common[from + 1]];
    return today && next ? next.dayMs - today.dayMs : DAY_MS;
  };
}

/** The span of time that a report's charts share, cut into buckets. */
import type { ScenarioCurrency } from '../scenario/scenario.ts';
import type { Buckets } from './queries/ask-store.ts';

export interface Frame extends Buckets {
  readonly endMs: number;
  /** Buckets between start and end. */
  readonly count: number;
  /** Times need their date. */
  readonly severalDates: boolean;
}

const MINUTE_MS = 60_000;
/** Ten minutes for a business day; finer for an hour or two, coarser for several days. */
const STEPS_MS = [1, 10, 30, 60, 180, 360, 720, 1440, 10_080].map((minutes) => minutes * MINUTE_MS);
const BUCKETS_MAX = 150;

/**
 * From the first opening to the last close, or from the first payment to the last status where those
 * lie outside. Buckets begin at whole multiples of their length, UTC.
 */
export function frameOf(
  scenario: { readonly currencies: readonly Pick<ScenarioCurrency, 'hours'>[] },
  bounds: { readonly firstMs: number; readonly lastMs: number } | null,
): Frame {
  const hours = scenario.currencies.flatMap((currency) =>
    currency.hours.flatMap((open) => open ?? []),
  );
  const starts = hours.map(({ opensMs }) => opensMs);
  const ends = hours.map(({ closesMs }) => closesMs);
  if (bounds) {
    starts.push(bounds.firstMs);
    ends.push(bounds.lastMs);
  }
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
  const firstMs = starts.length > 0 ? least(starts) : 0;
  const lastMs = ends.length > 0 ? -least(ends.map((end) => -end)) : firstMs;
  const span = Math.max(lastMs - firstMs, MINUTE_MS);
  const fits = (stepMs: number) => span <= stepMs * BUCKETS_MAX;
  return cut(firstMs, lastMs, STEPS_MS.find(fits) ?? (STEPS_MS[STEPS_MS.length - 1] as number));
}

function cut(firstMs: number, lastMs: number, stepMs: number): Frame {
  const startMs = Math.floor(firstMs / stepMs) * stepMs;
  // A status at the very end of the last bucket belongs to one of its own.
  const count = Math.floor((lastMs - startMs) / stepMs) + 1;
  const endMs = startMs + count * stepMs;
  const day = (ms: number) => Math.floor(ms / (1440 * MINUTE_MS));
  return { startMs, endMs, stepMs, count, severalDates: day(firstMs) !== day(lastMs) };
}

/** The same span in buckets `times` as long. */
export const coarser = (frame: Frame, times: number): Frame =>
  cut(frame.startMs, frame.endMs - 1, frame.stepMs * times);

/** "10 minutes", "1 hour". */
export function stepText({ stepMs }: Buckets): string {
  const minutes = stepMs / MINUTE_MS;
  const [count, unit] =
    minutes % 1440 === 0
      ? [minutes / 1440, 'day']
      : minutes % 60 === 0
        ? [minutes / 60, 'hour']
        : [minutes, 'minute'];
  return count === 1 ? unit : `${count} ${unit}s`;
}

/**
 * Means over seeds or days with their intervals, and a correction for looking at many p values. Differences paired
 * by seed: paired-t-test.ts. Student's t distribution is the library's.
 */
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { mean, sampleStandardDeviation } from 'simple-statistics';

export const CONFIDENCE = 0.95;

export interface Estimate {
  readonly mean: number;
  /** Half the width of the confidence interval; null: one value, or none that differs, has none. */
  readonly halfWidth: number | null;
  readonly n: number;
}

/** Of the mean, by Student's t with n - 1 degrees of freedom; null without values. */
export function estimate(values: readonly number[]): Estimate | null {
  const n = values.length;
  if (n === 0) return null;
  const error = standardError(values);
  const halfWidth = error === null ? null : tQuantile((1 + CONFIDENCE) / 2, n - 1) * error;
  return { mean: mean([...values]), halfWidth, n };
}

/** Null where the values do not differ: what was not seen to vary has no known error. */
export function standardError(values: readonly number[]): number | null {
  if (new Set(values).size < 2) return null;
  return sampleStandardDeviation([...values]) / Math.sqrt(values.length);
}

/**
 * Holm's step-down adjustment of p values: those that stay below a level are right together but for
 * that level, however the tests depend on each other.
 * Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
 * Statistics 6 (1979).
 */
export function holmAdjusted(ps: readonly number[]): number[] {
  const adjusted = ps.map(() => 1);
  let least = 0;
  const ascending = [...ps.keys()].sort((a, b) => (ps[a] as number) - (ps[b] as number));
  for (const [rank, at] of ascending.entries()) {
    least = Math.max(least, Math.min(1, (ps.length - rank) * (ps[at] as number)));
    adjusted[at] = least;
  }
  return adjusted;
}

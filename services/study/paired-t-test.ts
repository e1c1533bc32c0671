/**
 * What one setting changes against another: the mean of the differences seed by seed or day by day, its confidence
 * interval (its formula: confidence-intervals.ts) and the p value of the paired t test. Which runs are pairs:
 * runs-paired-by-seed.ts.
 */
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import { type Estimate, estimate, standardError } from './confidence-intervals.ts';

export interface PairedDifference extends Estimate {
  /** Of the two-sided paired t test; null where the estimate has no interval. */
  readonly p: number | null;
}

/** @param pairs before and after, of the same seed; null without any */
export function pairedDifference(
  pairs: readonly (readonly [before: number, after: number])[],
): PairedDifference | null {
  const differences = pairs.map(([before, after]) => after - before);
  const of = estimate(differences);
  if (of === null) return null;
  const error = standardError(differences);
  return { ...of, p: error === null ? null : 2 * tCdf(-Math.abs(of.mean / error), of.n - 1) };
}

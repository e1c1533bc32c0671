/** Percentiles, by nearest rank. Those of the live view: view/duration-buckets.ts. */

/** The smallest value that at least `share` of the values do not exceed. */
export function percentile(ascending: ArrayLike<number>, share: number): number | null {
  if (ascending.length === 0) return null;
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] as number;
}

/** In ms; null where there are no values. */
export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export const percentiles = (ascending: ArrayLike<number>): Percentiles => ({
  p50Ms: percentile(ascending, 0.5),
  p95Ms: percentile(ascending, 0.95),
  p99Ms: percentile(ascending, 0.99),
});

/**
 * Counts of durations in buckets that widen with the duration: whole ms up to 256, then 128 to each
 * doubling, so a percentile is its duration or up to 1/128 more, in fixed memory. The analysis store
 * has the same buckets (infra/clickhouse/016_nearest_rank.sql), so that both tell the same.
 */
const SUB = 128;
const SUB_BITS = 7;
/** Up to 2^31 ms, 24 days; what is longer counts as that. */
const BUCKETS = SUB * (32 - SUB_BITS + 1);

export function bucketOf(ms: number): number {
  const whole = Math.min(2 ** 31, Math.max(0, Math.floor(ms)));
  if (whole < SUB) return whole;
  const doubling = 31 - Math.clz32(whole) - SUB_BITS;
  return SUB * doubling + Math.floor(whole / 2 ** doubling);
}

/** The largest whole ms that falls into the bucket. */
export function bucketEnds(bucket: number): number {
  if (bucket < SUB) return bucket;
  const doubling = Math.floor(bucket / SUB) - 1;
  return ((bucket % SUB) + SUB + 1) * 2 ** doubling - 1;
}

export class Durations {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  add(ms: number): void {
    this.#counts[bucketOf(ms)]! += 1;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#counts.fill(0);
    this.#count = 0;
  }

  addAll(other: Durations): void {
    if (other.#count === 0) return;
    for (let at = 0; at < BUCKETS; at++) this.#counts[at]! += other.#counts[at] as number;
    this.#count += other.#count;
  }

  /** By nearest rank: the least duration, as its bucket tells it, that the share does not exceed; ms. */
  percentiles(...shares: number[]): (number | null)[] {
    if (this.#count === 0) return shares.map(() => null);
    let at = 0;
    let sum = this.#counts[0] as number;
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(share * this.#count));
      while (sum < rank) {
        at += 1;
        sum += this.#counts[at] as number;
      }
      return bucketEnds(at);
    });
  }
}

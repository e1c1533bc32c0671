/** Queues as a series of samples would tell of them, from the changes that the events state. */
import type { QueueChange, Truth } from './dashboards-run.ts';
import { MINUTE_MS } from './dashboards-telemetry.ts';

interface Level {
  count: number;
  value: bigint;
  readonly waiting: Map<number, number>;
}

export interface QueuePoint {
  readonly atMs: number;
  readonly count: number;
  readonly value: bigint;
  readonly ageMs: number;
}

const ageOf = ({ waiting }: Level, atMs: number) =>
  waiting.size === 0 ? 0 : atMs - Math.min(...waiting.values());

/**
 * A point for each bucket of the view from the first change on, and for its end: the most that waited in it, and how long the
 * oldest had waited at the beginning of a minute or at the bucket's end, whichever is most.
 */
export function queueSeries(
  { view, queueChanges }: Truth,
  isOf: (change: QueueChange) => boolean,
): QueuePoint[] {
  const own = queueChanges.filter((change) => isOf(change) && change.atMs < view.toMs);
  const level: Level = { count: 0, value: 0n, waiting: new Map() };
  const bucketMs = view.intervalSeconds * 1000;
  const points: QueuePoint[] = [];
  let next = 0;
  const from = own[0] ? Math.floor(own[0].atMs / bucketMs) * bucketMs : Number.POSITIVE_INFINITY;
  for (let atMs = from; atMs <= view.toMs; atMs += bucketMs) {
    let { count, value } = level;
    let ageMs = 0;
    const endMs = Math.min(atMs + bucketMs, view.toMs);
    for (let minuteMs = atMs; minuteMs <= endMs; minuteMs += MINUTE_MS) {
      ageMs = Math.max(ageMs, ageOf(level, minuteMs));
      if (minuteMs === endMs) break;
      for (; (own[next]?.atMs ?? Number.POSITIVE_INFINITY) < minuteMs + MINUTE_MS; next++) {
        const change = own[next] as QueueChange;
        level.count += change.by;
        level.value += BigInt(change.by) * change.amount;
        if (change.by === 1) level.waiting.set(change.position, change.submittedAtMs);
        else level.waiting.delete(change.position);
        count = Math.max(count, level.count);
        if (level.value > value) value = level.value;
      }
    }
    points.push({ atMs, count, value, ageMs });
  }
  return points;
}

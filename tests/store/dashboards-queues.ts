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
 * By bucket of the view: the most of the minutes that end in it and in which the queue changed, and the
 * levels at both ends of the view. `ageMs` is that at the end of such a minute.
 */
export function queueSeries(
  { view, queueChanges }: Truth,
  isOf: (change: QueueChange) => boolean,
): QueuePoint[] {
  const points: QueuePoint[] = [];
  const level: Level = { count: 0, value: 0n, waiting: new Map() };
  const own = queueChanges.filter(isOf);
  const endsOf = (atMs: number) => Math.floor(atMs / MINUTE_MS + 1) * MINUTE_MS;
  let ends: QueuePoint | undefined;
  for (const [index, change] of own.entries()) {
    const endMs = endsOf(change.atMs);
    if (endMs > view.toMs) break;
    let { count, value } = level;
    if (ends?.atMs === endMs) ({ count, value } = ends);
    level.count += change.by;
    level.value += BigInt(change.by) * change.amount;
    if (change.by === 1) level.waiting.set(change.position, change.submittedAtMs);
    else level.waiting.delete(change.position);
    ends = {
      atMs: endMs,
      count: Math.max(count, level.count),
      value: value > level.value ? value : level.value,
      ageMs: ageOf(level, endMs),
    };
    const next = own[index + 1];
    if (!next || endsOf(next.atMs) !== endMs) points.push(ends);
  }
  const { count, value } = level;
  const last = { atMs: view.toMs, count, value, ageMs: ageOf(level, view.toMs) };
  // The view begins before the run does.
  return own.length === 0 ? [] : inBuckets([...points, last], view.intervalSeconds * 1000);
}

function inBuckets(points: readonly QueuePoint[], bucketMs: number): QueuePoint[] {
  const buckets = new Map<number, QueuePoint>();
  for (const point of points) {
    const atMs = Math.floor(point.atMs / bucketMs) * bucketMs;
    const before = buckets.get(atMs) ?? { atMs, count: 0, value: 0n, ageMs: 0 };
    buckets.set(atMs, {
      atMs,
      count: Math.max(before.count, point.count),
      value: before.value > point.value ? before.value : point.value,
      ageMs: Math.max(before.ageMs, point.ageMs),
    });
  }
  return [...buckets.values()];
}

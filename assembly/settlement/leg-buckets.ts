// Buckets of legs that look for each other: each is a ring in the order of arrival, so that joining, finding the
// first and leaving take constant time. A bucket is a u32: its first leg, or 0.
import { RING_AFTER, RING_BEFORE } from './live-payment';

export function joinBucket(bucket: usize, leg: usize): void {
  const head = <usize>load<u32>(bucket);
  if (head == 0) {
    store<u32>(bucket, leg);
    store<u32>(leg, leg, RING_BEFORE);
    store<u32>(leg, leg, RING_AFTER);
    return;
  }
  const end = <usize>load<u32>(head, RING_BEFORE);
  store<u32>(leg, end, RING_BEFORE);
  store<u32>(leg, head, RING_AFTER);
  store<u32>(end, leg, RING_AFTER);
  store<u32>(head, leg, RING_BEFORE);
}

export function leaveBucket(bucket: usize, leg: usize): void {
  const before = <usize>load<u32>(leg, RING_BEFORE);
  const after = <usize>load<u32>(leg, RING_AFTER);
  if (after == leg) {
    store<u32>(bucket, 0);
    return;
  }
  store<u32>(before, after, RING_AFTER);
  store<u32>(after, before, RING_BEFORE);
  if (<usize>load<u32>(bucket) == leg) store<u32>(bucket, after);
}

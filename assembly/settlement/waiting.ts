// Live payments that wait outside the queues: for an opening, or for their earliest time.
//
// Invariant: they are chained in the order in which they came to wait; a live payment is in this
// chain or in that of the queued (queue.ts).
import { slotsOf } from './chain-legs';
import { AFTER, BEFORE } from './live-payment';

let first: usize = 0;
let last: usize = 0;
let count: u32 = 0;

export function firstWaiting(): usize {
  return first;
}

/** Of a chain, which stands here by its leg 1, all legs count. */
export function waitingCount(): u32 {
  return count;
}

export function joinWaiting(payment: usize): void {
  store<u32>(payment, last, BEFORE);
  store<u32>(payment, 0, AFTER);
  if (last != 0) store<u32>(last, payment, AFTER);
  else first = payment;
  last = payment;
  count += slotsOf(payment);
}

export function leaveWaiting(payment: usize): void {
  const before = <usize>load<u32>(payment, BEFORE);
  const after = <usize>load<u32>(payment, AFTER);
  if (before != 0) store<u32>(before, after, AFTER);
  else first = after;
  if (after != 0) store<u32>(after, before, BEFORE);
  else last = before;
  count -= slotsOf(payment);
}

// Live payments that wait outside the queues: for an opening, or for their earliest time.
//
// Invariant: a chain stands here by its leg 1, which counts for all of its legs.
import { slotsOf } from './chain-legs';
import { firstOfList, joinList, leaveList } from './lists-outside-queues';

const waiting: usize = memory.data(8, 16);
let count: u32 = 0;

export function firstWaiting(): usize {
  return firstOfList(waiting);
}

/** Of a chain, which stands here by its leg 1, all legs count. */
export function waitingCount(): u32 {
  return count;
}

export function joinWaiting(payment: usize): void {
  joinList(waiting, payment);
  count += slotsOf(payment);
}

export function leaveWaiting(payment: usize): void {
  leaveList(waiting, payment);
  count -= slotsOf(payment);
}

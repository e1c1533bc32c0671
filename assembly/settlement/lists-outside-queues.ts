// Lists of live payments that stand outside the queues, each in the order in which they came to stand there: those
// that wait (not-yet-queued.ts), unmatched legs (pvp-matching.ts), legs whose money is set aside (earmarks.ts), and what
// netting has accepted, by currency (netting-accepted.ts).
//
// Invariant: a live payment is in one of them, or in the chain of the queued (queue-places.ts), and AFTER leads on in each.
import { AFTER, BEFORE } from './live-payment';

// A list, 8 bytes: u32 its first payment, u32 its last; 0: none.
const LAST: usize = 4;

export function firstOfList(list: usize): usize {
  return load<u32>(list);
}

export function joinList(list: usize, payment: usize): void {
  const last = <usize>load<u32>(list, LAST);
  store<u32>(payment, last, BEFORE);
  store<u32>(payment, 0, AFTER);
  if (last != 0) store<u32>(last, payment, AFTER);
  else store<u32>(list, payment);
  store<u32>(list, payment, LAST);
}

export function leaveList(list: usize, payment: usize): void {
  const before = <usize>load<u32>(payment, BEFORE);
  const after = <usize>load<u32>(payment, AFTER);
  if (before != 0) store<u32>(before, after, AFTER);
  else store<u32>(list, after);
  if (after != 0) store<u32>(after, before, BEFORE);
  else store<u32>(list, before, LAST);
}

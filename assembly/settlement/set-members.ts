// Who takes part in the set of payments that is being found or booked, and to what it would take them; and a mark for
// each payment that is in the set, or has left it, as whoever finds it says.
//
// Invariant: no payment is marked but while a set is found, booked or tried. One that is not queued has no mark of a set before.

import { accountOf, currencyCount, participantCount } from './accounts-and-conservation';
import { drawnLimits, limitAt } from './bilateral-limits';
import { MARK } from './live-payment';
import { firstQueued, nextInChain } from './queue-places';

// Of an account (accounts-and-conservation.ts; what else a cycle keeps of it: gridlock.ts):
//  88 sum: position with the set   112 u32 stamp: it takes part where that is the set's
export const AT: usize = 88;
const STAMP: usize = 112;
/** Of a limit (bilateral-limits.ts): 76 u32 the stamp with which its position was taken (set-shortages.ts). */
export const LIMIT_STAMP: usize = 76;

let stamp: u32 = 0;
/** In the six upper bits of a mark: of a set before, it marks nothing. So a set's marks go without a look at its payments. */
let round: u32 = 1;
const ROUND_SHIFT: u32 = 2;
const ROUND_END: u32 = 64;

export function isMarked(payment: usize): bool {
  return <u32>load<u8>(payment, MARK) >> ROUND_SHIFT == round;
}

/** The note on a payment that is marked. */
export function noteOf(payment: usize): u32 {
  return load<u8>(payment, MARK) & ((1 << ROUND_SHIFT) - 1);
}

/** @param note two bits of whoever marks it */
export function mark(payment: usize, note: u32 = 0): void {
  store<u8>(payment, <u8>((round << ROUND_SHIFT) | note), MARK);
}

export function takeMark(payment: usize): void {
  store<u8>(payment, 0, MARK);
}

/** Takes every mark off, so that another set can be begun. */
export function takeMarks(): void {
  round += 1;
  if (round < ROUND_END) return;
  for (let p = firstQueued(); p != 0; p = nextInChain(p)) takeMark(p);
  round = 1;
}

/** Whether an account takes part in the set that is being found or booked. */
export function takesPart(account: usize): bool {
  return load<u32>(account, STAMP) == stamp;
}

export function takePart(account: usize): void {
  store<u32>(account, stamp, STAMP);
}

/** Every number was given: what bears an old one would take part in a set that comes to it again. */
function beginAnew(): void {
  for (let c: u32 = 0; c < currencyCount(); c++)
    for (let p: u32 = 0; p < participantCount(); p++) {
      const account = accountOf(p, c);
      if (account != 0) store<u32>(account, 0, STAMP);
    }
  for (let i: u32 = 0; i < drawnLimits(); i++) store<u32>(limitAt(i), 0, LIMIT_STAMP);
  stamp = 1;
}

/** Whether no set was begun after the one with this number. */
export function isLastStamp(number: u32): bool {
  return number == stamp;
}

/** No account takes part any more; the number that says which do. */
export function nextStamp(): u32 {
  stamp += 1;
  if (stamp == 0) beginAnew();
  return stamp;
}

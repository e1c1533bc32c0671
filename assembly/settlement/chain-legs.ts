// The legs of a chain: 2 to 16 live payments of one leg each, which settle together or not at all.
//
// Invariants
// - A leg alone is unmatched, and a ring of one (live-payment.ts). The legs of a complete chain make one ring in
//   leg order; leg 1 leads: it stands for the chain where that waits outside the queues (not-yet-queued.ts).
// - In the queues each leg stands in that of the account that it debits, and in the chain of all queued, the legs
//   one behind the other in leg order. All stand there or none does, but while they are funded (earmarks.ts).
// - A chain has the least urgent of the classes that its banks asked for, so none moves ahead in another's queue.

import { pushWork } from './accounts-to-rescan';
import {
  DEBIT_1,
  isByItself,
  isChainLeg,
  LEAD,
  LEG_COUNT,
  LEG_NUMBER,
  LEG_WISH,
  nextLeg,
  nextOfChain,
  PRIORITY,
} from './live-payment';

/** How many legs a chain of the network may have; 0: there are no chains. */
let legsMax: u32 = 0;

/** What the genesis asks for: none, or a number of legs that a chain can have. */
export function chainLegsMaxIsValid(max: u32): bool {
  return max != 1 && max <= 16;
}

export function setChainLegsMax(max: u32): void {
  legsMax = max;
}

export function hasChains(): bool {
  return legsMax > 0;
}

/** Whether there can be a leg of this number in a chain of so many. */
export function legIsPlaced(number: u32, legs: u32, legsMin: u32): bool {
  return legs >= legsMin && legs <= legsMax && number >= 1 && number <= legs;
}

/** Leg 1 of the chain that a leg stands with: of one that is not complete, or is funded by itself, the leg. */
export function chainOf(leg: usize): usize {
  return isByItself(leg) ? leg : load<u32>(leg, LEAD);
}

export function isOfChain(payment: usize, lead: usize): bool {
  return payment != 0 && isChainLeg(payment) && chainOf(payment) == lead;
}

/** Slots that a payment takes: of a complete chain those of its legs, else 1. Of a pair the other leg counts by itself. */
export function slotsOf(payment: usize): u32 {
  return nextLeg(payment) == payment ? 1 : load<u8>(payment, LEG_COUNT);
}

/** Which leg it is of how many, as events have it. */
export function placeInChain(leg: usize): u32 {
  return <u32>load<u8>(leg, LEG_NUMBER) | ((<u32>load<u8>(leg, LEG_COUNT)) << 8);
}

/** Gives the legs of a chain the class that it has by what their banks asked for. */
export function takeClassOfChain(lead: usize): void {
  let class_: u8 = 0;
  let leg = lead;
  do {
    class_ = max(class_, load<u8>(leg, LEG_WISH));
    leg = nextOfChain(leg);
  } while (leg != lead);
  do {
    store<u8>(leg, class_, PRIORITY);
    leg = nextOfChain(leg);
  } while (leg != lead);
}

/** The accounts that the legs debit are scanned next, in leg order from this one on. */
export function scanDebits(lead: usize): void {
  let leg = lead;
  do {
    pushWork(load<u32>(leg, DEBIT_1));
    leg = nextLeg(leg);
  } while (leg != lead);
}

// The settlement core's face to the host: buffers, steps, and what may be asked between batches.

import {
  accountOf,
  balanceOf,
  capacityOf,
  conserved,
  earmarkedOf,
} from './accounts-and-conservation';
import { countEarmarks, earmarkedCount } from './earmarks';
import { acceptedCount } from './netting-accepted';
import { waitingCount } from './not-yet-queued';
import { companionCount } from './pair-state';
import { unmatchedCount } from './pvp-matching';
import { queuedCount, slotCount } from './queue-places';

export {
  settlementGoOn,
  settlementPauseBefore,
  settlementPaused,
} from './pause-before-cycle';
export * from './state-for-host';
export * from './state-machine';

/** Payments that are neither settled nor cancelled. */
export function settlementLive(): u32 {
  return slotCount();
}

/**
 * Whether all holds that has to between batches: the money (accounts-and-conservation.ts), and that every live payment
 * stands in one place: queued, waiting, accepted, earmarked, unmatched or matched with one that does.
 */
export function settlementConserved(): bool {
  const standing =
    queuedCount() + waitingCount() + acceptedCount() + unmatchedCount() + companionCount();
  countEarmarks();
  return standing + earmarkedCount() == slotCount() && conserved();
}

/** The account's address for the questions below, or 0 where there is none. */
export function settlementAccount(participant: u32, currency: u32): usize {
  return accountOf(participant, currency);
}

export function settlementBalance(account: usize): i64 {
  return balanceOf(account);
}

/** What is earmarked of the balance. */
export function settlementEarmarked(account: usize): i64 {
  return earmarkedOf(account);
}

/** How far below zero the balance may go where nothing is earmarked. */
export function settlementCreditLine(account: usize): i64 {
  return capacityOf(account);
}

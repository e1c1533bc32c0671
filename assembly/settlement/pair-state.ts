// The legs of a PvP or DvP between two banks: each bank's own live payment, and the pair that two
// of them make; and what such a leg has in common with one of a chain (chain-legs.ts).
//
// Invariants
// - A leg alone is unmatched (pvp-matching.ts). Of a matched pair the leg that came first leads: it is
//   the linked payment that waits, stands in the queues and books; the other, its companion, keeps
//   what is its own (message, identity, latest time) and stands nowhere.
// - A leg's fields are those of a linked payment: leg 1 is what it delivers, leg 2 what it receives.
//   What is told of it is leg 1: the other bank's leg tells the rest.
// - A pair has the less urgent of the two classes, so neither bank moves ahead in the other's queue.
import { takeClassOfChain } from './chain-legs';
import {
  isByItself,
  isChainLeg,
  LEAD,
  LEG_WISH,
  LIMIT_1,
  nextLeg,
  PRIORITY,
  QUOTE,
  QUOTE_SERIAL,
} from './live-payment';
import { hasState, setState } from './queue-places';

// States (queue-places.ts has 1 and 2).
const LEG: u8 = 4;
const UNMATCHED: u8 = 8;
const COMPANION: u8 = 16;

// Of a companion: the classes that the two banks asked for, the leading leg's and its own.
const LEADING_WISH: usize = LIMIT_1;
const OWN_WISH: usize = LIMIT_1 + 1;

let companions: u32 = 0;

/** Second legs of pairs: live, but in no list. */
export function companionCount(): u32 {
  return companions;
}

export function isLeg(payment: usize): bool {
  return hasState(payment, LEG);
}

/** Marks a live payment as a leg that looks for its mirror. */
export function markLeg(payment: usize, unmatched: bool): void {
  setState(payment, LEG, true);
  setState(payment, UNMATCHED, unmatched);
}

export function isUnmatched(payment: usize): bool {
  return hasState(payment, UNMATCHED);
}

/** The other leg of a matched pair; 0 for anything else. */
export function otherLeg(payment: usize): usize {
  return isLeg(payment) && !isChainLeg(payment) ? <usize>load<u32>(payment, QUOTE) : 0;
}

/** The payment that stands for a pair or a chain: of a pair the leading leg, of a chain leg 1. */
export function leadOf(payment: usize): usize {
  return hasState(payment, COMPANION) ? <usize>load<u32>(payment, QUOTE) : payment;
}

/** The payment that stands in a queue for one that stands there: the same, or a leg that is funded by itself. */
export function standingOf(payment: usize): usize {
  return isByItself(payment) ? payment : leadOf(payment);
}

/** Makes a chain of its legs, which are a ring: each has asked for its class. */
export function completeChain(lead: usize): void {
  let leg = lead;
  do {
    setState(leg, UNMATCHED, false);
    setState(leg, COMPANION, leg != lead);
    store<u32>(leg, lead, LEAD);
    leg = nextLeg(leg);
  } while (leg != lead);
  takeClassOfChain(lead);
}

/** Makes a pair of the leg that came first and its mirror. */
export function pairLegs(leading: usize, companion: usize): void {
  setState(leading, UNMATCHED, false);
  setState(companion, UNMATCHED, false);
  setState(companion, COMPANION, true);
  store<u32>(leading, companion, QUOTE);
  store<u32>(leading, 0, QUOTE_SERIAL);
  store<u32>(companion, leading, QUOTE);
  store<u32>(companion, 0, QUOTE_SERIAL);
  store<u8>(companion, load<u8>(leading, PRIORITY), LEADING_WISH);
  store<u8>(companion, load<u8>(companion, PRIORITY), OWN_WISH);
  takeClass(leading, companion);
  companions += 1;
}

function takeClass(leading: usize, companion: usize): void {
  const class_ = max(load<u8>(companion, LEADING_WISH), load<u8>(companion, OWN_WISH));
  store<u8>(leading, class_, PRIORITY);
  store<u8>(companion, class_, PRIORITY);
}

/** Gives a payment another class; of a pair or chain it changes one bank's wish. It stands in no queue now. */
export function setPriority(payment: usize, priority: u8): void {
  if (isChainLeg(payment)) {
    store<u8>(payment, priority, LEG_WISH);
    return takeClassOfChain(leadOf(payment));
  }
  const other = otherLeg(payment);
  if (other == 0) return store<u8>(payment, priority, PRIORITY);
  const leading = leadOf(payment);
  const companion = otherLeg(leading);
  store<u8>(companion + (payment == leading ? LEADING_WISH : OWN_WISH), priority);
  takeClass(leading, companion);
}

/** One leg of a pair ends: both do. */
export function dissolve(): void {
  companions -= 1;
}

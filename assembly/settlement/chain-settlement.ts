// A chain of legs settles whole or not at all: when it can, and how it books.
//
// Invariants
// - A chain settles alone only when it is next: nothing stands before any of its legs that it may not pass, but
//   legs of its own. And its legs together, by themselves, are feasible as gridlock resolution has it: no account
//   that it debits ends below min(threshold, balance before), no limit above max(limit, position before), and
//   limits across currencies hold. So what the chain brings in counts against what it takes: only the net is
//   needed. What is booked is the set that was found so; anything else is a fault (accounts-and-conservation.ts).
// - All legs are booked at once: balances, limits' positions and reservations are those after the whole chain.
import {
  bookNet,
  FLAG_BILATERAL_LIMITS,
  FLAG_MULTILATERAL_LIMIT,
  flagsOf,
  participantOf,
  raiseFault,
} from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { isConditionMet } from './attestor-thresholds';
import { limitThatCounts, setPositionNet } from './bilateral-limits';
import { reservedAgainst, useReserved } from './credit-and-reservations';
import { isCrossLimited, setHolds } from './cross-limits';
import { LIMIT_AT, TOUCHED_NEXT } from './gridlock';
import {
  AMOUNT_1,
  BACK_LIMIT_1,
  CREDIT_1,
  DEBIT_1,
  LIMIT_1,
  nextLeg,
  PRIORITY,
} from './live-payment';
import { headOf } from './queue-places';
import { AT } from './set-members';
import {
  count,
  excessOver,
  isTriedSet,
  lastTouched,
  shortageAgainst,
  startTried,
} from './set-shortages';
import { isNext, nothingBefore } from './who-may-pass-whom';

const LIMITED: u32 = FLAG_BILATERAL_LIMITS | FLAG_MULTILATERAL_LIMIT;

/** The last chain that was found feasible; 0: none that is still to be booked. */
let feasible: usize = 0;
/** Bit k: the k-th leg, from 0, stood at the head of a queue when the chain left it. */
let heads: u32 = 0;

/** Whether nothing stands before a chain, which stands in the queues, but its own legs. */
export function chainIsNext(lead: usize): bool {
  let leg = lead;
  do {
    if (!isNext(leg, load<u32>(leg, DEBIT_1))) return false;
    leg = nextLeg(leg);
  } while (leg != lead);
  return true;
}

function exceeds(account: usize, bilateral: usize): bool {
  return (flagsOf(account) & LIMITED) != 0 && excessOver(limitThatCounts(account, bilateral)) > 0;
}

/** Whether a leg's account, with all that the chain does to it, is left as it may be. */
function legHolds(leg: usize): bool {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  if (shortageAgainst(debit, reservedAgainst(debit, load<u8>(leg, PRIORITY))) > 0) return false;
  if (exceeds(debit, load<u32>(leg, LIMIT_1))) return false;
  return !isCrossLimited(debit) || setHolds(participantOf(debit));
}

/** Whether the legs together leave every account and limit as they may be left; they are the tried set then. */
export function chainIsFeasible(lead: usize): bool {
  feasible = 0;
  startTried();
  let leg = lead;
  do {
    count(leg);
    leg = nextLeg(leg);
  } while (leg != lead);
  do {
    if (!legHolds(leg)) return false;
    leg = nextLeg(leg);
  } while (leg != lead);
  feasible = lead;
  return true;
}

/** Whether a chain that stands nowhere yet may settle as it comes in. */
export function chainMayEnter(lead: usize): bool {
  let leg = lead;
  do {
    if (!nothingBefore(load<u32>(leg, DEBIT_1), load<u8>(leg, PRIORITY))) return false;
    leg = nextLeg(leg);
  } while (leg != lead);
  return chainIsFeasible(lead);
}

function bookLimit(limit: usize): void {
  if (limit != 0)
    setPositionNet(limit, load<u64>(limit + LIMIT_AT), load<i64>(limit + LIMIT_AT, 8));
}

/**
 * Books the legs of a chain that stands in no list and was just found feasible: it is the tried set. The accounts
 * credited are scanned next.
 */
export function bookChain(lead: usize): void {
  if (feasible != lead || !isTriedSet() || !isConditionMet(lead)) raiseFault();
  feasible = 0;
  let leg = lead;
  do {
    const debit = <usize>load<u32>(leg, DEBIT_1);
    const credit = <usize>load<u32>(leg, CREDIT_1);
    useReserved(debit, load<u8>(leg, PRIORITY), load<i64>(leg, AMOUNT_1));
    bookLimit(limitThatCounts(debit, load<u32>(leg, LIMIT_1)));
    bookLimit(limitThatCounts(credit, load<u32>(leg, BACK_LIMIT_1)));
    pushWork(credit);
    leg = nextLeg(leg);
  } while (leg != lead);
  for (let a = lastTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) bookNet(a, load<i64>(a + AT));
}

/** Notes at the head of which queues the legs stand, before they leave. */
export function noteHeads(lead: usize): void {
  heads = 0;
  let bit: u32 = 1;
  let leg = lead;
  do {
    if (headOf(load<u32>(leg, DEBIT_1)) == leg) heads |= bit;
    bit <<= 1;
    leg = nextLeg(leg);
  } while (leg != lead);
}

/** The accounts of these queues are scanned next, but the one that is being scanned. */
export function scanHeads(lead: usize, account: usize): void {
  let bit: u32 = 1;
  let leg = lead;
  do {
    const debit = <usize>load<u32>(leg, DEBIT_1);
    if ((heads & bit) != 0 && debit != account) pushWork(debit);
    bit <<= 1;
    leg = nextLeg(leg);
  } while (leg != lead);
}

// How the set that a cycle found is booked and leaves the queues.
//
// Invariants
// - Where it is to keep the order, it is a prefix of every queue; it breaks no limit across currencies.
//   A breach is a fault (accounts-and-conservation.ts).
// - All of it is booked at once, before its first event: balances, limits' positions and what
//   remains of reservations are those after the whole set.
// - Its payments leave in entry order; every account that it credited or debited is scanned
//   afterwards (credits first, payment by payment).

import {
  balanceOf,
  bookNet,
  FLAG_RESERVES,
  flagsOf,
  participantOf,
  raiseFault,
} from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import {
  accountOfLimit,
  drawnLimits,
  LIMIT_NET,
  limitAt,
  POSITION,
  setPositionNet,
} from './bilateral-limits';
import { slotsOf } from './chain-legs';
import { touchTerms } from './chain-terms';
import { useReserved } from './credit-and-reservations';
import { isCrossLimited, setHolds } from './cross-limits';
import { outputFull } from './event-output';
import {
  firstTouched,
  isPrefix,
  LEFT_COUNT,
  positionWithSet,
  prefixEndOf,
  someTakeNoPart,
  TOUCHED_NEXT,
} from './gridlock';
import { CREDIT_1, CREDIT_2, DEBIT_1, isChainLeg, nextLeg, secondDebit } from './live-payment';
import { finishSettled } from './payment-endings';
import {
  amountFrom,
  countLeft,
  firstOfClass,
  firstQueued,
  keepInChain,
  lastLeg,
  leaveFront,
  leaveQueues,
  nextInChain,
  nextInClass,
  nextPastLegs,
  queueLength,
} from './queue-places';
import { NET } from './queued-nets';
import { AT, isMarked, takeMarks, takesPart } from './set-members';
import { addDifference, setToSum } from './wide-sums';

/** Chains of the set whose turn comes next, that are looked at together. */
const AHEAD: u32 = 64;
const ahead: usize = memory.data(4 * (64 + 1), 16);

let mechanism: u32 = 0;
let cycle: u32 = 0;
let ordered: bool = false;
/** What of the set is still to be told. */
let settles: u32 = 0;
let cursor: usize = 0;
let kept: usize = 0;
let lookedAt: u32 = 0;

/** What the urgent and the high payments of the set use up of an account's reservations. */
function useReservations(account: usize): void {
  for (let priority: u32 = 0; priority < 2; priority++) {
    let payment = firstOfClass(account, priority);
    while (payment != 0) {
      if (!isMarked(payment)) useReserved(account, priority, amountFrom(payment, account));
      payment = nextInClass(payment, account);
    }
  }
}

/** The front of the account's queue is settled: it leaves at once. */
function leaveQueue(account: usize, after: i64): void {
  const left = load<u32>(account, LEFT_COUNT);
  setToSum(account + NET, account + NET, balanceOf(account) - after);
  if (left == queueLength(account)) return;
  leaveFront(account, prefixEndOf(account), left);
}

/** The set keeps the order where it is to, and the limits across currencies: else it is a fault. */
function checkSet(): void {
  for (let a = firstTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) {
    if (ordered && !isPrefix(a)) raiseFault();
    if (isCrossLimited(a) && !setHolds(participantOf(a))) raiseFault();
  }
}

function bookAccounts(): void {
  for (let a = firstTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) {
    if (flagsOf(a) & FLAG_RESERVES) useReservations(a);
    const after = load<i64>(a + AT);
    if (ordered) leaveQueue(a, after);
    bookNet(a, after);
  }
}

function bookLimits(): void {
  for (let i: u32 = 0; i < drawnLimits(); i++) {
    const limit = limitAt(i);
    const account = accountOfLimit(limit);
    if (account == 0 || !takesPart(account)) continue;
    const at = positionWithSet(limit, account);
    // What stays queued on it: net + position before - position after.
    if (ordered) addDifference(limit + LIMIT_NET, limit + POSITION, at);
    setPositionNet(limit, load<u64>(at), load<i64>(at, 8));
  }
}

/**
 * Books the payments that take part and are not dropped, `count` of them.
 * @param isPrefix whether they are a prefix of every queue
 */
export function startBooking(byMechanism: u32, ofCycle: u32, count: u32, isPrefix: bool): void {
  mechanism = byMechanism;
  cycle = ofCycle;
  settles = count;
  ordered = isPrefix;
  cursor = firstQueued();
  kept = 0;
  lookedAt = 0;
  if (count == 0) return;
  checkSet();
  bookAccounts();
  bookLimits();
  if (ordered) countLeft(count);
}

function isSettled(payment: usize): bool {
  if (isMarked(payment)) return false;
  return !someTakeNoPart() || takesPart(load<u32>(payment, DEBIT_1));
}

/** Tells that a payment is settled that is booked and stands in no queue; its accounts are scanned next. */
export function settleBooked(payment: usize, byMechanism: u32, ofCycle: u32): void {
  const debit2 = secondDebit(payment);
  let leg = payment;
  do {
    pushWork(load<u32>(leg, CREDIT_1));
    leg = nextLeg(leg);
  } while (leg != payment);
  if (debit2 != 0) pushWork(load<u32>(payment, CREDIT_2));
  do {
    pushWork(load<u32>(leg, DEBIT_1));
    leg = nextLeg(leg);
  } while (leg != payment);
  if (debit2 != 0) pushWork(debit2);
  finishSettled(payment, byMechanism, ofCycle);
}

/** Loads what the chains that come next, the one at the cursor first, change among the terms. */
function lookAhead(): void {
  let next = cursor;
  lookedAt = 0;
  for (let left = settles; left > 0 && lookedAt < AHEAD; next = nextPastLegs(next)) {
    if (!isSettled(next)) continue;
    left -= slotsOf(next);
    if (!isChainLeg(next)) continue;
    store<u32>(ahead + ((<usize>lookedAt) << 2), next);
    lookedAt += 1;
  }
  touchTerms(ahead, lookedAt);
}

/** Takes the set out of the queues and writes its events; false where the output is full. */
export function finishBooking(): bool {
  while (settles > 0) {
    const payment = cursor;
    assert(payment != 0);
    if (!isSettled(payment)) {
      const last = lastLeg(payment);
      cursor = nextInChain(last);
      if (!ordered) continue;
      keepInChain(kept, payment);
      kept = last;
      continue;
    }
    if (outputFull()) return false;
    if (isChainLeg(payment)) {
      if (lookedAt == 0) lookAhead();
      lookedAt -= 1;
    }
    cursor = nextPastLegs(payment);
    settles -= slotsOf(payment);
    if (!ordered) leaveQueues(payment);
    settleBooked(payment, mechanism, cycle);
    // Behind the last of the set all stay where they stand.
    if (settles == 0 && ordered) keepInChain(kept, cursor);
  }
  takeMarks();
  return true;
}

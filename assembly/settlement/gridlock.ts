// Gridlock resolution over one or more currencies with linked legs (Bech and Soramäki, Bank of Finland
// Discussion Paper 9/2001; the form with links, limits and reservations is defined and proven in
// docs/settlement.md).
//
// Invariants
// - The set X that is found is a prefix of every queue of the currencies that take part, contains both
//   legs of a linked payment or neither, leaves no account below min(threshold, balance before) and
//   no limit above max(limit, position before). The threshold is the floor and what is reserved
//   against the class in which the account's prefix ends. It is the largest such set, in value and
//   in number, and the only largest one: feasible sets are closed under union. Of a chain
//   (chain-legs.ts) it contains all legs or none.
// - A linked payment or chain with a leg in a currency that takes no part is held: it is not in X, and
//   nothing behind it is. So is a leg that waits to be earmarked (earmarks.ts).
// - Limits across currencies (cross-limits.ts) are a floor where one currency is looked at alone. Over
//   several they make feasible sets that have no union: X is cut further by a heuristic then, and
//   `droppedAcross` says by how many payments.
// - Start positions are sums that the queues keep (queued-nets.ts); only what is dropped is touched, each
//   payment once. Positions are 128 bits wide (wide-sums.ts).
// - The position of a multilateral limit and that of its account add up to the same with any X, but for the legs
//   that count on bilateral limits. So it is a bound of the account's position, which moves with those legs alone.
// - One chain that is dropped takes along what stands behind any of its legs, and so on: soon all of the day after it.
//   A sweep drops that in one pass in the order in which it was queued, leg by leg as they lie in memory. It drops
//   nothing that could stay; what it does not reach is cut queue by queue, as where there are no chains.
// - What dropping a leg without a bilateral limit reads and changes is one cache line of the payment and of each account.

import {
  accountOf,
  balanceOf,
  currencyCount,
  FLAG_MULTILATERAL_LIMIT,
  FLAG_RESERVES,
  flagsOf,
  floorOf,
  participantCount,
} from './accounts-and-conservation';
import {
  accountOfLimit,
  counterpartyOf,
  drawnLimits,
  exceedsLimit,
  LIMIT_NET,
  limitAt,
  limitOf,
  POSITION,
} from './bilateral-limits';
import { hasChains } from './chain-legs';
import { reservedAfter } from './credit-and-reservations';
import { crossFloorOf, hasCrossLimits, isCrossLimited, mostDrawn, setHolds } from './cross-limits';
import { cycleMechanismOf } from './currency-rules';
import { anyFunding } from './earmarks';
import {
  AMOUNT_1,
  AMOUNT_2,
  BACK_LIMIT_1,
  BACK_LIMIT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  IDENTITY,
  isByItself,
  LEAD,
  LIMIT_1,
  LIMIT_2,
  linksChain,
  nextLeg,
  PRIORITY,
  secondDebit,
} from './live-payment';
import {
  amountFrom,
  endOf,
  firstOfClass,
  firstQueued,
  nextInClass,
  nextPastLegs,
  previousInQueue,
  queuedCount,
} from './queue-places';
import { refreshNets } from './queued-limits';
import { NET } from './queued-nets';
import { CYCLE_GRIDLOCK_RESOLUTION, NONE32, PRIORITY_NORMAL } from './record-numbers';
import {
  AT,
  isMarked,
  mark,
  nextStamp,
  noteOf,
  takeMark,
  takePart,
  takesPart,
} from './set-members';
import {
  addDifference,
  clamped,
  clearSum,
  excess,
  isBelow,
  lower,
  raise,
  setToBoth,
  setToLowest,
  setToSum,
  sumIsLess,
} from './wide-sums';

// A cycle's part of an account (accounts-and-conservation.ts), valid where its stamp is the cycle's.
//  72 u32 payments dropped of its queue   76 u32 next that takes part
//  80 i64 bound: below it the position is short   88 sum: position   104 u32 end of the prefix still in X
// 108 u32 payments in that prefix dropped by their other leg   112 u32 stamp
// 116 u32 its bilateral limits that are exceeded   120 u8 it may be short at its bound and above
// 121 u8 stacked   122 u8 closed by a sweep   124 u32 next in the stack
// 144 sum: the lowest position that keeps its multilateral limit
// 160 u64 reserved against the normal class
// 168 u64 against the high one   184 i64 lowest position for itself
const BOUND: usize = 80;
const PREFIX_END: usize = 104;
const PENDING: usize = 108;
const EXCEEDED: usize = 116;
const HAS_MORE: usize = 120;
const STACKED: usize = 121;
const CLOSED: usize = 122;
const STACK_NEXT: usize = 124;
const KEEPS_LIMIT: usize = 144;
const AGAINST_NORMAL: usize = 160;
const AGAINST_HIGH: usize = 168;
const LOWEST: usize = 184;
export const LEFT_COUNT: usize = 72;
export const TOUCHED_NEXT: usize = 76;

// A cycle's part of a limit (bilateral-limits.ts): 56 sum: position with X   72 u8 it is exceeded. Of a multilateral one the
// account's bound has both until it is booked (`positionWithSet`).
export const LIMIT_AT: usize = 56;
const LIMIT_EXCEEDED: usize = 72;

// What is not in X is marked (set-members.ts), and noted from which of the queues that it stands in it has been cut: of the
// account that leg 1 debits, leg 2. Where it is marked and not cut, it is PENDING there. Of a chain that went by a sweep,
// which cuts it from all of its queues at once, leg 1 alone is marked, with both.
const CUT_1: u32 = 1;
const CUT_2: u32 = 2;

/** Accounts that are cut in step: as many loads are under way at once as far memory takes. */
const LANES: usize = 32;
const lanes: usize = memory.data(4 * 33, 16);

const most: usize = memory.data(16, 16);
const nothing: usize = memory.data(16, 16);

let stack: usize = 0;
let dropped: u32 = 0;
let touched: usize = 0;
/** Of the chains of the normal class that were dropped since the last sweep, the one that came first. */
let earliest: usize = 0;
/** From here on a sweep has nothing more to drop; 0: the end. */
let sweepEnd: usize = 0;
let others: bool = false;
let taking: u32 = 0;
let alone: bool = false;
let heuristic: u32 = 0;

/** The last payment of the account's queue that X holds, or 0. */
export function prefixEndOf(account: usize): usize {
  return load<u32>(account, PREFIX_END);
}

/** The first of the accounts that take part; TOUCHED_NEXT leads on. */
export function firstTouched(): usize {
  return touched;
}

/** Whether there are currencies that take no part. */
export function someTakeNoPart(): bool {
  return others;
}

/** Queued payments with a leg in a currency that takes part. */
export function partCount(): u32 {
  return taking;
}

export function droppedCount(): u32 {
  return dropped;
}

/** Payments of these that the heuristic for limits across currencies dropped; 0: X is the optimum. */
export function droppedAcross(): u32 {
  return heuristic;
}

function sumOfClass(account: usize, priority: u32): u64 {
  let sum: u64 = 0;
  let payment = firstOfClass(account, priority);
  while (payment != 0) {
    // Beyond 2^63 it says no more: no reservation is that large.
    sum = min(sum + <u64>amountFrom(payment, account), (<u64>1) << 63);
    payment = nextInClass(payment, account);
  }
  return sum;
}

/** X is everything that is queued: an account's start. */
function begin(account: usize): void {
  takePart(account);
  store<u32>(account, touched, TOUCHED_NEXT);
  touched = account;
  setToSum(account + AT, account + NET, balanceOf(account));
  store<u32>(account, endOf(account), PREFIX_END);
  store<u32>(account, 0, PENDING);
  store<u32>(account, 0, EXCEEDED);
  store<u32>(account, 0, LEFT_COUNT);
  store<i64>(account, lowestOf(account), LOWEST);
  setToLowest(account + KEEPS_LIMIT);
  bind(account);
  if (!(flagsOf(account) & FLAG_RESERVES)) return;
  const urgent = sumOfClass(account, 0);
  store<u64>(account, reservedAfter(account, 2, urgent, sumOfClass(account, 1)), AGAINST_NORMAL);
  store<u64>(account, reservedAfter(account, 1, urgent, 0), AGAINST_HIGH);
}

/** Below it a position is worse than the account may be left, whatever its limits within the currency. */
function lowestOf(account: usize): i64 {
  const floor = floorOf(account);
  const across = alone && isCrossLimited(account) ? crossFloorOf(account) : floor;
  return min(max(floor, across), balanceOf(account));
}

/** Sets the bound anew: its multilateral limit, or which bilateral ones are exceeded, is another matter now. */
function bind(account: usize): void {
  const keeps = account + KEEPS_LIMIT;
  store<i64>(account, max(load<i64>(account, LOWEST), clamped(keeps)), BOUND);
  const hasMore =
    load<u32>(account, EXCEEDED) > 0 ||
    (flagsOf(account) & FLAG_RESERVES) != 0 ||
    !isBelow(keeps, i64.MAX_VALUE);
  store<u8>(account, <u8>hasMore, HAS_MORE);
}

/**
 * What is reserved against the class in which the prefix ends: all of the higher classes are in the
 * prefix then, so what they use up of the reservations is known from the start.
 */
function reserved(account: usize): u64 {
  const end = load<u32>(account, PREFIX_END);
  if (end == 0) return 0;
  const priority = load<u8>(end, PRIORITY);
  return priority == 2
    ? load<u64>(account, AGAINST_NORMAL)
    : priority == 1
      ? load<u64>(account, AGAINST_HIGH)
      : 0;
}

/** Whether X leaves the account, or one of its limits, worse off than is allowed. */
export function isShortOf(account: usize, against: u64): bool {
  const at = account + AT;
  if (isBelow(at, load<i64>(account, BOUND))) return true;
  if (!load<u8>(account, HAS_MORE)) return false;
  if (load<u32>(account, EXCEEDED) > 0 || sumIsLess(at, account + KEEPS_LIMIT)) return true;
  if (!isBelow(at, balanceOf(account))) return false;
  return excess(at, floorOf(account)) < against;
}

/** The same of a prefix, against what is reserved above the class in which it ends. */
function isShort(account: usize): bool {
  const reserves = load<u8>(account, HAS_MORE) && flagsOf(account) & FLAG_RESERVES;
  return isShortOf(account, reserves ? reserved(account) : 0);
}

/** Puts an account on the stack of those that are to be looked at. */
export function pushShort(account: usize): void {
  if (load<u8>(account, STACKED)) return;
  store<u8>(account, 1, STACKED);
  store<u32>(account, stack, STACK_NEXT);
  stack = account;
}

/** Whether X exceeds a limit of an account. */
export function limitIsExceeded(limit: usize, account: usize): bool {
  if (counterpartyOf(limit) == NONE32) return sumIsLess(account + AT, account + KEEPS_LIMIT);
  return load<u8>(limit, LIMIT_EXCEEDED) != 0;
}

/** Looks whether a bilateral limit is exceeded now, and counts it on its account. */
function judgeLimit(limit: usize, account: usize): void {
  const at = limit + LIMIT_AT;
  const exceeded = exceedsLimit(limit, load<u64>(at), load<i64>(at, 8));
  if (exceeded == (load<u8>(limit, LIMIT_EXCEEDED) != 0)) return;
  store<u8>(limit, <u8>exceeded, LIMIT_EXCEEDED);
  const change: u32 = exceeded ? 1 : -1;
  store<u32>(account, load<u32>(account, EXCEEDED) + change, EXCEEDED);
  bind(account);
}

/** The most that a limit's position may be. */
function setToMost(sum: usize, limit: usize): void {
  const figure = limitOf(limit);
  if (isBelow(limit + POSITION, figure)) {
    clearSum(sum);
    raise(sum, figure);
  } else v128.store(sum, v128.load(limit + POSITION));
}

/** Of a multilateral limit: position with X and account's position, less the most that the first may be. */
function beginMultilateral(limit: usize, account: usize): void {
  setToBoth(account + KEEPS_LIMIT, limit + LIMIT_NET, limit + POSITION);
  setToBoth(account + KEEPS_LIMIT, account + KEEPS_LIMIT, account + AT);
  setToMost(most, limit);
  addDifference(account + KEEPS_LIMIT, nothing, most);
  bind(account);
}

/** Where the position is written that X takes a limit to. */
export function positionWithSet(limit: usize, account: usize): usize {
  const at = limit + LIMIT_AT;
  if (counterpartyOf(limit) != NONE32) return at;
  setToMost(at, limit);
  addDifference(at, account + KEEPS_LIMIT, account + AT);
  return at;
}

/** What counts on a bilateral limit does not on the multilateral one: that one's bound moves with the position. */
function moveOnBilateral(limit: usize, account: usize, amount: i64, rises: bool): void {
  if (rises) raise(limit + LIMIT_AT, amount);
  else lower(limit + LIMIT_AT, amount);
  judgeLimit(limit, account);
  if (!(flagsOf(account) & FLAG_MULTILATERAL_LIMIT)) return;
  if (rises) lower(account + KEEPS_LIMIT, amount);
  else raise(account + KEEPS_LIMIT, amount);
  bind(account);
}

/** A leg comes back into X, or has left it. */
function moveOnLimits(
  out: usize,
  debit: usize,
  into: usize,
  credit: usize,
  amount: i64,
  isBack: bool,
): void {
  if (out != 0) moveOnBilateral(out, debit, amount, isBack);
  if (into != 0) moveOnBilateral(into, credit, amount, !isBack);
}

/** Takes the leg that debits this account out of X, where the account takes part. */
function dropLeg(debit: usize, credit: usize, amount: i64, limit: usize, back: usize): void {
  if (!takesPart(debit)) return;
  raise(debit + AT, amount);
  lower(credit + AT, amount);
  store<u32>(debit, load<u32>(debit, LEFT_COUNT) + 1, LEFT_COUNT);
  if ((limit | back) != 0) moveOnLimits(limit, debit, back, credit, amount, false);
}

/** What is noted of a payment that was cut from this account's queue; 0: from none. */
function cutFrom(payment: usize, account: usize): u32 {
  if (account == 0) return 0;
  return <usize>load<u32>(payment, DEBIT_1) == account ? CUT_1 : CUT_2;
}

/** Takes a payment, or one leg of a chain, out of X, and nothing else with it. */
export function dropAlone(payment: usize): void {
  mark(payment);
  dropUnmarked(payment);
}

function dropUnmarked(payment: usize): void {
  dropped += 1;
  dropLeg(
    load<u32>(payment, DEBIT_1),
    load<u32>(payment, CREDIT_1),
    load<i64>(payment, AMOUNT_1),
    load<u32>(payment, LIMIT_1),
    load<u32>(payment, BACK_LIMIT_1),
  );
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (debit2 == 0 || linksChain(debit2)) return;
  dropLeg(
    debit2,
    load<u32>(payment, CREDIT_2),
    load<i64>(payment, AMOUNT_2),
    load<u32>(payment, LIMIT_2),
    load<u32>(payment, BACK_LIMIT_2),
  );
}

/** Puts a payment of one leg back into X. How many its queue is left with is not kept: X is no prefix then. */
export function restore(payment: usize): void {
  const debit = <usize>load<u32>(payment, DEBIT_1);
  const credit = <usize>load<u32>(payment, CREDIT_1);
  const amount = load<i64>(payment, AMOUNT_1);
  takeMark(payment);
  dropped -= 1;
  lower(debit + AT, amount);
  raise(credit + AT, amount);
  moveOnLimits(
    load<u32>(payment, LIMIT_1),
    debit,
    load<u32>(payment, BACK_LIMIT_1),
    credit,
    amount,
    true,
  );
}

/** Takes an account off the stack; 0 where there is none. */
export function popShort(): usize {
  const account = stack;
  if (account == 0) return 0;
  stack = load<u32>(account, STACK_NEXT);
  store<u8>(account, 0, STACKED);
  return account;
}

/** Its queue is to be cut down to what stands before a payment that was dropped by its other leg. */
function expectCut(account: usize): void {
  if (!takesPart(account)) return;
  store<u32>(account, load<u32>(account, PENDING) + 1, PENDING);
  pushShort(account);
}

/** What is stacked is looked at all the same, when its turn comes. */
function pushIfShort(account: usize): void {
  if (!takesPart(account) || load<u8>(account, STACKED)) return;
  if (isShort(account)) pushShort(account);
}

/** Takes a payment out of X that stood last in this account's prefix (0: anywhere); of a chain all legs. */
function drop(payment: usize, account: usize): void {
  mark(payment, cutFrom(payment, account));
  dropUnmarked(payment);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  pushIfShort(load<u32>(payment, CREDIT_1));
  if (debit1 != account) expectCut(debit1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (debit2 == 0) return;
  if (linksChain(debit2)) return dropOtherLegs(payment);
  pushIfShort(load<u32>(payment, CREDIT_2));
  if (debit2 != account) expectCut(debit2);
}

function noteEarliest(leg: usize): void {
  if (isByItself(leg) || load<u8>(leg, PRIORITY) != PRIORITY_NORMAL) return;
  if (earliest == 0 || load<u64>(leg, IDENTITY) < load<u64>(earliest, IDENTITY))
    earliest = load<u32>(leg, LEAD);
}

/** The other legs of a chain go with one: wherever they stand, their queues are to be cut down to them. */
function dropOtherLegs(dropped: usize): void {
  noteEarliest(dropped);
  for (let leg = nextLeg(dropped); leg != dropped; leg = nextLeg(leg)) {
    dropAlone(leg);
    pushIfShort(load<u32>(leg, CREDIT_1));
    expectCut(load<u32>(leg, DEBIT_1));
  }
}

/** What was dropped by another leg, or with the rest of its chain, is cut from this queue as well. */
function cutMarked(payment: usize, account: usize): void {
  store<u32>(account, load<u32>(account, PENDING) - 1, PENDING);
  mark(payment, noteOf(payment) | cutFrom(payment, account));
}

/** Takes the end off an account's prefix. */
function cutOne(account: usize): void {
  const payment = <usize>load<u32>(account, PREFIX_END);
  // An account without outgoing payments in X is no worse off than before: it cannot be short.
  assert(payment != 0);
  store<u32>(account, previousInQueue(payment, account), PREFIX_END);
  if (isMarked(payment)) cutMarked(payment, account);
  else drop(payment, account);
}

/** Loads the payments that the lanes cut next, all at once: each is likely to be far away. */
function touchLanes(active: usize): void {
  let seen: u32 = 0;
  let links: u32 = 0;
  for (let i: usize = 0; i < active; i++) {
    const end = <usize>load<u32>(<usize>load<u32>(lanes + (i << 2)), PREFIX_END);
    seen ^= load<u32>(end, DEBIT_1);
    links |= load<u32>(end, DEBIT_2);
  }
  if (links != 0) seen ^= touchOthers(active);
  // Kept, so that the compiler keeps the loads.
  store<u32>(lanes, seen, (<usize>LANES) << 2);
}

/**
 * The same of what has more than one leg: the second cache line of a linked payment, and the other legs of a
 * chain that goes. The lines that say which are there by now, so the loads of all lanes are under way together.
 */
function touchOthers(active: usize): u32 {
  let seen: u32 = 0;
  for (let i: usize = 0; i < active; i++) {
    const end = <usize>load<u32>(<usize>load<u32>(lanes + (i << 2)), PREFIX_END);
    const debit2 = <usize>load<u32>(end, DEBIT_2);
    if (debit2 != 0 && !linksChain(debit2)) seen ^= load<u32>(end, LIMIT_2);
    if (isMarked(end)) continue;
    for (let leg = nextLeg(end); leg != end; leg = nextLeg(leg)) seen ^= load<u32>(leg, LIMIT_1);
  }
  return seen;
}

/**
 * Cuts the prefixes on the stack until none holds anything dropped and, unless only what is blocked
 * is to go, none is short; or until X has lost so many. A few accounts go in step, so that waiting for memory is shared.
 */
function cutStacked(blockedOnly: bool, until: u32 = NONE32): void {
  let active: usize = 0;
  while (true) {
    if (dropped >= until) return stackLanes(active);
    while (active < LANES && stack != 0) {
      store<u32>(lanes + (active << 2), stack);
      active += 1;
      stack = load<u32>(stack, STACK_NEXT);
    }
    if (active == 0) return;
    touchLanes(active);
    let kept: usize = 0;
    for (let i: usize = 0; i < active; i++) {
      const account = <usize>load<u32>(lanes + (i << 2));
      if (load<u32>(account, PENDING) > 0 || (!blockedOnly && isShort(account))) {
        cutOne(account);
        store<u32>(lanes + (kept << 2), account);
        kept += 1;
      } else store<u8>(account, 0, STACKED);
    }
    active = kept;
  }
}

function stackLanes(active: usize): void {
  for (let i: usize = 0; i < active; i++) {
    const account = <usize>load<u32>(lanes + (i << 2));
    store<u8>(account, 0, STACKED);
    pushShort(account);
  }
}

/** What stands in this queue from a payment on goes by the sweep that comes to the payment: the prefix ends before it. */
function close(payment: usize, account: usize): void {
  if (!takesPart(account) || load<u8>(account, CLOSED)) return;
  store<u8>(account, 1, CLOSED);
  store<u32>(account, previousInQueue(payment, account), PREFIX_END);
}

/** The same at what was dropped before, and not cut from this queue. */
function closeAtMarked(payment: usize, account: usize): void {
  if (!takesPart(account) || (noteOf(payment) & cutFrom(payment, account)) != 0) return;
  cutMarked(payment, account);
  close(payment, account);
}

/** Whether X has lost something that stands before a payment, or before a leg of its chain: it goes as well. */
function standsBehind(payment: usize): bool {
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (debit2 == 0 || !linksChain(debit2))
    return isClosed(load<u32>(payment, DEBIT_1)) || (debit2 != 0 && isClosed(debit2));
  let leg = payment;
  do {
    if (isClosed(load<u32>(leg, DEBIT_1))) return true;
    leg = nextLeg(leg);
  } while (leg != payment);
  return false;
}

function isClosed(account: usize): bool {
  return takesPart(account) && load<u8>(account, CLOSED) != 0;
}

/** Closes the queues of what was dropped before the sweep. */
function closeAll(payment: usize): void {
  if (noteOf(payment) == (CUT_1 | CUT_2)) return;
  let leg = payment;
  do {
    closeAtMarked(leg, load<u32>(leg, DEBIT_1));
    leg = nextLeg(leg);
  } while (leg != payment);
  const debit2 = secondDebit(payment);
  if (debit2 != 0) closeAtMarked(payment, debit2);
}

/** Drops a payment or chain where it stands behind something dropped, and closes its queues; whether X still has it. */
function sweepOne(payment: usize): bool {
  if (isMarked(payment)) {
    closeAll(payment);
    return false;
  }
  if (!standsBehind(payment)) return true;
  let leg = payment;
  do {
    dropUnmarked(leg);
    close(leg, load<u32>(leg, DEBIT_1));
    leg = nextLeg(leg);
  } while (leg != payment);
  const debit2 = secondDebit(payment);
  if (debit2 != 0) close(payment, debit2);
  mark(payment, CUT_1 | CUT_2);
  return false;
}

/**
 * Drops in one go, in the order in which it was queued, what stands behind something dropped, from a payment on; how
 * much it went past that X still has. The normal class alone: its queues have one order, that of all that is queued.
 */
function sweep(from: usize): u32 {
  let past: u32 = 0;
  let end = from;
  for (let a = touched; a != 0; a = load<u32>(a, TOUCHED_NEXT)) store<u8>(a, 0, CLOSED);
  for (let p = from; p != 0 && p != sweepEnd; ) {
    const next = nextPastLegs(p);
    if (load<u8>(p, PRIORITY) == PRIORITY_NORMAL && sweepOne(p)) {
      past += 1;
      end = next;
    }
    p = next;
  }
  sweepEnd = end;
  for (let a = touched; a != 0; a = load<u32>(a, TOUCHED_NEXT))
    if (load<u32>(a, PENDING) > 0 || isShort(a)) pushShort(a);
  return past;
}

/**
 * Cuts what is stacked, and sweeps whenever enough was dropped since that a sweep pays: for all sweeps together, a 32nd of
 * what they went past in vain. So time stays linear in what is queued.
 */
function cutChains(): void {
  let past: u32 = 0;
  sweepEnd = 0;
  while (stack != 0) {
    earliest = 0;
    cutStacked(false, dropped + 1 + (queuedCount() >> 11) + (past >> 5));
    if (earliest != 0) past += sweep(earliest);
  }
}

function beginAccounts(only: u32): void {
  touched = 0;
  others = false;
  // From the last to the first, so that the list of them runs by currency and participant.
  for (let c = <i32>currencyCount() - 1; c >= 0; c--) {
    const isIn =
      only == NONE32 ? <i32>cycleMechanismOf(c) == CYCLE_GRIDLOCK_RESOLUTION : <u32>c == only;
    if (!isIn) others = true;
    for (let p = <i32>participantCount() - 1; isIn && p >= 0; p--) {
      const account = accountOf(p, c);
      if (account != 0) begin(account);
    }
  }
}

function beginLimits(): void {
  for (let i: u32 = 0; i < drawnLimits(); i++) {
    const limit = limitAt(i);
    const account = accountOfLimit(limit);
    if (account == 0 || !takesPart(account)) continue;
    if (counterpartyOf(limit) == NONE32) {
      beginMultilateral(limit, account);
      continue;
    }
    setToBoth(limit + LIMIT_AT, limit + LIMIT_NET, limit + POSITION);
    store<u8>(limit, 0, LIMIT_EXCEEDED);
    judgeLimit(limit, account);
  }
}

/**
 * Counts the payments that take part; drops those that do so with one of their two legs alone, and
 * where they block, what stands behind them.
 */
function hold(blocking: bool, chains: bool): void {
  taking = 0;
  for (let p = firstQueued(); p != 0; p = nextPastLegs(p)) {
    const first = takesPart(load<u32>(p, DEBIT_1));
    const debit2 = <usize>load<u32>(p, DEBIT_2);
    if (linksChain(debit2)) {
      holdChain(p, blocking, chains || isByItself(p));
      continue;
    }
    const second = debit2 == 0 ? first : takesPart(debit2);
    if (first || second) taking += 1;
    if (first == second) continue;
    if (blocking) drop(p, 0);
    else dropAlone(p);
  }
}

/** The same of a chain: it is held where not all of its legs take part, or (`always`) where one does. */
function holdChain(lead: usize, blocking: bool, always: bool): void {
  let legs: u32 = 0;
  let inside: u32 = 0;
  let leg = lead;
  do {
    legs += 1;
    if (takesPart(load<u32>(leg, DEBIT_1))) inside += 1;
    leg = nextLeg(leg);
  } while (leg != lead);
  if (inside == 0) return;
  taking += legs;
  if (inside == legs && !always) return;
  if (blocking) return drop(lead, 0);
  do {
    dropAlone(leg);
    leg = nextLeg(leg);
  } while (leg != lead);
}

/**
 * X is all that is queued in one currency, or (NONE32) in those whose cycles resolve gridlocks.
 * @param holdsChains whether chains are held, also those with all legs there
 */
export function beginSet(only: u32, blocking: bool, holdsChains: bool = false): void {
  refreshNets();
  nextStamp();
  dropped = 0;
  alone = only != NONE32;
  heuristic = 0;
  beginAccounts(only);
  beginLimits();
  taking = queuedCount();
  if (others || anyFunding() || (holdsChains && hasChains())) hold(blocking, holdsChains);
}

/** Finds the largest feasible set that respects the queues' order; where `holdsChains`, without chains. */
export function resolve(only: u32, holdsChains: bool = false): void {
  beginSet(only, true, holdsChains);
  for (let a = touched; a != 0; a = load<u32>(a, TOUCHED_NEXT)) if (isShort(a)) pushShort(a);
  if (hasChains()) cutChains();
  else cutStacked(false);
  if (only == NONE32) keepCrossLimits();
}

/**
 * While a participant breaks a limit across its currencies: the last payment goes of the queue whose
 * account falls most in value, with all that then cannot stay. A heuristic.
 */
function keepCrossLimits(): void {
  const kept = dropped;
  let again = true;
  while (again) {
    again = false;
    for (let p: u32 = 0; p < participantCount(); p++) {
      if (!hasCrossLimits(p)) continue;
      while (!setHolds(p)) {
        again = true;
        cutOne(mostDrawn(p));
        cutStacked(false);
      }
    }
  }
  heuristic = dropped - kept;
}

/** Whether the account's part of X is a prefix of its queue: nothing that it holds has been dropped. */
export function isPrefix(account: usize): bool {
  return load<u32>(account, PENDING) == 0;
}

/** Takes all that is not blocked by something held; false where that leaves any account short. */
export function takeAll(only: u32): bool {
  beginSet(only, true);
  cutStacked(true);
  for (let a = touched; a != 0; a = load<u32>(a, TOUCHED_NEXT)) if (isShort(a)) return false;
  return true;
}

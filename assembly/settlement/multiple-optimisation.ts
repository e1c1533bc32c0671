// Cycles that do not keep the queues' order: multiple optimisation by pairs of accounts (after TARGET2),
// and a heuristic for the Bank Clearing Problem (Güntzer, Jungnickel and Leclerc, EJOR 106(1) 1998).
// Both take payments of one leg, in one currency, and hold chains; docs/settlement.md defines every step.
//
// Invariants
// - What is selected leaves no account below min(threshold, balance before) and no limit above
//   max(limit, position before); the threshold is the floor and what is reserved against the lowest
//   class among the account's selected payments, after these have used reservations up.
// - The heuristic's value is never below that of the largest set that respects the order.

import { balanceOf, FLAG_RESERVES, flagsOf, floorOf } from './accounts-and-conservation';
import { limitThatCounts } from './bilateral-limits';
import { reservedAfter } from './credit-and-reservations';
import { crossFloorOf, isCrossLimited } from './cross-limits';
import {
  beginSet,
  dropAlone,
  firstTouched,
  isShortOf,
  limitIsExceeded,
  resolve,
  restore,
  TOUCHED_NEXT,
} from './gridlock';
import { AMOUNT_1, DEBIT_1, DEBIT_2, GROUP_NEXT, LIMIT_1, LIST_SUM } from './live-payment';
import {
  amountFrom,
  endOf,
  firstOfClass,
  firstQueued,
  isSaved,
  nextInChain,
  nextInClass,
  previousInQueue,
  setSaved,
} from './queue-places';
import { AT, isMarked, takeMarks, takesPart } from './set-members';
import {
  BY_PAIR,
  BY_SUM,
  LARGEST_EARLIEST,
  LARGEST_LATEST,
  link,
  nextInList,
  pairOf,
  sort,
} from './sorted-payments';
import { clearSum, differenceOf, missing, raise, sumIsLess } from './wide-sums';

const valueInOrder: usize = memory.data(16, 16);
const valueFree: usize = memory.data(16, 16);

/** How many of the largest payments outside the set are tried in it, one by one. */
const TRIALS: u32 = 16;
let tried: usize = 0;

function isSelected(payment: usize): bool {
  return !isMarked(payment);
}

/** Whether a queued payment is one that these mechanisms look at. */
function isEligible(payment: usize): bool {
  return load<u32>(payment, DEBIT_2) == 0 && takesPart(load<u32>(payment, DEBIT_1));
}

/** Of an account with reservations: what its selected payments may not touch. */
function reservedAgainstSelected(account: usize): u64 {
  let lowest: u32 = 0;
  let urgent: u64 = 0;
  let high: u64 = 0;
  for (let priority: u32 = 0; priority < 3; priority++) {
    let payment = firstOfClass(account, priority);
    while (payment != 0) {
      if (isSelected(payment)) {
        lowest = priority;
        const amount = <u64>amountFrom(payment, account);
        // Beyond 2^63 it says no more: no reservation is that large.
        if (priority == 0) urgent = min(urgent + amount, (<u64>1) << 63);
        else if (priority == 1) high = min(high + amount, (<u64>1) << 63);
      }
      payment = nextInClass(payment, account);
    }
  }
  return reservedAfter(account, lowest, urgent, high);
}

function against(account: usize): u64 {
  return flagsOf(account) & FLAG_RESERVES ? reservedAgainstSelected(account) : 0;
}

function isShort(account: usize): bool {
  return isShortOf(account, against(account));
}

/** Gives up, from the queue's end, what counts on a limit that is exceeded. */
function keepLimits(account: usize): void {
  for (let p = endOf(account); p != 0; p = previousInQueue(p, account)) {
    if (load<u32>(p, DEBIT_2) != 0 || !isSelected(p)) continue;
    const limit = limitThatCounts(account, load<u32>(p, LIMIT_1));
    if (limit != 0 && limitIsExceeded(limit, account)) dropAlone(p);
  }
}

function selectedOf(account: usize): usize {
  let list: usize = 0;
  for (let p = endOf(account); p != 0; p = previousInQueue(p, account)) {
    if (!isSelected(p) || p == tried) continue;
    link(p, list);
    list = p;
  }
  return sort(list, LARGEST_LATEST);
}

/**
 * Gives up payments worth what the account misses: by falling amount each that is not more than what
 * is still missing, and if that is not enough the smallest that is left. The payment that is being
 * tried goes only where nothing else is left.
 */
function coverShortfall(account: usize): void {
  const at = account + AT;
  let still = missing(at, floorOf(account), against(account));
  if (isCrossLimited(account))
    still = max(still, missing(at, min(crossFloorOf(account), balanceOf(account)), 0));
  let smallest: usize = 0;
  for (let p = selectedOf(account); p != 0; p = nextInList(p)) {
    const amount = <u64>load<i64>(p, AMOUNT_1);
    if (amount <= still) {
      dropAlone(p);
      still -= amount;
      if (still == 0) return;
    } else smallest = p;
  }
  if (smallest != 0) dropAlone(smallest);
  else if (tried != 0 && isSelected(tried) && <usize>load<u32>(tried, DEBIT_1) == account)
    dropAlone(tried);
}

/** From the set as it stands: accounts in their order give up payments until none is short. */
function eliminate(): void {
  let again = true;
  while (again) {
    again = false;
    for (let a = firstTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) {
      if (!isShort(a)) continue;
      again = true;
      keepLimits(a);
      while (isShort(a)) coverShortfall(a);
    }
  }
}

/** Takes back, by falling amount, what leaves its debtor not short; until nothing comes back. */
function refill(): void {
  let list: usize = 0;
  for (let p = firstQueued(); p != 0; p = nextInChain(p)) {
    if (!isEligible(p) || isSelected(p)) continue;
    link(p, list);
    list = p;
  }
  list = sort(list, LARGEST_EARLIEST);
  let again = true;
  while (again) {
    again = false;
    for (let p = list; p != 0; p = nextInList(p)) {
      if (isSelected(p)) continue;
      restore(p);
      if (isShort(load<u32>(p, DEBIT_1))) dropAlone(p);
      else again = true;
    }
  }
}

function sumSelected(sum: usize): void {
  clearSum(sum);
  for (let p = firstQueued(); p != 0; p = nextInChain(p))
    if (isEligible(p) && isSelected(p)) raise(sum, load<i64>(p, AMOUNT_1));
}

function saveSet(): void {
  for (let p = firstQueued(); p != 0; p = nextInChain(p)) setSaved(p, isSelected(p));
}

/** Makes the saved set the selected one. */
function restoreSaved(): void {
  for (let p = firstQueued(); p != 0; p = nextInChain(p)) {
    if (!isEligible(p)) continue;
    if (isSaved(p) && !isSelected(p)) restore(p);
    else if (!isSaved(p) && isSelected(p)) dropAlone(p);
  }
}

/** The better of two greedy sets: one from the largest that respects the order, one from everything. */
function takeBetterStart(currency: u32): void {
  resolve(currency, true);
  refill();
  sumSelected(valueInOrder);
  saveSet();
  takeMarks();
  beginSet(currency, false, true);
  eliminate();
  refill();
  sumSelected(valueFree);
  if (!sumIsLess(valueInOrder, valueFree)) restoreSaved();
}

/** The Bank Clearing Problem of one currency: a greedy set, then trials with payments outside it. */
export function clearBanks(currency: u32): void {
  takeBetterStart(currency);
  sumSelected(valueInOrder);
  saveSet();
  let trials: u32 = 0;
  // The candidates are linked beside the lists that the trials themselves make.
  for (let p = outsideLargest(); p != 0 && trials < TRIALS; p = load<u32>(p, GROUP_NEXT)) {
    trials += 1;
    if (isSelected(p)) continue;
    tried = p;
    restore(p);
    eliminate();
    tried = 0;
    refill();
    sumSelected(valueFree);
    if (sumIsLess(valueInOrder, valueFree)) {
      v128.store(valueInOrder, v128.load(valueFree));
      saveSet();
    } else restoreSaved();
  }
}

/** What is not selected, by falling amount, the earlier message first. */
function outsideLargest(): usize {
  let list: usize = 0;
  for (let p = firstQueued(); p != 0; p = nextInChain(p)) {
    if (!isEligible(p) || isSelected(p)) continue;
    store<u32>(p, list, GROUP_NEXT);
    list = p;
  }
  return sort(list, LARGEST_EARLIEST, GROUP_NEXT);
}

/** Nothing is selected; the list of what may be, from the last account's queue's end on. */
function beginEmpty(currency: u32): usize {
  beginSet(currency, false, true);
  let list: usize = 0;
  for (let a = firstTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) {
    for (let priority: u32 = 0; priority < 3; priority++) {
      for (let p = firstOfClass(a, priority); p != 0; p = nextInClass(p, a)) {
        if (load<u32>(p, DEBIT_2) != 0) continue;
        dropAlone(p);
        link(p, list);
        list = p;
      }
    }
  }
  return sort(list, BY_PAIR);
}

/** The difference of what the two accounts of a pair owe each other; 2^64 - 1 and more are alike. */
function mutualDifference(group: usize, end: usize): u64 {
  clearSum(valueInOrder);
  clearSum(valueFree);
  const debit = load<u32>(group, DEBIT_1);
  for (let p = group; p != end; p = nextInList(p))
    raise(load<u32>(p, DEBIT_1) == debit ? valueInOrder : valueFree, load<i64>(p, AMOUNT_1));
  return sumIsLess(valueInOrder, valueFree)
    ? differenceOf(valueFree, valueInOrder)
    : differenceOf(valueInOrder, valueFree);
}

/** The next payment of this account's in a pair's list, which runs from the queue's end on. */
function nextOf(from: usize, end: usize, account: u32): usize {
  let p = from;
  while (p != end && load<u32>(p, DEBIT_1) != account) p = nextInList(p);
  return p;
}

/** Adds what a pair owe each other; whoever is short then gives up its last payment to the other. */
function matchPair(group: usize, end: usize): void {
  const pair = pairOf(group);
  const first = <u32>(pair >> 32);
  const second = <u32>pair;
  for (let p = group; p != end; p = nextInList(p)) restore(p);
  let ofFirst = nextOf(group, end, first);
  let ofSecond = nextOf(group, end, second);
  while (true) {
    if (isShort(first)) {
      assert(ofFirst != end);
      dropAlone(ofFirst);
      ofFirst = nextOf(nextInList(ofFirst), end, first);
    } else if (isShort(second)) {
      assert(ofSecond != end);
      dropAlone(ofSecond);
      ofSecond = nextOf(nextInList(ofSecond), end, second);
    } else return;
  }
}

/** Where the payments of the pair end to which the first of them belongs. */
function endOfGroup(group: usize): usize {
  const pair = pairOf(group);
  let p = group;
  while (p != 0 && pairOf(p) == pair) p = nextInList(p);
  return p;
}

function owesBothWays(group: usize, end: usize): bool {
  const debit = load<u32>(group, DEBIT_1);
  for (let p = group; p != end; p = nextInList(p)) if (load<u32>(p, DEBIT_1) != debit) return true;
  return false;
}

/** Multiple optimisation of one currency: pairs of accounts, the smallest mutual difference first. */
export function matchPairs(currency: u32): void {
  let groups: usize = 0;
  let last: usize = 0;
  let group = beginEmpty(currency);
  while (group != 0) {
    const end = endOfGroup(group);
    if (owesBothWays(group, end)) {
      store<u64>(group, mutualDifference(group, end), LIST_SUM);
      store<u32>(group, 0, GROUP_NEXT);
      if (last != 0) store<u32>(last, group, GROUP_NEXT);
      else groups = group;
      last = group;
    }
    group = end;
  }
  groups = sort(groups, BY_SUM, GROUP_NEXT);
  for (let g = groups; g != 0; g = load<u32>(g, GROUP_NEXT)) matchPair(g, endOfGroup(g));
}

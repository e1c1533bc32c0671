// A set of queued payments by itself: where it would take the accounts and limits that it touches, and what it
// would leave short. Closures (why-queue-heads-are-held-up.ts) and proposals (proposals.ts) are such sets. Which payments a resolution
// leaves out: gridlock.ts.
//
// Invariants
// - A payment of the set is marked, an account that it touches takes part (set-members.ts).
// - Nothing here changes what settles. Whoever tries a set takes its marks off.

import { balanceOf, FLAG_RESERVES, flagsOf, floorOf } from './accounts-and-conservation';
import { exceedsLimit, limitOf, limitThatCounts, POSITION } from './bilateral-limits';
import { reservedAfter } from './credit-and-reservations';
import { LIMIT_AT, TOUCHED_NEXT } from './gridlock';
import {
  AMOUNT_1,
  AMOUNT_2,
  BACK_LIMIT_1,
  BACK_LIMIT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  LIMIT_1,
  LIMIT_2,
  nextLeg,
  PRIORITY,
  secondDebit,
} from './live-payment';
import { amountFrom, endOf, firstOfClass, nextInClass, previousInQueue } from './queue-places';
import {
  AT,
  isLastStamp,
  isMarked,
  LIMIT_STAMP,
  mark,
  nextStamp,
  takeMark,
  takePart,
  takesPart,
} from './set-members';
import { excess, isBelow, lower, missing, raise, setToSum } from './wide-sums';

const nothing: usize = memory.data(16, 16);

let stamp: u32 = 0;
let touched: usize = 0;

/** Begins with no payment in the set. */
export function startTried(): void {
  stamp = nextStamp();
  touched = 0;
}

/** Whether no other set was begun since: what the accounts and limits have of it is there. */
export function isTriedSet(): bool {
  return isLastStamp(stamp);
}

/** The last account that the set came to touch; TOUCHED_NEXT leads to the others. */
export function lastTouched(): usize {
  return touched;
}

function touch(account: usize): void {
  if (takesPart(account)) return;
  takePart(account);
  store<u32>(account, touched, TOUCHED_NEXT);
  touched = account;
  setToSum(account + AT, nothing, balanceOf(account));
}

/** The limit's position, taken anew where this set has not met it yet. */
function positionOn(limit: usize): usize {
  if (load<u32>(limit, LIMIT_STAMP) != stamp) {
    store<u32>(limit, stamp, LIMIT_STAMP);
    v128.store(limit + LIMIT_AT, v128.load(limit + POSITION));
  }
  return limit + LIMIT_AT;
}

function addLeg(debit: usize, credit: usize, amount: i64, limit: usize, back: usize): void {
  touch(debit);
  touch(credit);
  lower(debit + AT, amount);
  raise(credit + AT, amount);
  const out = limitThatCounts(debit, limit);
  const into = limitThatCounts(credit, back);
  if (out != 0) raise(positionOn(out), amount);
  if (into != 0) lower(positionOn(into), amount);
}

/** Takes a payment into the set; of a chain all legs. */
export function include(payment: usize): void {
  let leg = payment;
  do {
    mark(leg);
    count(leg);
    leg = nextLeg(leg);
  } while (leg != payment);
}

/** Takes the marks of a payment off; of a chain those of all legs. */
export function unmark(payment: usize): void {
  let leg = payment;
  do {
    takeMark(leg);
    leg = nextLeg(leg);
  } while (leg != payment);
}

/** Counts a payment, or one leg of a chain, into the set without a mark. */
export function count(payment: usize): void {
  addLeg(
    load<u32>(payment, DEBIT_1),
    load<u32>(payment, CREDIT_1),
    load<i64>(payment, AMOUNT_1),
    load<u32>(payment, LIMIT_1),
    load<u32>(payment, BACK_LIMIT_1),
  );
  const debit2 = secondDebit(payment);
  if (debit2 == 0) return;
  addLeg(
    debit2,
    load<u32>(payment, CREDIT_2),
    load<i64>(payment, AMOUNT_2),
    load<u32>(payment, LIMIT_2),
    load<u32>(payment, BACK_LIMIT_2),
  );
}

export function isIncluded(payment: usize): bool {
  return isMarked(payment);
}

/** The last payment of the account's queue that the set holds, or 0. */
export function lastIncluded(account: usize): usize {
  let payment = endOf(account);
  while (payment != 0 && !isIncluded(payment)) payment = previousInQueue(payment, account);
  return payment;
}

function sumOfClass(account: usize, priority: u32): u64 {
  let sum: u64 = 0;
  let payment = firstOfClass(account, priority);
  while (payment != 0) {
    if (isIncluded(payment)) sum = min(sum + <u64>amountFrom(payment, account), (<u64>1) << 63);
    payment = nextInClass(payment, account);
  }
  return sum;
}

/** What is reserved against the lowest class among the set's payments in the account's queue. */
function reserved(account: usize): u64 {
  const last = flagsOf(account) & FLAG_RESERVES ? lastIncluded(account) : 0;
  if (last == 0) return 0;
  const priority = <u32>load<u8>(last, PRIORITY);
  return reservedAfter(account, priority, sumOfClass(account, 0), sumOfClass(account, 1));
}

/** What an account that the set touches is short of, 0 where it is no worse off than is allowed. */
export function shortageOf(account: usize): u64 {
  return shortageAgainst(account, reserved(account));
}

/** The same, against what is reserved. */
export function shortageAgainst(account: usize, against: u64): u64 {
  const at = account + AT;
  const short = missing(at, floorOf(account), against);
  return short > 0 && isBelow(at, balanceOf(account)) ? short : 0;
}

/** By how much the set exceeds a limit (0: none), 0 where it does not. */
export function excessOver(limit: usize): u64 {
  if (limit == 0 || load<u32>(limit, LIMIT_STAMP) != stamp) return 0;
  const at = limit + LIMIT_AT;
  if (!exceedsLimit(limit, load<u64>(at), load<i64>(at, 8))) return 0;
  return excess(at, limitOf(limit));
}

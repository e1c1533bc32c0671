// Gross settlement: entry, and the rescans that settle from the queues one by one.
//
// Invariants
// - A payment settles alone only when it is next in every queue that it stands in and each of its
//   debits is affordable; both legs book or neither.
// - "Next" is: nothing stands before it. Under bypass FIFO a normal payment is next as soon as no
//   urgent or high one stands in the queue, so a scan goes past normal ones that do not fit.
// - The worklist is first in, first out and holds an account once. It receives, after each
//   settlement from a queue, the accounts credited (leg 1, leg 2) and then the account of the other
//   leg where the payment was that queue's head. When it is empty nothing queued can settle alone.
import { addSettlement, outputFull, writeOfPayment } from './events';
import { setOutcome } from './identities';
import { affords, available, book, currencyOf } from './ledger';
import {
  AMOUNT_1,
  AMOUNT_2,
  amountFrom,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  firstOfClass,
  freePayment,
  headOf,
  IDENTITY,
  leaveQueues,
  nextInClass,
  PRIORITY,
  setSmallestNormal,
  smallestNormal,
} from './queue';
import { EVENT_SETTLED, MECHANISM_QUEUE, PRIORITY_NORMAL, REASON_NONE } from './records';
import { isBypass } from './rules';

// The worklist's part of an account (ledger.ts): 60 u32 next   120 u8 listed.
const WORK_NEXT: usize = 60;
const LISTED: usize = 120;

let workFirst: usize = 0;
let workLast: usize = 0;
let scanned: usize = 0;
let cursor: usize = 0;
let smallest: i64 = 0;

/** Puts an account at the end of the worklist unless it is in it. */
export function pushWork(account: usize): void {
  if (load<u8>(account, LISTED)) return;
  store<u8>(account, 1, LISTED);
  store<u32>(account, 0, WORK_NEXT);
  if (workLast != 0) store<u32>(workLast, account, WORK_NEXT);
  else workFirst = account;
  workLast = account;
}

function popWork(): usize {
  const account = workFirst;
  if (account == 0) return 0;
  workFirst = load<u32>(account, WORK_NEXT);
  if (workFirst == 0) workLast = 0;
  store<u8>(account, 0, LISTED);
  return account;
}

/** Whether a payment of this priority that arrives now would be next in the account's queue. */
function nothingBefore(account: usize, priority: u32): bool {
  if (firstOfClass(account, 0) != 0) return false;
  if (priority == 0) return true;
  if (firstOfClass(account, 1) != 0) return false;
  if (priority == 1 || firstOfClass(account, PRIORITY_NORMAL) == 0) return true;
  return isBypass(currencyOf(account));
}

/** Whether a payment may settle as it arrives; debit2 0 for one leg. */
export function mayEnter(
  priority: u32,
  debit1: usize,
  amount1: i64,
  debit2: usize,
  amount2: i64,
): bool {
  if (!affords(debit1, amount1) || !nothingBefore(debit1, priority)) return false;
  return debit2 == 0 || (affords(debit2, amount2) && nothingBefore(debit2, priority));
}

/** Books one leg or both and puts the credited accounts on the worklist. */
export function bookLegs(
  debit1: usize,
  credit1: usize,
  amount1: i64,
  debit2: usize,
  credit2: usize,
  amount2: i64,
): void {
  book(debit1, credit1, amount1);
  if (debit2 != 0) book(debit2, credit2, amount2);
  pushWork(credit1);
  if (debit2 != 0) pushWork(credit2);
}

/** Ends a live payment whose legs are booked: event, outcome, slot. */
export function finishSettled(payment: usize, mechanism: u32, cycle: u32): void {
  const event = writeOfPayment(EVENT_SETTLED, REASON_NONE, payment);
  const debit1 = load<u32>(payment, DEBIT_1);
  const credit1 = load<u32>(payment, CREDIT_1);
  const debit2 = load<u32>(payment, DEBIT_2);
  const credit2 = load<u32>(payment, CREDIT_2);
  addSettlement(event, mechanism, cycle, debit1, credit1, debit2, credit2);
  setOutcome(load<u64>(payment, IDENTITY), EVENT_SETTLED, REASON_NONE);
  freePayment(payment);
}

/** Books a live payment that stands in no list (any more). */
export function bookPayment(payment: usize): void {
  bookLegs(
    load<u32>(payment, DEBIT_1),
    load<u32>(payment, CREDIT_1),
    load<i64>(payment, AMOUNT_1),
    load<u32>(payment, DEBIT_2),
    load<u32>(payment, CREDIT_2),
    load<i64>(payment, AMOUNT_2),
  );
}

/** The other account that the payment debits, or 0. */
function partnerOf(payment: usize, account: usize): usize {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  return debit1 == account ? load<u32>(payment, DEBIT_2) : debit1;
}

/** Whether a payment that is next in this account's queue can settle alone. */
function canSettle(payment: usize, account: usize): bool {
  if (!affords(account, amountFrom(payment, account))) return false;
  const partner = partnerOf(payment, account);
  if (partner == 0) return true;
  if (!affords(partner, amountFrom(payment, partner))) return false;
  if (load<u8>(payment, PRIORITY) == PRIORITY_NORMAL && isBypass(currencyOf(partner)))
    return firstOfClass(partner, 0) == 0 && firstOfClass(partner, 1) == 0;
  return headOf(partner) == payment;
}

function settleFromQueue(payment: usize, account: usize): void {
  const partner = partnerOf(payment, account);
  const wasHead = partner != 0 && headOf(partner) == payment;
  leaveQueues(payment);
  bookPayment(payment);
  if (wasHead) pushWork(partner);
  finishSettled(payment, MECHANISM_QUEUE, 0);
}

/**
 * The normal class under bypass FIFO, from the cursor on. Money only leaves the account meanwhile,
 * so one pass is enough, and it ends early where even the smallest amount is too much.
 */
function scanNormal(account: usize): bool {
  if (cursor == 0) {
    cursor = firstOfClass(account, PRIORITY_NORMAL);
    smallest = i64.MAX_VALUE;
  }
  while (cursor != 0) {
    if (available(account) < <u64>smallestNormal(account)) {
      cursor = 0;
      return true;
    }
    const payment = cursor;
    if (canSettle(payment, account)) {
      if (outputFull()) return false;
      cursor = nextInClass(payment, account);
      settleFromQueue(payment, account);
    } else {
      smallest = min(smallest, amountFrom(payment, account));
      cursor = nextInClass(payment, account);
    }
  }
  setSmallestNormal(account, smallest);
  return true;
}

/** Settles from the head of one account's queue on; false where the output is full. */
function scan(account: usize): bool {
  for (let head = headOf(account); head != 0; head = headOf(account)) {
    if (load<u8>(head, PRIORITY) == PRIORITY_NORMAL && isBypass(currencyOf(account)))
      return scanNormal(account);
    if (!canSettle(head, account)) return true;
    if (outputFull()) return false;
    settleFromQueue(head, account);
  }
  return true;
}

/** Works the worklist off; false where the output is full: call it again after a drain. */
export function rescan(): bool {
  while (true) {
    if (scanned == 0) scanned = popWork();
    if (scanned == 0) return true;
    if (!scan(scanned)) return false;
    scanned = 0;
  }
}

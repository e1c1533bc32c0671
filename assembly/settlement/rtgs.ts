// Gross settlement: entry, and the rescans that settle from the queues one by one.
//
// Invariants
// - A payment settles alone only when it is next in every queue that it stands in and each of its
//   debits is free to leave (debits.ts); both legs book or neither.
// - "Next" is: nothing stands before it that it may not pass (passing.ts); a scan goes past normal ones that
//   do not fit.
// - The worklist (worklist.ts) receives, after each
//   settlement from a queue, the accounts credited (leg 1, leg 2) and then the account of the other
//   leg where the payment was that queue's head. When it is empty nothing queued can settle alone.
import { paymentHolds } from './cross-limits';
import { bookLeg, mayDebit } from './debits';
import { admitOrCancel, isDeferred } from './deferred';
import { finishSettled } from './endings';
import { outputFull } from './events';
import { available, currencyOf, raiseFault } from './ledger';
import {
  AMOUNT_1,
  AMOUNT_2,
  BACK_LIMIT_1,
  BACK_LIMIT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  LIMIT_1,
  LIMIT_2,
  PRIORITY,
} from './live-payment';
import { offsetEntry } from './offsetting';
import { isNext, nothingBefore } from './passing';
import {
  amountFrom,
  firstOfClass,
  headOf,
  joinQueues,
  leaveQueues,
  limitFrom,
  nextInClass,
  setSmallestNormal,
  smallestNormal,
} from './queue';
import { fileLimits } from './queued-limits';
import { MECHANISM_ENTRY, MECHANISM_QUEUE, PRIORITY_NORMAL } from './records';
import { isBypass } from './rules';
import { popWork, pushWork } from './worklist';

let scanned: usize = 0;
let cursor: usize = 0;
let smallest: i64 = 0;

/** Whether a payment that stands nowhere yet may settle as it comes in. */
export function mayEnter(payment: usize): bool {
  const priority = <u32>load<u8>(payment, PRIORITY);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (!mayDebit(debit1, load<i64>(payment, AMOUNT_1), priority, load<u32>(payment, LIMIT_1)))
    return false;
  if (!nothingBefore(debit1, priority)) return false;
  if (
    debit2 != 0 &&
    (!mayDebit(debit2, load<i64>(payment, AMOUNT_2), priority, load<u32>(payment, LIMIT_2)) ||
      !nothingBefore(debit2, priority))
  )
    return false;
  return paymentHolds(payment);
}

/** Books a payment that stands in no list, one leg or both; the accounts credited are scanned next. */
export function bookPayment(payment: usize): void {
  if (!paymentHolds(payment)) raiseFault();
  const priority = <u32>load<u8>(payment, PRIORITY);
  const credit1 = <usize>load<u32>(payment, CREDIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  bookLeg(
    load<u32>(payment, DEBIT_1),
    credit1,
    load<i64>(payment, AMOUNT_1),
    priority,
    load<u32>(payment, LIMIT_1),
    load<u32>(payment, BACK_LIMIT_1),
  );
  pushWork(credit1);
  if (debit2 == 0) return;
  const credit2 = <usize>load<u32>(payment, CREDIT_2);
  bookLeg(
    debit2,
    credit2,
    load<i64>(payment, AMOUNT_2),
    priority,
    load<u32>(payment, LIMIT_2),
    load<u32>(payment, BACK_LIMIT_2),
  );
  pushWork(credit2);
}

/** Books a payment that arrives against others where it would be next; `tellGroup` has the events. */
export function mayOffset(payment: usize): bool {
  return (
    nothingBefore(load<u32>(payment, DEBIT_1), load<u8>(payment, PRIORITY)) && offsetEntry(payment)
  );
}

/**
 * Lets a payment that stands nowhere in: whether it settled. With one event if it did, two for a pair;
 * with one if deferred net settlement has taken it in or turned it away.
 */
export function enter(payment: usize): bool {
  if (isDeferred(payment)) {
    admitOrCancel(payment);
    return false;
  }
  fileLimits(payment);
  if (!mayEnter(payment)) {
    if (mayOffset(payment)) return true;
    joinQueues(payment);
    return false;
  }
  bookPayment(payment);
  finishSettled(payment, MECHANISM_ENTRY, 0);
  return true;
}

/** The other account that the payment debits, or 0. */
function partnerOf(payment: usize, account: usize): usize {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  return debit1 == account ? load<u32>(payment, DEBIT_2) : debit1;
}

/** Whether a payment that is next in this account's queue can settle alone. */
function canSettle(payment: usize, account: usize): bool {
  const priority = <u32>load<u8>(payment, PRIORITY);
  const limit = limitFrom(payment, account);
  if (!mayDebit(account, amountFrom(payment, account), priority, limit)) return false;
  const partner = partnerOf(payment, account);
  if (partner == 0) return paymentHolds(payment);
  const partnerLimit = limitFrom(payment, partner);
  if (!mayDebit(partner, amountFrom(payment, partner), priority, partnerLimit)) return false;
  return isNext(payment, partner) && paymentHolds(payment);
}

/** Settles what `canSettle`; out of its turn it must not, whoever asks. */
function settleFromQueue(payment: usize, account: usize): void {
  if (!isNext(payment, account)) raiseFault();
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

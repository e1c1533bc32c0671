// Gross settlement: entry, and the rescans that settle from the queues one by one. A payment that a message brings in
// settles, queues or is refused in payment-intake-settle-queue-or-refuse.ts.
//
// Invariants
// - What may settle alone, and how it books: may-settle-and-book-both-or-neither.ts; whether it may pass those that
//   wait: who-may-pass-whom.ts. A scan goes past normal ones that do not fit.
// - The worklist (accounts-to-rescan.ts) receives, after each
//   settlement from a queue, the accounts credited (leg 1, leg 2) and then the account of the other
//   leg where the payment was that queue's head (of a chain, of the other legs, in leg order). When it is
//   empty nothing queued can settle alone.

import { available, currencyOf, raiseFault } from './accounts-and-conservation';
import { popWork, pushWork } from './accounts-to-rescan';
import { isConditionMet } from './attestor-thresholds';
import {
  endsUnfunded,
  enterToFund,
  fund,
  isToBeEarmarked,
} from './chain-funding-and-earmark-expiry';
import { chainOf, isOfChain } from './chain-legs';
import { chainIsNext, noteHeads, scanHeads } from './chain-settlement';
import { isBypass } from './currency-rules';
import { outputFull } from './event-output';
import { DEBIT_1, isByItself, isChainLeg, PRIORITY } from './live-payment';
import { bookPayment, canSettle, mayEnter, partnerOf } from './may-settle-and-book-both-or-neither';
import { admitOrCancel, isDeferred } from './netting-admission';
import { joinWaiting } from './not-yet-queued';
import { offsetEntry } from './offsetting';
import { finishSettled } from './payment-endings';
import {
  firstOfClass,
  headOf,
  joinQueues,
  leastFrom,
  leaveQueues,
  nextInClass,
  setSmallestNormal,
  smallestNormal,
} from './queue-places';
import { fileLimits } from './queued-limits';
import { MECHANISM_ENTRY, MECHANISM_QUEUE, PRIORITY_NORMAL } from './record-numbers';
import { isNext, nothingBefore } from './who-may-pass-whom';

let scanned: usize = 0;
let cursor: usize = 0;
let smallest: i64 = 0;

/** Books a payment that arrives against others where it would be next; `tellGroup` has the events. */
export function mayOffset(payment: usize): bool {
  return (
    nothingBefore(load<u32>(payment, DEBIT_1), load<u8>(payment, PRIORITY)) && offsetEntry(payment)
  );
}

/**
 * Lets a payment that stands nowhere in: whether it settled. With one event for each leg of a pair or chain,
 * else one, if it did;
 * with one if deferred net settlement has taken it in or turned it away.
 */
export function enter(payment: usize): bool {
  if (isChainLeg(payment) && isToBeEarmarked(payment)) {
    if (endsUnfunded(payment)) return false;
    if (isToBeEarmarked(payment)) return enterToFund(payment);
    // Its earmarks are over, and what it goes on as waits for its condition.
    if (!isConditionMet(payment)) {
      joinWaiting(payment);
      return false;
    }
  }
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

/** The same for a chain one of whose legs stands in this account's queue. */
function settleChain(lead: usize, account: usize): void {
  if (!chainIsNext(lead)) raiseFault();
  noteHeads(lead);
  leaveQueues(lead);
  bookPayment(lead);
  scanHeads(lead, account);
  finishSettled(lead, MECHANISM_QUEUE, 0);
}

/** Settles what `canSettle`, or sets its money aside; out of its turn it must not, whoever asks. */
function settleFromQueue(payment: usize, account: usize): void {
  if (isByItself(payment)) {
    if (!isNext(payment, account)) raiseFault();
    return fund(payment);
  }
  if (isChainLeg(payment)) return settleChain(chainOf(payment), account);
  if (!isNext(payment, account)) raiseFault();
  const partner = partnerOf(payment, account);
  const wasHead = partner != 0 && headOf(partner) == payment;
  leaveQueues(payment);
  bookPayment(payment);
  if (wasHead) pushWork(partner);
  finishSettled(payment, MECHANISM_QUEUE, 0);
}

/** The next in the class behind a payment of this account's queue, and behind the legs of its chain. */
function nextBehind(payment: usize, account: usize): usize {
  let next = nextInClass(payment, account);
  if (isChainLeg(payment))
    while (isOfChain(next, chainOf(payment))) next = nextInClass(next, account);
  return next;
}

/**
 * The normal class under bypass FIFO, from the cursor on. Money only leaves the account meanwhile, or a chain
 * brings some in and the account is scanned again; so one pass is enough, and it ends early where even the
 * least that any of them takes is too much.
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
      cursor = nextBehind(payment, account);
      settleFromQueue(payment, account);
    } else {
      smallest = min(smallest, leastFrom(payment, account));
      cursor = nextBehind(payment, account);
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

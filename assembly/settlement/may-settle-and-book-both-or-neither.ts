// A payment of one leg or of two: both book or neither. A chain of legs: chain-settlement.ts. A leg that waits for the
// other bank's, and its time-out: pvp-intake-and-time-out.ts.
//
// Invariants
// - A payment settles alone only when it is next in every queue that it stands in and each of its
//   debits is free to leave (money-and-limits-of-a-leg.ts).
// - "Next" is: nothing stands before it that it may not pass (who-may-pass-whom.ts).

import { raiseFault } from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { chainOf } from './chain-legs';
import { bookChain, chainIsFeasible, chainIsNext, chainMayEnter } from './chain-settlement';
import { paymentHolds } from './cross-limits';
import { mayEarmark } from './earmarks';
import {
  AMOUNT_1,
  AMOUNT_2,
  BACK_LIMIT_1,
  BACK_LIMIT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  isByItself,
  isChainLeg,
  LIMIT_1,
  LIMIT_2,
  linksChain,
  PRIORITY,
} from './live-payment';
import { bookLeg, mayDebit } from './money-and-limits-of-a-leg';
import { amountFrom, limitFrom } from './queue-places';
import { isNext, nothingBefore } from './who-may-pass-whom';

/** Whether a payment that stands nowhere yet may settle as it comes in. */
export function mayEnter(payment: usize): bool {
  const priority = <u32>load<u8>(payment, PRIORITY);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (linksChain(debit2)) return chainMayEnter(payment);
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

/** Books a payment that stands in no list, one leg, both or a chain; the accounts credited are scanned next. */
export function bookPayment(payment: usize): void {
  if (isChainLeg(payment)) return bookChain(payment);
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

/** The other account that the payment, which is no chain's, debits, or 0. */
export function partnerOf(payment: usize, account: usize): usize {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  return debit1 == account ? load<u32>(payment, DEBIT_2) : debit1;
}

/** Whether a payment that is next in this account's queue can settle alone; a leg, whether its chain can, or be earmarked. */
export function canSettle(payment: usize, account: usize): bool {
  if (isChainLeg(payment)) {
    if (isByItself(payment)) return mayEarmark(payment);
    return chainIsNext(payment) && chainIsFeasible(chainOf(payment));
  }
  const priority = <u32>load<u8>(payment, PRIORITY);
  const limit = limitFrom(payment, account);
  if (!mayDebit(account, amountFrom(payment, account), priority, limit)) return false;
  const partner = partnerOf(payment, account);
  if (partner == 0) return paymentHolds(payment);
  const partnerLimit = limitFrom(payment, partner);
  if (!mayDebit(partner, amountFrom(payment, partner), priority, partnerLimit)) return false;
  return isNext(payment, partner) && paymentHolds(payment);
}

// What the queues as they stand would do to each account and each limit, kept up as payments join and
// leave, so that a cycle starts from sums and does not add every payment up again.
//
// Invariants
// - The net of an account is what all queued payments would bring it less what they would take.
// - The net of a limit is what all queued payments that count on it would count out less in, unless
//   `stale`: then a limit was set or taken away over payments that are queued, and the next cycle
//   counts anew.
import { flagsOf } from './accounts-and-conservation';
import { LIMIT_NET, limitThatCounts } from './bilateral-limits';
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
  secondDebit,
} from './live-payment';
import { lower, raise } from './wide-sums';

/** Of an account (accounts-and-conservation.ts): 128 u64 low, 136 i64 high. */
export const NET: usize = 128;

let stale: bool = false;

/** Whether the limits' nets are to be counted anew. */
export function netsAreStale(): bool {
  return stale;
}

export function setNetsStale(are: bool): void {
  stale = are;
}

function countOnLimits(
  debit: usize,
  credit: usize,
  amount: i64,
  bilateral: usize,
  back: usize,
  joins: bool,
): void {
  const out = limitThatCounts(debit, bilateral);
  const into = limitThatCounts(credit, back);
  if (out != 0) {
    if (joins) raise(out + LIMIT_NET, amount);
    else lower(out + LIMIT_NET, amount);
  }
  if (into != 0) {
    if (joins) lower(into + LIMIT_NET, amount);
    else raise(into + LIMIT_NET, amount);
  }
}

/** Counts a queued payment on the limits of its legs, or takes it off them. */
export function countPayment(payment: usize, joins: bool): void {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const credit1 = <usize>load<u32>(payment, CREDIT_1);
  if ((flagsOf(debit1) | flagsOf(credit1)) != 0)
    countOnLimits(
      debit1,
      credit1,
      load<i64>(payment, AMOUNT_1),
      load<u32>(payment, LIMIT_1),
      load<u32>(payment, BACK_LIMIT_1),
      joins,
    );
  const debit2 = secondDebit(payment);
  if (debit2 == 0) return;
  const credit2 = <usize>load<u32>(payment, CREDIT_2);
  if ((flagsOf(debit2) | flagsOf(credit2)) != 0)
    countOnLimits(
      debit2,
      credit2,
      load<i64>(payment, AMOUNT_2),
      load<u32>(payment, LIMIT_2),
      load<u32>(payment, BACK_LIMIT_2),
      joins,
    );
}

/** A payment has joined its queues; its limits are filed. */
export function addToNets(payment: usize): void {
  const amount1 = load<i64>(payment, AMOUNT_1);
  lower(<usize>load<u32>(payment, DEBIT_1) + NET, amount1);
  raise(<usize>load<u32>(payment, CREDIT_1) + NET, amount1);
  const debit2 = secondDebit(payment);
  if (debit2 != 0) {
    const amount2 = load<i64>(payment, AMOUNT_2);
    lower(debit2 + NET, amount2);
    raise(<usize>load<u32>(payment, CREDIT_2) + NET, amount2);
  }
  if (!stale) countPayment(payment, true);
}

/** A payment leaves its queues; its limits are still filed. */
export function takeFromNets(payment: usize): void {
  const amount1 = load<i64>(payment, AMOUNT_1);
  raise(<usize>load<u32>(payment, DEBIT_1) + NET, amount1);
  lower(<usize>load<u32>(payment, CREDIT_1) + NET, amount1);
  const debit2 = secondDebit(payment);
  if (debit2 != 0) {
    const amount2 = load<i64>(payment, AMOUNT_2);
    raise(debit2 + NET, amount2);
    lower(<usize>load<u32>(payment, CREDIT_2) + NET, amount2);
  }
  if (!stale) countPayment(payment, false);
}

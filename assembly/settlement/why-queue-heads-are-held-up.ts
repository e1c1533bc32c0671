// Why what a cycle left is left: for the first payment of each queue, what its closure leaves short.
//
// The closure of a payment is the smallest set that holds it, everything before each of its members
// in each of their queues, and so all legs of each. If the closure alone were booked, an account
// below its threshold, or a limit exceeded, is what holds the payment up; if none is, only the
// currency's mechanism does.
//
// Invariants
// - `heldUp` events come queue by queue (currencies, then participants); a payment that is first in two
//   queues, or a chain with a leg there, is told of once, at the first. Its shortages come account by account likewise: the balance,
//   then bilateral limits by counterparty, then the multilateral limit.
// - After them come, by participant, the shortages of its limits across currencies (cross-limits.ts).
// - Nothing here changes what settles.

import {
  accountOf,
  comesBefore,
  currencyCount,
  currencyOf,
  FLAG_BILATERAL_LIMITS,
  FLAG_MULTILATERAL_LIMIT,
  flagsOf,
  participantCount,
  participantOf,
} from './accounts-and-conservation';
import { bilateralLimit, counterpartyOf, multilateralLimit } from './bilateral-limits';
import { crossAccountOf, crossShortage, hasCrossLimits } from './cross-limits';
import { outputFull, writeOfPayment } from './event-output';
import { popShort, pushShort } from './gridlock';
import { DEBIT_1, DEBIT_2, isChainLeg, nextLeg, secondDebit } from './live-payment';
import { standingOf } from './pair-state';
import { headOf, previousInQueue } from './queue-places';
import {
  EVENT_HELD_UP,
  HELD_UP_BY_AGGREGATE_SHORT_LIMIT,
  HELD_UP_BY_BALANCE,
  HELD_UP_BY_BILATERAL_LIMIT,
  HELD_UP_BY_MULTILATERAL_LIMIT,
  HELD_UP_BY_NONE,
  HELD_UP_BY_POOLED_COLLATERAL,
  NONE16,
  NONE32,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_CURRENCY_2,
  OUT_CYCLE,
  OUT_DEALER,
  OUT_DEBTOR_AGENT,
  OUT_MECHANISM,
  REASON_NONE,
} from './record-numbers';
import { takeMarks, takesPart } from './set-members';
import {
  excessOver,
  include,
  isIncluded,
  lastIncluded,
  shortageOf,
  startTried,
  unmark,
} from './set-shortages';

let wanted: bool = false;
// Where the telling stands: the queue, and how many shortages of its first payment are told.
let currency: u32 = u32.MAX_VALUE;
let participant: u32 = 0;
let told: u32 = 0;
let seen: u32 = 0;

/** Whether there are `heldUp` events after each cycle. */
export function setCertificates(on: bool): void {
  wanted = on;
}

export function startHeldUp(): void {
  currency = wanted ? 0 : u32.MAX_VALUE;
  participant = 0;
  told = 0;
}

/** Takes a payment into the closure; what stands before it in its queues is to follow. */
function includeAndFollow(payment: usize): void {
  include(payment);
  const debit2 = secondDebit(payment);
  let leg = payment;
  do {
    pushShort(load<u32>(leg, DEBIT_1));
    leg = nextLeg(leg);
  } while (leg != payment);
  if (debit2 != 0) pushShort(debit2);
}

function close(payment: usize): void {
  startTried();
  includeAndFollow(payment);
  for (let account = popShort(); account != 0; account = popShort()) {
    if (load<u32>(payment, DEBIT_2) == 0) continue;
    let p = lastIncluded(account);
    while (p != 0) {
      if (!isIncluded(p)) includeAndFollow(standingOf(p));
      p = previousInQueue(p, account);
    }
  }
}

/** One shortage, unless it is told already; false where the output is full. */
function tell(payment: usize, cycle: u32, by: u32, account: usize, other: u32, howMuch: u64): bool {
  seen += 1;
  if (seen <= told) return true;
  if (outputFull()) return false;
  told += 1;
  const event = writeOfPayment(EVENT_HELD_UP, REASON_NONE, payment);
  clearParties(event);
  store<u8>(event, <u8>by, OUT_MECHANISM);
  store<u32>(event, participantOf(account), OUT_DEBTOR_AGENT);
  store<u32>(event, other, OUT_CREDITOR_AGENT);
  store<u16>(event, <u16>currencyOf(account), OUT_CURRENCY_1);
  store<i64>(event, howMuch > <u64>i64.MAX_VALUE ? i64.MAX_VALUE : <i64>howMuch, OUT_AMOUNT_1);
  store<u32>(event, cycle, OUT_CYCLE);
  return true;
}

/** What of `writeOfPayment` a `heldUp` event does not have. */
function clearParties(event: usize): void {
  store<u32>(event, NONE32, OUT_DEALER);
  store<u16>(event, <u16>NONE16, OUT_CURRENCY_2);
  store<i64>(event, 0, OUT_AMOUNT_2);
}

function tellLimit(payment: usize, cycle: u32, by: u32, account: usize, limit: usize): bool {
  const over = excessOver(limit);
  return over == 0 || tell(payment, cycle, by, account, counterpartyOf(limit), over);
}

/** The shortages of an account that the closure touches. */
function tellAccount(payment: usize, cycle: u32, account: usize): bool {
  const short = shortageOf(account);
  if (short > 0 && !tell(payment, cycle, HELD_UP_BY_BALANCE, account, NONE32, short)) return false;
  if (!(flagsOf(account) & (FLAG_BILATERAL_LIMITS | FLAG_MULTILATERAL_LIMIT))) return true;
  for (let p: u32 = 0; p < participantCount(); p++) {
    const limit = bilateralLimit(account, p);
    if (!tellLimit(payment, cycle, HELD_UP_BY_BILATERAL_LIMIT, account, limit)) return false;
  }
  const multilateral = multilateralLimit(account);
  return tellLimit(payment, cycle, HELD_UP_BY_MULTILATERAL_LIMIT, account, multilateral);
}

/** What the closure would leave a participant short of across its currencies. */
function tellAcross(payment: usize, cycle: u32, participant: u32): bool {
  if (!hasCrossLimits(participant)) return true;
  const account = crossAccountOf(participant);
  const owed = crossShortage(participant, false);
  if (owed > 0)
    if (!tell(payment, cycle, HELD_UP_BY_AGGREGATE_SHORT_LIMIT, account, NONE32, owed))
      return false;
  const worth = crossShortage(participant, true);
  return worth == 0 || tell(payment, cycle, HELD_UP_BY_POOLED_COLLATERAL, account, NONE32, worth);
}

/** Everything that holds a payment up. */
function tellPayment(payment: usize, cycle: u32): bool {
  seen = 0;
  if (load<u32>(payment, DEBIT_2) == 0) {
    const debit = load<u32>(payment, DEBIT_1);
    if (!tellAccount(payment, cycle, debit)) return false;
    if (!tellAcross(payment, cycle, participantOf(debit))) return false;
  } else {
    for (let c: u32 = 0; c < currencyCount(); c++) {
      for (let p: u32 = 0; p < participantCount(); p++) {
        const account = accountOf(p, c);
        if (account != 0 && takesPart(account) && !tellAccount(payment, cycle, account))
          return false;
      }
    }
    for (let p: u32 = 0; p < participantCount(); p++)
      if (!tellAcross(payment, cycle, p)) return false;
  }
  if (seen > 0) return true;
  return tell(payment, cycle, HELD_UP_BY_NONE, load<u32>(payment, DEBIT_1), NONE32, 0);
}

function open(payment: usize): void {
  if (load<u32>(payment, DEBIT_2) == 0) unmark(payment);
  else takeMarks();
}

/** Whether no queue with a leg of the chain at its head comes before this account's. */
function chainIsToldAt(lead: usize, account: usize): bool {
  let leg = lead;
  do {
    const debit = <usize>load<u32>(leg, DEBIT_1);
    if (headOf(debit) == leg && comesBefore(debit, account)) return false;
    leg = nextLeg(leg);
  } while (leg != lead);
  return true;
}

/** Whether a payment that is first in this account's queue is told of there. */
function isToldAt(payment: usize, account: usize): bool {
  if (isChainLeg(payment)) return chainIsToldAt(payment, account);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  if (debit2 == 0) return true;
  const other = debit1 == account ? debit2 : debit1;
  if (headOf(other) != payment) return true;
  return currencyOf(account) < currencyOf(other);
}

/** Tells of every queue; false where the output is full: call it again after a drain. */
export function finishHeldUp(cycle: u32): bool {
  for (; currency < currencyCount(); currency++) {
    for (; participant < participantCount(); participant++) {
      const account = accountOf(participant, currency);
      const head = account == 0 ? 0 : headOf(account);
      const payment = head == 0 ? 0 : standingOf(head);
      if (payment == 0 || !isToldAt(payment, account)) continue;
      close(payment);
      const done = tellPayment(payment, cycle);
      open(payment);
      if (!done) return false;
      told = 0;
    }
    participant = 0;
  }
  currency = u32.MAX_VALUE;
  return true;
}

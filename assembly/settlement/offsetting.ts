// Offsetting of one payment against payments of its creditor: as it arrives, against the front of the
// creditor's queue; and of queued payments, in a cycle (RITS' auto-offset; docs/settlement.md).
//
// Invariants
// - A group is a payment i -> j of one leg and up to 10 payments j -> i of one leg, added in the order
//   of j's queue until the group can settle; it books at once, and no smaller one could.
// - The payment is next in its queue, and each that it is offset against is next in j's as soon as
//   the ones before it in the group have gone: no queue's order is broken where it is promised.
// - A group leaves neither account below min(threshold, balance before) and no limit above
//   max(limit, position before).
// - Its events follow one another; what could settle because of it is scanned afterwards.

import {
  balanceOf,
  bookNet,
  currencyCount,
  currencyOf,
  floorOf,
  raiseFault,
} from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import {
  exceedsLimit,
  POSITION as LIMIT_POSITION,
  limitThatCounts,
  setPositionNet,
} from './bilateral-limits';
import { reservedAfter, useReserved } from './credit-and-reservations';
import { crossFloorOf, isCrossLimited } from './cross-limits';
import {
  isBypass,
  offsetsAtEntry,
  offsetsBilaterally,
  offsettingMinimumMs,
} from './currency-rules';
import { now } from './cut-offs-and-cycle-times';
import { outputFull } from './event-output';
import {
  AMOUNT_1,
  BACK_LIMIT_1,
  CREDIT_1,
  DEBIT_1,
  DEBIT_2,
  LIMIT_1,
  PRIORITY,
  SINCE_MS,
} from './live-payment';
import { finishSettled } from './payment-endings';
import {
  firstOfClass,
  firstQueued,
  isQueued,
  leaveQueues,
  nextInChain,
  nextInClass,
} from './queue-places';
import {
  MECHANISM_BILATERAL_OFFSETTING,
  MECHANISM_ENTRY_OFFSETTING,
  NONE32,
  PRIORITY_NORMAL,
} from './record-numbers';
import { isNext } from './who-may-pass-whom';
import { clearSum, isBelow, lower, missing, raise, setToSum } from './wide-sums';

/** RITS tests against at most so many (Reserve Bank of Australia, RITS auto-offset). */
const OFFSETS_MAX: u32 = 10;

// The group: payments, the first being the one that is offset; told up to `told`.
const group: usize = memory.data(4 * 11, 16);
const payerAt: usize = memory.data(16, 16);
const payeeAt: usize = memory.data(16, 16);
const payerLimitAt: usize = memory.data(16, 16);
const payeeLimitAt: usize = memory.data(16, 16);
let count: u32 = 0;
let told: u32 = 0;
let mechanism: u32 = 0;
let payer: usize = 0;
let payee: usize = 0;
let payerLimit: usize = 0;
let payeeLimit: usize = 0;
// What the payee's part of the group uses of each class; the class in which it ends.
let payeeUrgent: u64 = 0;
let payeeHigh: u64 = 0;
let payeeClass: u32 = 0;

// The pass over the queues.
let cursor: usize = 0;
let scope: u32 = 0;
let nextMs: i64 = i64.MAX_VALUE;

function member(index: u32): usize {
  return load<u32>(group + ((<usize>index) << 2));
}

function put(payment: usize): void {
  store<u32>(group + ((<usize>count) << 2), payment);
  count += 1;
}

/** Begins a group with the payment alone. */
function begin(payment: usize): void {
  const amount = load<i64>(payment, AMOUNT_1);
  payer = load<u32>(payment, DEBIT_1);
  payee = load<u32>(payment, CREDIT_1);
  payerLimit = limitThatCounts(payer, load<u32>(payment, LIMIT_1));
  payeeLimit = limitThatCounts(payee, load<u32>(payment, BACK_LIMIT_1));
  count = 0;
  told = 0;
  payeeUrgent = 0;
  payeeHigh = 0;
  payeeClass = 0;
  clearSum(payerAt);
  clearSum(payeeAt);
  setToSum(payerAt, payerAt, balanceOf(payer));
  setToSum(payeeAt, payeeAt, balanceOf(payee));
  lower(payerAt, amount);
  raise(payeeAt, amount);
  if (payerLimit != 0) {
    v128.store(payerLimitAt, v128.load(payerLimit + LIMIT_POSITION));
    raise(payerLimitAt, amount);
  }
  if (payeeLimit != 0) {
    v128.store(payeeLimitAt, v128.load(payeeLimit + LIMIT_POSITION));
    lower(payeeLimitAt, amount);
  }
  put(payment);
}

/** Adds a payment of the payee to the payer. */
function add(payment: usize): void {
  const amount = load<i64>(payment, AMOUNT_1);
  raise(payerAt, amount);
  lower(payeeAt, amount);
  if (payerLimit != 0) lower(payerLimitAt, amount);
  if (payeeLimit != 0) raise(payeeLimitAt, amount);
  payeeClass = load<u8>(payment, PRIORITY);
  // Eleven amounts: no sum of theirs that passes 2^63 needs to be exact.
  if (payeeClass == 0) payeeUrgent = min(payeeUrgent + <u64>amount, (<u64>1) << 63);
  else if (payeeClass == 1) payeeHigh = min(payeeHigh + <u64>amount, (<u64>1) << 63);
  put(payment);
}

function isFunded(account: usize, at: usize, reserved: u64): bool {
  if (!isBelow(at, balanceOf(account))) return true;
  if (missing(at, floorOf(account), reserved) > 0) return false;
  return !isCrossLimited(account) || missing(at, crossFloorOf(account), 0) == 0;
}

function isWithin(limit: usize, at: usize): bool {
  return limit == 0 || !exceedsLimit(limit, load<u64>(at), load<i64>(at, 8));
}

/** Whether the group as it stands can settle. */
function canSettle(): bool {
  const first = member(0);
  const priority = <u32>load<u8>(first, PRIORITY);
  const amount = <u64>load<i64>(first, AMOUNT_1);
  const urgent = priority == 0 ? amount : 0;
  const high = priority == 1 ? amount : 0;
  return (
    isFunded(payer, payerAt, reservedAfter(payer, priority, urgent, high)) &&
    isFunded(payee, payeeAt, reservedAfter(payee, payeeClass, payeeUrgent, payeeHigh)) &&
    isWithin(payerLimit, payerLimitAt) &&
    isWithin(payeeLimit, payeeLimitAt)
  );
}

function offsets(payment: usize): bool {
  return load<u32>(payment, DEBIT_2) == 0 && <usize>load<u32>(payment, CREDIT_1) == payer;
}

/**
 * Adds payments of the payee's queue one by one until the group can settle. `past`: a normal payment
 * to somebody else is passed over, where the currency's rule lets others pass it.
 */
function find(past: bool): bool {
  for (let priority: u32 = 0; priority < 3; priority++) {
    const passes = past && priority == PRIORITY_NORMAL && isBypass(currencyOf(payee));
    for (let q = firstOfClass(payee, priority); q != 0; q = nextInClass(q, payee)) {
      if (!offsets(q)) {
        if (passes) continue;
        return false;
      }
      add(q);
      if (canSettle()) return true;
      if (count > OFFSETS_MAX) return false;
    }
  }
  return false;
}

/** Books the group; its events are told by `tellGroup`. */
function book(by: u32): void {
  mechanism = by;
  for (let i: u32 = 0; i < count; i++) {
    const payment = member(i);
    if (isQueued(payment)) {
      if (!isNext(payment, load<u32>(payment, DEBIT_1))) raiseFault();
      leaveQueues(payment);
    }
    useReserved(
      load<u32>(payment, DEBIT_1),
      load<u8>(payment, PRIORITY),
      load<i64>(payment, AMOUNT_1),
    );
  }
  if (!canSettle()) raiseFault();
  bookNet(payer, load<i64>(payerAt));
  bookNet(payee, load<i64>(payeeAt));
  if (payerLimit != 0)
    setPositionNet(payerLimit, load<u64>(payerLimitAt), load<i64>(payerLimitAt, 8));
  if (payeeLimit != 0)
    setPositionNet(payeeLimit, load<u64>(payeeLimitAt), load<i64>(payeeLimitAt, 8));
  pushWork(payee);
  pushWork(payer);
}

/** Writes the settled events of the group that was booked last; false where the output is full. */
export function tellGroup(): bool {
  while (told < count) {
    if (outputFull()) return false;
    finishSettled(member(told), mechanism, 0);
    told += 1;
  }
  return true;
}

/**
 * Offsets a payment that arrives, would be next in its queue and cannot settle alone, against the
 * front of its creditor's queue. True: it is booked, `tellGroup` tells.
 */
export function offsetEntry(payment: usize): bool {
  const debit = <usize>load<u32>(payment, DEBIT_1);
  if (load<u32>(payment, DEBIT_2) != 0 || !offsetsAtEntry(currencyOf(debit))) return false;
  begin(payment);
  const found = find(false);
  if (found) book(MECHANISM_ENTRY_OFFSETTING);
  else count = 0;
  return found;
}

/** Whether a cycle of the currency (NONE32: of all) offsets bilaterally at all. */
export function offsetsIn(currency: u32): bool {
  if (currency != NONE32) return offsetsBilaterally(currency);
  for (let c: u32 = 0; c < currencyCount(); c++) if (offsetsBilaterally(c)) return true;
  return false;
}

/** When the next payment will have been queued for its minimum time, as of the last pass over all. */
export function nextOffsettingMs(): i64 {
  return nextMs;
}

export function startOffsetting(currency: u32): void {
  cursor = firstQueued();
  scope = currency;
  if (currency == NONE32) nextMs = i64.MAX_VALUE;
}

/** Whether a queued payment is to be tested now. */
function isDue(payment: usize): bool {
  if (load<u32>(payment, DEBIT_2) != 0) return false;
  const currency = currencyOf(load<u32>(payment, DEBIT_1));
  if ((scope != NONE32 && currency != scope) || !offsetsBilaterally(currency)) return false;
  const dueMs = load<i64>(payment, SINCE_MS) + offsettingMinimumMs(currency);
  if (dueMs <= now()) return true;
  nextMs = min(nextMs, dueMs);
  return false;
}

function isInGroup(payment: usize): bool {
  for (let i: u32 = 0; i < count; i++) if (member(i) == payment) return true;
  return false;
}

/** Tests the queued payments in entry order, up to the next group; false where none is left. */
export function offsetNext(): bool {
  while (cursor != 0) {
    const payment = cursor;
    cursor = nextInChain(payment);
    if (!isDue(payment) || !isNext(payment, load<u32>(payment, DEBIT_1))) continue;
    begin(payment);
    if (!canSettle() && !find(true)) continue;
    while (cursor != 0 && isInGroup(cursor)) cursor = nextInChain(cursor);
    book(MECHANISM_BILATERAL_OFFSETTING);
    return true;
  }
  count = 0;
  return false;
}

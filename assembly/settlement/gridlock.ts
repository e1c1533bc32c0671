// Gridlock resolution over all currencies with linked legs (Bech and Soramäki, Bank of Finland
// Discussion Paper 9/2001; the linked form is defined in docs/settlement.md).
//
// Invariants
// - The set X that a cycle settles is a prefix of every queue, contains both legs of a linked payment
//   or neither, and leaves no account below min(floor, balance before). It is the largest such set,
//   in value and in number, and the only largest one: feasible sets are closed under union.
// - X is booked at once, before its first event; balances in its events are those after the whole
//   set. Its payments leave their queues in entry order.
// - Work is linear in the number queued: each payment is added once and dropped at most once, and
//   each queue is cut from its end only. Positions are 128 bits wide, since queued amounts are
//   bounded one by one and not in sum.
import { lastNumber, outputFull, writeEvent } from './events';
import { balanceOf, bookNet, floorOf } from './ledger';
import {
  AMOUNT_1,
  AMOUNT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  DROPPED,
  endOf,
  firstQueued,
  joinedCount,
  leaveQueues,
  nextInChain,
  previousInQueue,
  queuedCount,
} from './queue';
import {
  EVENT_CYCLED,
  MECHANISM_GRIDLOCK_RESOLUTION,
  OUT_AMOUNT_1,
  OUT_COUNT,
  OUT_CYCLE,
  OUT_MECHANISM,
  OUT_PRIORITY,
  REASON_NONE,
} from './records';
import { finishSettled } from './rtgs';
import { pushWork } from './worklist';

// A cycle's part of an account (ledger.ts), valid where its stamp is the cycle's.
//  88 u64 position low   96 i64 position high   104 u32 end of the prefix still in X
// 108 u32 payments in that prefix dropped by their other leg   112 u32 stamp
// 116 u32 next touched   121 u8 stacked   124 u32 next in the stack
const POSITION_LOW: usize = 88;
const POSITION_HIGH: usize = 96;
const PREFIX_END: usize = 104;
const PENDING: usize = 108;
const STAMP: usize = 112;
const TOUCHED_NEXT: usize = 116;
const STACKED: usize = 121;
const STACK_NEXT: usize = 124;

/** What byte 29 of a `cycled` event says. */
const NOTHING_QUEUED: u32 = 0;
const RESOLVED: u32 = 1;
const DEADLOCK: u32 = 2;

let stamp: u32 = 0;
let touched: usize = 0;
let stack: usize = 0;
let droppedCount: u32 = 0;
let cycle: u32 = 0;
let cursor: usize = 0;
let quietNumber: u64 = 0;
let quietJoined: u64 = 0;

/**
 * Whether a periodic cycle has anything to look at: payments queued, and since the last cycle an
 * event, or a payment that came into the queues without one.
 */
export function cycleIsUseful(): bool {
  return queuedCount() > 0 && (lastNumber() != quietNumber || joinedCount() != quietJoined);
}

/** The number of a cycle that begins, of whatever mechanism. */
export function nextCycleNumber(): u32 {
  cycle += 1;
  return cycle;
}

function touch(account: usize): void {
  if (load<u32>(account, STAMP) == stamp) return;
  const balance = balanceOf(account);
  store<u32>(account, stamp, STAMP);
  store<u64>(account, <u64>balance, POSITION_LOW);
  store<i64>(account, balance >> 63, POSITION_HIGH);
  store<u32>(account, endOf(account), PREFIX_END);
  store<u32>(account, 0, PENDING);
  store<u32>(account, touched, TOUCHED_NEXT);
  touched = account;
}

function raise(account: usize, amount: i64): void {
  const low = load<u64>(account, POSITION_LOW);
  const sum = low + <u64>amount;
  store<u64>(account, sum, POSITION_LOW);
  if (sum < low) store<i64>(account, load<i64>(account, POSITION_HIGH) + 1, POSITION_HIGH);
}

function lower(account: usize, amount: i64): void {
  const low = load<u64>(account, POSITION_LOW);
  store<u64>(account, low - <u64>amount, POSITION_LOW);
  if (low < <u64>amount) store<i64>(account, load<i64>(account, POSITION_HIGH) - 1, POSITION_HIGH);
}

/** Whether X as it stands leaves the account below min(floor, balance). */
function isShort(account: usize): bool {
  const least = min(floorOf(account), balanceOf(account));
  const high = load<i64>(account, POSITION_HIGH);
  const leastHigh = least >> 63;
  return high < leastHigh || (high == leastHigh && load<u64>(account, POSITION_LOW) < <u64>least);
}

function push(account: usize): void {
  if (load<u8>(account, STACKED)) return;
  store<u8>(account, 1, STACKED);
  store<u32>(account, stack, STACK_NEXT);
  stack = account;
}

function addLeg(debit: usize, credit: usize, amount: i64): void {
  touch(debit);
  touch(credit);
  lower(debit, amount);
  raise(credit, amount);
}

function takeLeg(debit: usize, credit: usize, amount: i64): void {
  raise(debit, amount);
  lower(credit, amount);
  if (isShort(credit)) push(credit);
}

/** Takes a payment out of X that stood last in this account's prefix; its other queue is cut next. */
function drop(payment: usize, account: usize): void {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  store<u8>(payment, 1, DROPPED);
  droppedCount += 1;
  takeLeg(debit1, load<u32>(payment, CREDIT_1), load<i64>(payment, AMOUNT_1));
  if (debit2 == 0) return;
  takeLeg(debit2, load<u32>(payment, CREDIT_2), load<i64>(payment, AMOUNT_2));
  const partner = debit1 == account ? debit2 : debit1;
  store<u32>(partner, load<u32>(partner, PENDING) + 1, PENDING);
  push(partner);
}

/** Cuts an account's prefix from its end until it is not short and holds nothing dropped. */
function cut(account: usize): void {
  while (load<u32>(account, PENDING) > 0 || isShort(account)) {
    const payment = <usize>load<u32>(account, PREFIX_END);
    // An account without outgoing payments in X has at least its balance: it cannot be short.
    assert(payment != 0);
    store<u32>(account, previousInQueue(payment, account), PREFIX_END);
    if (load<u8>(payment, DROPPED)) store<u32>(account, load<u32>(account, PENDING) - 1, PENDING);
    else drop(payment, account);
  }
}

/** Finds X, books it and writes the `cycled` event (the caller knows there is room for one). */
export function runCycle(): void {
  stamp += 1;
  touched = 0;
  droppedCount = 0;
  for (let p = firstQueued(); p != 0; p = nextInChain(p)) {
    addLeg(load<u32>(p, DEBIT_1), load<u32>(p, CREDIT_1), load<i64>(p, AMOUNT_1));
    const debit2 = <usize>load<u32>(p, DEBIT_2);
    if (debit2 != 0) addLeg(debit2, load<u32>(p, CREDIT_2), load<i64>(p, AMOUNT_2));
  }
  for (let a = touched; a != 0; a = load<u32>(a, TOUCHED_NEXT)) if (isShort(a)) push(a);
  while (stack != 0) {
    const account = stack;
    stack = load<u32>(account, STACK_NEXT);
    store<u8>(account, 0, STACKED);
    cut(account);
  }
  const settles = queuedCount() - droppedCount;
  if (settles > 0) {
    for (let a = touched; a != 0; a = load<u32>(a, TOUCHED_NEXT))
      bookNet(a, load<i64>(a, POSITION_LOW));
  }
  nextCycleNumber();
  const event = writeEvent(EVENT_CYCLED, REASON_NONE);
  const flag = queuedCount() == 0 ? NOTHING_QUEUED : settles > 0 ? RESOLVED : DEADLOCK;
  store<u8>(event, MECHANISM_GRIDLOCK_RESOLUTION, OUT_MECHANISM);
  store<u8>(event, <u8>flag, OUT_PRIORITY);
  store<i64>(event, droppedCount, OUT_AMOUNT_1);
  store<u32>(event, cycle, OUT_CYCLE);
  store<u32>(event, settles, OUT_COUNT);
  cursor = firstQueued();
}

/**
 * Takes X out of the queues in entry order and writes its events; every account that it credited or
 * debited goes on the worklist (credits first, payment by payment). False where the output is full.
 */
export function finishCycle(): bool {
  while (cursor != 0) {
    const payment = cursor;
    if (load<u8>(payment, DROPPED)) {
      store<u8>(payment, 0, DROPPED);
      cursor = nextInChain(payment);
      continue;
    }
    if (outputFull()) return false;
    cursor = nextInChain(payment);
    const debit1 = <usize>load<u32>(payment, DEBIT_1);
    const debit2 = <usize>load<u32>(payment, DEBIT_2);
    leaveQueues(payment);
    pushWork(load<u32>(payment, CREDIT_1));
    if (debit2 != 0) pushWork(load<u32>(payment, CREDIT_2));
    pushWork(debit1);
    if (debit2 != 0) pushWork(debit2);
    finishSettled(payment, MECHANISM_GRIDLOCK_RESOLUTION, cycle);
  }
  quietNumber = lastNumber();
  quietJoined = joinedCount();
  return true;
}

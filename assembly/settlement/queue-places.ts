// Live payments: those that are neither settled nor cancelled, and where they stand. What enters a queue, and what leaves
// it one by one: gross-entry-and-rescan.ts; in a cycle: cycles.ts.
//
// Invariants
// - A queued payment stands in the queue of every account that it debits: (debtor, currency 1) and,
//   where it is linked, (dealer, currency 2). It stands in both or in neither. Of a chain all legs stand in
//   their queues, or none (chain-legs.ts).
// - A queue has three classes (urgent, high, normal), first in, first out in each: payments join a
//   class at its end, or re-ordered at its front, and the chain of all queued payments likewise. So
//   list order is entry order in every queue and in the chain, and no entry number is stored.
// - A live payment that is not queued waits outside (not-yet-queued.ts).
// - `smallestNormal` of an account is never above the least that anything in its normal class takes from it: an
//   amount, or of a leg what its chain takes more than it brings in.
import { reserve } from '../memory';
import { now } from './cut-offs-and-cycle-times';
import {
  AFTER,
  AMOUNT_1,
  AMOUNT_2,
  BEFORE,
  BEFORE_1,
  BEFORE_2,
  CREDIT_1,
  DEBIT_1,
  DEBIT_2,
  isByItself,
  isChainLeg,
  LEAD,
  LIMIT_1,
  LIMIT_2,
  linksChain,
  MARK,
  nextLeg,
  PAYMENT_BYTES,
  PRIORITY,
  SINCE_MS,
  STATE,
  STATE_EARLY,
  STATE_QUEUED,
  STATE_SAVED,
} from './live-payment';
import { addToNets, takeFromNets } from './queued-nets';
import { clamped, clearSum, lower, raise } from './wide-sums';

// An account's queue, from byte 32 of the account (accounts-and-conservation.ts).
//  32 u32[3] first of each class   44 u32[3] last   56 u32 count   60 u32 (worklist, gross-entry-and-rescan.ts)
//  64 i64 smallestNormal
const FIRST: usize = 32;
const LAST: usize = 44;
const COUNT: usize = 56;
const SMALLEST_NORMAL: usize = 64;

const spare: usize = memory.data(128, 16);
const net: usize = memory.data(16, 16);

let payments: usize = 0;
let paymentsMax: u32 = 0;
let drawn: u32 = 0;
let free: usize = 0;
let slotsInUse: u32 = 0;
let queuedFirst: usize = 0;
let queuedLast: usize = 0;
let queued: u32 = 0;
let joined: u64 = 0;

export function queueBytes(livePaymentsMax: u32): u64 {
  return <u64>livePaymentsMax * PAYMENT_BYTES;
}

export function reserveQueue(livePaymentsMax: u32): bool {
  paymentsMax = livePaymentsMax;
  payments = reserve(queueBytes(livePaymentsMax), 64);
  return payments != 0;
}

/** The slot that the next payment gets; a spare one where the table is full (`takeSlot`). */
export function nextSlot(): usize {
  if (free != 0) return free;
  return drawn < paymentsMax ? payments + <usize>drawn * <usize>PAYMENT_BYTES : spare;
}

/** Takes the slot that `nextSlot` gave; false where the table is full. */
export function takeSlot(): bool {
  if (free != 0) {
    free = load<u32>(free, AFTER);
  } else {
    if (drawn == paymentsMax) return false;
    drawn += 1;
  }
  slotsInUse += 1;
  return true;
}

export function freePayment(payment: usize): void {
  store<u32>(payment, free, AFTER);
  free = payment;
  slotsInUse -= 1;
}

/** The same of the legs of a chain. Most are linked as they are to be: they stood so in the queues. */
export function freeLegs(lead: usize): void {
  let leg = lead;
  for (let next = nextLeg(leg); next != lead; next = nextLeg(leg)) {
    if (<usize>load<u32>(leg, AFTER) != next) store<u32>(leg, next, AFTER);
    slotsInUse -= 1;
    leg = next;
  }
  store<u32>(leg, free, AFTER);
  free = lead;
  slotsInUse -= 1;
}

/** Which slot a payment has, from 0, for tables that run beside this one. */
export function slotNumber(payment: usize): u32 {
  return <u32>((payment - payments) / <usize>PAYMENT_BYTES);
}

/** How many live payments there may be. */
export function livePaymentsRoom(): u32 {
  return paymentsMax;
}

/** Live payments, wherever they stand. */
export function slotCount(): u32 {
  return slotsInUse;
}

/** What held a queue up has left it with no event: a cycle may settle what no earlier one could. */
export function noteLeft(): void {
  joined += 1;
}

/** States of a live payment: bits (here, and pair-state.ts). */
export function hasState(payment: usize, state: u8): bool {
  return (load<u8>(payment, STATE) & state) != 0;
}

export function setState(payment: usize, state: u8, on: bool): void {
  const others = load<u8>(payment, STATE) & ~state;
  store<u8>(payment, on ? others | state : others, STATE);
}

export function isQueued(payment: usize): bool {
  return hasState(payment, STATE_QUEUED);
}

export function isEarly(payment: usize): bool {
  return hasState(payment, STATE_EARLY);
}

/** Notes that a payment is in a set that another one is compared with (multiple-optimisation.ts). */
export function setSaved(payment: usize, on: bool): void {
  setState(payment, STATE_SAVED, on);
}

export function isSaved(payment: usize): bool {
  return hasState(payment, STATE_SAVED);
}

/** Begins the state of a payment that is new. */
export function clearState(payment: usize): void {
  store<u8>(payment, 0, STATE);
}

export function setEarly(payment: usize, on: bool): void {
  setState(payment, STATE_EARLY, on);
}

/** How often a payment has joined the queues: with the events, what a cycle's outcome depends on. */
export function joinedCount(): u64 {
  return joined;
}

export function queuedCount(): u32 {
  return queued;
}

export function firstQueued(): usize {
  return queuedFirst;
}

/** The next in the chain that the payment is in. */
export function nextInChain(payment: usize): usize {
  return load<u32>(payment, AFTER);
}

/** The last leg of a queued chain whose leg 1 it is; of anything else the payment itself. */
export function lastLeg(payment: usize): usize {
  let last = payment;
  if (isChainLeg(payment) && isQueued(payment))
    for (let leg = nextLeg(payment); leg != payment; leg = nextLeg(leg)) last = leg;
  return last;
}

/** The next in the chain that the payment is in, past the other legs of its own. */
export function nextPastLegs(payment: usize): usize {
  return load<u32>(lastLeg(payment), AFTER);
}

/** The next in the list that a payment stands in which is of another chain, where the legs stand by themselves. */
export function nextOfOthers(payment: usize): usize {
  let next = nextPastLegs(payment);
  if (!isByItself(payment)) return next;
  while (next != 0 && isByItself(next) && load<u32>(next, LEAD) == load<u32>(payment, LEAD))
    next = load<u32>(next, AFTER);
  return next;
}

export function queueLength(account: usize): u32 {
  return load<u32>(account, COUNT);
}

export function firstOfClass(account: usize, priority: u32): usize {
  return load<u32>(account + ((<usize>priority) << 2), FIRST);
}

export function lastOfClass(account: usize, priority: u32): usize {
  return load<u32>(account + ((<usize>priority) << 2), LAST);
}

/** The head of an account's queue, or 0. */
export function headOf(account: usize): usize {
  let head = load<u32>(account, FIRST);
  if (head == 0) head = load<u32>(account, FIRST + 4);
  return head != 0 ? head : load<u32>(account, FIRST + 8);
}

/** The end of an account's queue, or 0. */
export function endOf(account: usize): usize {
  let end = load<u32>(account, LAST + 8);
  if (end == 0) end = load<u32>(account, LAST + 4);
  return end != 0 ? end : load<u32>(account, LAST);
}

/** Where the neighbours of a payment in the queue of this account are written. */
function legLinks(payment: usize, account: usize): usize {
  return <usize>load<u32>(payment, DEBIT_1) == account ? payment + BEFORE_1 : payment + BEFORE_2;
}

/** The next in the same class of this account's queue, or 0. */
export function nextInClass(payment: usize, account: usize): usize {
  return load<u32>(legLinks(payment, account), 4);
}

/** The one before in this account's queue, over all classes, or 0. */
export function previousInQueue(payment: usize, account: usize): usize {
  const before = load<u32>(legLinks(payment, account));
  if (before != 0) return before;
  for (let priority = <i32>load<u8>(payment, PRIORITY) - 1; priority >= 0; priority--) {
    const last = lastOfClass(account, priority);
    if (last != 0) return last;
  }
  return 0;
}

/** The bilateral limit on which the leg that debits this account counts, or 0. */
export function limitFrom(payment: usize, account: usize): usize {
  return <usize>load<u32>(payment, DEBIT_1) == account
    ? load<u32>(payment, LIMIT_1)
    : load<u32>(payment, LIMIT_2);
}

/** The amount that a payment takes from this account. */
export function amountFrom(payment: usize, account: usize): i64 {
  return <usize>load<u32>(payment, DEBIT_1) == account
    ? load<i64>(payment, AMOUNT_1)
    : load<i64>(payment, AMOUNT_2);
}

/** What a leg's chain takes from the account that the leg debits more than it brings in, 0 or more. */
function netOfChain(leg: usize): i64 {
  const account = load<u32>(leg, DEBIT_1);
  clearSum(net);
  let other = leg;
  do {
    const amount = load<i64>(other, AMOUNT_1);
    if (load<u32>(other, DEBIT_1) == account) raise(net, amount);
    if (load<u32>(other, CREDIT_1) == account) lower(net, amount);
    other = nextLeg(other);
  } while (other != leg);
  return max(0, clamped(net));
}

/** The least that must be available in this account for a payment, or a leg's chain, to settle alone. */
export function leastFrom(payment: usize, account: usize): i64 {
  return isChainLeg(payment) ? netOfChain(payment) : amountFrom(payment, account);
}

/** A lower bound of what each in the normal class takes; at most 2^63 - 1. */
export function smallestNormal(account: usize): i64 {
  return load<u32>(account, FIRST + 8) == 0 ? i64.MAX_VALUE : load<i64>(account, SMALLEST_NORMAL);
}

/** For a scan that has seen the whole normal class. */
export function setSmallestNormal(account: usize, amount: i64): void {
  store<i64>(account, amount, SMALLEST_NORMAL);
}

/** Counts a payment of this amount that joins an account's queue. */
function count(account: usize, priority: u32, amount: i64): void {
  if (priority == 2) store<i64>(account, min(smallestNormal(account), amount), SMALLEST_NORMAL);
  store<u32>(account, load<u32>(account, COUNT) + 1, COUNT);
}

function joinClass(payment: usize, account: usize, links: usize, amount: i64): void {
  const priority = <u32>load<u8>(payment, PRIORITY);
  const class_ = account + ((<usize>priority) << 2);
  const last = <usize>load<u32>(class_, LAST);
  count(account, priority, amount);
  store<u32>(links, last);
  store<u32>(links, 0, 4);
  if (last != 0) store<u32>(legLinks(last, account), payment, 4);
  else store<u32>(class_, payment, FIRST);
  store<u32>(class_, payment, LAST);
}

function joinClassAtFront(payment: usize, account: usize, links: usize, amount: i64): void {
  const priority = <u32>load<u8>(payment, PRIORITY);
  const class_ = account + ((<usize>priority) << 2);
  const first = <usize>load<u32>(class_, FIRST);
  count(account, priority, amount);
  store<u32>(links, 0);
  store<u32>(links, first, 4);
  if (first != 0) store<u32>(legLinks(first, account), payment);
  else store<u32>(class_, payment, LAST);
  store<u32>(class_, payment, FIRST);
}

function leaveClass(payment: usize, account: usize, links: usize): void {
  const class_ = account + ((<usize>load<u8>(payment, PRIORITY)) << 2);
  const before = <usize>load<u32>(links);
  const after = <usize>load<u32>(links, 4);
  if (before != 0) store<u32>(legLinks(before, account), after, 4);
  else store<u32>(class_, after, FIRST);
  if (after != 0) store<u32>(legLinks(after, account), before);
  else store<u32>(class_, before, LAST);
  store<u32>(account, load<u32>(account, COUNT) - 1, COUNT);
}

/** Puts a payment at the end of its class in each of its queues, and of the chain; of a chain all legs. */
export function joinQueues(payment: usize): void {
  let leg = payment;
  do {
    join(leg);
    leg = nextLeg(leg);
  } while (leg != payment);
}

function join(payment: usize): void {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  joinClass(payment, debit1, payment + BEFORE_1, leastFrom(payment, debit1));
  if (debit2 != 0 && !linksChain(debit2))
    joinClass(payment, debit2, payment + BEFORE_2, load<i64>(payment, AMOUNT_2));
  store<u32>(payment, queuedLast, BEFORE);
  store<u32>(payment, 0, AFTER);
  if (queuedLast != 0) store<u32>(queuedLast, payment, AFTER);
  else queuedFirst = payment;
  queuedLast = payment;
  noteJoined(payment);
}

/** Puts a payment at the front of its class in each of its queues, and of the chain; of a chain all legs. */
export function joinQueuesAtFront(payment: usize): void {
  // The last leg first, so that they stand in leg order.
  const leg = nextLeg(payment);
  if (leg != payment) joinOthersAtFront(leg, payment);
  joinAtFront(payment);
}

function joinOthersAtFront(leg: usize, lead: usize): void {
  const next = nextLeg(leg);
  if (next != lead) joinOthersAtFront(next, lead);
  joinAtFront(leg);
}

function joinAtFront(payment: usize): void {
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  joinClassAtFront(payment, debit1, payment + BEFORE_1, leastFrom(payment, debit1));
  if (debit2 != 0 && !linksChain(debit2))
    joinClassAtFront(payment, debit2, payment + BEFORE_2, load<i64>(payment, AMOUNT_2));
  store<u32>(payment, 0, BEFORE);
  store<u32>(payment, queuedFirst, AFTER);
  if (queuedFirst != 0) store<u32>(queuedFirst, payment, BEFORE);
  else queuedLast = payment;
  queuedFirst = payment;
  noteJoined(payment);
}

function noteJoined(payment: usize): void {
  if (load<u32>(payment, DEBIT_2) == 0) store<i64>(payment, now(), SINCE_MS);
  addToNets(payment);
  queued += 1;
  joined += 1;
  setState(payment, STATE_QUEUED, true);
}

/** Takes a payment out of its queues and the chain; of a chain all legs. */
export function leaveQueues(payment: usize): void {
  let leg = payment;
  do {
    leave(leg);
    leg = nextLeg(leg);
  } while (leg != payment);
}

function leave(payment: usize): void {
  takeFromNets(payment);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  leaveClass(payment, debit1, payment + BEFORE_1);
  if (debit2 != 0 && !linksChain(debit2)) leaveClass(payment, debit2, payment + BEFORE_2);
  const before = <usize>load<u32>(payment, BEFORE);
  const after = <usize>load<u32>(payment, AFTER);
  if (before != 0) store<u32>(before, after, AFTER);
  else queuedFirst = after;
  if (after != 0) store<u32>(after, before, BEFORE);
  else queuedLast = before;
  queued -= 1;
  store<u8>(payment, 0, MARK);
  setState(payment, STATE_QUEUED, false);
}

/**
 * Takes the front of an account's queue off, up to and with a payment; what is left is `count`
 * payments. The payments themselves and the chain are not touched: see `keepInChain`.
 */
export function leaveFront(account: usize, end: usize, count: u32): void {
  const priority = <usize>load<u8>(end, PRIORITY);
  for (let above: usize = 0; above < priority; above++) {
    store<u32>(account + (above << 2), 0, FIRST);
    store<u32>(account + (above << 2), 0, LAST);
  }
  const class_ = account + (priority << 2);
  const after = nextInClass(end, account);
  store<u32>(class_, after, FIRST);
  if (after != 0) store<u32>(legLinks(after, account), 0);
  else store<u32>(class_, 0, LAST);
  store<u32>(account, count, COUNT);
}

/** So many payments have left the queues through `leaveFront`. */
export function countLeft(count: u32): void {
  queued -= count;
}

/** Puts a payment behind the last one (0: none) that stays in the chain; payment 0 ends the chain. */
export function keepInChain(kept: usize, payment: usize): void {
  if (kept == 0) queuedFirst = payment;
  // Most stay behind the one that they stood behind: their second cache line is left alone then.
  else if (<usize>load<u32>(kept, AFTER) == payment) return;
  else store<u32>(kept, payment, AFTER);
  if (payment != 0) store<u32>(payment, kept, BEFORE);
  else queuedLast = kept;
}

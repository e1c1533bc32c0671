// Proposed sets: somebody names sets of queued payments, and each settles whole or is refused whole.
//
// Invariants
// - The records of a proposal stand at one position: its sets, member by member, then the proposal.
// - A set may hold any queued payment all of whose currencies take proposals; it need not keep the
//   order of the queues. Sets are judged one after the other on the books as those before them left
//   them; nothing is rescanned in between.
// - A set that is booked leaves no account below min(threshold, balance before), no limit above
//   max(limit, position before) and keeps limits across currencies; the threshold is the floor and what
//   is reserved against the lowest class among the account's payments in the set, after these have used
//   reservations up. Of one that is refused nothing is booked.
import { reserve } from '../memory';
import {
  bookNet,
  comesBefore,
  currencyCount,
  currencyOf,
  FLAG_BILATERAL_LIMITS,
  flagsOf,
  participantCount,
  participantOf,
} from './accounts-and-conservation';
import {
  bilateralLimit,
  limitThatCounts,
  multilateralLimit,
  setPositionNet,
} from './bilateral-limits';
import { slotsOf } from './chain-legs';
import { useReserved } from './credit-and-reservations';
import { crossAccountOf, crossShortage, isCrossLimited } from './cross-limits';
import { takesProposals } from './currency-rules';
import { outputFull, setPaymentPosition, writeEvent } from './event-output';
import { LIMIT_AT, TOUCHED_NEXT } from './gridlock';
import {
  AMOUNT_1,
  AMOUNT_2,
  BACK_LIMIT_1,
  BACK_LIMIT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  isByItself,
  LIMIT_1,
  LIMIT_2,
  nextLeg,
  POSITION,
  PRIORITY,
  secondDebit,
} from './live-payment';
import { firstQueued, leaveQueues, livePaymentsRoom, nextPastLegs } from './queue-places';
import {
  EVENT_SET_REFUSED,
  HELD_UP_BY_AGGREGATE_SHORT_LIMIT,
  HELD_UP_BY_BALANCE,
  HELD_UP_BY_BILATERAL_LIMIT,
  HELD_UP_BY_MULTILATERAL_LIMIT,
  HELD_UP_BY_NONE,
  HELD_UP_BY_POOLED_COLLATERAL,
  IN_BEGINS_SET,
  IN_CURRENCY_1,
  IN_MEMBER_COUNT,
  IN_MEMBERS,
  IN_POSITION,
  MECHANISM_PROPOSED,
  NONE16,
  NONE32,
  OUT_AMOUNT_1,
  OUT_COUNT,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_CYCLE,
  OUT_DEBTOR_AGENT,
  OUT_MECHANISM,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_PAYMENT_UNKNOWN,
  REASON_RECORD_INVALID,
} from './record-numbers';
import { settleBooked } from './set-booking';
import { AT } from './set-members';
import {
  excessOver,
  include,
  isIncluded,
  lastTouched,
  shortageOf,
  startTried,
  unmark,
} from './set-shortages';

// A set, 24 bytes and 8 for each member:
//   0 u32 members   4 u16 reason, 6 u8 by what it is short (HELD_UP_BY_*): none of both, it is booked
//   8 u64 shortage, or the position of the member that cannot be in it
//  16 u32 account, 0: none   20 u32 counterparty
// A member is the position of its record; of a set that is booked, its payment's address.
const SET_BYTES: usize = 24;
const MEMBER_BYTES: usize = 8;
const REASON: usize = 4;
const BY: usize = 6;
const HOW_MUCH: usize = 8;
const ACCOUNT: usize = 16;
const COUNTERPARTY: usize = 20;

/** Members that one record names. */
const MEMBERS_MAX: u32 = 12;

let room: usize = 0;
let roomBytes: usize = 0;
let used: usize = 0;
/** The set that a record may go on with; 0: none. */
let last: usize = 0;
/** At which position of the log these sets are. */
let position: u64 = u64.MAX_VALUE;
let fault: i32 = REASON_NONE;

let cursor: usize = 0;
// Where the telling stands: the set, its number from 1, and how many of its payments are told.
let telling: usize = 0;
let number: u32 = 0;
let told: u32 = 0;

/** Where the sets of the proposal at hand begin. */
export function proposedSets(): usize {
  return room;
}

export function proposedBytes(): usize {
  return used;
}

/** Room is taken when the first set comes: a pool to which nobody proposes has none. */
function begin(at: u64): void {
  position = at;
  used = 0;
  last = 0;
  fault = REASON_NONE;
  if (room != 0) return;
  const bytes = 4096 + <u64>livePaymentsRoom() * 32;
  room = reserve(bytes);
  if (room != 0) roomBytes = <usize>bytes;
}

/** Takes members of a set of the proposal that is to follow at the same position. */
export function gatherSet(record: usize): void {
  const at = load<u64>(record, IN_POSITION);
  if (at != position) begin(at);
  if (fault != REASON_NONE) return;
  const count = load<u32>(record, IN_MEMBER_COUNT);
  const begins = load<u8>(record, IN_BEGINS_SET) != 0;
  if (count == 0 || count > MEMBERS_MAX || (!begins && last == 0)) {
    fault = REASON_RECORD_INVALID;
    return;
  }
  const bytes = <usize>count * MEMBER_BYTES;
  if (used + bytes + (begins ? SET_BYTES : 0) > roomBytes) {
    fault = REASON_LIMIT_REACHED;
    return;
  }
  if (begins) {
    last = room + used;
    memory.fill(last, 0, SET_BYTES);
    used += SET_BYTES;
  }
  memory.copy(room + used, record + IN_MEMBERS, bytes);
  used += bytes;
  store<u32>(last, load<u32>(last) + count);
}

/** Whether a proposal makes sense where it stands; its sets are those at its position. */
export function judgeProposal(record: usize): i32 {
  const at = load<u64>(record, IN_POSITION);
  if (at != position) begin(at);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  let any = false;
  for (let c: u32 = 0; c < currencyCount(); c++)
    if (takesProposals(c) && (currency == <u32>NONE16 || currency == c)) any = true;
  return any ? fault : REASON_RECORD_INVALID;
}

function nextSet(set: usize): usize {
  return set + SET_BYTES + <usize>load<u32>(set) * MEMBER_BYTES;
}

function memberAt(set: usize, index: u32): usize {
  return set + SET_BYTES + <usize>index * MEMBER_BYTES;
}

function paymentAt(set: usize, index: u32): usize {
  return <usize>load<u64>(memberAt(set, index));
}

/** Finds a queued payment, a chain by its leg 1; the search begins at the last one found: most sets keep the entry order. */
function find(paymentPosition: u64): usize {
  for (let p = cursor; p != 0; p = nextPastLegs(p)) {
    if (load<u64>(p, POSITION) != paymentPosition || isByItself(p)) continue;
    cursor = p;
    return p;
  }
  for (let p = firstQueued(); p != cursor; p = nextPastLegs(p)) {
    if (load<u64>(p, POSITION) != paymentPosition || isByItself(p)) continue;
    cursor = p;
    return p;
  }
  return 0;
}

/** The account of a leg in a currency that takes no proposals, or 0. */
function heldBy(payment: usize): usize {
  const debit2 = secondDebit(payment);
  let leg = payment;
  do {
    const debit = <usize>load<u32>(leg, DEBIT_1);
    if (!takesProposals(currencyOf(debit))) return debit;
    leg = nextLeg(leg);
  } while (leg != payment);
  return debit2 == 0 || takesProposals(currencyOf(debit2)) ? 0 : debit2;
}

function refuseMember(set: usize, reason: i32, member: u64, account: usize): void {
  store<u16>(set, <u16>reason, REASON);
  store<u64>(set, member, HOW_MUCH);
  store<u32>(set, account, ACCOUNT);
}

/** Notes what a set leaves short; false: nothing. */
function refuseShort(set: usize, by: u32, account: usize, other: u32, howMuch: u64): bool {
  if (howMuch == 0) return false;
  store<u8>(set, <u8>by, BY);
  store<u64>(set, howMuch, HOW_MUCH);
  store<u32>(set, account, ACCOUNT);
  store<u32>(set, other, COUNTERPARTY);
  return true;
}

/** Makes the set the one that is tried; how many of its members could be in it. */
function includeAll(set: usize): u32 {
  startTried();
  const members = load<u32>(set);
  for (let i: u32 = 0; i < members; i++) {
    const member = load<u64>(memberAt(set, i));
    const payment = find(member);
    const known = payment != 0 && !isIncluded(payment);
    const held = known ? heldBy(payment) : 0;
    if (!known) refuseMember(set, REASON_PAYMENT_UNKNOWN, member, 0);
    else if (held != 0) refuseMember(set, REASON_RECORD_INVALID, member, held);
    if (!known || held != 0) return i;
    store<u64>(memberAt(set, i), payment);
    include(payment);
  }
  return members;
}

function isShort(set: usize, account: usize): bool {
  if (refuseShort(set, HELD_UP_BY_BALANCE, account, NONE32, shortageOf(account))) return true;
  for (let p: u32 = 0; flagsOf(account) & FLAG_BILATERAL_LIMITS && p < participantCount(); p++) {
    const over = excessOver(bilateralLimit(account, p));
    if (refuseShort(set, HELD_UP_BY_BILATERAL_LIMIT, account, p, over)) return true;
  }
  const over = excessOver(multilateralLimit(account));
  return refuseShort(set, HELD_UP_BY_MULTILATERAL_LIMIT, account, NONE32, over);
}

function isShortAcross(set: usize, participant: u32): bool {
  const account = crossAccountOf(participant);
  const owed = crossShortage(participant, false);
  if (refuseShort(set, HELD_UP_BY_AGGREGATE_SHORT_LIMIT, account, NONE32, owed)) return true;
  const worth = crossShortage(participant, true);
  return refuseShort(set, HELD_UP_BY_POOLED_COLLATERAL, account, NONE32, worth);
}

/**
 * Whether the set leaves anybody short: the first account by currency and participant is noted, else
 * the first participant whose limits across currencies it breaks.
 */
function leavesShort(set: usize): bool {
  let short: usize = 0;
  for (let a = lastTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT))
    if ((short == 0 || comesBefore(a, short)) && isShort(set, a)) short = a;
  if (short != 0) return true;
  let across: u32 = NONE32;
  for (let a = lastTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) {
    const participant = participantOf(a);
    if (!isCrossLimited(a) || participant >= across) continue;
    if (isShortAcross(set, participant)) across = participant;
  }
  return across != NONE32;
}

function bookLimit(limit: usize): void {
  if (limit != 0)
    setPositionNet(limit, load<u64>(limit + LIMIT_AT), load<i64>(limit + LIMIT_AT, 8));
}

function bookLeg(debit: usize, credit: usize, limit: usize, back: usize): void {
  bookLimit(limitThatCounts(debit, limit));
  bookLimit(limitThatCounts(credit, back));
}

/** Reservations and limits of a payment of the set, or of one leg of a chain. */
function bookOthers(payment: usize): void {
  const priority = <u32>load<u8>(payment, PRIORITY);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = secondDebit(payment);
  useReserved(debit1, priority, load<i64>(payment, AMOUNT_1));
  bookLeg(
    debit1,
    load<u32>(payment, CREDIT_1),
    load<u32>(payment, LIMIT_1),
    load<u32>(payment, BACK_LIMIT_1),
  );
  if (debit2 == 0) return;
  useReserved(debit2, priority, load<i64>(payment, AMOUNT_2));
  bookLeg(
    debit2,
    load<u32>(payment, CREDIT_2),
    load<u32>(payment, LIMIT_2),
    load<u32>(payment, BACK_LIMIT_2),
  );
}

/** Books the set that is tried; its payments leave the queues, and are told of later. */
function book(set: usize): void {
  const members = load<u32>(set);
  for (let i: u32 = 0; i < members; i++) {
    const payment = paymentAt(set, i);
    let leg = payment;
    do {
      bookOthers(leg);
      leg = nextLeg(leg);
    } while (leg != payment);
  }
  for (let a = lastTouched(); a != 0; a = load<u32>(a, TOUCHED_NEXT)) bookNet(a, load<i64>(a + AT));
  for (let i: u32 = 0; i < members; i++) {
    const payment = paymentAt(set, i);
    if (cursor == payment) cursor = nextPastLegs(payment);
    leaveQueues(payment);
  }
}

function isRefused(set: usize): bool {
  return (load<u16>(set, REASON) | load<u8>(set, BY)) != 0;
}

/** Judges each set and books those that leave nobody short; how many payments and legs of chains these are. */
export function bookProposal(): u32 {
  let settles: u32 = 0;
  cursor = firstQueued();
  for (let set = room; set < room + used; set = nextSet(set)) {
    const members = load<u32>(set);
    const included = includeAll(set);
    if (included == members && !leavesShort(set)) {
      book(set);
      for (let i: u32 = 0; i < members; i++) settles += slotsOf(paymentAt(set, i));
    }
    for (let i: u32 = 0; i < included; i++) unmark(paymentAt(set, i));
  }
  telling = room;
  number = 1;
  told = 0;
  return settles;
}

function isProposable(payment: usize): bool {
  const debit2 = secondDebit(payment);
  let leg = payment;
  do {
    if (takesProposals(currencyOf(load<u32>(leg, DEBIT_1)))) return true;
    leg = nextLeg(leg);
  } while (leg != payment);
  return debit2 != 0 && takesProposals(currencyOf(debit2));
}

/** Queued payments with a leg in a currency that takes proposals; of a chain all legs count. */
export function proposableCount(): u32 {
  let count: u32 = 0;
  for (let p = firstQueued(); p != 0; p = nextPastLegs(p)) if (isProposable(p)) count += slotsOf(p);
  return count;
}

/** Why a set was refused: the account and its shortage, or the member that cannot be in it. */
function tellRefused(set: usize, cycle: u32): void {
  const by = load<u8>(set, BY);
  const account = <usize>load<u32>(set, ACCOUNT);
  const howMuch = load<u64>(set, HOW_MUCH);
  const event = writeEvent(EVENT_SET_REFUSED, load<u16>(set, REASON));
  store<u32>(event, cycle, OUT_CYCLE);
  store<u32>(event, number, OUT_COUNT);
  store<u8>(event, by, OUT_MECHANISM);
  if (account != 0) store<u16>(event, <u16>currencyOf(account), OUT_CURRENCY_1);
  if (by == <u8>HELD_UP_BY_NONE) return setPaymentPosition(event, howMuch);
  store<u32>(event, participantOf(account), OUT_DEBTOR_AGENT);
  store<u32>(event, load<u32>(set, COUNTERPARTY), OUT_CREDITOR_AGENT);
  store<i64>(event, howMuch > <u64>i64.MAX_VALUE ? i64.MAX_VALUE : <i64>howMuch, OUT_AMOUNT_1);
}

/** Tells of each set in turn what was settled or why not; false where the output is full. */
export function finishProposal(cycle: u32): bool {
  for (; telling < room + used; telling = nextSet(telling)) {
    const members: u32 = isRefused(telling) ? 0 : load<u32>(telling);
    for (; told < members; told++) {
      if (outputFull()) return false;
      settleBooked(paymentAt(telling, told), MECHANISM_PROPOSED, cycle);
    }
    if (members == 0) {
      if (outputFull()) return false;
      tellRefused(telling, cycle);
    }
    told = 0;
    number += 1;
  }
  return true;
}

// Earmarks: the legs of a chain whose money is set aside one by one, before the chain settles. When it is funded,
// and what its expiry does: chain-funding-and-earmark-expiry.ts.
//
// Invariants
// - While a chain is funded, each of its legs stands in the queue of the account that it debits as a payment of one
//   leg would, or its money is earmarked: set aside in that account (accounts-and-conservation.ts), where nothing else can take it.
//   Legs that are earmarked stand in one list, in the order in which they were. The chain stands nowhere else.
// - A leg is earmarked where a payment of one leg, of its amount and class, could settle alone. That uses
//   reservations, and counts out on the debtor's limits, as a settlement does.
// - What is earmarked goes to the creditors when all legs are and the condition of the chain is met, all at once; or
//   it is released, all at once, once. Released money counts back on the limit that it was counted on, where that
//   limit still stands; reservations that it used stay used. What is promised has used its time until the expiry,
//   whenever it ends.
// - No cycle, offsetting or proposal takes a leg that waits to be earmarked: it is held, and what stands behind it.
import {
  balanceOf,
  bookSetAside,
  countEarmark,
  earmarkedOf,
  giveBack,
  participantOf,
  setAside,
  startEarmarkCount,
} from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { isPromised } from './attestor-thresholds';
import {
  bilateralLimit,
  countIn,
  countOut,
  isSameLimit,
  limitThatCounts,
  serialOf,
} from './bilateral-limits';
import { placeInChain } from './chain-legs';
import { useReserved } from './credit-and-reservations';
import { earmarkHolds } from './cross-limits';
import { endUse, startUse } from './earmark-cap';
import { expiryOf } from './earmark-terms';
import { writeOfPayment } from './event-output';
import { firstOfList, joinList, leaveList } from './lists-outside-queues';
import {
  AFTER,
  AMOUNT_1,
  BACK_LIMIT_1,
  CREDIT_1,
  DEBIT_1,
  LIMIT_1,
  nextOfChain,
  PRIORITY,
  setByItself,
} from './live-payment';
import { mayDebit } from './money-and-limits-of-a-leg';
import { isQueued, joinQueues, joinQueuesAtFront, leaveQueues, noteLeft } from './queue-places';
import { fileLimits } from './queued-limits';
import {
  EVENT_EARMARKED,
  EVENT_NOT_EARMARKED,
  EVENT_PROMISED,
  EVENT_RELEASED,
  OUT_BALANCE_1,
  OUT_BALANCE_2,
  OUT_COUNT,
  REASON_EARMARK_CAP_REACHED,
  REASON_NONE,
} from './record-numbers';
import { nothingBefore } from './who-may-pass-whom';

// What an earmarked leg, which stands in no queue, has in place of its limits: the limit that it counts out on
// (0: none) and its serial.
const COUNTED_ON: usize = LIMIT_1;
const COUNTED_SERIAL: usize = BACK_LIMIT_1;

const earmarked: usize = memory.data(8, 16);
let count: u32 = 0;
/** Legs of chains that are being funded, earmarked or not. */
let funding: u32 = 0;

/** The first of the legs that are earmarked; AFTER leads on. */
export function firstEarmarked(): usize {
  return firstOfList(earmarked);
}

export function earmarkedCount(): u32 {
  return count;
}

/** Whether any leg may stand in a queue by itself. */
export function anyFunding(): bool {
  return funding > 0;
}

/** Counts what is earmarked for the recount of the money (accounts-and-conservation.ts). */
export function countEarmarks(): void {
  startEarmarkCount();
  for (let leg = firstOfList(earmarked); leg != 0; leg = load<u32>(leg, AFTER))
    countEarmark(load<u32>(leg, DEBIT_1), load<i64>(leg, AMOUNT_1));
}

function join(leg: usize): void {
  joinList(earmarked, leg);
  count += 1;
}

function leave(leg: usize): void {
  leaveList(earmarked, leg);
  count -= 1;
}

function tell(kind: i32, reason: i32, leg: usize): void {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  const event = writeOfPayment(kind, reason, leg);
  store<u32>(event, placeInChain(leg), OUT_COUNT);
  store<i64>(event, balanceOf(debit), OUT_BALANCE_1);
  store<i64>(event, earmarkedOf(debit), OUT_BALANCE_2);
}

/** Whether the money of a leg that is next in its queue, with its limits filed, may be set aside. */
export function mayEarmark(leg: usize): bool {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  const priority = <u32>load<u8>(leg, PRIORITY);
  if (!mayDebit(debit, load<i64>(leg, AMOUNT_1), priority, load<u32>(leg, LIMIT_1))) return false;
  return earmarkHolds(leg);
}

/** Sets the money of a leg aside that stands nowhere, with one event. */
function earmark(leg: usize): void {
  const debit = <usize>load<u32>(leg, DEBIT_1);
  const amount = load<i64>(leg, AMOUNT_1);
  const limit = limitThatCounts(debit, load<u32>(leg, LIMIT_1));
  setAside(debit, amount);
  startUse(leg);
  useReserved(debit, load<u8>(leg, PRIORITY), amount);
  if (limit != 0) countOut(limit, amount);
  store<u32>(leg, limit, COUNTED_ON);
  store<u32>(leg, limit == 0 ? 0 : serialOf(limit), COUNTED_SERIAL);
  join(leg);
  tell(EVENT_EARMARKED, REASON_NONE, leg);
}

function tellOfLegs(kind: i32, reason: i32, lead: usize): void {
  let leg = lead;
  do {
    tell(kind, reason, leg);
    leg = nextOfChain(leg);
  } while (leg != lead);
}

/** Tells of each leg of a chain that nothing is set aside for it, as it would pass a cap, and that it goes on without. */
export function tellNotEarmarked(lead: usize): void {
  tellOfLegs(EVENT_NOT_EARMARKED, REASON_EARMARK_CAP_REACHED, lead);
}

/** Tells of each leg of a chain that what is set aside for it is promised. */
export function tellPromised(lead: usize): void {
  tellOfLegs(EVENT_PROMISED, REASON_NONE, lead);
}

/** Begins to fund a chain that stands nowhere: each leg is earmarked, or stands in its queue. Up to 16 events. */
export function startFunding(lead: usize): void {
  let leg = lead;
  do {
    setByItself(leg, true);
    funding += 1;
    leg = nextOfChain(leg);
  } while (leg != lead);
  do {
    fileLimits(leg);
    if (nothingBefore(load<u32>(leg, DEBIT_1), load<u8>(leg, PRIORITY)) && mayEarmark(leg))
      earmark(leg);
    else joinQueues(leg);
    leg = nextOfChain(leg);
  } while (leg != lead);
}

/** Earmarks a leg that is next in its queue and `mayEarmark`. */
export function earmarkFromQueue(leg: usize): void {
  leaveQueues(leg);
  earmark(leg);
}

/** Whether all legs of a chain that is being funded are earmarked. */
export function isFunded(lead: usize): bool {
  let leg = lead;
  do {
    if (isQueued(leg)) return false;
    leg = nextOfChain(leg);
  } while (leg != lead);
  return true;
}

/** Books a chain all of whose legs are earmarked, which stands nowhere then; the accounts credited are scanned next. */
export function bookEarmarked(lead: usize): void {
  const expiry = expiryOf(lead);
  const promised = isPromised(lead);
  let leg = lead;
  do {
    const debit = <usize>load<u32>(leg, DEBIT_1);
    const credit = <usize>load<u32>(leg, CREDIT_1);
    const amount = load<i64>(leg, AMOUNT_1);
    const back = limitThatCounts(credit, bilateralLimit(credit, participantOf(debit)));
    leave(leg);
    bookSetAside(debit, credit, amount);
    if (!promised) endUse(leg, expiry, true);
    if (back != 0) countIn(back, amount);
    pushWork(credit);
    leg = nextOfChain(leg);
  } while (leg != lead);
  endFunding(lead);
}

function endFunding(lead: usize): void {
  let leg = lead;
  do {
    setByItself(leg, false);
    funding -= 1;
    leg = nextOfChain(leg);
  } while (leg != lead);
}

/** Gives back what a leg has set aside. */
function giveBackLeg(leg: usize): void {
  const limit = <usize>load<u32>(leg, COUNTED_ON);
  const amount = load<i64>(leg, AMOUNT_1);
  leave(leg);
  giveBack(load<u32>(leg, DEBIT_1), amount);
  if (limit != 0 && isSameLimit(limit, load<u32>(leg, COUNTED_SERIAL))) countIn(limit, amount);
}

/**
 * Takes a chain that is being funded from where it stands: what is earmarked is released, with an event for each
 * such leg, and those that wait leave their queues. The debited accounts are to be scanned then.
 */
export function release(lead: usize, reason: i32): void {
  const expiry = expiryOf(lead);
  const promised = isPromised(lead);
  let released: u32 = 0;
  let bit: u32 = 1;
  let leg = lead;
  do {
    const waits = isQueued(leg);
    if (!promised) endUse(leg, expiry, !waits);
    if (waits) leaveQueues(leg);
    else {
      giveBackLeg(leg);
      released |= bit;
    }
    bit <<= 1;
    leg = nextOfChain(leg);
  } while (leg != lead);
  bit = 1;
  do {
    if ((released & bit) != 0) tell(EVENT_RELEASED, reason, leg);
    bit <<= 1;
    leg = nextOfChain(leg);
  } while (leg != lead);
  endFunding(lead);
  noteLeft();
}

/** Takes the legs that wait to be earmarked out of their queues; which they are, by bits from leg 1 on. */
export function leaveStanding(lead: usize): u32 {
  let standing: u32 = 0;
  let bit: u32 = 1;
  let leg = lead;
  do {
    if (isQueued(leg)) {
      standing |= bit;
      leaveQueues(leg);
    }
    bit <<= 1;
    leg = nextOfChain(leg);
  } while (leg != lead);
  return standing;
}

/** Puts such legs back, in leg order, at the ends or the fronts of their classes; their queues are scanned next. */
export function joinStanding(lead: usize, standing: u32, atFront: bool): void {
  let bit: u32 = 1;
  let leg = lead;
  do {
    if ((standing & bit) != 0) {
      if (!atFront) joinQueues(leg);
      pushWork(load<u32>(leg, DEBIT_1));
    }
    bit <<= 1;
    leg = nextOfChain(leg);
  } while (leg != lead);
  if (atFront) joinAtFront(lead, lead, standing);
}

/** The last leg first, so that they stand in leg order. */
function joinAtFront(leg: usize, lead: usize, standing: u32): void {
  const next = nextOfChain(leg);
  if (next != lead) joinAtFront(next, lead, standing >> 1);
  if ((standing & 1) != 0) joinQueuesAtFront(leg);
}

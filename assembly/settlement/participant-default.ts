// Defaults: an account of a participant that has defaulted is not debited any more.
//
// Invariants
// - Once an account has defaulted, no payment that debits it is let in, and those that wait, stand in
//   queues or look for their mirror are cancelled before anything else is looked at. What deferred
//   net settlement has accepted stays until its cycle (netting-cycle-and-its-defaults.ts), and what is promised until it is decided.
// - It is for ever: what a participant does after a default is a matter of new accounts.

import { accountOf, balanceOf, currencyCount, participantCount } from './accounts-and-conservation';
import { isPromised } from './attestor-thresholds';
import { firstEarmarked } from './earmarks';
import { outputFull, writeEvent } from './event-output';
import { DEBIT_1, DEBIT_2, isChainLeg, nextLeg, nextOfChain, secondDebit } from './live-payment';
import { DEFAULT, DEFAULTED } from './loss-shares';
import { nettingOf, positionOf } from './net-positions-and-caps';
import { firstWaiting } from './not-yet-queued';
import { leadOf, otherLeg } from './pair-state';
import { cancelBoth, cancelLeg, withdraw } from './payment-endings';
import { firstUnmatched } from './pvp-matching';
import { firstQueued, nextOfOthers } from './queue-places';
import {
  EVENT_DEFAULTED,
  IN_CURRENCY_1,
  IN_PARTICIPANT,
  NONE16,
  OUT_AMOUNT_1,
  OUT_BALANCE_1,
  OUT_CURRENCY_1,
  OUT_DEBTOR_AGENT,
  REASON_MATCH_CANCELLED,
  REASON_NONE,
  REASON_PARTICIPANT_DEFAULTED,
  REASON_RECORD_INVALID,
} from './record-numbers';

let any: bool = false;
let unswept: bool = false;

// The record at hand: whose accounts default, and the currency to be looked at next.
let participant: u32 = 0;
let currency: u32 = 0;
let currencyEnd: u32 = 0;

// The sweep: which list, and where it stands in it.
let list: i32 = 0;
let cursor: usize = 0;

/** An account has defaulted: what debits it is to be swept out. */
export function noteDefault(): void {
  any = true;
  unswept = true;
}

export function hasDefaulted(account: usize): bool {
  return any && load<u8>(nettingOf(account), DEFAULT) != 0;
}

/** Whether a payment may not be debited; debit2 0 for one leg. */
export function debitsDefaulted(debit1: usize, debit2: usize): bool {
  return any && (hasDefaulted(debit1) || (debit2 != 0 && hasDefaulted(debit2)));
}

function nextToDefault(): usize {
  for (; currency < currencyEnd; currency++) {
    const account = accountOf(participant, currency);
    if (account != 0 && !hasDefaulted(account)) return account;
  }
  return 0;
}

/** Takes a default record: none, or why it makes no sense. `finishDefault` goes on. */
export function startDefault(record: usize): i32 {
  const named = <u32>load<u16>(record, IN_CURRENCY_1);
  participant = load<u32>(record, IN_PARTICIPANT);
  if (participant >= participantCount()) return REASON_RECORD_INVALID;
  currency = named == <u32>NONE16 ? 0 : named;
  currencyEnd = named == <u32>NONE16 ? currencyCount() : named + 1;
  return nextToDefault() == 0 ? REASON_RECORD_INVALID : REASON_NONE;
}

/** An event for each account; false where the output is full. */
export function finishDefault(): bool {
  for (let account = nextToDefault(); account != 0; account = nextToDefault()) {
    if (outputFull()) return false;
    const position = positionOf(account);
    const event = writeEvent(EVENT_DEFAULTED, REASON_NONE);
    store<u32>(event, participant, OUT_DEBTOR_AGENT);
    store<u16>(event, <u16>currency, OUT_CURRENCY_1);
    store<i64>(event, position < 0 ? -position : 0, OUT_AMOUNT_1);
    store<i64>(event, balanceOf(account), OUT_BALANCE_1);
    store<u8>(nettingOf(account), DEFAULTED, DEFAULT);
    noteDefault();
  }
  return true;
}

/** Whether an account has defaulted since the last sweep; the sweep starts. */
export function startSweep(): bool {
  if (!unswept) return false;
  unswept = false;
  list = 0;
  cursor = firstWaiting();
  return true;
}

/** Whether one of the accounts that a live payment, or its chain, debits has defaulted; what is promised stays so. */
function isSwept(payment: usize): bool {
  if (isPromised(payment)) return false;
  let leg = payment;
  do {
    if (debitsDefaulted(load<u32>(leg, DEBIT_1), secondDebit(leg))) return true;
    leg = nextOfChain(leg);
  } while (leg != payment);
  return false;
}

/** Ends a chain in leg order, each leg for the account that it debits. */
function sweepChain(lead: usize): void {
  let leg = lead;
  do {
    const next = nextLeg(leg);
    const isOwn = hasDefaulted(load<u32>(leg, DEBIT_1));
    cancelLeg(leg, isOwn ? REASON_PARTICIPANT_DEFAULTED : REASON_MATCH_CANCELLED);
    leg = next;
  } while (leg != lead);
}

/** Why a leg of a pair ends: by the account that it debits. Anything else ends for either debit. */
function reasonOf(payment: usize, debit: usize): i32 {
  return otherLeg(payment) == 0 || hasDefaulted(load<u32>(payment + debit))
    ? REASON_PARTICIPANT_DEFAULTED
    : REASON_MATCH_CANCELLED;
}

/** Cancels what waits, what is queued, what is earmarked, then unmatched legs, each in order; false: output full. */
export function finishSweep(): bool {
  while (true) {
    while (cursor != 0) {
      const payment = cursor;
      if (!isSwept(payment)) {
        cursor = nextOfOthers(payment);
        continue;
      }
      if (outputFull()) return false;
      cursor = nextOfOthers(payment);
      withdraw(payment, REASON_PARTICIPANT_DEFAULTED);
      if (isChainLeg(payment)) sweepChain(leadOf(payment));
      else cancelBoth(payment, reasonOf(payment, DEBIT_1), reasonOf(payment, DEBIT_2));
    }
    list += 1;
    if (list == 1) cursor = firstQueued();
    else if (list == 2) cursor = firstEarmarked();
    else if (list == 3) cursor = firstUnmatched();
    else return true;
  }
}

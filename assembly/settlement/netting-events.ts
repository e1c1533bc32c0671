// What a cycle of deferred net settlement did, event by event: who defaulted, who bears which share,
// what is unwound, each account's net, each payment that settled.
//
// Invariant: all of it is booked before the first event; what is told of an account or a share does
// not depend on where the telling was interrupted by a full output.

import { accountOf, balanceOf, participantCount, tellMoved } from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { leaveTerms } from './chain-terms';
import { outputFull, writeEvent, writeOfPayment } from './event-output';
import { isChainLeg } from './live-payment';
import {
  DEFAULT,
  DEFAULTED,
  FAILING,
  netOf,
  ROLE,
  SETTLING,
  SHARE,
  SHARED,
  SHORTFALL,
  shareShortfall,
  shortfallOf,
} from './loss-shares';
import { nettingOf } from './net-positions-and-caps';
import { firstAccepted, leaveAccepted } from './netting-accepted';
import { endPayment, finishSettled } from './payment-endings';
import { nextInChain } from './queue-places';
import {
  EVENT_DEFAULTED,
  EVENT_LOSS_SHARED,
  EVENT_NETTED,
  EVENT_UNWOUND,
  MECHANISM_DEFERRED_NET,
  NONE32,
  OUT_AMOUNT_1,
  OUT_BALANCE_1,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_CYCLE,
  OUT_DEBTOR_AGENT,
  REASON_NONE,
  REASON_PARTICIPANT_DEFAULTED,
} from './record-numbers';
import { isMarked, takeMark } from './set-members';

let currency: u32 = 0;
let cycle: u32 = 0;
let sharing: bool = false;

// What has been told of the cycle: the phase, and where it stands.
const TELL_DEFAULTS: i32 = 0;
const TELL_SHARES: i32 = 1;
const TELL_UNWOUND: i32 = 2;
const TELL_NETTED: i32 = 3;
const TELL_SETTLED: i32 = 4;
let phase: i32 = 0;
let participant: u32 = 0;
let defaulter: u32 = 0;
let cursor: usize = 0;

/** A cycle that has been booked is to be told from its start. */
export function startTelling(ofCurrency: u32, number: u32, isShared: bool): void {
  currency = ofCurrency;
  cycle = number;
  sharing = isShared;
  phase = TELL_DEFAULTS;
  participant = 0;
}

function nettingAt(p: u32): usize {
  const account = accountOf(p, currency);
  return account == 0 ? 0 : nettingOf(account);
}

function writeOfCycle(kind: i32, account: usize, p: u32, amount: i64): usize {
  const event = writeEvent(kind, REASON_NONE);
  store<u32>(event, p, OUT_DEBTOR_AGENT);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, amount, OUT_AMOUNT_1);
  store<u32>(event, cycle, OUT_CYCLE);
  store<i64>(event, balanceOf(account), OUT_BALANCE_1);
  return event;
}

function tellDefaults(): bool {
  for (; participant < participantCount(); participant++) {
    const account = accountOf(participant, currency);
    if (account == 0 || load<u8>(nettingOf(account), DEFAULT) != FAILING) continue;
    if (outputFull()) return false;
    const shortfall = load<i64>(nettingOf(account), SHORTFALL);
    writeOfCycle(EVENT_DEFAULTED, account, participant, shortfall);
  }
  return true;
}

/** The shares of the defaulter at hand. */
function tellSharesOfOne(): bool {
  for (; participant < participantCount(); participant++) {
    const account = accountOf(participant, currency);
    if (account == 0 || load<i64>(nettingOf(account), SHARE) == 0) continue;
    if (outputFull()) return false;
    const share = load<i64>(nettingOf(account), SHARE);
    const event = writeOfCycle(EVENT_LOSS_SHARED, account, participant, share);
    store<u32>(event, defaulter, OUT_CREDITOR_AGENT);
    tellMoved(account, accountOf(defaulter, currency), share);
  }
  return true;
}

/** Shares are computed again as they are told, in the same order: see loss-shares.ts. */
function tellShares(): bool {
  while (true) {
    if (participant < participantCount() && !tellSharesOfOne()) return false;
    defaulter += 1;
    for (; defaulter < participantCount(); defaulter++) {
      const netting = nettingAt(defaulter);
      if (netting == 0 || !load<u8>(netting, DEFAULT)) continue;
      const shortfall = shortfallOf(netting);
      if (shortfall == 0) continue;
      shareShortfall(shortfall, accountOf(defaulter, currency), currency);
      participant = 0;
      break;
    }
    if (defaulter >= participantCount()) return true;
  }
}

function startShares(): void {
  for (let p: u32 = 0; p < participantCount(); p++) {
    const netting = nettingAt(p);
    if (netting == 0) continue;
    store<i64>(netting, 0, SHARED);
    store<i64>(netting, 0, SHARE);
  }
  // As if the shares of a defaulter before the first had just been told.
  defaulter = NONE32;
  participant = participantCount();
}

function tellUnwound(): bool {
  while (cursor != 0) {
    const payment = cursor;
    if (isMarked(payment)) {
      if (outputFull()) return false;
      leaveAccepted(payment);
      writeOfPayment(EVENT_UNWOUND, REASON_PARTICIPANT_DEFAULTED, payment);
      cursor = nextInChain(payment);
      takeMark(payment);
      if (isChainLeg(payment)) leaveTerms(payment);
      endPayment(payment, EVENT_UNWOUND, REASON_PARTICIPANT_DEFAULTED);
    } else {
      cursor = nextInChain(payment);
    }
  }
  return true;
}

function tellNetted(): bool {
  for (; participant < participantCount(); participant++) {
    const account = accountOf(participant, currency);
    if (account == 0 || load<u8>(nettingOf(account), ROLE) != SETTLING) continue;
    if (outputFull()) return false;
    writeOfCycle(EVENT_NETTED, account, participant, netOf(account));
    pushWork(account);
  }
  return true;
}

function tellSettled(): bool {
  while (cursor != 0) {
    if (outputFull()) return false;
    const payment = cursor;
    cursor = nextInChain(payment);
    leaveAccepted(payment);
    finishSettled(payment, MECHANISM_DEFERRED_NET, cycle);
  }
  return true;
}

/** Who failed has defaulted from now on. */
function finish(): void {
  for (let p: u32 = 0; p < participantCount(); p++) {
    const netting = nettingAt(p);
    if (netting != 0 && load<u8>(netting, DEFAULT) == FAILING)
      store<u8>(netting, DEFAULTED, DEFAULT);
  }
}

/** Writes what the cycle did; accounts whose payments it settled go on the worklist. */
export function finishNetting(): bool {
  if (phase == TELL_DEFAULTS) {
    if (!tellDefaults()) return false;
    if (sharing) startShares();
    phase = TELL_SHARES;
  }
  if (phase == TELL_SHARES) {
    if (sharing && !tellShares()) return false;
    cursor = firstAccepted(currency);
    phase = TELL_UNWOUND;
  }
  if (phase == TELL_UNWOUND) {
    if (!tellUnwound()) return false;
    participant = 0;
    phase = TELL_NETTED;
  }
  if (phase == TELL_NETTED) {
    if (!tellNetted()) return false;
    cursor = firstAccepted(currency);
    phase = TELL_SETTLED;
  }
  if (phase == TELL_SETTLED && !tellSettled()) return false;
  finish();
  return true;
}

// Deferred net settlement: a cycle of one currency (docs/settlement.md, "Deferred net settlement"). What is told of
// it: netting-events.ts.
//
// Invariants
// - A cycle settles or unwinds everything that its currency has accepted. The net positions of what
//   it settles add up to zero; they are booked all at once, before the cycle's first event.
// - No account is taken below min(floor, balance before). One whose net debit is more than that
//   leaves has failed: it defaults, and the currency's rule decides. Those that are short at the
//   same time default together, so no order of looking at them matters.
// - A participant that had defaulted before the cycle pays nothing; one that fails in it pays what
//   it has where the loss is shared.
// - What a cycle did is told in one order: netting-events.ts.

import {
  accountOf,
  available,
  balanceOf,
  bookNet,
  participantCount,
} from './accounts-and-conservation';
import { sharesLosses } from './currency-rules';
import { writeEvent } from './event-output';
import { AMOUNT_1, CREDIT_1, DEBIT_1 } from './live-payment';
import {
  AVAILABLE,
  DEFAULT,
  FAILING,
  NET,
  netOf,
  ROLE,
  SETTLING,
  SHARED,
  SHORTFALL,
  shareShortfall,
  shortfallOf,
} from './loss-shares';
import { nettingOf, positionOf } from './net-positions-and-caps';
import { acceptedIn, firstAccepted } from './netting-accepted';
import { startTelling } from './netting-events';
import { noteDefault } from './participant-default';
import { nextInChain } from './queue-places';
import {
  EVENT_CYCLED,
  MECHANISM_DEFERRED_NET,
  OUT_AMOUNT_1,
  OUT_COUNT,
  OUT_CURRENCY_1,
  OUT_CYCLE,
  OUT_MECHANISM,
  OUT_PRIORITY,
  REASON_NONE,
} from './record-numbers';
import { isMarked, mark } from './set-members';

const OUT: u8 = 2;

/** What byte 29 of a `cycled` event says. */
const NOTHING_ACCEPTED: u32 = 0;
const NETTED: u32 = 1;
const ALL_UNWOUND: u32 = 2;

let currency: u32 = 0;
let unwound: u32 = 0;

/** The netting of a participant's account in the cycle's currency, or 0. */
function nettingAt(p: u32): usize {
  const account = accountOf(p, currency);
  return account == 0 ? 0 : nettingOf(account);
}

function begin(): void {
  for (let p: u32 = 0; p < participantCount(); p++) {
    const account = accountOf(p, currency);
    if (account == 0) continue;
    const netting = nettingOf(account);
    store<i64>(netting, positionOf(account), NET);
    store<u64>(netting, available(account), AVAILABLE);
    store<i64>(netting, 0, SHARED);
    store<i64>(netting, 0, SHORTFALL);
    store<u8>(netting, 0, ROLE);
  }
  unwound = 0;
}

/** Notes who is short for the first time; whether anyone is. */
function findFailing(): bool {
  let found = false;
  for (let p: u32 = 0; p < participantCount(); p++) {
    const netting = nettingAt(p);
    if (netting == 0 || load<u8>(netting, DEFAULT)) continue;
    const shortfall = shortfallOf(netting);
    if (shortfall == 0) continue;
    found = true;
    store<u8>(netting, FAILING, DEFAULT);
    store<i64>(netting, shortfall, SHORTFALL);
    noteDefault();
  }
  return found;
}

/** Takes the payments from and to those that are out, out of the cycle. */
function dropTheirs(): void {
  for (let payment = firstAccepted(currency); payment != 0; payment = nextInChain(payment)) {
    if (isMarked(payment)) continue;
    const debtor = nettingOf(load<u32>(payment, DEBIT_1));
    const creditor = nettingOf(load<u32>(payment, CREDIT_1));
    if (load<u8>(debtor, ROLE) != OUT && load<u8>(creditor, ROLE) != OUT) continue;
    const amount = load<i64>(payment, AMOUNT_1);
    mark(payment);
    unwound += 1;
    store<i64>(debtor, load<i64>(debtor, NET) + amount, NET);
    store<i64>(creditor, load<i64>(creditor, NET) - amount, NET);
  }
}

/** Puts the payments of all that have defaulted so far out. */
function putOut(): void {
  for (let p: u32 = 0; p < participantCount(); p++) {
    const netting = nettingAt(p);
    if (netting != 0 && load<u8>(netting, DEFAULT)) store<u8>(netting, OUT, ROLE);
  }
  dropTheirs();
}

/** Whoever had defaulted is out; the others net, and whoever is short then is out as well. */
function unwindDefaults(): void {
  putOut();
  while (findFailing()) putOut();
}

/** Shares every shortfall, defaulter by defaulter; the netting of the first that cannot be, or 0. */
function shareAll(): usize {
  for (let p: u32 = 0; p < participantCount(); p++) {
    const netting = nettingAt(p);
    if (netting != 0) store<i64>(netting, 0, SHARED);
  }
  for (let p: u32 = 0; p < participantCount(); p++) {
    const netting = nettingAt(p);
    if (netting == 0 || !load<u8>(netting, DEFAULT)) continue;
    const shortfall = shortfallOf(netting);
    if (shortfall > 0 && !shareShortfall(shortfall, accountOf(p, currency), currency))
      return netting;
  }
  return 0;
}

/** Shares the losses; a defaulter whose loss nobody can bear is out, and the others net again. */
function shareDefaults(): void {
  while (true) {
    findFailing();
    const uncovered = shareAll();
    if (uncovered == 0) return;
    store<u8>(uncovered, OUT, ROLE);
    dropTheirs();
  }
}

function bookAll(): void {
  for (let payment = firstAccepted(currency); payment != 0; payment = nextInChain(payment)) {
    if (isMarked(payment)) continue;
    store<u8>(nettingOf(load<u32>(payment, DEBIT_1)), SETTLING, ROLE);
    store<u8>(nettingOf(load<u32>(payment, CREDIT_1)), SETTLING, ROLE);
  }
  for (let p: u32 = 0; p < participantCount(); p++) {
    const account = accountOf(p, currency);
    if (account == 0) continue;
    const change = netOf(account) - load<i64>(nettingOf(account), SHARED);
    if (change != 0) bookNet(account, balanceOf(account) + change);
  }
}

/** Nets what a currency has accepted and books it; there is room for one event. */
export function runNetting(cycleCurrency: u32, number: u32): void {
  currency = cycleCurrency;
  const sharing = sharesLosses(currency);
  const accepted = acceptedIn(currency);
  begin();
  if (sharing) shareDefaults();
  else unwindDefaults();
  bookAll();
  const event = writeEvent(EVENT_CYCLED, REASON_NONE);
  const flag = accepted == 0 ? NOTHING_ACCEPTED : unwound < accepted ? NETTED : ALL_UNWOUND;
  store<u8>(event, MECHANISM_DEFERRED_NET, OUT_MECHANISM);
  store<u8>(event, <u8>flag, OUT_PRIORITY);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, unwound, OUT_AMOUNT_1);
  store<u32>(event, number, OUT_CYCLE);
  store<u32>(event, accepted - unwound, OUT_COUNT);
  startTelling(currency, number, sharing);
}

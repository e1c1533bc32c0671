// A payment or a return as it comes in: whether it settles, queues or waits outside the queues, or why it is refused.
// What has terms of others comes in elsewhere: pvp-intake-and-time-out.ts, chain-intake.ts. How what waits comes in
// later, and what may pass what: gross-entry-and-rescan.ts, who-may-pass-whom.ts.
//
// Invariants
// - The checks run in one fixed order, so the reason of a refusal is determined.
// - An accepted payment has used up its part of its dealer's quote; only a cancellation returns it.

import { accountOf } from './accounts-and-conservation';
import { withinHalfUnit } from './converted-amounts';
import {
  keepsCorridorLimits,
  limitsCorridors,
  passCorridors,
  useLiving,
  useSettled,
} from './corridor-limits';
import { isOpenFor, judgeDates, minorUnitsOf, now, today } from './cut-offs-and-cycle-times';
import { comesEarly, judgeTimes, startTimes } from './earliest-and-latest-times';
import { addSettlement, writeOfPayment, writeOfRecord } from './event-output';
import { fill } from './fill-live-payment';
import { mayOffset } from './gross-entry-and-rescan';
import { setCredited, setDay, setLiveOutcome, setOutcome } from './identity-table';
import { AMOUNT_1, AMOUNT_2, CREDIT_1, CREDIT_2, DEBIT_1, DEBIT_2, PRIORITY } from './live-payment';
import { bookPayment, mayEnter } from './may-settle-and-book-both-or-neither';
import { admit, isDeferred, judgeDeferred } from './netting-admission';
import { joinWaiting } from './not-yet-queued';
import { debitsDefaulted } from './participant-default';
import { joinQueues, nextSlot, takeSlot } from './queue-places';
import { fileLimits } from './queued-limits';
import { takeFromQuote } from './quote-intake-uses-and-end';
import { findQuote, quoteFailure } from './quotes';
import {
  EVENT_QUEUED,
  EVENT_SETTLED,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DATE,
  IN_DEALER,
  IN_DEBTOR_AGENT,
  IN_PARTICIPANT,
  IN_PRIORITY,
  IN_RATE_MANTISSA,
  IN_RATE_SCALE,
  MECHANISM_ENTRY,
  NONE16,
  PRIORITY_NORMAL,
  REASON_ACCOUNT_MISSING,
  REASON_AMOUNT_NOT_AS_QUOTED,
  REASON_AMOUNT_NOT_POSITIVE,
  REASON_CORRIDOR_LIMIT_REACHED,
  REASON_FORMAT_INVALID,
  REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_PARTICIPANT_DEFAULTED,
  REASON_SAME_AGENT,
} from './record-numbers';
import { countReturned, isReturnRecord, judgeReturn, markReturn } from './returns';

// The payment being judged.
let debit1: usize = 0;
let credit1: usize = 0;
let debit2: usize = 0;
let credit2: usize = 0;
let quote: usize = 0;

/** Settles, queues or keeps waiting a payment or return, or says why not. */
export function acceptPayment(record: usize, serial: u64): i32 {
  const returns = isReturnRecord(record);
  const linked = !returns && load<u16>(record, IN_CURRENCY_2) != NONE16;
  let reason = returns ? judgeReturn(record) : REASON_NONE;
  if (reason == REASON_NONE) reason = judgeParties(record, linked);
  if (reason == REASON_NONE) reason = judgeDates(record, linked);
  if (reason == REASON_NONE) reason = judgeTimes(record);
  quote = 0;
  if (reason == REASON_NONE && linked) reason = judgeQuote(record);
  if (reason == REASON_NONE && limitsCorridors()) reason = judgeCorridors(record, returns);
  if (reason != REASON_NONE) return reason;
  const date = load<u32>(record, IN_DATE);
  const stands =
    isOpenFor(load<u16>(record, IN_CURRENCY_1), date) &&
    (!linked || isOpenFor(load<u16>(record, IN_CURRENCY_2), date)) &&
    !comesEarly(record);
  const payment = nextSlot();
  fillLegs(payment, record, linked);
  if (stands && isDeferred(payment)) {
    reason = judgeDeferred(payment);
    if (reason != REASON_NONE) return reason;
    if (!takeSlot()) return REASON_LIMIT_REACHED;
    fillIn(payment, record, serial);
    useLiving(payment);
    admit(payment);
  } else if (stands && mayEnter(payment)) {
    bookPayment(payment);
    useSettled(payment);
    const event = writeOfRecord(EVENT_SETTLED, REASON_NONE, record);
    addSettlement(event, MECHANISM_ENTRY, 0, debit1, credit1, debit2, credit2);
    setOutcome(serial, EVENT_SETTLED, REASON_NONE);
  } else {
    if (!takeSlot()) return REASON_LIMIT_REACHED;
    fillIn(payment, record, serial);
    useLiving(payment);
    startTimes(payment, record);
    setLiveOutcome(payment, EVENT_QUEUED);
    if (!stands || !mayOffset(payment)) keep(payment, stands);
  }
  if (linked) takeFromQuote(quote, record);
  if (returns) countReturned(record);
  else if (linked) setCredited(serial, credit2, load<i64>(record, IN_AMOUNT_2));
  else setCredited(serial, credit1, load<i64>(record, IN_AMOUNT_1));
  setDay(serial, max(today(), date));
  return REASON_NONE;
}

function fillIn(payment: usize, record: usize, serial: u64): void {
  fill(payment, record, serial, quote);
  if (isReturnRecord(record)) markReturn(payment, record);
}

/** A payment that cannot settle now queues, or waits outside the queues. */
function keep(payment: usize, stands: bool): void {
  if (stands) joinQueues(payment);
  else joinWaiting(payment);
  writeOfPayment(EVENT_QUEUED, REASON_NONE, payment);
}

/** Form, who pays whom over which accounts, and that the amounts are above zero. */
function judgeParties(record: usize, linked: bool): i32 {
  const debtor = load<u32>(record, IN_DEBTOR_AGENT);
  const creditor = load<u32>(record, IN_CREDITOR_AGENT);
  const dealer = load<u32>(record, IN_DEALER);
  const currency1 = <u32>load<u16>(record, IN_CURRENCY_1);
  const currency2 = <u32>load<u16>(record, IN_CURRENCY_2);
  if (<i32>load<u8>(record, IN_PRIORITY) > PRIORITY_NORMAL) return REASON_FORMAT_INVALID;
  if (currency2 == currency1) return REASON_FORMAT_INVALID;
  if (load<u32>(record, IN_PARTICIPANT) != debtor) return REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT;
  debit1 = accountOf(debtor, currency1);
  credit1 = accountOf(linked ? dealer : creditor, currency1);
  debit2 = linked ? accountOf(dealer, currency2) : 0;
  credit2 = linked ? accountOf(creditor, currency2) : 0;
  if (debit1 == 0 || credit1 == 0) return REASON_ACCOUNT_MISSING;
  if (linked && (debit2 == 0 || credit2 == 0)) return REASON_ACCOUNT_MISSING;
  if (debit1 == credit1 || (linked && debit2 == credit2)) return REASON_SAME_AGENT;
  if (load<i64>(record, IN_AMOUNT_1) <= 0) return REASON_AMOUNT_NOT_POSITIVE;
  if (linked && load<i64>(record, IN_AMOUNT_2) <= 0) return REASON_AMOUNT_NOT_POSITIVE;
  return debitsDefaulted(debit1, debit2) ? REASON_PARTICIPANT_DEFAULTED : REASON_NONE;
}

function judgeQuote(record: usize): i32 {
  const currency1 = <u32>load<u16>(record, IN_CURRENCY_1);
  const currency2 = <u32>load<u16>(record, IN_CURRENCY_2);
  const dealer = load<u32>(record, IN_DEALER);
  const mantissa = load<i64>(record, IN_RATE_MANTISSA);
  const scale = <u32>load<u8>(record, IN_RATE_SCALE);
  const amount1 = load<i64>(record, IN_AMOUNT_1);
  const amount2 = load<i64>(record, IN_AMOUNT_2);
  quote = findQuote(dealer, currency1, currency2, mantissa, scale, amount1, now());
  if (quote == 0) return quoteFailure();
  const units1 = minorUnitsOf(currency1);
  const units2 = minorUnitsOf(currency2);
  return withinHalfUnit(amount1, units1, amount2, units2, mantissa, scale)
    ? REASON_NONE
    : REASON_AMOUNT_NOT_AS_QUOTED;
}

/** A return undoes what was settled: no limit of a corridor counts it. */
function judgeCorridors(record: usize, returns: bool): i32 {
  const amount1 = load<i64>(record, IN_AMOUNT_1);
  const amount2 = load<i64>(record, IN_AMOUNT_2);
  if (returns) passCorridors();
  else if (!keepsCorridorLimits(debit1, credit1, amount1, debit2, credit2, amount2))
    return REASON_CORRIDOR_LIMIT_REACHED;
  return REASON_NONE;
}

/** What decides whether a payment may settle, and what it books. */
function fillLegs(payment: usize, record: usize, linked: bool): void {
  store<i64>(payment, load<i64>(record, IN_AMOUNT_1), AMOUNT_1);
  store<i64>(payment, linked ? load<i64>(record, IN_AMOUNT_2) : 0, AMOUNT_2);
  store<u32>(payment, debit1, DEBIT_1);
  store<u32>(payment, credit1, CREDIT_1);
  store<u32>(payment, debit2, DEBIT_2);
  store<u32>(payment, credit2, CREDIT_2);
  store<u8>(payment, load<u8>(record, IN_PRIORITY), PRIORITY);
  fileLimits(payment);
}

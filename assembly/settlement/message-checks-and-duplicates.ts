// Messages: payments, quotes and instructions, from their identity to their first event.
//
// Invariants
// - A message is judged once: its identity is remembered before anything else happens to it, and the
//   same message again changes nothing. Where it asks how a payment stands it is answered as that stands now.
// - The checks run in one fixed order (below), so the reason of a refusal is determined.
// - Where the genesis bounds what is refused, a question that is refused, or is about a payment, is not remembered:
//   it changed nothing, and is judged anew. Nor is what is refused when its sender's share of the identities was used up.
// - An accepted payment has used up its part of its dealer's quote; only a cancellation returns it.

import { accountOf, participantCount } from './accounts-and-conservation';
import { acceptAttestation } from './attestations-and-deadline';
import {
  isOpenFor,
  judgeDates,
  minorUnitsOf,
  now,
  quoteDay,
  today,
} from './calendar-and-cycle-times';
import {
  acceptInstruction,
  answerStatusQuery,
  asksOfPayment,
  isAnsweredAnew,
  isBoundByPayments,
  writeOfInstruction,
} from './cancel-reorder-limit';
import { acceptChainLeg } from './chain-intake';
import { withinHalfUnit } from './converted-amounts';
import {
  keepsCorridorLimits,
  limitsCorridors,
  passCorridors,
  useLiving,
  useSettled,
} from './corridor-limits';
import { comesEarly, judgeTimes, startTimes } from './earliest-and-latest-times';
import {
  addDigest,
  addSettlement,
  setPaymentPosition,
  writeOfPayment,
  writeOfQuote,
  writeOfRecord,
} from './event-output';
import { fill } from './fill-live-payment';
import { mayOffset } from './gross-entry-and-rescan';
import {
  boundsShares,
  countToShare,
  findIdentity,
  identitiesFull,
  isShareUsed,
  outcomeOf,
  outcomeReasonOf,
  positionOf,
  remember,
  sameDigest,
  setCredited,
  setDay,
  setLiveOutcome,
  setOutcome,
  takeBack,
} from './identity-table';
import { AMOUNT_1, AMOUNT_2, CREDIT_1, CREDIT_2, DEBIT_1, DEBIT_2, PRIORITY } from './live-payment';
import { admit, isDeferred, judgeDeferred } from './netting-admission';
import { joinWaiting } from './not-yet-queued';
import { debitsDefaulted } from './participant-default';
import { acceptLeg } from './pvp-intake-and-time-out';
import { joinQueues, nextSlot, takeSlot } from './queue';
import { fileLimits } from './queued-limits';
import { startQuote, takeFromQuote } from './quote-events';
import { addQuote, findQuote, quoteFailure, SCALE_MAX } from './quotes';
import {
  EVENT_QUEUED,
  EVENT_QUOTED,
  EVENT_REJECTED,
  EVENT_REPEATED,
  EVENT_SETTLED,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DATE,
  IN_DEALER,
  IN_DEBTOR_AGENT,
  IN_ID,
  IN_KIND,
  IN_LEG_NUMBER,
  IN_MESSAGE_TYPE,
  IN_PARTICIPANT,
  IN_PAYLOAD_DIGEST,
  IN_POSITION,
  IN_PRIORITY,
  IN_RATE_MANTISSA,
  IN_RATE_SCALE,
  IN_REASON,
  MECHANISM_ENTRY,
  NONE16,
  OUT_BALANCE_1,
  OUT_COUNT,
  PRIORITY_NORMAL,
  REASON_ACCOUNT_MISSING,
  REASON_AMOUNT_NOT_AS_QUOTED,
  REASON_AMOUNT_NOT_POSITIVE,
  REASON_CORRIDOR_LIMIT_REACHED,
  REASON_DUPLICATE_IDENTITY,
  REASON_FORMAT_INVALID,
  REASON_INSTRUCTING_AGENT_NOT_DEBTOR_AGENT,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_PARTICIPANT_DEFAULTED,
  REASON_SAME_AGENT,
  REASON_SETTLEMENT_DATE_INVALID,
  RECORD_ATTESTATION,
  RECORD_CHAIN_LEG,
  RECORD_PAYMENT,
  RECORD_PVP_LEG,
  RECORD_QUERY,
  RECORD_QUOTE,
  RECORD_RETURN,
} from './record-numbers';
import { countReturned, isReturnRecord, judgeReturn, markReturn } from './returns';
import { bookPayment, mayEnter } from './settle-both-or-neither';

// The payment being judged.
let debit1: usize = 0;
let credit1: usize = 0;
let debit2: usize = 0;
let credit2: usize = 0;
let quote: usize = 0;

/** Whether the record's sender and, for a quote, its dealer can be who they say. */
export function senderIsKnown(record: usize): bool {
  const sender = load<u32>(record, IN_PARTICIPANT);
  if (sender >= participantCount()) return false;
  return load<u16>(record, IN_KIND) != RECORD_QUOTE || load<u32>(record, IN_DEALER) == sender;
}

function isPayment(kind: i32): bool {
  const isLeg = kind == RECORD_PVP_LEG || kind == RECORD_CHAIN_LEG;
  return kind == RECORD_PAYMENT || isLeg || kind == RECORD_RETURN;
}

function writeOfMessage(kind: i32, reason: i32, record: usize): usize {
  const recordKind = <i32>load<u16>(record, IN_KIND);
  if (isPayment(recordKind)) return writeOfRecord(kind, reason, record);
  return recordKind == RECORD_QUOTE
    ? writeOfQuote(kind, reason, record)
    : writeOfInstruction(kind, reason, record);
}

function reject(record: usize, reason: i32): void {
  const event = writeOfMessage(EVENT_REJECTED, reason, record);
  addDigest(event, record);
  if (<i32>load<u16>(record, IN_KIND) == RECORD_CHAIN_LEG)
    store<u32>(event, load<u16>(record, IN_LEG_NUMBER), OUT_COUNT);
}

/** Applies a message whose sender is known: one event, up to 32 for a leg that is matched. */
export function applyMessage(record: usize): void {
  const sender = load<u32>(record, IN_PARTICIPANT);
  const type = <u32>load<u16>(record, IN_MESSAGE_TYPE);
  const known = findIdentity(record + IN_ID, sender, type);
  if (known != 0) {
    if (!sameDigest(known, record + IN_PAYLOAD_DIGEST))
      return reject(record, REASON_DUPLICATE_IDENTITY);
    if (isAnsweredAnew(record, known)) {
      const reason = answerStatusQuery(record);
      if (reason != REASON_NONE) reject(record, reason);
      return;
    }
    const event = writeOfMessage(EVENT_REPEATED, outcomeReasonOf(known), record);
    store<u32>(event, outcomeOf(known), OUT_COUNT);
    if (isPayment(<i32>load<u16>(record, IN_KIND))) setPaymentPosition(event, positionOf(known));
    return;
  }
  const kind = <i32>load<u16>(record, IN_KIND);
  const isExempt = isPayment(kind) || kind == RECORD_QUOTE || isBoundByPayments(record);
  const isUsed = isShareUsed(sender);
  if (identitiesFull() || (isUsed && !isExempt)) return reject(record, REASON_LIMIT_REACHED);
  const digest = record + IN_PAYLOAD_DIGEST;
  const serial = remember(record + IN_ID, digest, sender, type, load<u64>(record, IN_POSITION));
  setDay(serial, today());
  let reason = <i32>load<u16>(record, IN_REASON);
  if (reason == REASON_NONE) reason = accept(record, serial);
  if (reason == REASON_NONE) {
    if (boundsShares() && asksOfPayment(record)) takeBack(serial);
    else if (!isExempt) countToShare(serial);
    return;
  }
  if (isUsed || (kind == RECORD_QUERY && boundsShares())) takeBack(serial);
  else {
    setOutcome(serial, EVENT_REJECTED, reason);
    countToShare(serial);
  }
  reject(record, reason);
}

function accept(record: usize, serial: u64): i32 {
  const kind = <i32>load<u16>(record, IN_KIND);
  if (kind == RECORD_PAYMENT || kind == RECORD_RETURN) return acceptPayment(record, serial);
  if (kind == RECORD_PVP_LEG) return acceptLeg(record, serial);
  if (kind == RECORD_CHAIN_LEG) return acceptChainLeg(record, serial);
  if (kind == RECORD_ATTESTATION) return acceptAttestation(record, serial);
  return kind == RECORD_QUOTE ? acceptQuote(record, serial) : acceptInstruction(record, serial);
}

/** Settles, queues or keeps waiting a payment or return, or says why not. */
function acceptPayment(record: usize, serial: u64): i32 {
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

/** Logs a quote, or says why not. */
function acceptQuote(record: usize, serial: u64): i32 {
  const dealer = load<u32>(record, IN_DEALER);
  const base = <u32>load<u16>(record, IN_CURRENCY_1);
  const quoted = <u32>load<u16>(record, IN_CURRENCY_2);
  const mantissa = load<i64>(record, IN_RATE_MANTISSA);
  const scale = <u32>load<u8>(record, IN_RATE_SCALE);
  const amount = load<i64>(record, IN_AMOUNT_2);
  const validUntilMs = load<i64>(record, IN_AMOUNT_1);
  if (mantissa <= 0 || scale > SCALE_MAX || base == quoted) return REASON_FORMAT_INVALID;
  if (accountOf(dealer, base) == 0 || accountOf(dealer, quoted) == 0) return REASON_ACCOUNT_MISSING;
  if (amount <= 0) return REASON_AMOUNT_NOT_POSITIVE;
  const day = quoteDay(validUntilMs);
  if (day < 0) return REASON_SETTLEMENT_DATE_INVALID;
  const logged = addQuote(dealer, base, quoted, mantissa, scale, amount, validUntilMs, now());
  if (logged == 0) return REASON_LIMIT_REACHED;
  startQuote(logged, record, serial);
  const event = writeOfQuote(EVENT_QUOTED, REASON_NONE, record);
  store<u32>(event, scale, OUT_COUNT);
  store<i64>(event, validUntilMs, OUT_BALANCE_1);
  setOutcome(serial, EVENT_QUOTED, REASON_NONE);
  setDay(serial, max(today(), <u32>day));
  return REASON_NONE;
}

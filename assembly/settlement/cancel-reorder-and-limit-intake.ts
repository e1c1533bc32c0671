// What a participant instructs besides payments: cancellation and re-ordering of its own payments,
// limits and reservations of its own accounts, and what it asks to be told.
//
// Invariants
// - Only the debtor's agent's own payments are touched: a payment is found by (sender, its message
//   type, UETR), the key of its identity.
// - What is promised (attestor-thresholds.ts) is not cancelled.
// - A payment that has ended stays as it is; that it shall be returned may be asked (returns.ts).
// - A query changes nothing but that it was asked: its event says where in the history it is answered.

import { accountOf, currencyOf, participantCount } from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { isPromised } from './attestor-thresholds';
import { positionClamped } from './bilateral-limits';
import { setReserved } from './credit-and-reservations';
import { joinStanding, leaveStanding } from './earmarks';
import { setPaymentPosition, writeEvent } from './event-output';
import {
  creditedBy,
  findIdentity,
  isSettled,
  leftOf,
  livePaymentOf,
  outcomeOf,
  outcomeReasonOf,
  positionOf,
  saidOf,
  setOutcome,
} from './identity-table';
import { isByItself, POSITION, PRIORITY } from './live-payment';
import { isAccepted } from './netting-accepted';
import { leadOf, setPriority } from './pair-state';
import { cancelPayment, rescanDebits, withdraw } from './payment-endings';
import { isQueued, joinQueues, joinQueuesAtFront, leaveQueues } from './queue-places';
import { removeLimit, setLimit } from './queued-limits';
import { withdrawOf } from './quote-intake-uses-and-end';
import { acceptReply, passRecallOn } from './recalls-and-replies';
import {
  EVENT_CANCELLED,
  EVENT_LIMIT_SET,
  EVENT_QUERIED,
  EVENT_QUOTE_ENDED,
  EVENT_QUOTED,
  EVENT_REORDERED,
  EVENT_RESERVATION_SET,
  IN_AMOUNT_1,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_ID,
  IN_KIND,
  IN_MESSAGE_TYPE,
  IN_MOVE,
  IN_PARTICIPANT,
  IN_PRIORITY,
  IN_REPLY,
  IN_TARGET,
  IN_TARGET_TYPE,
  NONE16,
  NONE32,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_BALANCE_1,
  OUT_COUNT,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_CURRENCY_2,
  OUT_DEBTOR_AGENT,
  OUT_ID,
  OUT_MESSAGE_TYPE,
  OUT_PRIORITY,
  PRIORITY_NORMAL,
  REASON_ACCOUNT_INVALID,
  REASON_ACCOUNT_MISSING,
  REASON_CANCELLED_BY_DEBTOR_AGENT,
  REASON_CREDITOR_AGENT_UNKNOWN,
  REASON_FORMAT_INVALID,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_PAYMENT_FINAL,
  REASON_PAYMENT_UNKNOWN,
  REASON_PROMISED,
  REASON_SAME_AGENT,
  RECORD_CANCELLATION,
  RECORD_LIMIT,
  RECORD_QUERY,
  RECORD_REORDERING,
  RECORD_REPLY,
  RECORD_RESERVATION,
  REPLY_PENDING,
} from './record-numbers';
import { isBankOf } from './returns';

/** Whether a kind of record is a message of this file. */
export function isInstruction(kind: i32): bool {
  const isOwn = kind >= RECORD_CANCELLATION && kind <= RECORD_RESERVATION;
  return isOwn || kind == RECORD_QUERY || kind == RECORD_REPLY;
}

/** An event about an instruction as its record has it: the same places whatever becomes of it. */
export function writeOfInstruction(kind: i32, reason: i32, record: usize): usize {
  const recordKind = <i32>load<u16>(record, IN_KIND);
  const event = writeEvent(kind, reason);
  store<u16>(event, load<u16>(record, IN_MESSAGE_TYPE), OUT_MESSAGE_TYPE);
  v128.store(event, v128.load(record, IN_ID), OUT_ID);
  store<u32>(event, load<u32>(record, IN_PARTICIPANT), OUT_DEBTOR_AGENT);
  if (recordKind == RECORD_REORDERING || recordKind == RECORD_RESERVATION)
    store<u8>(event, load<u8>(record, IN_PRIORITY), OUT_PRIORITY);
  const isBound = recordKind == RECORD_LIMIT || recordKind == RECORD_RESERVATION;
  if (isBound || recordKind == RECORD_QUERY)
    store<u16>(event, load<u16>(record, IN_CURRENCY_1), OUT_CURRENCY_1);
  if (!isBound) return event;
  store<i64>(event, load<i64>(record, IN_AMOUNT_1), OUT_AMOUNT_1);
  if (recordKind == RECORD_LIMIT)
    store<u32>(event, load<u32>(record, IN_CREDITOR_AGENT), OUT_CREDITOR_AGENT);
  return event;
}

/** Carries an instruction out with one event, or says why not. */
export function acceptInstruction(record: usize, serial: u64): i32 {
  const kind = <i32>load<u16>(record, IN_KIND);
  if (kind == RECORD_LIMIT) return acceptLimit(record, serial);
  if (kind == RECORD_RESERVATION) return acceptReservation(record, serial);
  if (kind == RECORD_QUERY) return acceptQuery(record, serial);
  if (kind == RECORD_REPLY) return acceptReply(record, serial);
  const sender = load<u32>(record, IN_PARTICIPANT);
  if (
    kind == RECORD_REORDERING &&
    (load<u8>(record, IN_PRIORITY) > <u8>PRIORITY_NORMAL || load<u8>(record, IN_MOVE) > 1)
  )
    return REASON_FORMAT_INVALID;
  const identity = findIdentity(record + IN_TARGET, sender, load<u16>(record, IN_TARGET_TYPE));
  if (identity == 0) return REASON_PAYMENT_UNKNOWN;
  if (kind == RECORD_CANCELLATION && outcomeOf(identity) == EVENT_QUOTED)
    return acceptWithdrawal(identity, serial);
  const payment = livePaymentOf(identity);
  if (payment == 0 && kind == RECORD_CANCELLATION) return passRecallOn(identity, record, serial);
  if (payment == 0 || isAccepted(payment)) return REASON_PAYMENT_FINAL;
  if (kind == RECORD_CANCELLATION && isPromised(payment)) return REASON_PROMISED;
  if (kind == RECORD_REORDERING) reorder(payment, record, serial);
  else cancel(payment, serial);
  return REASON_NONE;
}

/** A dealer takes a quote back. */
function acceptWithdrawal(quoted: usize, serial: u64): i32 {
  if (!withdrawOf(quoted)) return REASON_PAYMENT_FINAL;
  setOutcome(serial, EVENT_QUOTE_ENDED, REASON_NONE);
  return REASON_NONE;
}

function cancel(payment: usize, serial: u64): void {
  withdraw(payment, REASON_CANCELLED_BY_DEBTOR_AGENT);
  cancelPayment(payment, REASON_CANCELLED_BY_DEBTOR_AGENT);
  setOutcome(serial, EVENT_CANCELLED, REASON_NONE);
}

/** Outside the queues only the priority changes. */
function reorder(payment: usize, record: usize, serial: u64): void {
  const priority = load<u8>(record, IN_PRIORITY);
  const lead = leadOf(payment);
  if (isByItself(lead)) {
    const standing = leaveStanding(lead);
    setPriority(payment, priority);
    joinStanding(lead, standing, load<u8>(record, IN_MOVE) != 0);
  } else if (isQueued(lead)) {
    leaveQueues(lead);
    setPriority(payment, priority);
    if (load<u8>(record, IN_MOVE)) joinQueuesAtFront(lead);
    else joinQueues(lead);
    rescanDebits(lead);
  } else {
    setPriority(payment, priority);
  }
  const event = writeOfInstruction(EVENT_REORDERED, REASON_NONE, record);
  store<u8>(event, load<u8>(payment, PRIORITY), OUT_PRIORITY);
  setPaymentPosition(event, load<u64>(payment, POSITION));
  setOutcome(serial, EVENT_REORDERED, REASON_NONE);
}

function acceptLimit(record: usize, serial: u64): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const counterparty = load<u32>(record, IN_CREDITOR_AGENT);
  const value = load<i64>(record, IN_AMOUNT_1);
  const account = accountOf(participant, load<u16>(record, IN_CURRENCY_1));
  if (value < -1) return REASON_FORMAT_INVALID;
  if (account == 0) return REASON_ACCOUNT_MISSING;
  if (counterparty == participant) return REASON_SAME_AGENT;
  if (counterparty != NONE32 && counterparty >= participantCount())
    return REASON_CREDITOR_AGENT_UNKNOWN;
  let limit: usize = 0;
  if (value < 0) removeLimit(account, counterparty);
  else {
    limit = setLimit(account, counterparty, value);
    if (limit == 0) return REASON_LIMIT_REACHED;
  }
  const event = writeOfInstruction(EVENT_LIMIT_SET, REASON_NONE, record);
  if (limit != 0) store<i64>(event, positionClamped(limit), OUT_BALANCE_1);
  pushWork(account);
  setOutcome(serial, EVENT_LIMIT_SET, REASON_NONE);
  return REASON_NONE;
}

function acceptReservation(record: usize, serial: u64): i32 {
  const priority = <u32>load<u8>(record, IN_PRIORITY);
  const amount = load<i64>(record, IN_AMOUNT_1);
  const account = accountOf(load<u32>(record, IN_PARTICIPANT), load<u16>(record, IN_CURRENCY_1));
  if (priority > 1 || amount < 0) return REASON_FORMAT_INVALID;
  if (account == 0) return REASON_ACCOUNT_MISSING;
  setReserved(account, priority, amount);
  writeOfInstruction(EVENT_RESERVATION_SET, REASON_NONE, record);
  pushWork(account);
  setOutcome(serial, EVENT_RESERVATION_SET, REASON_NONE);
  return REASON_NONE;
}

/** Whether a message asks how a payment stands. */
export function asksOfPayment(record: usize): bool {
  return <i32>load<u16>(record, IN_KIND) == RECORD_QUERY && load<u16>(record, IN_TARGET_TYPE) != 0;
}

/** Whether a message that was answered before is answered anew: how a payment stands may have changed. */
export function isAnsweredAnew(record: usize, identity: usize): bool {
  return asksOfPayment(record) && outcomeOf(identity) == EVENT_QUERIED;
}

/**
 * Whether a bank's instructions of a kind that are carried out are no more than its payments, quotes and what it is asked: it
 * cancels what lives, or says something of a payment for good. What asks of a payment takes no room.
 */
export function isBoundByPayments(record: usize): bool {
  const kind = <i32>load<u16>(record, IN_KIND);
  if (kind == RECORD_REPLY) return <i32>load<u8>(record, IN_REPLY) != REPLY_PENDING;
  if (kind != RECORD_CANCELLATION) return asksOfPayment(record);
  const sender = load<u32>(record, IN_PARTICIPANT);
  const target = findIdentity(record + IN_TARGET, sender, load<u16>(record, IN_TARGET_TYPE));
  return target != 0 && (livePaymentOf(target) != 0 || outcomeOf(target) == EVENT_QUOTED);
}

/** Tells how a payment of the sender, or one settled in its favour, stands; or why not. */
export function answerStatusQuery(record: usize): i32 {
  const identity = findIdentity(
    record + IN_TARGET,
    load<u32>(record, IN_CREDITOR_AGENT),
    load<u16>(record, IN_TARGET_TYPE),
  );
  const asker = load<u32>(record, IN_PARTICIPANT);
  if (identity == 0 || !isBankOf(identity, load<u32>(record, IN_CREDITOR_AGENT), asker))
    return REASON_PAYMENT_UNKNOWN;
  const event = writeOfInstruction(EVENT_QUERIED, outcomeReasonOf(identity), record);
  store<u32>(event, outcomeOf(identity), OUT_COUNT);
  setPaymentPosition(event, positionOf(identity));
  if (isSettled(identity) && creditedBy(identity) != 0) {
    store<u16>(event, <u16>currencyOf(creditedBy(identity)), OUT_CURRENCY_2);
    store<i64>(event, leftOf(identity), OUT_AMOUNT_2);
    store<u8>(event, saidOf(identity), OUT_PRIORITY);
  }
  return REASON_NONE;
}

/** Of one account of the sender, or of all; or of a payment. */
function acceptQuery(record: usize, serial: u64): i32 {
  if (load<u16>(record, IN_TARGET_TYPE) != 0) {
    const reason = answerStatusQuery(record);
    if (reason == REASON_NONE) setOutcome(serial, EVENT_QUERIED, REASON_NONE);
    return reason;
  }
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  if (currency != <u32>NONE16 && accountOf(load<u32>(record, IN_PARTICIPANT), currency) == 0)
    return REASON_ACCOUNT_INVALID;
  writeOfInstruction(EVENT_QUERIED, REASON_NONE, record);
  setOutcome(serial, EVENT_QUERIED, REASON_NONE);
  return REASON_NONE;
}

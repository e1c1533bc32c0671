// What the two banks of a settled payment tell each other, which goes on from one to the other.
//
// Invariants
// - What is passed on comes from a bank of that payment and goes to the other, and books nothing.
// - An answer follows a question: a recall is passed on once until it is answered, and answered once; whether
//   the customer was credited is told once.
// - Of money that is all back nothing more is asked, and it is credited to no customer.
import { currencyOf, participantOf } from './accounts-and-conservation';
import { isOpen } from './cut-offs-and-cycle-times';
import { setPaymentPosition, writeEvent } from './event-output';
import {
  creditedBy,
  findIdentity,
  isSaid,
  isSettled,
  keepFromToday,
  leftOf,
  positionOf,
  SAID_CREDITED,
  SAID_NOT_CREDITED,
  SAID_RECALL,
  senderOf,
  setOutcome,
  setRecallDates,
  setSaid,
  typeOf,
} from './identity-table';
import {
  EVENT_PASSED_ON,
  EVENT_RECALL_ENDED,
  EVENT_REPEATED,
  IN_CREDITOR_AGENT,
  IN_ID,
  IN_MESSAGE_TYPE,
  IN_PARTICIPANT,
  IN_REPLY,
  IN_TARGET,
  IN_TARGET_TYPE,
  OUT_COUNT,
  OUT_CREDITOR_AGENT,
  OUT_DEBTOR_AGENT,
  OUT_ID,
  OUT_MESSAGE_TYPE,
  REASON_ALREADY_RETURNED,
  REASON_ANSWER_NOT_AWAITED,
  REASON_FORMAT_INVALID,
  REASON_NONE,
  REASON_PAYMENT_FINAL,
  REASON_RECALL_UNANSWERED,
  REPLY_CREDITED,
  REPLY_DECIDED,
  REPLY_NOT_CREDITED,
} from './record-numbers';
import { judgeSettled } from './returns';

let passesRecalls: bool = false;

/** On how many dates of its payment's currency behind its own a recall waits for an answer; 0: for as long as its payment is known. */
let recallDays: u32 = 0;

export function setRecallDays(days: u32): void {
  recallDays = days;
}

/** Whether a recall ends where nobody answers it. */
export function recallsEnd(): bool {
  return recallDays > 0;
}

/** Tells that a recall ends unanswered, of the payment's identity. */
export function tellRecallEnded(identity: usize): void {
  const event = writeEvent(EVENT_RECALL_ENDED, REASON_RECALL_UNANSWERED);
  store<u16>(event, <u16>typeOf(identity), OUT_MESSAGE_TYPE);
  v128.store(event, v128.load(identity), OUT_ID);
  store<u32>(event, senderOf(identity), OUT_DEBTOR_AGENT);
  store<u32>(event, participantOf(creditedBy(identity)), OUT_CREDITOR_AGENT);
  setPaymentPosition(event, positionOf(identity));
}

/** Whether the request to cancel a payment that has settled is passed on; else it is refused. */
export function setPassesRecalls(on: bool): void {
  passesRecalls = on;
}

function writeOfSaid(kind: i32, record: usize): usize {
  const event = writeEvent(kind, REASON_NONE);
  store<u16>(event, load<u16>(record, IN_MESSAGE_TYPE), OUT_MESSAGE_TYPE);
  v128.store(event, v128.load(record, IN_ID), OUT_ID);
  store<u32>(event, load<u32>(record, IN_PARTICIPANT), OUT_DEBTOR_AGENT);
  return event;
}

function passOn(record: usize, serial: u64, to: u32, position: u64): void {
  const event = writeOfSaid(EVENT_PASSED_ON, record);
  store<u32>(event, to, OUT_CREDITOR_AGENT);
  setPaymentPosition(event, position);
  setOutcome(serial, EVENT_PASSED_ON, REASON_NONE);
}

/**
 * Passes the request to cancel a settled payment on to the creditor's agent, or says why not. One that comes
 * before the last was answered repeats that: the creditor's agent is asked once.
 */
export function passRecallOn(identity: usize, record: usize, serial: u64): i32 {
  if (!passesRecalls || !isSettled(identity) || creditedBy(identity) == 0)
    return REASON_PAYMENT_FINAL;
  if (leftOf(identity) == 0) return REASON_ALREADY_RETURNED;
  if (isSaid(identity, SAID_RECALL)) {
    store<u32>(writeOfSaid(EVENT_REPEATED, record), EVENT_PASSED_ON, OUT_COUNT);
    setOutcome(serial, EVENT_PASSED_ON, REASON_NONE);
    keepFromToday(identity);
    return REASON_NONE;
  }
  setSaid(identity, SAID_RECALL, true);
  // The date on which it is asked does not count: where that is over its close has been.
  const isOnDate = isOpen(currencyOf(creditedBy(identity)));
  if (recallDays > 0) setRecallDates(identity, recallDays + (isOnDate ? 1 : 0));
  passOn(record, serial, participantOf(creditedBy(identity)), positionOf(identity));
  return REASON_NONE;
}

/** Passes on what the creditor's agent says of a settled payment, with one event, or says why not. */
export function acceptReply(record: usize, serial: u64): i32 {
  const reply = <i32>load<u8>(record, IN_REPLY);
  if (reply > REPLY_NOT_CREDITED) return REASON_FORMAT_INVALID;
  const sender = load<u32>(record, IN_CREDITOR_AGENT);
  const identity = findIdentity(record + IN_TARGET, sender, load<u16>(record, IN_TARGET_TYPE));
  const reason = judgeSettled(identity, load<u32>(record, IN_PARTICIPANT));
  if (reason != REASON_NONE) return reason;
  if (reply == REPLY_CREDITED || reply == REPLY_NOT_CREDITED) {
    if (isSaid(identity, SAID_CREDITED | SAID_NOT_CREDITED)) return REASON_ANSWER_NOT_AWAITED;
    if (reply == REPLY_CREDITED && leftOf(identity) == 0) return REASON_ALREADY_RETURNED;
    setSaid(identity, reply == REPLY_CREDITED ? SAID_CREDITED : SAID_NOT_CREDITED, true);
  } else {
    if (!isSaid(identity, SAID_RECALL)) return REASON_ANSWER_NOT_AWAITED;
    if (reply == REPLY_DECIDED) setSaid(identity, SAID_RECALL, false);
    else keepFromToday(identity);
  }
  passOn(record, serial, sender, positionOf(identity));
  return REASON_NONE;
}

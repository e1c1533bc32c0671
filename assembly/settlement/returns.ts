// The return of a settled payment, in parts or wholly. What its banks tell each other of it: recalls-and-replies.ts.
//
// Invariants
// - A return is a payment of one leg, back from the account credited to the bank that sent the payment. It
//   queues and settles as any; only what it may bring back is judged here.
// - Returns that settled or live never add up to more than the payment credited: each is taken from what is
//   left as it comes in, and given back where it ends unsettled.
import { currencyOf, participantOf } from './accounts-and-conservation';
import {
  creditedBy,
  findIdentity,
  giveBackToLeft,
  isSettled,
  leftOf,
  positionOf,
  takeFromLeft,
} from './identity-table';
import { AMOUNT_1, ID, ORIGINAL, STATE_RETURN } from './live-payment';
import { hasState, setState } from './queue-places';
import {
  IN_AMOUNT_1,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_KIND,
  IN_ORIGINAL,
  IN_ORIGINAL_TYPE,
  IN_PARTICIPANT,
  REASON_NONE,
  REASON_NOT_CREDITOR_AGENT,
  REASON_ORIGINAL_NOT_SETTLED,
  REASON_ORIGINAL_UNKNOWN,
  REASON_RETURN_CURRENCY_DIFFERS,
  REASON_RETURN_EXCEEDS_ORIGINAL,
  RECORD_RETURN,
} from './record-numbers';

export function isReturnRecord(record: usize): bool {
  return <i32>load<u16>(record, IN_KIND) == RECORD_RETURN;
}

export function isReturn(payment: usize): bool {
  return hasState(payment, STATE_RETURN);
}

/** The identity of the payment that a return names; 0: none. */
function originalOf(record: usize): usize {
  const receiver = load<u32>(record, IN_CREDITOR_AGENT);
  return findIdentity(record + IN_ORIGINAL, receiver, load<u8>(record, IN_ORIGINAL_TYPE));
}

/** The position of the payment that a return names; 0: none is known. */
export function originalPosition(record: usize): u64 {
  const original = originalOf(record);
  return original == 0 ? 0 : positionOf(original);
}

/** Whether a payment settled in the participant's favour; else why nothing can follow it. */
export function judgeSettled(identity: usize, creditorAgent: u32): i32 {
  if (identity == 0 || creditedBy(identity) == 0) return REASON_ORIGINAL_UNKNOWN;
  if (!isSettled(identity)) return REASON_ORIGINAL_NOT_SETTLED;
  return participantOf(creditedBy(identity)) == creditorAgent
    ? REASON_NONE
    : REASON_NOT_CREDITOR_AGENT;
}

/** Whether a participant sent a payment, or it settled in its favour. */
export function isBankOf(identity: usize, sender: u32, participant: u32): bool {
  return participant == sender || judgeSettled(identity, participant) == REASON_NONE;
}

/** What a return may bring back, before its parties and times are judged as a payment's. */
export function judgeReturn(record: usize): i32 {
  const original = originalOf(record);
  const reason = judgeSettled(original, load<u32>(record, IN_PARTICIPANT));
  if (reason != REASON_NONE) return reason;
  if (currencyOf(creditedBy(original)) != <u32>load<u16>(record, IN_CURRENCY_1))
    return REASON_RETURN_CURRENCY_DIFFERS;
  return load<i64>(record, IN_AMOUNT_1) > leftOf(original)
    ? REASON_RETURN_EXCEEDS_ORIGINAL
    : REASON_NONE;
}

/** A return has been taken in. */
export function countReturned(record: usize): void {
  takeFromLeft(originalOf(record), load<i64>(record, IN_AMOUNT_1));
}

/** Marks a live payment as the return that its record is: it goes by the UETR of its original. */
export function markReturn(payment: usize, record: usize): void {
  setState(payment, STATE_RETURN, true);
  v128.store(payment, v128.load(record, IN_ORIGINAL), ID);
  store<u64>(payment, originalPosition(record), ORIGINAL);
}

/** A live return ends; unsettled, it gives back what it was to bring back. */
export function endReturn(payment: usize, isSettled: bool): void {
  giveBackToLeft(load<u64>(payment, ORIGINAL), isSettled ? 0 : load<i64>(payment, AMOUNT_1));
}

// Messages: identities, repeats and the bank's share of them, in front of what each kind is judged by: payment-intake-settle-queue-or-refuse.ts,
// quote-intake-uses-and-end.ts, chain-intake.ts, pvp-intake-and-time-out.ts, cancel-reorder-and-limit-intake.ts and others.
//
// Invariants
// - A message is judged once: its identity is remembered before anything else happens to it, and the
//   same message again changes nothing. Where it asks how a payment stands it is answered as that stands now.
// - Where the genesis bounds what is refused, a question that is refused, or is about a payment, is not remembered:
//   it changed nothing, and is judged anew. Nor is what is refused when its sender's share of the identities was used up.

import { participantCount } from './accounts-and-conservation';
import { acceptAttestation } from './attestations-and-deadline';
import {
  acceptInstruction,
  answerStatusQuery,
  asksOfPayment,
  isAnsweredAnew,
  isBoundByPayments,
  writeOfInstruction,
} from './cancel-reorder-and-limit-intake';
import { acceptChainLeg } from './chain-intake';
import { today } from './cut-offs-and-cycle-times';
import { addDigest, setPaymentPosition, writeOfQuote, writeOfRecord } from './event-output';
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
  setDay,
  setOutcome,
  takeBack,
} from './identity-table';
import { acceptPayment } from './payment-intake-settle-queue-or-refuse';
import { acceptLeg } from './pvp-intake-and-time-out';
import { acceptQuote } from './quote-intake-uses-and-end';
import {
  EVENT_REJECTED,
  EVENT_REPEATED,
  IN_DEALER,
  IN_ID,
  IN_KIND,
  IN_LEG_NUMBER,
  IN_MESSAGE_TYPE,
  IN_PARTICIPANT,
  IN_PAYLOAD_DIGEST,
  IN_POSITION,
  IN_REASON,
  OUT_COUNT,
  REASON_DUPLICATE_IDENTITY,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  RECORD_ATTESTATION,
  RECORD_CHAIN_LEG,
  RECORD_PAYMENT,
  RECORD_PVP_LEG,
  RECORD_QUERY,
  RECORD_QUOTE,
  RECORD_RETURN,
} from './record-numbers';

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

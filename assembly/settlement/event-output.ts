// The output: events, written one after another into a buffer that the host drains.
//
// Invariants
// - Numbers run from 1 without a gap. What is written depends on the records alone, never on where
//   the host cut them into batches or on how often the buffer was drained.
// - Whoever writes events asks `outputFull` before each or before the few (up to 32) that belong
//   together, and stops where it says so; the machine
//   (state-machine.ts) then goes on at the same place after the host has drained the buffer.
// - Fields that a kind of event does not name are NONE for participants and currencies, else zero.
import { reserve } from '../memory';
import { balanceOf, currencyOf, participantOf, tellMoved } from './accounts-and-conservation';
import { now } from './cut-offs-and-cycle-times';
import {
  AMOUNT_1,
  AMOUNT_2,
  CREDIT_1,
  CREDIT_2,
  DEBIT_1,
  DEBIT_2,
  ID,
  MESSAGE_TYPE,
  ORIGINAL,
  POSITION,
  PRIORITY,
} from './live-payment';
import { isLeg } from './pair-state';
import {
  EVENT_BYTES,
  IN_AMOUNT_1,
  IN_AMOUNT_2,
  IN_CREDITOR_AGENT,
  IN_CURRENCY_1,
  IN_CURRENCY_2,
  IN_DEALER,
  IN_DEBTOR_AGENT,
  IN_ID,
  IN_KIND,
  IN_MESSAGE_TYPE,
  IN_ORIGINAL,
  IN_PAYLOAD_DIGEST,
  IN_PRIORITY,
  IN_RATE_MANTISSA,
  NONE16,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_BALANCE_1,
  OUT_BALANCE_2,
  OUT_BALANCE_3,
  OUT_BALANCE_4,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_CURRENCY_2,
  OUT_CYCLE,
  OUT_DEALER,
  OUT_DEBTOR_AGENT,
  OUT_DIGEST,
  OUT_ID,
  OUT_KIND,
  OUT_MECHANISM,
  OUT_MESSAGE_TYPE,
  OUT_NUMBER,
  OUT_PAYMENT_POSITION,
  OUT_POSITION,
  OUT_PRIORITY,
  OUT_TIME_MS,
  RECORD_CHAIN_LEG,
  RECORD_PVP_LEG,
} from './record-numbers';
import { isReturn, isReturnRecord, originalPosition } from './returns';

/** Where there is room for one event, there is room for the 64 of a chain of 16 legs that is complete, triggered, set aside and settles. */
const SPARE_EVENTS: u64 = 65;

let output: usize = 0;
let outputMax: u32 = 0;
let written: u32 = 0;
let number: u64 = 0;
let position: u64 = 0;

export function reserveOutput(eventsMax: u32): bool {
  outputMax = eventsMax;
  output = reserve((<u64>eventsMax + SPARE_EVENTS) * EVENT_BYTES);
  return output != 0;
}

export function outputAddress(): usize {
  return output;
}

export function outputCount(): u32 {
  return written;
}

export function drainOutput(): void {
  written = 0;
}

export function outputFull(): bool {
  return written >= outputMax;
}

/** The number of the last event. */
export function lastNumber(): u64 {
  return number;
}

/** The input position that events carry from now on. */
export function setPosition(inputPosition: u64): void {
  position = inputPosition;
}

/**
 * Writes an event's head and returns its address; the rest holds what "not named" means. In as few stores as there can
 * be, neighbours together: they are most of what an event costs.
 */
export function writeEvent(kind: i32, reason: i32): usize {
  const event = output + <usize>written * EVENT_BYTES;
  const zero = i64x2.splat(0);
  const none: u64 = -1;
  written += 1;
  number += 1;
  store<u64>(event, number, OUT_NUMBER);
  store<u64>(event, position, OUT_POSITION);
  store<i64>(event, now(), OUT_TIME_MS);
  // Kind, reason; no mechanism, priority and message type.
  store<u64>(event, <u64>kind | ((<u64>reason) << 16), OUT_KIND);
  store<u64>(event, position, OUT_PAYMENT_POSITION);
  v128.store(event, zero, OUT_ID);
  // The two agents; then dealer and currencies.
  store<u64>(event, none, OUT_DEBTOR_AGENT);
  store<u64>(event, none, OUT_DEALER);
  v128.store(event, zero, OUT_AMOUNT_1);
  store<u64>(event, 0, OUT_CYCLE);
  v128.store(event, zero, OUT_BALANCE_1);
  v128.store(event, zero, OUT_BALANCE_3);
  return event;
}

export function setPaymentPosition(event: usize, paymentPosition: u64): void {
  store<u64>(event, paymentPosition, OUT_PAYMENT_POSITION);
}

/**
 * An event about a payment as its record has it. With one currency, dealer and amount 2 are not read;
 * of a PvP leg only what it delivers is told, a leg of a chain has one, and a return goes by the UETR of its original.
 */
export function writeOfRecord(kind: i32, reason: i32, record: usize): usize {
  const event = writeEvent(kind, reason);
  const recordKind = <i32>load<u16>(record, IN_KIND);
  const returns = isReturnRecord(record);
  const ofOne = recordKind == RECORD_PVP_LEG || recordKind == RECORD_CHAIN_LEG || returns;
  const linked = !ofOne && load<u16>(record, IN_CURRENCY_2) != NONE16;
  store<u8>(event, load<u8>(record, IN_PRIORITY), OUT_PRIORITY);
  store<u16>(event, load<u16>(record, IN_MESSAGE_TYPE), OUT_MESSAGE_TYPE);
  copyId(event, record + (returns ? IN_ORIGINAL : IN_ID));
  store<u32>(event, load<u32>(record, IN_DEBTOR_AGENT), OUT_DEBTOR_AGENT);
  store<u32>(event, load<u32>(record, IN_CREDITOR_AGENT), OUT_CREDITOR_AGENT);
  store<u16>(event, load<u16>(record, IN_CURRENCY_1), OUT_CURRENCY_1);
  store<i64>(event, load<i64>(record, IN_AMOUNT_1), OUT_AMOUNT_1);
  if (returns) store<u64>(event, originalPosition(record), OUT_AMOUNT_2);
  if (!linked) return event;
  store<u32>(event, load<u32>(record, IN_DEALER), OUT_DEALER);
  store<u16>(event, load<u16>(record, IN_CURRENCY_2), OUT_CURRENCY_2);
  store<i64>(event, load<i64>(record, IN_AMOUNT_2), OUT_AMOUNT_2);
  return event;
}

/** An event about a quote: the same places for quoted, rejected and repeated. */
export function writeOfQuote(kind: i32, reason: i32, record: usize): usize {
  const event = writeEvent(kind, reason);
  store<u16>(event, load<u16>(record, IN_MESSAGE_TYPE), OUT_MESSAGE_TYPE);
  copyId(event, record + IN_ID);
  store<u32>(event, load<u32>(record, IN_DEALER), OUT_DEBTOR_AGENT);
  store<u16>(event, load<u16>(record, IN_CURRENCY_1), OUT_CURRENCY_1);
  store<u16>(event, load<u16>(record, IN_CURRENCY_2), OUT_CURRENCY_2);
  store<i64>(event, load<i64>(record, IN_AMOUNT_2), OUT_AMOUNT_1);
  store<i64>(event, load<i64>(record, IN_RATE_MANTISSA), OUT_AMOUNT_2);
  return event;
}

/** An event about a live payment. */
export function writeOfPayment(kind: i32, reason: i32, payment: usize): usize {
  const event = writeEvent(kind, reason);
  const debit1 = <usize>load<u32>(payment, DEBIT_1);
  const debit2 = <usize>load<u32>(payment, DEBIT_2);
  store<u64>(event, load<u64>(payment, POSITION), OUT_PAYMENT_POSITION);
  store<u8>(event, load<u8>(payment, PRIORITY), OUT_PRIORITY);
  store<u16>(event, load<u16>(payment, MESSAGE_TYPE), OUT_MESSAGE_TYPE);
  copyId(event, payment + ID);
  store<u32>(event, participantOf(debit1), OUT_DEBTOR_AGENT);
  store<u16>(event, <u16>currencyOf(debit1), OUT_CURRENCY_1);
  store<i64>(event, load<i64>(payment, AMOUNT_1), OUT_AMOUNT_1);
  if (debit2 == 0 || isLeg(payment)) {
    store<u32>(event, participantOf(load<u32>(payment, CREDIT_1)), OUT_CREDITOR_AGENT);
    if (isReturn(payment)) store<u64>(event, load<u64>(payment, ORIGINAL), OUT_AMOUNT_2);
    return event;
  }
  store<u32>(event, participantOf(load<u32>(payment, CREDIT_2)), OUT_CREDITOR_AGENT);
  store<u32>(event, participantOf(debit2), OUT_DEALER);
  store<u16>(event, <u16>currencyOf(debit2), OUT_CURRENCY_2);
  store<i64>(event, load<i64>(payment, AMOUNT_2), OUT_AMOUNT_2);
  return event;
}

export function copyId(event: usize, id: usize): void {
  v128.store(event, v128.load(id), OUT_ID);
}

/** The payload digest (or public key) of a record, 32 bytes. */
export function addDigest(event: usize, record: usize): void {
  v128.store(event, v128.load(record, IN_PAYLOAD_DIGEST), OUT_DIGEST);
  v128.store(event, v128.load(record, IN_PAYLOAD_DIGEST + 16), OUT_DIGEST + 16);
}

/** How a payment was settled, and the balances after it; debit2 0 for one leg. What it tells counts. */
export function addSettlement(
  event: usize,
  mechanism: u32,
  cycle: u32,
  debit1: usize,
  credit1: usize,
  debit2: usize,
  credit2: usize,
): void {
  store<u8>(event, <u8>mechanism, OUT_MECHANISM);
  store<u32>(event, cycle, OUT_CYCLE);
  tellMoved(debit1, credit1, load<i64>(event, OUT_AMOUNT_1));
  store<i64>(event, balanceOf(debit1), OUT_BALANCE_1);
  store<i64>(event, balanceOf(debit2 == 0 ? credit1 : credit2), OUT_BALANCE_2);
  if (debit2 == 0) return;
  tellMoved(debit2, credit2, load<i64>(event, OUT_AMOUNT_2));
  store<i64>(event, balanceOf(credit1), OUT_BALANCE_3);
  store<i64>(event, balanceOf(debit2), OUT_BALANCE_4);
}

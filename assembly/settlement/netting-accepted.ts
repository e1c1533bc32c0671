// What deferred net settlement has accepted, by currency, in order of acceptance.
//
// Invariants
// - A live payment is accepted, or queued, or waits outside: never two of them (queue-places.ts).
// - An accepted payment has one leg, or is a chain of one; it counts in the positions (net-positions-and-caps.ts) until a cycle of its
//   currency settles or unwinds it. Nothing else ends it, whatever the currency's rules say by then.
import { reserve } from '../memory';
import { currencyOf } from './accounts-and-conservation';
import { firstOfList, joinList, leaveList } from './lists-outside-queues';
import { AMOUNT_1, CREDIT_1, DEBIT_1 } from './live-payment';
import { addToPositions, takeFromPositions } from './net-positions-and-caps';
import { hasState, setState } from './queue-places';

// A currency's accepted payments, 16 bytes: a list (lists-outside-queues.ts), u32 count.
const LIST_BYTES: u64 = 16;
const COUNT: usize = 8;

/** A state of a live payment (queue-places.ts, pair-state.ts). */
const ACCEPTED: u8 = 32;

let lists: usize = 0;
let total: u32 = 0;

export function acceptedBytes(currenciesMax: u32): u64 {
  return <u64>currenciesMax * LIST_BYTES;
}

export function reserveAccepted(currenciesMax: u32): bool {
  lists = reserve(acceptedBytes(currenciesMax));
  return lists != 0;
}

function listOf(currency: u32): usize {
  return lists + ((<usize>currency) << 4);
}

export function firstAccepted(currency: u32): usize {
  return firstOfList(listOf(currency));
}

/** Accepted in one currency and not yet settled or unwound. */
export function acceptedIn(currency: u32): u32 {
  return load<u32>(listOf(currency), COUNT);
}

/** Accepted in all currencies and not yet settled or unwound. */
export function acceptedCount(): u32 {
  return total;
}

export function isAccepted(payment: usize): bool {
  return hasState(payment, ACCEPTED);
}

/** Accepts a payment that the caps let in and that stands nowhere else. */
export function joinAccepted(payment: usize): void {
  const debit = <usize>load<u32>(payment, DEBIT_1);
  const list = listOf(currencyOf(debit));
  joinList(list, payment);
  store<u32>(list, load<u32>(list, COUNT) + 1, COUNT);
  total += 1;
  setState(payment, ACCEPTED, true);
  addToPositions(debit, load<u32>(payment, CREDIT_1), load<i64>(payment, AMOUNT_1));
}

export function leaveAccepted(payment: usize): void {
  const debit = <usize>load<u32>(payment, DEBIT_1);
  const list = listOf(currencyOf(debit));
  leaveList(list, payment);
  store<u32>(list, load<u32>(list, COUNT) - 1, COUNT);
  total -= 1;
  takeFromPositions(debit, load<u32>(payment, CREDIT_1), load<i64>(payment, AMOUNT_1));
}

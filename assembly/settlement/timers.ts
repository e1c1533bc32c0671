// When something falls due for a live payment: its earliest time, its latest time, a PvP time-out. What happens
// then: earliest-and-latest-times.ts, pvp-intake-and-time-out.ts.
//
// Invariants
// - A payment has at most one timer, always ahead of state time: the machine fires each at its own
//   instant, before the record that follows it.
// - Timers fire in the order of time, then of the payments' arrival (their identities' serials).
// - A binary heap of 12 bytes a payment; a payment knows its place in it, so a payment that ends
//   takes its timer along.
import { reserve } from '../memory';
import { IDENTITY, TIMER } from './live-payment';

// An entry, 12 bytes: i64 time, u32 payment.
const ENTRY_BYTES: u64 = 12;
const PAYMENT: usize = 8;

let heap: usize = 0;
let armed: u32 = 0;

export function timerBytes(livePaymentsMax: u32): u64 {
  return (<u64>livePaymentsMax + 1) * ENTRY_BYTES;
}

export function reserveTimers(livePaymentsMax: u32): bool {
  heap = reserve(timerBytes(livePaymentsMax));
  return heap != 0;
}

/** Places run from 1, so a payment's 0 is none. */
function at(place: u32): usize {
  return heap + <usize>place * <usize>ENTRY_BYTES;
}

function put(place: u32, timeMs: i64, payment: usize): void {
  store<i64>(at(place), timeMs);
  store<u32>(at(place), payment, PAYMENT);
  store<u32>(payment, place, TIMER);
}

function isBefore(timeMs: i64, payment: usize, entry: usize): bool {
  const other = load<i64>(entry);
  if (timeMs != other) return timeMs < other;
  return load<u64>(payment, IDENTITY) < load<u64>(load<u32>(entry, PAYMENT), IDENTITY);
}

/** Puts an entry where it belongs on the way from a place to the root; the place is free. */
function rise(from: u32, timeMs: i64, payment: usize): void {
  let place = from;
  while (place > 1) {
    const parent = at(place >> 1);
    if (!isBefore(timeMs, payment, parent)) break;
    put(place, load<i64>(parent), load<u32>(parent, PAYMENT));
    place >>= 1;
  }
  put(place, timeMs, payment);
}

/** Puts an entry where it belongs at or below a place, or above it; the place is free. */
function settle(from: u32, timeMs: i64, payment: usize): void {
  let place = from;
  while (place * 2 <= armed) {
    let child = place * 2;
    if (child < armed) {
      const right = at(child + 1);
      if (isBefore(load<i64>(right), load<u32>(right, PAYMENT), at(child))) child += 1;
    }
    const below = at(child);
    if (isBefore(timeMs, payment, below)) break;
    put(place, load<i64>(below), load<u32>(below, PAYMENT));
    place = child;
  }
  rise(place, timeMs, payment);
}

/** Arms the timer of a payment that has none. */
export function setTimer(payment: usize, timeMs: i64): void {
  armed += 1;
  rise(armed, timeMs, payment);
}

/** Takes a payment's timer away, if it has one. */
export function clearTimer(payment: usize): void {
  const place = load<u32>(payment, TIMER);
  if (place == 0) return;
  store<u32>(payment, 0, TIMER);
  const last = at(armed);
  armed -= 1;
  if (place <= armed) settle(place, load<i64>(last), load<u32>(last, PAYMENT));
}

/** When the first timer falls due; the largest number where none is armed. */
export function firstTimerMs(): i64 {
  return armed == 0 ? i64.MAX_VALUE : load<i64>(at(1));
}

/** Takes the first timer out; there is one. */
export function takeTimer(): usize {
  const payment = <usize>load<u32>(at(1), PAYMENT);
  clearTimer(payment);
  return payment;
}

// Sums of amounts in 128 bits: amounts are bounded one by one and not in sum. A sum is 16 bytes, the
// low word first, two's complement.
import { divideWide, multiplyHigh, remainderWide } from './converted-amounts';

/** Adds an amount, 0 or more. */
export function raise(sum: usize, amount: i64): void {
  const low = load<u64>(sum);
  const after = low + <u64>amount;
  store<u64>(sum, after);
  if (after < low) store<i64>(sum, load<i64>(sum, 8) + 1, 8);
}

/** Takes an amount, 0 or more. */
export function lower(sum: usize, amount: i64): void {
  const low = load<u64>(sum);
  store<u64>(sum, low - <u64>amount);
  if (low < <u64>amount) store<i64>(sum, load<i64>(sum, 8) - 1, 8);
}

/** Sets a sum to another sum plus an amount of either sign. */
export function setToSum(sum: usize, other: usize, amount: i64): void {
  const low = load<u64>(other);
  const after = low + <u64>amount;
  store<u64>(sum, after);
  store<i64>(sum, load<i64>(other, 8) + (amount >> 63) + <i64>(after < low), 8);
}

/** Sets a sum to the sum of two. */
export function setToBoth(sum: usize, one: usize, other: usize): void {
  const low = load<u64>(one);
  const after = low + load<u64>(other);
  store<u64>(sum, after);
  store<i64>(sum, load<i64>(one, 8) + load<i64>(other, 8) + <i64>(after < low), 8);
}

/** Sets a sum to nothing. */
export function clearSum(sum: usize): void {
  store<u64>(sum, 0);
  store<i64>(sum, 0, 8);
}

/** Sets a sum so far below every other that no amounts lead there. */
export function setToLowest(sum: usize): void {
  store<u64>(sum, 0);
  store<i64>(sum, i64.MIN_VALUE >> 1, 8);
}

/** Whether the sum is below the number. */
export function isBelow(sum: usize, number: i64): bool {
  const high = load<i64>(sum, 8);
  const numberHigh = number >> 63;
  return high < numberHigh || (high == numberHigh && load<u64>(sum) < <u64>number);
}

/** The sum less a number, 0 where that is negative, 2^64 - 1 where it is more than that. */
export function excess(sum: usize, number: i64): u64 {
  const low = load<u64>(sum);
  const high = load<i64>(sum, 8) - (number >> 63) - <i64>(low < <u64>number);
  return high < 0 ? 0 : high > 0 ? u64.MAX_VALUE : low - <u64>number;
}

/** Adds (one less other) to a sum. */
export function addDifference(sum: usize, one: usize, other: usize): void {
  const oneLow = load<u64>(one);
  const low = load<u64>(sum);
  const plus = low + oneLow;
  const otherLow = load<u64>(other);
  const carry = <i64>(plus < low) - <i64>(plus < otherLow);
  store<u64>(sum, plus - otherLow);
  store<i64>(sum, load<i64>(sum, 8) + load<i64>(one, 8) - load<i64>(other, 8) + carry, 8);
}

/** Whether a sum is below another. */
export function sumIsLess(sum: usize, other: usize): bool {
  const high = load<i64>(sum, 8);
  const otherHigh = load<i64>(other, 8);
  return high < otherHigh || (high == otherHigh && load<u64>(sum) < load<u64>(other));
}

/** A sum less a smaller one; 2^64 - 1 where it is more. */
export function differenceOf(larger: usize, smaller: usize): u64 {
  const low = load<u64>(larger);
  const less = load<u64>(smaller);
  const high = load<i64>(larger, 8) - load<i64>(smaller, 8) - <i64>(low < less);
  return high > 0 ? u64.MAX_VALUE : low - less;
}

/** What a sum misses to floor + reserved, 0 where it misses nothing; 2^64 - 1 where it is more. */
export function missing(sum: usize, floor: i64, reserved: u64): u64 {
  const low = <u64>floor + reserved;
  const carry = <i64>(low < reserved);
  const less = load<u64>(sum);
  const high = (floor >> 63) + carry - load<i64>(sum, 8) - <i64>(low < less);
  return high < 0 ? 0 : high > 0 ? u64.MAX_VALUE : low - less;
}

/** Adds a product of two numbers below 2^63; the sum stays within 128 bits. */
export function addProduct(sum: usize, a: u64, b: u64): void {
  const product = a * b;
  const low = load<u64>(sum);
  const after = low + product;
  store<u64>(sum, after);
  store<i64>(sum, load<i64>(sum, 8) + <i64>multiplyHigh(a, b) + <i64>(after < low), 8);
}

/** Takes a product of two numbers below 2^63. */
export function takeProduct(sum: usize, a: u64, b: u64): void {
  const product = a * b;
  const low = load<u64>(sum);
  store<u64>(sum, low - product);
  store<i64>(sum, load<i64>(sum, 8) - <i64>multiplyHigh(a, b) - <i64>(low < product), 8);
}

/** Sets a sum to minus another, which may be itself. */
export function negate(sum: usize, other: usize): void {
  const low = load<u64>(other);
  const high = load<i64>(other, 8);
  store<u64>(sum, 0 - low);
  store<i64>(sum, -high - <i64>(low != 0), 8);
}

/** A sum, or the nearest to it of -(2^63 - 1) to 2^63 - 1. */
export function clamped(sum: usize): i64 {
  const low = <i64>load<u64>(sum);
  const high = load<i64>(sum, 8);
  if (high == low >> 63) return max(low, -i64.MAX_VALUE);
  return high < 0 ? -i64.MAX_VALUE : i64.MAX_VALUE;
}

/** A sum, 0 or more, by a number up to 2^63, rounded down; 2^64 - 1 where it is more, or by 0. */
export function quotientDown(sum: usize, divisor: u64): u64 {
  const high = load<u64>(sum, 8);
  return high >= divisor ? u64.MAX_VALUE : divideWide(high, load<u64>(sum), divisor);
}

/** The same, rounded up. */
export function quotientUp(sum: usize, divisor: u64): u64 {
  const quotient = quotientDown(sum, divisor);
  if (quotient == u64.MAX_VALUE) return quotient;
  return remainderWide() == 0 ? quotient : quotient + 1;
}

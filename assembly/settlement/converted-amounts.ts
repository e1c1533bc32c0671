// Exact 128-bit arithmetic for converted amounts: what a payment says must be within half a unit. Nothing is rounded here:
// who makes the payment rounds (services/scenario/rates-and-rounding.ts).

/** The high word of the product of two 64-bit numbers; the low one is a * b. */
export function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const crossed = a0 * b1 + (middle & 0xffffffff);
  return a1 * b1 + (middle >> 32) + (crossed >> 32);
}

let low: u64 = 0;
let high: u64 = 0;

/** Multiplies (high, low) by 10^exponent; false where the product passes 2^128 - 1. */
function scaleUp(exponent: i32): bool {
  for (let i = 0; i < exponent; i++) {
    if (high > u64.MAX_VALUE / 10) return false;
    const carry = multiplyHigh(low, 10);
    const product = high * 10;
    high = product + carry;
    if (high < product) return false;
    low *= 10;
  }
  return true;
}

/**
 * Whether |amount2 - amount1 x mantissa / 10^scale x 10^(units2 - units1)| <= 1/2, exactly.
 * All amounts above 0 and below 2^63, scale and minor units at most 18 (so that a product that
 * does not fit 128 bits is out of reach of the other one, which is below 2^126).
 */
export function withinHalfUnit(
  amount1: i64,
  units1: u32,
  amount2: i64,
  units2: u32,
  mantissa: i64,
  scale: u32,
): bool {
  // Both sides times 10^exponent, or times 10^-exponent where the exponent is negative.
  const exponent = <i32>units1 + <i32>scale - <i32>units2;
  low = <u64>amount1 * <u64>mantissa;
  high = multiplyHigh(<u64>amount1, <u64>mantissa);
  if (exponent < 0) return scaleUp(-exponent) && high == 0 && low == <u64>amount2;
  const productLow = low;
  const productHigh = high;
  low = <u64>amount2;
  high = 0;
  if (!scaleUp(exponent)) return false;
  const upper = high > productHigh || (high == productHigh && low >= productLow);
  const differenceLow = upper ? low - productLow : productLow - low;
  const borrow = <u64>(upper ? low < productLow : productLow < low);
  const differenceHigh = (upper ? high - productHigh : productHigh - high) - borrow;
  // Half a unit is 10^exponent / 2: compare twice the difference.
  if (differenceHigh >> 63) return false;
  const twiceHigh = (differenceHigh << 1) | (differenceLow >> 63);
  const twiceLow = differenceLow << 1;
  low = 1;
  high = 0;
  scaleUp(exponent);
  return twiceHigh < high || (twiceHigh == high && twiceLow <= low);
}

let remainder: u64 = 0;

/** The quotient of high x 2^64 + low by a divisor above `high` and up to 2^63; rounds down. */
export function divideWide(dividendHigh: u64, dividendLow: u64, divisor: u64): u64 {
  let rest = dividendHigh;
  let quotient: u64 = 0;
  for (let bit = 63; bit >= 0; bit--) {
    rest = (rest << 1) | ((dividendLow >> bit) & 1);
    quotient <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
  }
  remainder = rest;
  return quotient;
}

/** What the last `divideWide` left over. */
export function remainderWide(): u64 {
  return remainder;
}

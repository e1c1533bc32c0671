/** Decimals in major units to integers in minor units. decimal.js parses; it computes no balance. */
import { Decimal } from 'decimal.js';

/** A decimal.js of its own: its defaults (20 digits, half up) would lose money. */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });

/** What a signed 64-bit number of minor units holds. */
export const AMOUNT_MAX_MINOR = 2n ** 63n - 1n;

/** Returned instead of an amount: what was expected. */
export interface AmountProblem {
  readonly expected: string;
}

/**
 * Reads an amount such as "1250.00". Excess decimals are refused, never rounded: "1.500" is not an
 * amount in a currency of two decimals.
 */
export function parseMinor(text: string, code: string, minorUnits: number): bigint | AmountProblem {
  const match = /^[0-9]+(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return { expected: 'an amount of 0 or more as a decimal, such as "1250.00"' };
  if ((match[1] ?? '').length > minorUnits)
    return { expected: `at most ${minorUnits} decimals, as ${code} has` };
  const minor = BigInt(new Exact(text).mul(new Exact(10).pow(minorUnits)).toFixed(0));
  if (minor > AMOUNT_MAX_MINOR)
    return { expected: `at most ${AMOUNT_MAX_MINOR} minor units (64 bits)` };
  return minor;
}

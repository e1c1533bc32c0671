/** Amounts and rates: their texts, and their exact numbers in minor units. */
import { Decimal } from 'decimal.js';

/** decimal.js parses and converts; its defaults (20 digits, half up) would lose money. */
export const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_EVEN });

/** 2^63 - 1 has 19 digits, and a currency may have no decimals. */
export const AMOUNT_PATTERN = '^[0-9]{1,19}(\\.[0-9]{1,5})?$';
export const RATE_PATTERN = '^[0-9]{1,11}(\\.[0-9]{1,10})?$';
export const INT64_MAX = (1n << 63n) - 1n;

/**
 * Minor units of an amount that matches AMOUNT_PATTERN. How many decimals a currency has: scenario/currency-decimals.ts, and in a
 * live network its registration. Decimals beyond the currency's are an error even where they are zeros: they are
 * refused, never rounded.
 */
export function minorUnits(
  amount: string,
  decimals: number,
): bigint | 'decimalsExcess' | 'amountTooLarge' {
  const point = amount.indexOf('.');
  const whole = point < 0 ? amount : amount.slice(0, point);
  const fraction = point < 0 ? '' : amount.slice(point + 1);
  if (fraction.length > decimals) return 'decimalsExcess';
  const digits =
    fraction.length === decimals ? whole + fraction : whole + fraction.padEnd(decimals, '0');
  // A text to a bigint takes three times as long, and 15 digits are exact as a number.
  const minor = BigInt(digits.length <= 15 ? Number(digits) : digits);
  return minor > INT64_MAX ? 'amountTooLarge' : minor;
}

/** What a payment moves is told of both of its accounts, one after the other. */
let lastAmount = { minor: 0n, decimals: 0, text: '0' };

/** The amount in major units, with exactly the currency's decimals: 1250n and 2 give "12.50". */
export function amountText(minor: bigint, decimals: number): string {
  if (minor !== lastAmount.minor || decimals !== lastAmount.decimals)
    lastAmount = { minor, decimals, text: writeAmountText(minor, decimals) };
  return lastAmount.text;
}

function writeAmountText(minor: bigint, decimals: number): string {
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** mantissa / 10^scale, with no trailing zero in the mantissa. */
export interface Rate {
  readonly mantissa: bigint;
  readonly scale: number;
}

/** Reads a rate that matches RATE_PATTERN; null for zero and for more than 64 bits of mantissa. */
export function parseRate(text: string): Rate | null {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  const trimmed = fraction.replace(/0+$/, '');
  const mantissa = BigInt(whole + trimmed);
  return mantissa === 0n || mantissa > INT64_MAX ? null : { mantissa, scale: trimmed.length };
}

export function rateText(rate: Rate): string {
  return amountText(rate.mantissa, rate.scale);
}

/** Amounts in a scenario's file to integers in minor units. */
import { INT64_MAX, minorUnits } from '../protocol/names/minor-units.ts';

/** Returned instead of an amount: what was expected. */
export interface AmountProblem {
  readonly expected: string;
}

/**
 * Reads an amount such as "1250.00". Excess decimals are refused, never rounded: "1.500" is not an
 * amount in a currency of two decimals.
 */
export function parseMinor(text: string, code: string, decimals: number): bigint | AmountProblem {
  if (!/^[0-9]+(?:\.[0-9]+)?$/.test(text))
    return { expected: 'an amount of 0 or more as a decimal, such as "1250.00"' };
  const minor = minorUnits(text, decimals);
  if (minor === 'decimalsExcess')
    return { expected: `at most ${decimals} decimals, as ${code} has` };
  if (minor === 'amountTooLarge') return { expected: `at most ${INT64_MAX} minor units (64 bits)` };
  return minor;
}

const ZERO = '0'.charCodeAt(0);
const POINT = '.'.charCodeAt(0);

/**
 * The same as a number, of an amount of up to 2^53 - 1 minor units in at most 15 characters, as nearly all are: a table
 * of payments has hundreds of thousands. NaN: `parseMinor` is to read it.
 */
export function parseSmallMinor(text: string, decimals: number): number {
  const { length } = text;
  if (length === 0 || length > 15) return Number.NaN;
  let minor = 0;
  let point = length;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= ZERO + 9) minor = 10 * minor + (code - ZERO);
    else if (code === POINT && point === length && at > 0) point = at;
    else return Number.NaN;
  }
  const written = point === length ? 0 : length - point - 1;
  if (written > decimals || point === length - 1) return Number.NaN;
  for (let more = written; more < decimals; more++) minor *= 10;
  return minor <= Number.MAX_SAFE_INTEGER ? minor : Number.NaN;
}

/** To which side half a minor unit goes: to the even one, up, or down. */
export const ROUNDINGS = ['half-even', 'half-up', 'half-down'] as const;
export type Rounding = (typeof ROUNDINGS)[number];

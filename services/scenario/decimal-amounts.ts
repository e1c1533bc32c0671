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

/** To which side half a minor unit goes: to the even one, up, or down. */
export const ROUNDINGS = ['half-even', 'half-up', 'half-down'] as const;
export type Rounding = (typeof ROUNDINGS)[number];

/** Ratios of whole numbers. */
import { amountText } from '../../protocol/names/minor-units.ts';

const DECIMALS = 9;

/**
 * Quotient of two integers, 0 or more and above 0, to nine decimals, half up. Where a Number cannot
 * hold that many (from 2^23, about 8.4 million, on) to as many as it holds: every digit that is told is right.
 */
export function ratio(numerator: bigint, denominator: bigint): number {
  for (let decimals = DECIMALS; decimals > 0; decimals--) {
    const scale = 10n ** BigInt(decimals);
    const scaled = (numerator * scale * 2n + denominator) / (denominator * 2n);
    // Where neighbours read as other numbers, this one is written with its own digits and no others.
    const [below, value, above] = [scaled - 1n, scaled, scaled + 1n].map((digits) =>
      Number(amountText(digits, decimals)),
    ) as [number, number, number];
    if (below < value && value < above) return value;
  }
  return Number((numerator * 2n + denominator) / (denominator * 2n));
}

/** How much of a value the largest banks have. */
export interface Concentration {
  /** Sum of the squared shares, 1 / n to 1 (Herfindahl and Hirschman). */
  readonly herfindahl: number;
  /** Share of the largest bank, of the five and of the ten largest. */
  readonly largest1: number;
  readonly largest5: number;
  readonly largest10: number;
  /** How many of the largest banks it takes to three quarters of the value. */
  readonly banksOf75Percent: number;
}

/** @returns null where there is no value */
export function concentrationOf(values: readonly number[]): Concentration | null {
  const falling = [...values].sort((a, b) => b - a);
  const sumOf = (count: number) => falling.slice(0, count).reduce((a, b) => a + b, 0);
  const total = sumOf(falling.length);
  if (total === 0) return null;
  const shares = falling.map((value) => value / total);
  // Of sums in one order, so that of all banks it is 1.
  const first = (count: number) => sumOf(count) / total;
  let banksOf75Percent = 0;
  // A share of 75 % that rounding puts just below is one.
  for (let sum = 0; sum < 0.75 - 1e-12; sum += shares[banksOf75Percent++]!);
  return {
    herfindahl: shares.reduce((sum, share) => sum + share * share, 0),
    largest1: first(1),
    largest5: first(5),
    largest10: first(10),
    banksOf75Percent,
  };
}

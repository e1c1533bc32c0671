import type { PaymentTable } from './payment-table.ts';

/**
 * How long each of the payments that are wanted waited from submission to its end, ms, ascending.
 * @param atMost so many of them, or more
 */
export function waitsOf(
  payments: readonly PaymentTable[],
  isWanted: (payments: PaymentTable, row: number) => boolean,
  atMost = payments.reduce((sum, { length }) => sum + length, 0),
): Float64Array {
  const waits = new Float64Array(atMost);
  let count = 0;
  for (const table of payments)
    for (let row = 0; row < table.length; row++)
      if (isWanted(table, row)) waits[count++] = table.waitMs(row);
  return waits.subarray(0, count).sort();
}

/**
 * Iterative proportional fitting (RAS): rows and columns of a table are scaled in turn until they have
 * given sums. What comes of it is the table that departs least from the first one, by relative entropy
 * (Deming and Stephan 1940; Bacharach, Biproportional matrices and input-output change, 1970).
 */
export interface FittedTable {
  /** Row by row. */
  readonly cells: Float64Array;
  readonly iterations: number;
  /** The largest difference of a row's or a column's sum from what was asked, in its units. */
  readonly deviation: number;
}

const ITERATIONS_MAX = 2000;
/** Relative to the largest sum asked. */
const TOLERANCE = 1e-12;

/** @param first row by row; a cell of 0 stays 0 */
export function fitProportionally(
  first: Float64Array,
  rowSums: readonly number[],
  columnSums: readonly number[],
): FittedTable {
  const cells = first.slice();
  const columns = columnSums.length;
  const close = TOLERANCE * Math.max(1, ...rowSums, ...columnSums);
  let iterations = 0;
  let deviation = Number.POSITIVE_INFINITY;
  while (iterations < ITERATIONS_MAX && deviation > close) {
    iterations += 1;
    for (const [row, asked] of rowSums.entries()) scale(cells, row * columns, 1, columns, asked);
    for (const [column, asked] of columnSums.entries())
      scale(cells, column, columns, rowSums.length, asked);
    deviation = largestDeviation(cells, rowSums, columnSums);
  }
  return { cells, iterations, deviation };
}

/** Cells from `at` on, every `step`th, so many of them. */
function sumOf(cells: Float64Array, at: number, step: number, count: number): number {
  let sum = 0;
  for (let cell = at, taken = 0; taken < count; cell += step, taken++) sum += cells[cell]!;
  return sum;
}

function scale(cells: Float64Array, at: number, step: number, count: number, asked: number): void {
  const sum = sumOf(cells, at, step, count);
  if (sum === 0) return;
  const factor = asked / sum;
  for (let cell = at, taken = 0; taken < count; cell += step, taken++) cells[cell]! *= factor;
}

function largestDeviation(
  cells: Float64Array,
  rowSums: readonly number[],
  columnSums: readonly number[],
): number {
  const columns = columnSums.length;
  let most = 0;
  for (const [row, asked] of rowSums.entries())
    most = Math.max(most, Math.abs(sumOf(cells, row * columns, 1, columns) - asked));
  for (const [column, asked] of columnSums.entries())
    most = Math.max(most, Math.abs(sumOf(cells, column, columns, rowSums.length) - asked));
  return most;
}

/** A linear program over integers, exact: the form in which a solver gets it. How large its numbers may be: platform/optimizer/highs-solver.ts. */
interface IntegerProgram {
  readonly sense: 'maximise' | 'minimise';
  /** Variables, each 0 or more. */
  readonly columns: readonly ProgramColumn[];
  readonly rows: readonly ProgramRow[];
}

export interface ProgramColumn {
  readonly isInteger: boolean;
  readonly cost: bigint;
  /** Null: unbounded. */
  readonly upper: bigint | null;
}

/** The sum of coefficient x variable is at least so much. */
export interface ProgramRow {
  readonly atLeast: bigint;
  /** Column and coefficient; each column once. */
  readonly entries: readonly (readonly [number, bigint])[];
}

interface ProgramSolution {
  readonly status: 'optimal' | 'timeLimit' | 'infeasible';
  /** Of the columns; null where none was found. */
  readonly values: readonly number[] | null;
  /** No solution has a better cost, as far as the solver's arithmetic goes; null: it proved nothing. */
  readonly bound: bigint | null;
}

/**
 * Solves a program.
 * @throws RangeError where its numbers are too large for the solver
 */
export type SolveProgram = (program: IntegerProgram, timeLimitSeconds: number) => ProgramSolution;

/** Collects a program; rows may name a column several times. */
export class ProgramBuilder {
  readonly columns: ProgramColumn[] = [];
  readonly rows: ProgramRow[] = [];

  /** The number of a new column. */
  column(isInteger: boolean, cost: bigint, upper: bigint | null): number {
    return this.columns.push({ isInteger, cost, upper }) - 1;
  }

  atLeast(atLeast: bigint, entries: readonly (readonly [number, bigint])[]): void {
    const sums = new Map<number, bigint>();
    for (const [column, factor] of entries) sums.set(column, (sums.get(column) ?? 0n) + factor);
    const kept = [...sums].filter(([, factor]) => factor !== 0n);
    if (kept.length > 0 || atLeast > 0n) this.rows.push({ atLeast, entries: kept });
  }
}

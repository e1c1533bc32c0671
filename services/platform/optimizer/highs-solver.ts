import type { Highs } from 'highs';

/** The parts of a program that this adapter needs; analysis/queues/integer-program.ts defines it. */
interface Program {
  readonly sense: 'maximise' | 'minimise';
  readonly columns: readonly {
    readonly isInteger: boolean;
    readonly cost: bigint;
    readonly upper: bigint | null;
  }[];
  readonly rows: readonly {
    readonly atLeast: bigint;
    readonly entries: readonly (readonly [number, bigint])[];
  }[];
}

interface Solution {
  readonly status: 'optimal' | 'timeLimit' | 'infeasible';
  readonly values: readonly number[] | null;
  readonly bound: bigint | null;
}

/** HiGHS takes what is larger for infinite; whole numbers up to here are doubles. */
const EXACT_MAX = 10n ** 15n - 1n;
/** The tightest that HiGHS takes; a row of integers is off by less than a unit well below 10^9. */
const TOLERANCE = 1e-9;
/** Costs are whole numbers: a gap below one is none. */
const GAP_BELOW_ONE = 0.5;

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y > 0n) [x, y] = [y, x % y];
  return x;
}

const ceilDivide = (a: bigint, b: bigint): bigint => (a >= 0n ? (a + b - 1n) / b : -(-a / b));

function exact(value: bigint, what: string): number {
  if (value > EXACT_MAX || value < -EXACT_MAX)
    throw new RangeError(
      `${what} is ${value} after dividing by the common factor; expected less than 10^15, beyond which the solver does not compute`,
    );
  return Number(value);
}

/** Rows and costs divided by what their coefficients have in common: nothing is rounded. */
function scaled({ sense, columns, rows }: Program, highs: Highs) {
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  const rowLower: number[] = [];
  for (const { atLeast, entries } of rows) {
    // A row of integers alone reaches multiples of the factor only, so its bound is the next of them.
    const isWhole = entries.every(([column]) => columns[column]?.isInteger === true);
    const shared = entries.reduce((g, [, x]) => gcd(g, x), isWhole ? 0n : atLeast);
    const factor = shared === 0n ? 1n : shared;
    const size = entries.reduce((sum, [, x]) => sum + (x < 0n ? -x : x), 0n);
    exact(size / factor, 'the sum of the amounts of an account');
    for (const [column, x] of entries) {
      indices.push(column);
      values.push(Number(x / factor));
    }
    starts.push(indices.length);
    rowLower.push(exact(ceilDivide(atLeast, factor), 'a bound of an account'));
  }
  const costFactor = columns.reduce((g, { cost }) => gcd(g, cost), 0n) || 1n;
  exact(
    columns.reduce((sum, { cost }) => sum + cost, 0n) / costFactor,
    'the sum of what is optimised',
  );
  const { variableType, objectiveSense } = highs.constants;
  return {
    costFactor,
    model: {
      numCols: columns.length,
      numRows: rows.length,
      sense: sense === 'maximise' ? objectiveSense.maximize : objectiveSense.minimize,
      colCost: columns.map(({ cost }) => Number(cost / costFactor)),
      colLower: columns.map(() => 0),
      colUpper: columns.map(({ upper }) => (upper === null ? highs.infinity : Number(upper))),
      rowLower,
      rowUpper: rows.map(() => highs.infinity),
      matrix: {
        format: 'csr' as const,
        ...{ numRows: rows.length, numCols: columns.length, starts, indices, values },
      },
      integrality: columns.map((c) =>
        c.isInteger ? variableType.integer : variableType.continuous,
      ),
    },
  };
}

/** A bound in doubles as the whole number that no solution can pass. */
function wholeBound(bound: number, sense: Program['sense']): bigint | null {
  if (!Number.isFinite(bound)) return null;
  const slack = 1e-6 + Math.abs(bound) * 1e-12;
  return BigInt(sense === 'maximise' ? Math.floor(bound + slack) : Math.ceil(bound - slack));
}

/** HiGHS, compiled to WebAssembly; loading it takes a tenth of a second, so only who needs it does. */
export async function loadHighs(): Promise<
  (program: Program, timeLimitSeconds: number) => Solution
> {
  // Its typings describe the CommonJS form; what Node imports has the loader as its default.
  const { default: load } = (await import('highs')) as unknown as { default(): Promise<Highs> };
  const highs = await load();
  return (program, timeLimitSeconds) => {
    if (program.columns.length === 0) return { status: 'optimal', values: [], bound: 0n };
    const { model: data, costFactor } = scaled(program, highs);
    const model = highs.createModel(data);
    try {
      model.options.set({
        output_flag: false,
        time_limit: timeLimitSeconds,
        mip_rel_gap: 0,
        mip_abs_gap: GAP_BELOW_ONE,
        mip_feasibility_tolerance: TOLERANCE,
        primal_feasibility_tolerance: TOLERANCE,
      });
      const { modelStatus } = model.run();
      const { optimal, infeasible } = highs.constants.modelStatus;
      if (modelStatus === infeasible) return { status: 'infeasible', values: null, bound: null };
      const isFound =
        model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible;
      const bound = wholeBound(Number(model.info.get('mip_dual_bound')), program.sense);
      return {
        status: modelStatus === optimal ? 'optimal' : 'timeLimit',
        values: isFound ? [...model.getSolution().colValue] : null,
        bound: bound === null ? null : bound * costFactor,
      };
    } finally {
      model.dispose();
    }
  };
}

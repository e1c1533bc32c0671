/**
 * What the report asks of the analysis store (infra/clickhouse), as typed rows. Money is summed as
 * Int128 and comes as text, since `sum(Int64)` wraps silently; counts and times fit a Number.
 */

/** Rows of a ClickHouse statement; `params` fill its `{name:Type}`. 64-bit integers may be text. */
export type Query = <T>(sql: string, params: Readonly<Record<string, unknown>>) => Promise<T[]>;

/** How each column is read, by its name in the statement: `String`, `Number`, or `BigInt` for money. */
type Columns = Readonly<Record<string, (value: string) => unknown>>;
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: ReturnType<C[Name]> };

/** Time is cut into buckets of `stepMs`, counted from 0 at `startMs`. */
export interface Buckets {
  readonly startMs: number;
  readonly stepMs: number;
}

/** Asks about one run: `{run:String}`, and `{start:Int64}` and `{step:Int64}` where time is cut. */
export class Ask {
  readonly #query: Query;
  readonly #run: string;

  constructor(query: Query, run: string) {
    this.#query = query;
    this.#run = run;
  }

  async rows<C extends Columns>(columns: C, sql: string, buckets?: Buckets): Promise<RowOf<C>[]> {
    const params = buckets ? { start: buckets.startMs, step: buckets.stepMs } : {};
    const rows = await this.#query<Record<string, string>>(sql, { run: this.#run, ...params });
    const reads = Object.entries(columns);
    return rows.map(
      (row) =>
        Object.fromEntries(
          reads.map(([name, read]) => [name, read(row[name] as string)]),
        ) as RowOf<C>,
    );
  }
}

/** The smallest value of the sorted `waits` that at least this share does not exceed: nearest rank. */
const rank = (share: number) => `waits[greatest(1, toUInt64(ceil(${share} * length(waits))))]`;
export const PERCENTILES = `${rank(0.5)} AS p50Ms, ${rank(0.95)} AS p95Ms, ${rank(0.99)} AS p99Ms`;

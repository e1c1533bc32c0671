/** What a process of a fault test is told, as JSON in its first argument. */
export interface ChildOrders {
  /** Holds log/, snapshots/ and clickhouse/. */
  readonly folder: string;
  readonly seed: number;
  /** Business date of the payments. */
  readonly date: string;
  /** Payments sent up to, not including, this index. */
  readonly until: number;
  readonly snapshotRecords: number;
  readonly metrics: boolean;
  /** Where and when to end by kill -9; absent: it runs to the end. */
  readonly crash?: { readonly point: string; readonly times: number };
  /** Print each point that is reached. */
  readonly tell?: boolean;
}

import type { ClickHouseAddress } from '../../services/platform/clickhouse/client.ts';

/** What runs in a process of a fault test. */
export const ROLES = [
  'clearing',
  'verifier',
  'notifier',
  'metrics',
  'gateway',
  'bank',
  // Founds the network and opens its day.
  'operator',
] as const;
export type Role = (typeof ROLES)[number];

/** What a process of a fault test is told, as JSON in its first argument. */
export interface ChildOrders {
  readonly log:
    | { readonly kind: 'embedded'; readonly folder: string }
    | { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly prefix: string };
  readonly roles: readonly Role[];
  /** Holds a folder for each pool. */
  readonly snapshots: string;
  readonly snapshotRecords: number;
  /** Of the pools' transparency logs and their keys; absent: no pool is sealed. */
  readonly evidence?: string;
  /** Whether what is told as final waits for three of four auditors, which are in this process too; it needs `evidence`. */
  readonly quorum?: true;
  readonly seed: number;
  /** Business date of the payments. */
  readonly date: string;
  /** Orders of the sample bank. */
  readonly orders: number;
  readonly clickHouse?: ClickHouseAddress;
  /**
   * Sends the traffic up to, not including, this payment, and ends when all of it is handled. Absent:
   * runs until standard input ends and its readers have handled what there is.
   */
  readonly until?: number;
  /** Of the gateway; absent: one that is free. */
  readonly port?: number;
  /** Where and when to end by kill -9; absent: it runs to the end. */
  readonly crash?: CrashOrder;
}

export interface CrashOrder {
  readonly point: string;
  /** At which time that it is reached. */
  readonly times: number;
}

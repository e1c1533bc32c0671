import type { BankBook } from '../bank/bank.ts';
import type { ClearedBatch, Clearing } from '../clearing/clearing.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import type { TrafficTotals } from '../scenario/planned-payment.ts';

/** A run in virtual time, as its books follow it, whichever door its payments take. */
export interface SimulatedRun<Slice extends RunSlice = RunSlice> {
  /** In the scenario's order, as all that is by pool. */
  readonly pools: readonly { readonly name: string; readonly clearing: Clearing }[];
  readonly settlements: readonly Settlement[];
  readonly totals: TrafficTotals;
  /** True: a slice's events are nobody's any more once its books have taken them, and may be given away. */
  readonly leavesEvents?: boolean;
  /** What the banks know from their statuses; null: nobody told them any. */
  bankBook(): BankBook | null;
  /** Each pool's genesis, then one slice of virtual time after the other. */
  run(): AsyncIterable<Slice>;
}

/** What one slice of virtual time did. */
export interface RunSlice {
  /** Virtual time of its last action, ms. */
  readonly atMs: number;
  /** Payments sent in it, without repeats. */
  readonly payments: number;
  /** By pool. */
  readonly steps: readonly ClearedStep[];
}

export interface ClearedStep {
  readonly batch: ClearedBatch;
}

/** A step whose events are read, and whose input records are at hand. */
export interface LoggedStep extends ClearedStep {
  /** Those of the batch. */
  readonly events: readonly SettlementEvent[];
  /** The values of its input records, in order. */
  readonly inputs: readonly Uint8Array[];
}

export interface LoggedSlice extends RunSlice {
  readonly steps: readonly LoggedStep[];
}

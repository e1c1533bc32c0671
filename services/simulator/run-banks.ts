import type { BankBook } from '../bank/bank.ts';
import type { Message } from '../protocol/names/message.ts';
import type { TrafficTotals } from '../scenario/planned-payment.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type { PlannedPause } from './cycle-and-operator-turns.ts';

/** The banks of a run as the rest of it sees them, on its own thread or on another. */
export interface RunBanks {
  /** What leaves next, in the order of the plan; null: all has left. */
  next(): Promise<WrittenSlice | PlannedPause | null>;
  /** Hands over what they find in their own topics. */
  tell(mail: readonly BankMail[]): Promise<void>;
  /** What they sent and what they know of it: once all has left and all is told. */
  end(): Promise<BanksEnd>;
}

/** What leaves in a slice of virtual time: signed messages, and the operator's records among them. */
export interface WrittenSlice {
  readonly kind: 'slice';
  /** Of its last action, ms. */
  readonly atMs: number;
  /** Payments sent in it, without repeats. */
  readonly payments: number;
  readonly messages: readonly Message[];
  readonly controls: readonly {
    /** Messages of the slice that come before it. */
    readonly after: number;
    readonly action: PlannedAction;
  }[];
}

/** What is new in a bank's topics. */
export interface BankMail {
  /** The scenario's number. */
  readonly participant: number;
  readonly statuses: readonly Uint8Array[];
  /** How many. */
  readonly deliveries: number;
}

export interface BanksEnd {
  readonly books: BankBook;
  readonly totals: TrafficTotals;
}

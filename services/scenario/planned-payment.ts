/** What is planned before it is sent: payments, and their count. */
import type { SettlementTimes } from '../protocol/messages/instruction.ts';
import type { Priority } from '../protocol/messages/priorities.ts';
import type { Rate } from '../protocol/names/minor-units.ts';
import type { Uuid } from './drawn-uuids.ts';
import type { CustomerAccounts, PaymentKind, PlannedChainLeg } from './scenario.ts';

/** A payment that leaves its debtor's agent. Agents and currencies are the scenario's numbers. */
export interface PlannedPayment {
  /** Place in the planning order, from 0. A repeat has the number of its original. */
  readonly number: number;
  readonly atMs: number;
  /** When its document was written: of a repeat, when it was sent first. */
  readonly createdAtMs: number;
  /** The date on which it is to settle, YYYY-MM-DD. */
  readonly businessDate: string;
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly dealer: number | null;
  readonly currency: number;
  readonly amountMinor: bigint;
  readonly kind: PaymentKind;
  /**
   * The two are null inside one currency. With a dealer amount2 = amount x rate, rounded half-even;
   * in a leg it is what its sender receives.
   */
  readonly currency2: number | null;
  readonly amount2Minor: bigint | null;
  /** Of a payment through a dealer. */
  readonly rate: Rate | null;
  readonly times: SettlementTimes | null;
  readonly priority: Priority;
  /** Absent: it is no leg of a chain. */
  readonly ofChain?: PlannedChainLeg;
  /** Absent: its message names none. */
  readonly accounts?: CustomerAccounts;
  /** Place of the scenario's anomaly that it is of, which no message tells; absent: of none. */
  readonly label?: number;
  readonly uetr: Uuid;
  readonly endToEndId: string;
  /** Its signature is to be made invalid. */
  readonly corrupt: boolean;
  /** A second sending of the same payload, to be signed anew. Not one of the scenario's payments. */
  readonly isRepeat: boolean;
}

export interface TrafficTotals {
  /** Payments planned: sent and unsent, without repeats. */
  planned: number;
  /** Held by an outage that has no end. */
  unsent: number;
  /** Their value by currency debited (the scenario's number), minor units. */
  unsentMinor: Map<number, bigint>;
  /** The same of those whose signatures were to be corrupted: forged messages have no value. */
  unsentCorruptMinor: Map<number, bigint>;
  corrupt: number;
  repeats: number;
  /** Returns sent: payments of their own, which are not among the planned. */
  returns: number;
  /** Other requests sent. */
  requests: number;
}

export function noTraffic(): TrafficTotals {
  return {
    ...{ planned: 0, unsent: 0, corrupt: 0, repeats: 0, returns: 0, requests: 0 },
    ...{ unsentMinor: new Map(), unsentCorruptMinor: new Map() },
  };
}

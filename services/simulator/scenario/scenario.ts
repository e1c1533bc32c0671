/**
 * A scenario as the simulator uses it: checked, resolved and complete. Participants and currencies
 * are numbers, counted from 0 in the order of the file; money is bigint in minor units; instants are
 * ms since 1970. `load.ts` is the only maker.
 */
import type { Priority } from '../../protocol/instruction.ts';
import type { Rate } from '../../protocol/money.ts';
import type { ScenarioDocument } from './schema.ts';

/** A half-open span of time: opensMs belongs to it, closesMs does not. */
export interface OpenHours {
  readonly opensMs: number;
  readonly closesMs: number;
}

export interface ScenarioPool {
  readonly name: string;
  /** Currencies, ascending. */
  readonly currencies: readonly number[];
}

export interface ScenarioCurrency {
  readonly code: string;
  readonly minorUnits: number;
  readonly pool: number;
  /** By business date (same index as `businessDates`); null on a holiday. */
  readonly hours: readonly (OpenHours | null)[];
}

export interface ScenarioAccount {
  readonly currency: number;
  readonly balanceMinor: bigint;
  readonly creditLineMinor: bigint;
}

export interface ScenarioParticipant {
  readonly bic: string;
  readonly name: string;
  readonly role: 'bank' | 'dealer';
  readonly size: number;
  readonly accounts: readonly ScenarioAccount[];
}

/** One direction of a pair that a dealer quotes: `from` is sold to the dealer. */
export interface ScenarioQuote {
  readonly dealer: number;
  readonly from: number;
  readonly to: number;
  readonly rate: Rate;
  /** Amount of `from` that one quote covers. */
  readonly coveredMinor: bigint;
  /** How long one quote is valid; null: from the opening to the close of the pair. */
  readonly validMs: number | null;
}

/** Arrivals are uniform inside a part; parts ascend and do not overlap. */
export interface ArrivalPart {
  readonly fromMs: number;
  readonly toMs: number;
  readonly weight: number;
}

export interface ScenarioFlow {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly paymentsPerDate: number;
  /** By business date, cut to the hours in which both currencies are open; null: not open. */
  readonly arrivals: readonly (readonly ArrivalPart[] | null)[];
  readonly medianMinor: bigint;
  readonly sigma: number;
  readonly minMinor: bigint;
  readonly maxMinor: bigint;
  /** Dealers with their quote for this direction; empty inside one currency. */
  readonly dealers: readonly { readonly quote: ScenarioQuote; readonly weight: number }[];
  /** Debtors' agents, each with the creditors' agents it pays. Weights are above 0. */
  readonly counterparties: readonly CounterpartyRow[];
  /** Weights in the order of PRIORITIES. */
  readonly priorityWeights: readonly number[];
}

export interface CounterpartyRow {
  readonly debtorAgent: number;
  readonly weight: number;
  readonly creditorAgents: readonly number[];
  /** Running sums of the creditors' weights; the last is their sum. */
  readonly cumulative: readonly number[];
}

/** A row of the CSV of payments. */
export interface ListedPayment {
  readonly atMs: number;
  readonly dateIndex: number;
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly currency: number;
  readonly amountMinor: bigint;
  readonly priority: Priority;
  /** The dealer's quote of a payment over two currencies. */
  readonly quote: ScenarioQuote | null;
}

export interface Outage {
  readonly participant: number;
  readonly fromMs: number;
  /** null: it never sends again. */
  readonly untilMs: number | null;
}

export interface EveryNth {
  readonly participant: number;
  readonly every: number;
}

export interface LiquidityEvent {
  readonly kind: 'creditLine' | 'issue' | 'redeem';
  readonly atMs: number;
  readonly participant: number;
  readonly currency: number;
  readonly amountMinor: bigint;
}

export interface ScenarioSettlement {
  readonly mechanism: 'rtgs';
  readonly queue: 'fifo' | 'bypass-fifo';
  /** 0: no gridlock resolution, neither periodic nor before close. */
  readonly gridlockResolutionEveryMs: number;
  readonly atClose: 'cancel' | 'carry-over';
  readonly identityDays: number;
}

export interface Scenario {
  /** Path of the file as the caller gave it. */
  readonly file: string;
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly network: string;
  readonly businessDates: readonly string[];
  readonly pools: readonly ScenarioPool[];
  readonly currencies: readonly ScenarioCurrency[];
  readonly participants: readonly ScenarioParticipant[];
  readonly ratesSource: { readonly source: string; readonly date: string } | null;
  readonly quotes: readonly ScenarioQuote[];
  readonly flows: readonly ScenarioFlow[];
  readonly listedPayments: readonly ListedPayment[];
  readonly settlement: ScenarioSettlement;
  readonly batchSize: number;
  readonly tickMs: number;
  readonly outages: readonly Outage[];
  readonly corruptSignatures: readonly EveryNth[];
  readonly repeatMessages: readonly (EveryNth & { readonly afterMs: number })[];
  readonly liquidityEvents: readonly LiquidityEvent[];
  /** The checked document with overrides and defaults, for the record of a run. */
  readonly document: ScenarioDocument;
}

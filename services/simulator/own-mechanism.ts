/**
 * A mechanism of one's own: what a file for `corridor run --mechanism` exports, and what it is shown.
 * Amounts are minor units. docs/scenarios.md says how to write one, docs/settlement.md what the core
 * makes of what it returns.
 */

export interface ProposerLeg {
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly amount: bigint;
}

/** A queued payment. Debtor, creditor, currency and amount are those of its first leg. */
export interface ProposerPayment extends ProposerLeg {
  /** Of its record in the pool's input log: no other has it. */
  readonly position: number;
  readonly uetr: string;
  readonly priority: 'urgent' | 'high' | 'normal';
  /** Since when it has been queued, ms since 1970; null of one with two legs, of which it is not kept. */
  readonly sinceMs: number | null;
  /** One, or two that settle together: through a dealer, or those of a matched PvP. */
  readonly legs: readonly ProposerLeg[];
}

export interface ProposerAccount {
  readonly participant: string;
  readonly currency: string;
  /** Less what is set aside for chains: what its owner can dispose of. */
  readonly balance: bigint;
  /** What is set aside for chains. */
  readonly earmarked: bigint;
  /** Credit capacity. */
  readonly creditLine: bigint;
  /** Balance and credit, 0 at least; what is reserved is part of it, what is set aside is not. */
  readonly available: bigint;
  readonly reservedUrgent: bigint;
  readonly reservedHigh: bigint;
}

export interface ProposerLimit {
  readonly participant: string;
  readonly currency: string;
  /** Null: against all to whom there is no bilateral limit. */
  readonly counterparty: string | null;
  readonly limit: bigint;
  /** Booked out less booked in, of what counts on it. */
  readonly position: bigint;
}

/** A pool right before a cycle. */
export interface ProposerView {
  readonly pool: string;
  /** The cycle's instant, ms since 1970. */
  readonly atMs: number;
  /** The cycle is of this currency, as the one before its close; null: of all. */
  readonly currency: string | null;
  /**
   * What may be proposed, in entry order: a queue is its payments by class, then in this order. A leg that waits to be set
   * aside is not among them: no set may have it.
   */
  readonly payments: readonly ProposerPayment[];
  /** All, by currency and participant as they were registered. */
  readonly accounts: readonly ProposerAccount[];
  readonly limits: readonly ProposerLimit[];
}

/** Sets of queued payments, by position or UETR; each settles whole or not at all. */
export type ProposedSets = readonly (readonly (number | string)[])[];

export interface Proposer {
  /** Under which its cycles are told of: lower-case letters, digits and hyphens. */
  readonly name: string;
  propose(view: ProposerView): ProposedSets;
}

/** What a mechanism returned that nobody can propose, or threw; one line. */
export class ProposalFault extends Error {
  override readonly name = 'ProposalFault';
}

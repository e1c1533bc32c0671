/**
 * What `corridor compare --json` prints: docs/compare.md. Money in minor units as text, times in ms,
 * ratios as numbers; values stand in the order of the runs, and null is a figure that does not exist.
 */

/** One line of a comparison. */
export interface Figure {
  /** Its path in summary.json, or its name among a bank's or a corridor's figures. */
  readonly path: string;
  readonly unit: Unit;
  /** Of money, and of what belongs to one currency; else null. */
  readonly currency: string | null;
  readonly values: readonly Value[];
  /** Of each run but the first, to the first. */
  readonly differences: readonly (Difference | null)[];
  /** Beside delays and times of what settled alone: which share of it settled, by run. */
  readonly settledShares?: readonly (number | null)[];
}

export type Unit = 'count' | 'money' | 'share' | 'ratio' | 'ms' | 'timeOfDay' | 'delay' | 'delayMs';
export type Value = number | string | null;

interface Difference {
  /** The run's value less that of the first. */
  readonly absolute: number | string;
  /** That by the first's value; null where it is 0, and of times of day. */
  readonly relative: number | null;
}

/** One field of the configuration in which runs differ. */
export interface ConfigurationDifference {
  /** As `--set` takes it. */
  readonly path: string;
  /** By run; undefined (null in JSON) where its scenario has no such field. */
  readonly values: readonly unknown[];
}

export interface ComparedRunFacts {
  readonly run: string;
  readonly scenario: string;
  readonly seed: number;
  readonly version: string;
  readonly signatures: boolean;
  /** Whether its payments settled when they were observed to, and nothing was settled by the core. */
  readonly isObserved: boolean;
  readonly overrides: readonly string[];
  readonly eventsHash: string;
}

export interface AccountFigures {
  readonly participant: string;
  /** Empty: of messages that failed authentication, which name no currency. */
  readonly currency: string;
  readonly figures: readonly Figure[];
}

/** An account in one hour. */
export interface HourFigures extends AccountFigures {
  /** When the hour begins. */
  readonly hourMs: number;
}

export interface CorridorComparison {
  /** As the report names it: "EUR → CNY". */
  readonly corridor: string;
  readonly figures: readonly Figure[];
}

/** In the order of the matrix. */
export const FATES = [
  'settled',
  'queued',
  'accepted',
  'cancelled',
  'rejected',
  'notSubmitted',
] as const;
export type Fate = (typeof FATES)[number];

export interface PaymentFate {
  readonly fate: Fate;
  /** ISO 20022; empty: none. */
  readonly reason: string;
  readonly mechanism: string;
  readonly finalAtMs: number | null;
}

/** A payment that changed its fate. */
export interface ChangedPayment {
  readonly uetr: string;
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  readonly currency: string;
  readonly amountMinor: string;
  /** In the first run, and in the other. */
  readonly fates: readonly [PaymentFate, PaymentFate];
  /** What is said of it in each; null where it was not asked for, or was never submitted. */
  readonly reasons: readonly [readonly string[] | null, readonly string[] | null];
}

/** The payments of one run against those of the first. */
export interface PaymentComparison {
  readonly run: string;
  /** Why payments cannot be matched; null where they can. */
  readonly unmatched: string | null;
  /** Payments of both, by UETR and terms. */
  readonly matched: number;
  /** Of these: an outage held them back in one run, or what was changed moves the plan. Their fates may differ for that alone. */
  readonly sentAtAnotherTime: number;
  /** A UETR with other banks, currency or amount in the two: no longer the same payment. */
  readonly otherTerms: number;
  /** Numbers of payments by their fate in the first run, then in the other. */
  readonly matrix: Readonly<Record<Fate, Readonly<Record<Fate, number>>>>;
  /** Of those that settled in both. */
  readonly settledInBoth: {
    readonly sameTime: number;
    readonly earlier: number;
    readonly later: number;
  };
  readonly changed: number;
  /** How `largest` is ordered. */
  readonly order: string;
  readonly largest: readonly ChangedPayment[];
}

export interface Comparison {
  readonly runs: readonly ComparedRunFacts[];
  readonly sameEvents: boolean;
  /** What could not be compared, and what it would need. */
  readonly lacking: readonly string[];
  readonly configuration: readonly ConfigurationDifference[];
  /** All of summary.json but what belongs to corridors. */
  readonly figures: readonly Figure[];
  /** Null where a run lacks what they are counted from. */
  readonly banks: readonly AccountFigures[] | null;
  /** The same by hour. */
  readonly hours: readonly HourFigures[] | null;
  readonly corridors: readonly CorridorComparison[];
  /** Of each run but the first; null where a run lacks payments.csv. */
  readonly payments: readonly PaymentComparison[] | null;
}

import type { AccountBook } from '../../analysis/audited-accounts-book.ts';
import { ExactSum } from '../../analysis/exact-sum.ts';
import { NONE32 } from '../../core/settlement/records.ts';
import type { BelowFloor } from './below-floor-book.ts';
import type { ConditionFigures } from './condition-figures.ts';
import { Counts } from './counts-and-settlement-times.ts';
import type { DefaultFigures } from './default-book.ts';
import { type DelayedPayments, Delays } from './delay-indicators.ts';
import { type LiquiditySummary, liquiditySummary } from './liquidity-turnover.ts';
import type { ChainCounts } from './payment-book.ts';
import { type PaymentStatus, type PaymentTable, STATUS, STATUSES } from './payment-table.ts';
import type { Percentiles } from './percentiles.ts';
import type { ProposalFigures } from './proposal-book.ts';
import { ratio } from './ratio-rounding.ts';
import type { Indicators } from './run-indicators.ts';
import type { SupplyFigures } from './supply-figures.ts';

/** Of figures: amounts in minor units become text, as everywhere at the edges. */
export type Json<T> = T extends bigint
  ? string
  : T extends object
    ? { [Key in keyof T]: Json<T[Key]> }
    : T;

/** Before a stress scenario among a run's overrides. */
export const STRESS_FLAG = '--stress ';

/** `summary.json`: money in minor units as strings, times in ms, every ratio a number. */
export interface Summary {
  readonly scenario: string;
  readonly seed: number;
  readonly version: string;
  /**
   * What `--set` changed in the scenario's file, in order, with what stress scenarios did; `--stress <scenario>` for each
   * of these; `--mechanism <name>` of one's own.
   */
  readonly overrides: readonly string[];
  /**
   * Of a counterfactual: the eventsHash of the run or the live network whose recorded instructions were
   * taken. Else absent.
   */
  readonly counterfactualOf?: string;
  /**
   * Of a run whose payments settled when they were observed to: nothing in it was settled by the core, so
   * it has no mechanisms, no cycles and no reasons of waits. Else absent.
   */
  readonly observed?: Json<ObservedFigures>;
  /** False: nothing was signed or verified. */
  readonly signatures: boolean;
  /**
   * Payments that reached clearing or were refused at its door; repeats are not among them. The two
   * legs of a matched PvP are one payment; its value counts in both currencies.
   */
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly queuedAtClose: number;
  /** With those under a key that was revoked meanwhile, which are refused. */
  readonly repeated: number;
  /** Planned payments that an outage without end kept from being sent. */
  readonly unsent: number;
  /** Submitted and unsent. Legs of a trade count as one where they met, so it may differ by variant. */
  readonly planned: number;
  /** Settled / planned, by number; null without payments. */
  readonly settledShare: number | null;
  /** The same by value and currency debited. */
  readonly settledValueShare: Readonly<Record<string, number | null>>;
  /** Changes of liquidity that the scenario asks for and clearing refused. */
  readonly refusedChanges: number;
  /** Messages that are no payments and that clearing refused: cancellations, re-orderings, limits, reservations, attestations, answers. */
  readonly refusedRequests: number;
  /** Chains whose legs had all come: of these so many settled, and so many ended unsettled. Absent: there were none. */
  readonly chains?: ChainCounts;
  /** Of conditions, earmarks and attestations; absent where there were none. */
  readonly conditions?: Json<ConditionFigures>;
  /** Of each currency or security with an issuer; absent where there is none. */
  readonly supply?: readonly Json<SupplyFigures>[];
  /** By ISO 20022 code. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly cancelledByReason: Readonly<Record<string, number>>;
  /** Of a mechanism of one's own, by its name; absent where none proposed anything. */
  readonly proposals?: Readonly<Record<string, ProposalFigures>>;
  /** Settled by mechanism (core/events: MECHANISMS), or by the name of one's own. */
  readonly settledByMechanism: Readonly<Record<string, number>>;
  /** By currency debited. */
  readonly settledValueMinor: Readonly<Record<string, string>>;
  /** The same of all that reached clearing, but for forged messages, whose amounts are nobody's word. */
  readonly submittedValueMinor: Readonly<Record<string, string>>;
  readonly rejectedValueMinor: Readonly<Record<string, string>>;
  readonly cancelledValueMinor: Readonly<Record<string, string>>;
  readonly queuedValueMinor: Readonly<Record<string, string>>;
  readonly unsentValueMinor: Readonly<Record<string, string>>;
  /** Who defaulted in deferred net settlement, when, and what that did to the others. */
  readonly defaults: readonly Json<DefaultFigures>[];
  /** Of each currency that nets: accounts whose net debit nothing bounds. */
  readonly uncapped: Readonly<Record<string, number>>;
  readonly delay: DelaySummary;
  readonly liquidity: Readonly<Record<string, LiquiditySummary>>;
  readonly conserved: boolean;
  readonly eventsHash: string;
  /** Those of a working paper, by currency and corridor: run-indicators.ts, docs/indicators.md. */
  readonly indicators: Json<Indicators>;
}

/** What an observation has that a core lets nobody have. */
interface ObservedFigures {
  /** Accounts below what they may owe, by when they first were. */
  readonly belowFloor: readonly (Omit<BelowFloor, 'participant' | 'currency'> & {
    readonly participant: string;
    readonly currency: string;
  })[];
  /** Payments that settled after the close of their currency on their business date. */
  readonly settledAfterClose: number;
}

/** Percentiles are of the time from submission to settlement of settled payments. */
interface DelaySummary extends Percentiles {
  readonly maxMs: number | null;
  /** Settled payments that were queued first. */
  readonly settledAfterQueuing: number;
  /** By currency debited; see delay-indicators.ts and docs/indicators.md. */
  readonly settlementDelayIndicator: Readonly<Record<string, number | null>>;
  /** The same over all submitted: what did not settle, rejected payments too, waits to its day's end. */
  readonly settlementDelayIndicatorSubmitted: Readonly<Record<string, number | null>>;
  readonly valueWeightedDelayMs: Readonly<Record<string, number | null>>;
}

type Given =
  | ('scenario' | 'seed' | 'version' | 'overrides' | 'signatures' | 'repeated' | 'unsent')
  | ('refusedChanges' | 'refusedRequests' | 'conserved' | 'eventsHash' | 'uncapped' | 'proposals')
  | 'chains';

/** What a counterfactual is not, for whoever reads its figures. */
export const COUNTERFACTUAL =
  'The instructions are those that were recorded, at their times. A bank that would have acted otherwise (reordered, cancelled, held back) does not.';

/** What an observation is not, for whoever reads its figures. */
export const OBSERVED =
  'Payments settled when they were observed to settle. Nothing was settled by the core: mechanisms, cycles and reasons of waits are not known.';

/** Members of the summary as they are, and what the others are counted from. */
export interface SummaryInput extends Pick<Summary, Given>, DelayedPayments {
  readonly counterfactualOf?: string | undefined;
  readonly observed?: ObservedFigures | undefined;
  readonly conditions?: ConditionFigures;
  readonly supply?: readonly SupplyFigures[];
  readonly accounts: readonly (AccountBook & { readonly currencyCode: string })[];
  readonly currencies: readonly string[];
  readonly indicators: Indicators;
  readonly defaults: readonly DefaultFigures[];
  /** Value never sent, by currency debited. */
  readonly unsentMinor: (currency: string) => bigint;
  /** Of these payments, where they were summed up before. */
  readonly sums?: PaymentSums;
}

/** What a summary has of each payment. */
export interface PaymentSums {
  readonly counts: Counts;
  readonly values: Values;
  readonly delays: Delays;
}

export const paymentSums = (input: DelayedPayments): PaymentSums => ({
  counts: new Counts(input.payments),
  values: new Values(input.payments),
  delays: new Delays(input),
});

export function summarize(input: SummaryInput): Summary {
  const { counts, values, delays } = input.sums ?? paymentSums(input);
  const { submitted } = counts;
  const settled = counts.of('settled');
  const planned = submitted + input.unsent;
  const by = <T>(figure: (currency: string) => T) =>
    Object.fromEntries(input.currencies.map((currency) => [currency, figure(currency)]));
  const valueWith = (...statuses: readonly PaymentStatus[]) =>
    by((currency) => values.of(currency, ...statuses).toString());
  return {
    scenario: input.scenario,
    seed: input.seed,
    version: input.version,
    overrides: input.overrides,
    ...(input.counterfactualOf !== undefined && { counterfactualOf: input.counterfactualOf }),
    ...(input.observed && { observed: asJson(input.observed) }),
    signatures: input.signatures,
    submitted,
    settled,
    rejected: counts.of('rejected'),
    cancelled: counts.of('cancelled'),
    queuedAtClose: counts.of('queued') + counts.of('accepted'),
    repeated: input.repeated,
    unsent: input.unsent,
    planned,
    settledShare: planned === 0 ? null : ratio(BigInt(settled), BigInt(planned)),
    settledValueShare: by((currency) => {
      const all = values.of(currency, ...STATUSES) + input.unsentMinor(currency);
      return all === 0n ? null : ratio(values.of(currency, 'settled'), all);
    }),
    refusedChanges: input.refusedChanges,
    refusedRequests: input.refusedRequests,
    ...(input.proposals && { proposals: input.proposals }),
    ...(input.chains && { chains: input.chains }),
    ...(input.conditions && { conditions: asJson(input.conditions) }),
    ...(input.supply && { supply: asJson(input.supply) }),
    rejectedByReason: counts.byReason('rejected'),
    cancelledByReason: counts.byReason('cancelled'),
    settledByMechanism: counts.byMechanism(),
    settledValueMinor: valueWith('settled'),
    submittedValueMinor: valueWith(...STATUSES),
    rejectedValueMinor: valueWith('rejected'),
    cancelledValueMinor: valueWith('cancelled'),
    queuedValueMinor: valueWith('queued', 'accepted'),
    unsentValueMinor: by((currency) => input.unsentMinor(currency).toString()),
    defaults: asJson(input.defaults),
    uncapped: input.uncapped,
    delay: {
      ...counts.waits(),
      settlementDelayIndicator: by((currency) => delays.valid(currency).indicator),
      settlementDelayIndicatorSubmitted: by((currency) => delays.submitted(currency).indicator),
      valueWeightedDelayMs: by((currency) => delays.valid(currency).weightedMs),
    },
    liquidity: by((currency) =>
      liquiditySummary(
        input.accounts.filter(({ currencyCode }) => currencyCode === currency),
        values.of(currency, 'settled') + values.paidByDealers(currency),
      ),
    ),
    conserved: input.conserved,
    eventsHash: input.eventsHash,
    indicators: asJson(input.indicators),
  };
}

/** Sums of the amounts, both legs of a trade, by currency. */
class Values {
  readonly #debited = new Map<string, ExactSum[]>();
  readonly #byDealers = new Map<string, ExactSum>();

  constructor(payments: readonly PaymentTable[]) {
    for (const table of payments) this.#add(table);
  }

  #add(table: PaymentTable): void {
    const { currencies, currencies2, dealers, statuses } = table.of;
    const each = () => table.directory.currencies.map(() => STATUSES.map(() => new ExactSum()));
    const debited = each();
    const dealt = each();
    for (let row = 0; row < table.length; row++) {
      const status = statuses[row] as number;
      debited[currencies[row] as number]?.[status]?.addFrom(table.words, row);
      if (dealers[row] !== NONE32)
        dealt[currencies2[row] as number]?.[status]?.addFrom(table.words2, row);
    }
    for (const [handle, { currency }] of table.directory.currencies.entries()) {
      this.#debited.set(currency, debited[handle] as ExactSum[]);
      this.#byDealers.set(currency, dealt[handle]?.[STATUS.settled] as ExactSum);
    }
  }

  /** By currency debited. */
  of(currency: string, ...statuses: readonly PaymentStatus[]): bigint {
    const sums = this.#debited.get(currency) ?? [];
    return statuses.reduce((total, status) => total + (sums[STATUS[status]]?.value ?? 0n), 0n);
  }

  /** What second legs took from dealers' accounts; first legs debit the debtor. */
  paidByDealers(currency: string): bigint {
    return this.#byDealers.get(currency)?.value ?? 0n;
  }
}

export const asJson = <T>(figures: T): Json<T> =>
  JSON.parse(
    JSON.stringify(figures, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
  );

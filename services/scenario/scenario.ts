/**
 * A scenario as the simulator uses it: checked, resolved and complete. Participants and currencies
 * are numbers, counted from 0 in the order of the file; money is bigint in minor units; instants are
 * ms since 1970. `load-scenario.ts` is the only maker.
 */

import type {
  AttestationInstruction,
  ChainCondition,
  ChainEarmark,
  Move,
} from '../protocol/messages/instruction.ts';
import type { Priority } from '../protocol/messages/priorities.ts';
import type { Syntax } from '../protocol/names/content-type.ts';
import type { Rate } from '../protocol/names/minor-units.ts';
import type {
  CurrencyRules,
  PreValidation,
  Role,
  StatementRules,
} from '../protocol/records/control-record.ts';
import type { Rounding } from './decimal-amounts.ts';
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

/** A share (0 to 1) of a date's value that is meant to be settled by a local time of day. */
export interface ThroughputGuideline {
  /** As written. */
  readonly by: string;
  readonly share: number;
  /** The instant on each business date; null on a holiday. */
  readonly atMs: readonly (number | null)[];
}

/** A currency, or a security: what is said of one holds of the other. */
export interface ScenarioCurrency {
  /** ISO 4217, or the ISIN. */
  readonly code: string;
  readonly isSecurity: boolean;
  readonly minorUnits: number;
  /** The most that one payment or leg may have; absent: the network has no policy for it. */
  readonly maximumMinor?: bigint;
  /** What a bank may have set aside of another on a business date; absent: there is no cap. */
  readonly earmarkCapMinorSeconds?: bigint;
  /** Customers' payments of at most so much are remittances; absent: none are. */
  readonly remittancesUpToMinor?: bigint;
  readonly pool: number;
  /** By business date (same index as `businessDates`); null on a holiday. */
  readonly hours: readonly (OpenHours | null)[];
  /** Where participants have limits across currencies: value of a minor unit, and haircut. */
  readonly weight: bigint;
  readonly haircutBasisPoints: number;
  /** Points of the throughput profile that reports hold it against. */
  readonly guidelines: readonly ThroughputGuideline[];
  /** The participant that issues it; null: the operator does. */
  readonly issuer: number | null;
}

/** An amount against one other participant. */
export interface Bilateral {
  readonly counterparty: number;
  readonly amountMinor: bigint;
}

export interface ScenarioAccount {
  readonly currency: number;
  readonly balanceMinor: bigint;
  readonly creditLineMinor: bigint;
  readonly collateral: { readonly amountMinor: bigint; readonly haircutBasisPoints: number } | null;
  /** Caps of deferred net settlement; null: none. */
  readonly netDebitCapMinor: bigint | null;
  readonly bilateralCaps: readonly Bilateral[];
}

export interface ScenarioParticipant {
  readonly bic: string;
  readonly name: string;
  readonly role: Role;
  /** In which it is told of what it did not send itself; absent: JSON. */
  readonly syntax?: Syntax;
  readonly size: number;
  readonly accounts: readonly ScenarioAccount[];
  readonly acrossCurrencies: AcrossCurrencies | null;
}

/** Limits of a participant over all currencies of a pool, in minor units of one; null: none. */
export interface AcrossCurrencies {
  readonly currency: number;
  readonly aggregateShortMinor: bigint | null;
  readonly pooledCollateralMinor: bigint | null;
}

/** One direction of a pair that a dealer quotes: `from` is sold to the dealer. */
export interface ScenarioQuote {
  readonly dealer: number;
  readonly from: number;
  readonly to: number;
  readonly rate: Rate;
  /** Of the amount that it credits. */
  readonly rounding: Rounding;
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

/** What flows of payments and of trades have in common. */
interface FlowBase {
  readonly name: string;
  /** By business date, cut to the hours in which both currencies are open; null: not open. */
  readonly arrivals: readonly (readonly ArrivalPart[] | null)[];
  readonly medianMinor: bigint;
  readonly sigma: number;
  readonly minMinor: bigint;
  readonly maxMinor: bigint;
  /** Weights in the order of PRIORITIES. */
  readonly priorityWeights: readonly number[];
  /** Debtors' agents, each with the creditors' agents it pays. Weights are above 0. */
  readonly counterparties: readonly CounterpartyRow[];
  /** By business date, ms since 1970; null: none. */
  readonly earliestMs: readonly (number | null)[];
  readonly latestMs: readonly (number | null)[];
}

export interface ScenarioFlow extends FlowBase {
  readonly kind: 'customer' | 'bank';
  readonly from: number;
  readonly to: number;
  readonly paymentsPerDate: number;
  /** Dealers with their quote for this direction; empty inside one currency. */
  readonly dealers: readonly { readonly quote: ScenarioQuote; readonly weight: number }[];
  /** Where it is fitted to totals: what takes the place of its counterparties, and of its arrivals. */
  readonly fitted: FittedFlow | null;
}

/** Payments of each date between each two banks and from hour to hour, as totals ask for. */
export interface FittedFlow {
  /** Ordered pairs of participants with payments. */
  readonly pairs: readonly {
    readonly debtorAgent: number;
    readonly creditorAgent: number;
    readonly payments: number;
  }[];
  /** By business date, null where there are none; null: arrivals are as the profile has them. */
  readonly hours: readonly (readonly FittedHour[] | null)[] | null;
  /** Payments a date that were asked for, by participant; and by hour, as written. */
  readonly sent: ReadonlyMap<number, number>;
  readonly received: ReadonlyMap<number, number>;
  readonly byHour: ReadonlyMap<string, number>;
  /** Of the proportional fitting before it is rounded to whole payments. */
  readonly iterations: number;
  readonly deviation: number;
}

export interface FittedHour {
  /** Where the profile has arrivals inside the hour. */
  readonly parts: readonly ArrivalPart[];
  readonly payments: number;
}

/** What the customers of one bank hold with it in one currency. */
export interface ScenarioDeposits {
  readonly bank: number;
  /** Of the bank's reserves. */
  readonly currency: number;
  /** What the customers hold: a currency of its own, which the bank issues. */
  readonly asset: number;
  /** Participants. The bank has their keys, and signs and sends for them. */
  readonly customers: readonly number[];
}

/** Customers of banks that take no part: their accounts stand in messages. Which: customer-accounts.ts. */
export interface ScenarioCustomers {
  /** By participant. */
  readonly counts: readonly number[];
  /** The k-th customer pays and is paid in proportion to 1 / k^activity. */
  readonly activity: number;
  /** Regular payees of each at each bank, and the share of its payments that go to one of them. */
  readonly regulars: number;
  readonly toRegulars: number;
  /** How far an amount is its payer's: a correlation. */
  readonly ownAmounts: number;
}

/** The accounts that a payment debits and credits, as its message names them. */
export interface CustomerAccounts {
  readonly debtor: string;
  readonly creditor: string;
}

/** What is drawn as an amount. */
export type DrawnAmounts = Pick<ScenarioFlow, 'medianMinor' | 'sigma' | 'minMinor' | 'maxMinor'>;

interface AnomalyBase {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** An anomaly of the payments of a flow on a date, which is its place in `flows`. */
interface FlowAnomaly extends AnomalyBase {
  readonly flow: number;
  readonly dateIndex: number;
}

/** Of one bank's payments in it. */
interface BankAnomaly extends FlowAnomaly {
  readonly bank: number;
  readonly payments: number;
}

/** What is injected into the flow, to be found. Payments carry its place in `anomalies`, and no message does. */
export type ScenarioAnomaly =
  | (BankAnomaly & { readonly kind: 'hijackedKey' | 'run'; readonly amounts: DrawnAmounts })
  | (BankAnomaly & { readonly kind: 'mistypedAmount'; readonly factor: bigint })
  | (BankAnomaly & { readonly kind: 'stuckBatch'; readonly times: number })
  | (FlowAnomaly & {
      readonly kind: 'ring';
      readonly banks: readonly number[];
      readonly rounds: number;
      readonly amounts: DrawnAmounts;
    })
  /** It stands among `outages` too. */
  | (AnomalyBase & { readonly kind: 'silentOutage'; readonly bank: number });

/** Payments between customers, each a chain over deposits and reserves; counterparties are their banks. */
export interface ScenarioCustomerFlow extends FlowBase {
  /** Of the payer's deposits, and of the payee's. */
  readonly currency: number;
  readonly to: number;
  readonly paymentsPerDate: number;
  /** Units of `to` for one of `currency`. */
  readonly price: Rate;
  /** Who changes one into the other, with running sums of their weights; null inside one currency. */
  readonly dealers: {
    readonly participants: readonly number[];
    readonly cumulative: readonly number[];
  } | null;
  /** The payee's bank sends its leg up to so much later. */
  readonly sendsWithinMs: number;
}

/** Trades between two banks; a row's debtor delivers `delivers` to its creditor. */
export interface ScenarioTrades extends FlowBase {
  readonly delivers: number;
  readonly receives: number;
  readonly tradesPerDate: number;
  /** Units of `receives` for one of `delivers`. */
  readonly price: Rate;
  readonly counterpartyAfterMs: number;
  /** In every so many trades the second bank does not instruct; null: it always does. */
  readonly unmatchedEvery: number | null;
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
  /** `leg`: it delivers the amount and receives `receives` for it. */
  readonly kind: PaymentKind;
  readonly receives: Received | null;
  /** EndToEndId; null: a number of its own. */
  readonly reference: string | null;
  readonly earliestMs: number | null;
  readonly latestMs: number | null;
  /** Its bank asks for its cancellation so long after it. */
  readonly cancelAfterMs: number | null;
}

/** All that a table lists, in its order: payment-list.ts. */
export interface PaymentList {
  readonly length: number;
  /** LISTED_NUMBERS of each, by the first places of DRAFT (draft-rows.ts); of those beside the rows too, for who looks at times and currencies alone. */
  readonly numbers: Float64Array;
  /** By number in the list, from 0: those that a row does not tell whole. */
  readonly beside: ReadonlyMap<number, ListedPayment>;
  /** Of those in rows; absent or null: its own. */
  readonly references: readonly (string | null)[];
}

export type PaymentKind = 'customer' | 'bank' | 'leg' | 'chainLeg';

/** Legs that settle together or not at all. */
export interface ScenarioChain {
  readonly id: string;
  readonly dateIndex: number;
  readonly atMs: number;
  readonly earliestMs: number | null;
  readonly latestMs: number | null;
  readonly priority: Priority;
  readonly legs: readonly ScenarioChainLeg[];
  /** Null: nothing has to be attested. */
  readonly condition: ScenarioCondition | null;
  /** Null: no money is set aside before it settles. */
  readonly earmark: ScenarioEarmark | null;
  /** Null: its legs lie in one pool. */
  readonly synchronised: ScenarioSynchronised | null;
}

/** Who carries over between the two pools of a chain's legs, and how many of them, the first ones, are of the home pool. */
export interface ScenarioSynchronised {
  readonly operator: number;
  readonly homeLegs: number;
}

export interface ScenarioCondition {
  /** How many of the groups must hold, mandatory ones counted. */
  readonly threshold: number;
  readonly groups: readonly {
    /** How many of its attestors must accept. */
    readonly threshold: number;
    readonly attestors: readonly number[];
    /** It must hold, whatever others do. */
    readonly isMandatory?: true;
  }[];
  /** Null: none. */
  readonly deadlineMs: number | null;
  readonly onSilence: ChainCondition['onSilence'];
}

export interface ScenarioEarmark extends Pick<ChainEarmark, 'when' | 'onExpiry'> {
  readonly expiryMs: number;
}

/** Chains of one form. A leg's amount is that drawn, times its price; its banks are parties drawn. */
export interface ScenarioChainFlow
  extends Omit<FlowBase, 'counterparties'>,
    Pick<ScenarioChain, 'earmark' | 'synchronised'> {
  readonly chainsPerDate: number;
  /** Null: arrivals and amounts are drawn. Else a chain follows every so many records of an attestor, with what it counted. */
  readonly counted: { readonly flow: ScenarioRecordFlow; readonly everyRecords: number } | null;
  /** The currency or security of the amount drawn: that of leg 1. */
  readonly currency: number;
  /** Of each party one is drawn. */
  readonly parties: readonly {
    readonly participants: readonly number[];
    /** Running sums of their weights. */
    readonly cumulative: readonly number[];
  }[];
  readonly legs: readonly ScenarioFlowLeg[];
  /** As of a chain, with places in `parties` for attestors, and ms from the arrival for instants. */
  readonly condition: ScenarioCondition | null;
  /** In the order in which they are recorded. */
  readonly documents: readonly ScenarioChainDocument[];
}

/** What is recorded of each chain of a flow. */
export interface ScenarioChainDocument extends Pick<ListedRecord, 'attestor' | 'recordKind'> {
  /** So long before the chain's arrival. */
  readonly beforeMs: number;
}

/** Of each chain of a flow; agents are places in its `parties`. */
export interface ScenarioFlowLeg extends Omit<ScenarioChainLeg, 'amountMinor' | 'afterMs'> {
  readonly price: Rate;
  readonly afterMs: number;
  /** And up to so much later. */
  readonly withinMs: number;
  /** In every so many chains its bank does not send it; null: it always does. */
  readonly unsentEvery: number | null;
}

/** How a participant answers the conditions that name it; of the rest of the chains it accepts. */
export interface ScenarioAttestor {
  readonly attestor: number;
  /** Log-normal, ms. */
  readonly delay: {
    readonly medianMs: number;
    readonly sigma: number;
    readonly minMs: number;
    readonly maxMs: number;
  };
  readonly refuses: number;
  readonly silent: number;
  /** Of those of which it says something: held first. */
  readonly holds: number;
  /** Of which a forger says that it accepts. */
  readonly forged: number;
  /** Of which what it decided is sent again. */
  readonly replayed: number;
  /** What it keeps the holders of; null: it judges chains by nothing but the draw. */
  readonly registers: number | null;
  readonly validMs: number | null;
}

/** What leaves once, or again later. */
interface SaidAt {
  readonly attestor: number;
  readonly atMs: number;
  readonly repeatAfterMs: number | null;
}

export interface ListedAttestation extends SaidAt {
  readonly chain: ScenarioChain;
  /** Of one of its legs, in the pool to which it is said. */
  readonly currency: number;
  readonly verdict: Exclude<AttestationInstruction['verdict'], 'recorded'>;
  readonly validUntilMs: number | null;
  readonly reason: string | null;
}

/** An attestation that stands alone. */
export interface ListedRecord extends SaidAt {
  /** Null: one of its own. */
  readonly id: string | null;
  /** SHA-256 of the document. */
  readonly digest: Uint8Array;
  readonly recordKind: string;
  /** How far its attestor has counted; null: it counts nothing. */
  readonly counter: bigint | null;
  /** One of the pool's. */
  readonly currency: number;
}

/** Records of many attestors, each of which counts on from one to the next. */
export interface ScenarioRecordFlow
  extends Pick<ListedRecord, 'recordKind' | 'currency'>,
    Pick<FlowBase, 'name' | 'arrivals'> {
  readonly attestors: readonly number[];
  /** Of each attestor. */
  readonly recordsPerDate: number;
  /** What each begins from, and log-normal what it counts between two records. */
  readonly startsAt: number;
  readonly counts: {
    readonly median: number;
    readonly sigma: number;
    readonly min: number;
    readonly max: number;
  };
  /** Of every so many records of the flow: sent once more; with half of the counter that was recorded last. Null: of none. */
  readonly repeatEvery: number | null;
  readonly rollBackEvery: number | null;
}

export interface ScenarioChainLeg {
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly currency: number;
  readonly amountMinor: bigint;
  /** So long after `atMs` its bank sends it; null: never. */
  readonly afterMs: number | null;
}

/** Which leg of which chain a payment is. */
export interface PlannedChainLeg {
  readonly chain: ScenarioChain;
  /** From 1. */
  readonly legNumber: number;
  /** What is attested of the chain, where this leg is planned first of all. */
  readonly answers?: readonly DrawnAnswer[];
}

/** What an attestor says so long after the first leg of a chain was sent. */
export interface DrawnAnswer extends Pick<ListedAttestation, 'attestor' | 'verdict'> {
  readonly afterMs: number;
  /** Why, for people; absent: it says no reason. */
  readonly reason?: string;
  /** So long after it the same message is sent again; absent: it is not. */
  readonly repeatAfterMs?: number;
  /** A forger says it in the attestor's name. */
  readonly isForged?: true;
  /** Of a chain over two pools it says so in both: the network's policy, which each pool applies, names it. */
  readonly isOfBoth?: true;
  /** Null: as long as the chain lives. */
  readonly validMs: number | null;
}

/** What the deliverer of a leg receives. */
export interface Received {
  readonly currency: number;
  readonly amountMinor: bigint;
}

export interface Outage {
  readonly participant: number;
  /** For whom it signs and sends; absent: for nobody. */
  readonly customers?: ReadonlySet<number>;
  /** It goes on sending, and only the others react; absent: it sends nothing. */
  readonly sends?: true;
  readonly fromMs: number;
  /** null: it never sends again. */
  readonly untilMs: number | null;
  /** What the others do about it; null: nothing. */
  readonly reaction: OutageReaction | null;
  /** An anomaly: nothing tells it but its label. */
  readonly isSilent?: true;
}

/** From its instant to the outage's end nobody pays the participant. */
export interface OutageReaction {
  readonly fromMs: number;
  /** Whether they then ask to cancel what they sent it before. */
  readonly cancelsQueued: boolean;
}

interface EveryNth {
  readonly participant: number;
  readonly every: number;
}

interface OfPayments extends EveryNth {
  readonly afterMs: number;
}

/** What happens to an account at an instant. */
interface AccountEvent {
  readonly atMs: number;
  readonly participant: number;
  readonly currency: number;
}

export interface LiquidityEvent extends AccountEvent {
  readonly kind: 'creditLine' | 'collateral' | 'issue' | 'redeem';
  readonly amountMinor: bigint;
  /** Of collateral; else 0. */
  readonly haircutBasisPoints: number;
}

/** A participant's own limit; its message leaves at `atMs`. */
export interface LimitEvent extends AccountEvent {
  readonly kind: 'limit';
  /** Null: multilateral. */
  readonly counterparty: number | null;
  /** Null: none any more. */
  readonly limitMinor: bigint | null;
}

export interface ReservationEvent extends AccountEvent {
  readonly kind: 'reservation';
  readonly priority: 'urgent' | 'high';
  readonly amountMinor: bigint;
}

export interface DefaultEvent {
  readonly kind: 'default';
  readonly atMs: number;
  readonly participant: number;
  /** Null: in all. */
  readonly currency: number | null;
}

/** The operator revokes a participant's key: it has one. */
export interface RevocationEvent {
  readonly kind: 'revocation';
  readonly atMs: number;
  readonly participant: number;
}

export interface CycleEvent {
  readonly kind: 'cycle';
  readonly atMs: number;
  /** Null: of all currencies. */
  readonly currency: number | null;
}

/** What may go from banks of one country to those of another on a date. */
export interface CorridorLimit {
  readonly from: string;
  readonly to: string;
  readonly currency: number;
  readonly limitMinor: bigint;
}

export interface ScenarioSettlement {
  /** By currency. */
  readonly rules: readonly CurrencyRules[];
  /** Of currencies that nothing else is said of: those of the pools' genesis. */
  readonly common: CurrencyRules;
  /** 0: no periodic cycle. */
  readonly cycleEveryMs: number;
  readonly pvpTimeoutMs: number;
  readonly certificates: boolean;
  readonly identityDays: number;
  /** Of a live network; absent: a request to return a payment that nobody answers has no end. */
  readonly recallDays?: number;
  readonly preValidation: readonly PreValidation[];
  readonly corridorLimits: readonly CorridorLimit[];
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
  readonly trades: readonly ScenarioTrades[];
  readonly chains: readonly ScenarioChain[];
  readonly chainFlows: readonly ScenarioChainFlow[];
  readonly deposits: readonly ScenarioDeposits[];
  readonly customerFlows: readonly ScenarioCustomerFlow[];
  /** Null: messages name no accounts of customers. */
  readonly customers: ScenarioCustomers | null;
  readonly anomalies: readonly ScenarioAnomaly[];
  readonly attestations: readonly ListedAttestation[];
  readonly attestors: readonly ScenarioAttestor[];
  readonly records: readonly ListedRecord[];
  readonly recordFlows: readonly ScenarioRecordFlow[];
  readonly listedPayments: PaymentList;
  readonly settlement: ScenarioSettlement;
  /** What banks are told of their accounts; null: what is usual live, nothing in a simulation. */
  readonly statements: StatementRules | null;
  readonly batchSize: number;
  readonly tickMs: number;
  readonly outages: readonly Outage[];
  readonly corruptSignatures: readonly EveryNth[];
  readonly repeatMessages: readonly OfPayments[];
  readonly cancellations: readonly OfPayments[];
  /** Their receivers pay them back. */
  readonly returns: readonly (OfPayments & { readonly percent: number })[];
  readonly reorderings: readonly (OfPayments & {
    readonly priority: Priority;
    readonly move: Move;
  })[];
  readonly liquidityEvents: readonly LiquidityEvent[];
  /** Limits and reservations, those from the beginning among them, in order of time. */
  readonly requestEvents: readonly (LimitEvent | ReservationEvent)[];
  readonly defaults: readonly DefaultEvent[];
  readonly revocations: readonly RevocationEvent[];
  /** Those at fixed times and those of `events`. */
  readonly cycles: readonly CycleEvent[];
  /** The checked document with overrides and defaults, for the record of a run. */
  readonly document: ScenarioDocument;
  /**
   * Of a counterfactual: the eventsHash of the run or the network whose recorded instructions take the
   * place of those that the scenario plans. Its listed payments are among them, and none is here.
   */
  readonly instructionsOf?: string;
  /**
   * Of an observation: when each listed payment settled, by row, ms; null: never. Nothing is settled then,
   * and no rule of settlement is here.
   */
  readonly observedMs?: readonly (number | null)[];
  /** What no file says and makes other events of it: unsigned messages, a mechanism of one's own. */
  readonly variant?: string;
}

/**
 * What the live view's server tells its page. Types alone: the page is compiled for browsers, the
 * server for Node. Money is minor units as decimal strings, times are ms since 1970 unless a name
 * says otherwise.
 */

/** Everything that the page shows. A `delta` event holds the members that changed. */
export interface ViewState {
  readonly network: string;
  readonly version: string;
  /** The server's clock. */
  readonly nowMs: number;
  readonly participants: readonly ViewParticipant[];
  readonly currencies: readonly ViewCurrency[];
  readonly pools: readonly ViewPool[];
  readonly totals: Totals;
  /** Of the last SERIES_SECONDS, one a second in which something happened, rising. */
  readonly points: readonly SecondPoint[];
  /** Of the last minute. */
  readonly finality: Finality;
  readonly accounts: readonly AccountState[];
  readonly corridors: readonly CorridorState[];
  readonly flows: readonly Flow[];
  /** The newest last; of those that changed. */
  readonly feed: readonly FeedRow[];
  /** The newest last. */
  readonly cycles: readonly CycleRow[];
  readonly alerts: readonly Alert[];
  /** Those that are not closed, the critical first, then the oldest; CASE_ROWS at most. */
  readonly cases: readonly OpenCase[];
  /** How many are not closed. */
  readonly openCases: number;
  /** The newest first, WATCHED_ROWS at most. */
  readonly watched: readonly WatchedAlert[];
  /** Of each pool whose payments a model scores, as far as metrics is heard of. */
  readonly watches: readonly WatchState[];
  readonly services: readonly ServiceState[];
  /** Of each pool that has had any. */
  readonly chains: readonly ChainsState[];
  /** Null: no scenario is driven. */
  readonly drive: DriveState | null;
}

export type ViewDelta = Partial<ViewState>;

/** What a pool's chains, earmarks and attestations came to since its founding, and how they stand. */
export interface ChainsState {
  readonly pool: string;
  /** Chains whose legs had all come, and what became of them (docs/indicators.md). */
  readonly matched: number;
  readonly met: number;
  readonly metBySilence: number;
  readonly settled: number;
  readonly refused: number;
  readonly deadline: number;
  readonly expired: number;
  readonly capped: number;
  readonly unearmarked: number;
  readonly promised: number;
  /** Neither settled nor ended; of these so many wait for attestors. */
  readonly waiting: number;
  readonly awaitingAttestors: number;
  /** Legs. */
  readonly earmarks: {
    readonly set: number;
    readonly settled: number;
    readonly expired: number;
    readonly released: number;
  };
  /** In all accounts now. */
  readonly earmarked: readonly { readonly currency: string; readonly minor: string }[];
  readonly attestations: readonly AttestorState[];
  readonly chains: readonly WaitingChain[];
}

/** What an attestor said that counted, and how often what it said did not. */
interface AttestorState {
  readonly attestor: string;
  readonly accepted: number;
  readonly refused: number;
  readonly held: number;
  readonly recorded: number;
  readonly notCounted: number;
}

export interface WaitingChain {
  /** Of its leg 1, with which it is opened. */
  readonly position: number;
  readonly uetr: string;
  readonly legs: number;
  /** When its last leg had come. */
  readonly sinceMs: number;
  /** When its condition was met; null: it is not, or there is none. */
  readonly metMs: number | null;
  /** Legs that are set aside. */
  readonly earmarks: number;
  /** Who still has to accept, in words; null: nobody. */
  readonly awaited: string | null;
  /** Who holds it. */
  readonly holders: readonly string[];
  readonly deadlineMs: number | null;
  readonly silenceSettles: boolean;
}

interface ViewParticipant {
  readonly bic: string;
  readonly name: string;
  readonly role: string;
}

export interface ViewCurrency {
  readonly code: string;
  readonly minorUnits: number;
  readonly pool: string;
  readonly isOpen: boolean;
  /** Balances add up to what was issued less what was redeemed. */
  readonly isConserved: boolean;
}

export interface ViewPool {
  readonly pool: string;
  /** Number of the last event. */
  readonly events: number;
  /** Up to this event banks are told what is final; null: they are told at once, and wait for no quorum of auditors. */
  readonly final: number | null;
  /** Of the hash chain at that event, hex. */
  readonly digest: string;
  /** Why the view cannot follow the pool's history any more. */
  readonly fault: string | null;
  /** Null: no cycles run in it. */
  readonly cycle: CycleState | null;
  /** The last check of the analysis store; null: none was heard of. */
  readonly check: CheckState | null;
  /** Its transparency log; null: none was heard of. */
  readonly sealed: SealState | null;
  /** Who agreed to that log; null: nobody has said. */
  readonly cosigned: CosignedState | null;
}

/** The last checkpoint of a pool's log that was heard of. */
export interface SealState {
  readonly atMs: number;
  /** Up to this event. */
  readonly eventNumber: number;
}

/** How far a pool's log is cosigned, as a gateway saw it. */
export interface CosignedState {
  readonly atMs: number;
  /** Up to this event by the policy's quorum; 0: not yet. */
  readonly eventNumber: number;
  /** The policy's witnesses by the names of their keys; auditors are of them. */
  readonly cosigners: readonly { readonly name: string; readonly size: number }[];
}

export interface CycleState {
  /** Time between two cycles; 0: only before a close, and when the operator asks. */
  readonly everyMs: number;
  /** Null: nothing is open, or `everyMs` is 0. */
  readonly nextMs: number | null;
}

/** What a reconciliation of the analysis store with clearing's own totals found. */
export interface CheckState {
  readonly atMs: number;
  /** Up to this event. */
  readonly eventNumber: number;
  readonly figures: number;
  readonly differences: number;
}

export interface Totals {
  /** Payments; a PvP of two legs is one. */
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Waiting now: in queues, and for an opening, a time or the other leg. */
  readonly queued: number;
  /** Accepted for netting, now. */
  readonly accepted: number;
  /** Messages seen before. */
  readonly repeated: number;
  readonly byMechanism: Readonly<Record<string, number>>;
  /** By ISO 20022 code. */
  readonly byReason: Readonly<Record<string, number>>;
}

/** Times to finality, ms; null: nothing settled. */
interface FinalityTimes {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** One second, by when the log took the events; the times are of the ten seconds up to it. */
export interface SecondPoint extends FinalityTimes {
  /** The same times of a driven scenario's payments, in the scenario's time. */
  readonly scenario?: FinalityTimes;
  readonly atS: number;
  readonly submitted: number;
  readonly settled: number;
  readonly rejected: number;
  /** Waiting at its end. */
  readonly queued: number;
}

/** From the log's append of the payment to its append of the settlement, ms. */
export interface Finality extends FinalityTimes {
  readonly count: number;
  /** In a driven scenario's time, of what it sent; left out where nothing of it settled. */
  readonly scenario?: FinalityTimes;
}

export interface AccountState {
  readonly bic: string;
  readonly currency: string;
  readonly balance: string;
  /** Credit capacity: the balance may go down to minus it. */
  readonly credit: string;
  /** The highest of all its balances: what bars are drawn against. */
  readonly peak: string;
  readonly waiting: number;
  readonly waitingMinor: string;
  /** When the oldest that waits was submitted. */
  readonly oldestMs: number | null;
  /** The same in a driven scenario's time; left out of what waited before the drive began. */
  readonly oldestScenarioMs?: number;
  readonly head: Head | null;
  /** Left out: no full hour of an open date has passed, or the account finds no liquidity: of a customer, or its issuer's. */
  readonly need?: AccountNeed;
}

/** What a bank's payments will take above what they bring until the close, as of a full hour of the date (docs/indicators.md). */
export type AccountNeed =
  /** Four dates in five lie from lower to upper. */
  | {
      readonly kind: 'forecast';
      readonly atMs: number;
      readonly lowerMinor: string;
      readonly middleMinor: string;
      readonly upperMinor: string;
    }
  /** A forecast rests on so many dates before, at least. */
  | { readonly kind: 'tooShort'; readonly datesMin: number };

/** The first payment of an account's queue, with what it debits that account. */
export interface Head {
  readonly uetr: string;
  readonly amountMinor: string;
  readonly creditor: string;
  readonly wait: ViewWait;
}

/** Why a payment waits, and what would release it. */
export interface ViewWait {
  readonly kind:
    | 'short'
    | 'turn'
    | 'unmatched'
    | 'condition'
    | 'accepted'
    | 'closed'
    | 'cycle'
    | 'other';
  readonly shortages: readonly WaitShortage[];
  /** In whose queue something stands before it, or before its other leg. */
  readonly behind: { readonly bic: string; readonly currency: string } | null;
  /** Null: it stands in no queue. */
  readonly release: ViewRelease | null;
  /** Payments to the payer that wait elsewhere in the same currency. */
  readonly incoming: number;
  readonly incomingMinor: string;
  /** False: too much waits to count what must go before it; `shortages` are of it by itself. */
  readonly isWhole: boolean;
}

export type ViewRelease =
  /**
   * The smallest amount that, added to the payer's balance, settled it at once or in a cycle run
   * then, as the queues stood at that time.
   */
  | { readonly kind: 'releases'; readonly amountMinor: string; readonly atMs: number }
  /** No amount there did. */
  | { readonly kind: 'none'; readonly atMs: number }
  /**
   * `pending`: it is being worked out; `rules`: those of the queues are not worked out outside the
   * core; `time`: it took too long; `many`: too much waits to try.
   */
  | { readonly kind: 'notKnown'; readonly why: 'pending' | 'rules' | 'time' | 'many' };

export interface WaitShortage {
  readonly by:
    | 'balance'
    | 'bilateralLimit'
    | 'multilateralLimit'
    | 'aggregateShortLimit'
    | 'pooledCollateral';
  readonly bic: string;
  readonly currency: string;
  /** Of a bilateral limit. */
  readonly counterparty: string | null;
  readonly amountMinor: string;
}

/** Payments between two currencies, or within one. */
export interface CorridorState {
  /** As the analysis store names it: `EUR`, `EUR-USD`, of trades `EUR/USD`, with `?` for what is not known yet. */
  readonly corridor: string;
  /** The currency debited. */
  readonly from: string;
  readonly settled: number;
  /** In `from`. */
  readonly valueMinor: string;
  readonly queued: number;
}

/** Settled value of one bank's in one corridor, as payer or as payee, in the currency debited. */
export interface Flow {
  readonly side: 'debtor' | 'creditor';
  readonly bic: string;
  readonly corridor: string;
  readonly from: string;
  readonly valueMinor: string;
}

/** What an event says of a payment. */
interface PaymentNews {
  readonly pool: string;
  readonly eventNumber: number;
  /** Position of the payment's record in the pool's input: with `pool` its name. */
  readonly position: number;
  /** ISO 20022: PDNG, ACSP, ACSC, RJCT, CANC. */
  readonly status: string;
  readonly atMs: number;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly amountMinor: string;
  /** Of what is credited; equal to `currency` without a conversion. */
  readonly currency2: string;
  readonly amount2Minor: string;
  readonly mechanism: string;
  /** ISO 20022 code; empty: none. */
  readonly reason: string;
}

export interface FeedRow extends PaymentNews {
  /** Empty: the message has no UETR. */
  readonly uetr: string;
  /** Since its submission; in a driven scenario's time too, where it came in that. */
  readonly afterMs: number;
  readonly afterScenarioMs?: number;
}

export interface CycleRow {
  readonly pool: string;
  /** Of the last run. */
  readonly number: number;
  /** Of the first run's `cycled` event: with `pool` the row's name. */
  readonly eventNumber: number;
  readonly atMs: number;
  /** Runs one after the other that settled nothing, and since when; else 1. */
  readonly runs: number;
  readonly sinceMs: number;
  readonly mechanism: string;
  /** Empty: all currencies together. */
  readonly currency: string;
  /** As docs/indicators.md has them; runs that found nothing to do are left out. */
  readonly outcome: 'resolved' | 'deadlock' | 'gridlock' | 'undecided' | 'netted' | 'unwound';
  readonly settled: number;
  readonly left: number;
  /** Settled by it, by currency debited. */
  readonly value: Readonly<Record<string, string>>;
  /** What holds up what it left, as the core certified: the largest few. */
  readonly heldUp: readonly (WaitShortage & { readonly uetr: string })[];
}

export interface Alert {
  readonly id: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly detail: string;
  /** What of it changes while it stands: shown, and not spoken. */
  readonly figures?: string;
  readonly sinceMs: number;
}

/** A case of an alert (live/case-book.ts) that is not closed. */
export interface OpenCase {
  readonly id: string;
  readonly severity: Alert['severity'];
  readonly title: string;
  readonly summary: string;
  readonly openedMs: number;
  /** Since when its rule fires no more; null: it does. */
  readonly stoppedMs: number | null;
  readonly acknowledged: {
    readonly atMs: number;
    readonly by: string;
    readonly why: string;
  } | null;
  /** Of an outage: what is trapped at the bank, and who waits. Minor units. */
  readonly held: {
    readonly trapped: readonly { readonly currency: string; readonly amountMinor: string }[];
    readonly waiting: readonly {
      readonly currency: string;
      readonly bic: string;
      readonly payments: number;
    }[];
  } | null;
}

/** A payment whose score by a model of the watched flow is an alert (docs/watch.md). */
export interface WatchedAlert {
  readonly pool: string;
  /** SHA-256 of the model's file. */
  readonly model: string;
  readonly atMs: number;
  readonly uetr: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly amountMinor: string;
  readonly score: number;
  /** In words, what moved the score most first. */
  readonly reasons: readonly string[];
}

/** How the scoring of a pool's payments goes (docs/watch.md). */
export interface WatchState {
  readonly pool: string;
  /** SHA-256 of the model's file. */
  readonly model: string;
  /** Scored since metrics began. */
  readonly payments: number;
  /** Of the last hour, by the network's clock. */
  readonly hourPayments: number;
  readonly hourAlerts: number;
  /** From so many alerts among the payments of the last hour on a case opens. */
  readonly caseFrom: number;
  /** Why no payment is scored any more; empty: it goes on. */
  readonly ended: string;
}

/** What became of an operator's word on a case. */
export interface CaseAnswer {
  readonly id: string;
  readonly outcome: 'done' | 'refused';
  readonly reason: string | null;
  readonly detail: string | null;
}

/** As service-book.ts decides: a service stops over a fault, and is silent where it says nothing. */
export interface ServiceState {
  readonly service: string;
  readonly reader: string;
  readonly instance: string;
  readonly state: 'stopped' | 'silent' | 'ready' | 'notReady';
  readonly lagRecords: number;
  readonly lagMs: number;
  /** Records of its last second. */
  readonly records: number;
  readonly atMs: number;
  readonly fault: string;
}

/** As services/live/drive-port.ts has it. */
export interface DriveState {
  readonly scenario: string;
  readonly state: 'running' | 'paused' | 'ended';
  readonly timeMs: number;
  readonly endsAtMs: number;
  readonly speed: number;
  readonly speeds: readonly number[];
  readonly reachedSpeed: number | null;
  readonly afterwards: string;
}

/** `GET /payments/{uetr}`, with `?whole=true` after a search of all of the log: what it has of a payment. */
export interface PaymentHistory {
  readonly uetr: string;
  /** Of the payment's record in the pool's input: of others under the same UETR there are steps too. */
  readonly position: number;
  /** False: every message under the UETR was refused. */
  readonly isTaken: boolean;
  /** False: steps between the first and the last are left out; a search of the whole log has them. */
  readonly complete: boolean;
  readonly steps: readonly HistoryStep[];
  readonly original: OriginalView | null;
  /** Of one that waits. */
  readonly wait: ViewWait | null;
  /** The command that explains it to the last, whatever waits; empty: none can. */
  readonly explainedBy: string;
}

export interface HistoryStep extends PaymentNews {
  /** The driven scenario's time then. */
  readonly scenarioMs?: number;
  /** Null: it stands for itself. Else for so many of its kind one after the other, the last of them. */
  readonly repeats: {
    /** Of `heldUp` the cycles, each of which states every shortage. */
    readonly count: number;
    readonly firstEvent: number;
    readonly firstCycle: number;
    readonly sinceMs: number;
  } | null;
  readonly kind: string;
  readonly dealer: string;
  readonly reasonText: string;
  readonly cycle: number;
  /** Of a `heldUp` event and those of the same cycle that stand beside it. */
  readonly shortages: readonly WaitShortage[];
  /** Of a settlement: the balances that it stated, by account. */
  readonly balances: readonly { bic: string; currency: string; balanceMinor: string }[];
  readonly place: EventPlace;
}

/** Where an event lies: what a reader of the topic holds against its own chain. */
interface EventPlace {
  readonly topic: string;
  readonly logOffset: number;
  readonly firstNumber: number;
  readonly count: number;
  readonly digestBefore: string;
  readonly digestAfter: string;
  /** When the log took the message. */
  readonly appendedAtMs: number;
  /** Position of the input record that caused it. */
  readonly inputPosition: number;
}

export interface OriginalView {
  readonly messageType: string;
  readonly sender: string;
  readonly keyId: string;
  readonly issuedAtMs: number;
  /** When `payments` took it. */
  readonly appendedAtMs: number;
  readonly partition: number;
  readonly logOffset: number;
  readonly signature: string;
  readonly payloadDigest: string;
  /** The payload as text, as it was signed; null: of a message that failed authentication. */
  readonly payload: string | null;
}

/** `GET /pools/{pool}/events/{number}/proof`: enough to compute the chain over the event again. */
export interface EventProof {
  readonly pool: string;
  readonly eventNumber: number;
  /** The event's own 128 bytes, hex. */
  readonly event: string;
  /** The first event of the link that holds it, and the digest at the end of the link before. */
  readonly firstNumber: number;
  readonly digestBefore: string;
  /** Events from `firstNumber` to the end of the event's message, base64. */
  readonly events: string;
  /** Events of one link. */
  readonly linkEvents: number;
  /** As the message in the log says: what must come out. */
  readonly digestAfter: string;
}

import type { CommandOutcome, CycleOutcome, EventKind, HeldUpBy, Mechanism } from './events.ts';
import type { Reason } from './reasons.ts';
import type { Verdict } from './records.ts';

/**
 * Events as they are read: by kind, with the names of what each kind tells. Participants and
 * currencies are handles, amounts minor units, times ms since 1970. Bytes are views into the events.
 * Layout, and what is written when: events.ts.
 */

interface OfAccount {
  readonly participant: number;
  readonly currency: number;
}

/** An account whose balance after it the event states. */
interface OfBalance extends OfAccount {
  readonly balance: bigint;
}

/** What is booked on an account. */
interface OfAmount extends OfBalance {
  readonly amount: bigint;
}

interface OfCycle {
  /** 0: outside a cycle. */
  readonly cycle: number;
}

interface WithReason {
  readonly reason: Reason;
}

/** Which leg of a chain it is, from 1, of how many (0 of a pair). */
interface OfLeg {
  readonly legNumber: number;
  readonly legCount: number;
}

/** A leg, and of the account that it debits the balance and what is set aside of it, after the event. */
interface SetAside extends OfLeg {
  readonly balance: bigint;
  readonly earmarked: bigint;
}

/** The message that an event is about, and who sent it. */
interface OfMessage {
  readonly messageType: number;
  /** 16 bytes: UETR or id. */
  readonly id: Uint8Array;
  /** Position of the payment's record; of other messages their own. */
  readonly paymentPosition: number;
  readonly debtorAgent: number;
}

/** The terms of a payment, or of the quote or request in its place. */
export interface EventTerms extends OfMessage {
  /** Place in PRIORITIES. */
  readonly priority: number;
  readonly creditorAgent: number;
  readonly dealer: number;
  /** Debited. */
  readonly currency1: number;
  /** Credited; NO_CURRENCY: the same. */
  readonly currency2: number;
  readonly amount1: bigint;
  /** 0 where `currency2` is NO_CURRENCY; of a return the position of its original (protocol/records/event-payment). */
  readonly amount2: bigint;
}

/** What a settlement does to one account: `amount` is added, negative for a debit. */
export type Booking = OfAmount;

export interface EventFields {
  genesis: { readonly rulesVersion: number };
  participantAdded: { readonly participant: number };
  currencyAdded: { readonly currency: number };
  accountOpened: OfBalance & { readonly opening: bigint; readonly creditLine: bigint };
  creditLineSet: OfBalance & { readonly creditLine: bigint };
  /** Amounts above 0. */
  issued: OfAmount;
  redeemed: OfAmount;
  /** Dates are days since 1970. */
  opened: { readonly currency: number; readonly date: number; readonly closesAtMs: number };
  /** `queued`: payments that were queued in it. */
  closed: { readonly currency: number; readonly date: number; readonly queued: number };
  quoted: OfMessage & {
    /** Base and quote currency. */
    readonly currency1: number;
    readonly currency2: number;
    /** Base amount covered. */
    readonly amount1: bigint;
    readonly rateMantissa: bigint;
    readonly rateScale: number;
    readonly validUntilMs: number;
  };
  /**
   * A payment's part of a quote, or below zero what it gives back: `amount1` of the base and `amount2` of
   * the quote currency. `quote`: the id, 16 bytes. `left`: of what the quote covers.
   */
  quoteUsed: EventTerms & {
    readonly quote: Uint8Array;
    readonly rateMantissa: bigint;
    readonly rateScale: number;
    readonly left: bigint;
  };
  /** `quoteWithdrawn` by its dealer, or `quoteExpired`. */
  quoteEnded: OfMessage &
    WithReason & {
      readonly currency1: number;
      readonly currency2: number;
      readonly rateMantissa: bigint;
      readonly rateScale: number;
      readonly left: bigint;
    };
  /** An authentication failure. Of the message nothing holds but the sender that it names. */
  noticed: OfMessage & WithReason & { readonly digest: Uint8Array };
  keyChanged: {
    readonly participant: number;
    readonly isRevoked: boolean;
    readonly publicKey: Uint8Array;
  };
  queued: EventTerms;
  settled: EventTerms &
    OfCycle & {
      readonly mechanism: Mechanism;
      /**
       * The debtor's agent first, the creditor's last, a dealer's two between them. What deferred
       * net settlement settles is booked by its nets: balances are those after them.
       */
      readonly bookings: readonly Booking[];
    };
  /** `digest`: SHA-256 of the payload. */
  rejected: EventTerms & WithReason & { readonly digest: Uint8Array };
  cancelled: EventTerms & WithReason;
  carriedOver: EventTerms;
  /** `outcome`: the kind of event that gave the first message its present outcome. */
  repeated: EventTerms & WithReason & { readonly outcome: EventKind };
  /** A control record that makes no sense where it stands: a number of RECORD_KINDS. */
  refused: WithReason & { readonly recordKind: number };
  cycled: OfCycle & {
    readonly mechanism: Mechanism;
    /** Who proposed it; empty: nobody, the core found it. */
    readonly proposer: string;
    /** Null: gridlock resolution over all currencies that do it, or a proposal for all. */
    readonly currency: number | null;
    readonly outcome: CycleOutcome;
    /** Payments. `left`: still queued; of netting: unwound. */
    readonly settled: number;
    readonly left: number;
  };
  setRefused: OfCycle &
    WithReason & {
      /** Its number in the proposal, from 1. */
      readonly set: number;
      /** What it leaves short; `none`: a member cannot be in it, for the reason. */
      readonly by: HeldUpBy;
      readonly participant: number | null;
      readonly currency: number | null;
      readonly counterparty: number | null;
      readonly amount: bigint;
      /** That member's; else of the proposal's record. */
      readonly paymentPosition: number;
    };
  /** `debtorAgent` tells `receiver`; `paymentPosition`: of the settled payment that it is about. */
  passedOn: OfMessage & { readonly receiver: number };
  /** What `debtorAgent` asked `receiver` is answered no more; `id` and type: of the settled payment. */
  recallEnded: OfMessage & WithReason & { readonly receiver: number };
  /** `debtorAgent`: the attestor. `mate`: position of the lowest leg of the chain that lives. `termsDigest`: 20 bytes. */
  attested: OfMessage & {
    readonly verdict: Verdict;
    readonly legCount: number;
    readonly mate: number;
    readonly termsDigest: Uint8Array;
  };
  /** `mate`: position of leg 1. */
  triggered: EventTerms & OfLeg & { readonly mate: number };
  earmarked: EventTerms & SetAside;
  released: EventTerms & WithReason & SetAside;
  /** Of each leg of a chain that goes on without earmarks, as a cap would be passed. */
  notEarmarked: EventTerms & WithReason & SetAside;
  /** Of each leg of a chain that waits for its decision alone: nothing else ends it. */
  promised: EventTerms & SetAside;
  /** `debtorAgent`: the attestor. `documentDigest`: the first 20 bytes of SHA-256. `counter`: null: none. */
  recorded: OfMessage & { readonly counter: bigint | null; readonly documentDigest: Uint8Array };
  /** `isBypass`: by bypass FIFO from now on, else by FIFO. */
  rulesSet: { readonly currency: number; readonly isBypass: boolean };
  issuerSet: OfAccount;
  /** `creditCapacity`: of the line, and the collateral after its haircut. */
  collateralSet: OfBalance & { readonly creditCapacity: bigint };
  /** `counterparty`: to whom a bilateral cap is granted; null: its own net debit cap. */
  capSet: OfAccount & { readonly counterparty: number | null; readonly cap: bigint | null };
  limitSet: OfMessage &
    OfAccount & {
      /** Null: a multilateral limit. */
      readonly counterparty: number | null;
      /** Null: no limit from now on. */
      readonly limit: bigint | null;
    };
  /** `priority`: the class that it is for. */
  reservationSet: OfMessage & OfAccount & { readonly priority: number; readonly amount: bigint };
  /** Null: about all of its accounts. */
  queried: OfMessage &
    WithReason & {
      readonly participant: number;
      readonly currency: number | null;
      /** Of the payment that was asked about the event that gave it its present outcome; null: about none. */
      readonly outcome: EventKind | null;
      /** Of a payment that settled, and that can be returned. */
      readonly settled: {
        readonly currency: number;
        /** What has not been returned of the amount credited. */
        readonly left: bigint;
        /** Its cancellation was asked for, and the creditor's agent has not decided. */
        readonly isRecalled: boolean;
        /** What the creditor's agent says of its customer; null: nothing. */
        readonly isCredited: boolean | null;
      } | null;
    };
  /** `priority`: after it. */
  reordered: OfMessage & { readonly priority: number };
  /**
   * `mate`: position of the other leg; of a leg of a chain that of its leg 1, and which leg it is, from 1, of how
   * many (0 of a pair).
   */
  matched: EventTerms & OfLeg & { readonly mate: number };
  accepted: EventTerms;
  /** A net position that a cycle settled; of one in default what it paid of it. */
  netted: OfCycle & OfAmount;
  /** `amount`: the shortfall. */
  defaulted: OfCycle & OfAmount;
  /** `amount`: the share of the defaulter's loss that the participant bears. */
  lossShared: OfCycle & OfAmount & { readonly defaulter: number };
  unwound: EventTerms & WithReason;
  heldUp: OfCycle &
    OfAccount & {
      readonly paymentPosition: number;
      readonly id: Uint8Array;
      /** `none`: nothing is short, only the rules of its currencies hold it. */
      readonly by: HeldUpBy;
      /** Where a bilateral limit is short. */
      readonly counterparty: number | null;
      readonly amount: bigint;
    };
  valuationSet: {
    readonly currency: number;
    readonly weight: bigint;
    readonly haircutBps: bigint;
  };
  /** Null: no such limit. */
  crossLimitSet: OfAccount & {
    readonly aggregateShort: bigint | null;
    readonly pooledCollateral: bigint | null;
  };
  corridorLimitSet: {
    readonly currency: number;
    /** Countries, ISO 3166. */
    readonly from: string;
    readonly to: string;
    readonly limit: bigint;
    /** By what has settled on the date, and by what has been accepted and lives. */
    readonly used: bigint;
  };
  commanded: WithReason & {
    /** The first 16 bytes of SHA-256 of the command's id. */
    readonly id: Uint8Array;
    readonly outcome: CommandOutcome;
    /** Of what was signed. */
    readonly digest: Uint8Array;
  };
}

/** The event of a kind, or of one of several. */
export type EventOf<Kind extends EventKind> = {
  readonly [One in Kind]: {
    readonly kind: One;
    readonly number: number;
    /** Of the input record that caused it. */
    readonly position: number;
    readonly timeMs: number;
  } & EventFields[One];
}[Kind];

export type SettlementEvent = EventOf<EventKind>;

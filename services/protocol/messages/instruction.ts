import type { EarmarkTime, Reply, Verdict } from '../../core/settlement/records.ts';
import type { Bic, Uetr } from '../names/bic-and-uetr.ts';
import type { Rate } from '../names/minor-units.ts';
import type { Refusal } from '../rules/refusal.ts';
import type { PaymentType, QUOTE, RETURN, TransferType } from './message-types.ts';
import type { Priority } from './priorities.ts';

export type { Refusal };

/** Where a re-ordered payment goes in its class, by the number that records carry. */
export const MOVES = ['end', 'front'] as const;
export type Move = (typeof MOVES)[number];

/** The second leg of a payment that changes currency: the dealer pays it out of its own account. */
export interface Conversion {
  readonly dealer: Bic;
  readonly currency: string;
  /** Minor units of `currency` that the creditor's agent receives. */
  readonly amountMinor: bigint;
  /** Units of `currency` for one unit of the debited currency. */
  readonly rate: Rate;
}

/**
 * When a payment may settle: seconds after 00:00 UTC of the day before its settlement date (see
 * settlement-times); 0 stands for none.
 */
export interface SettlementTimes {
  /** Before it the payment is not queued. */
  readonly earliest: number;
  /** At it the payment is cancelled. */
  readonly latest: number;
}

/** A payment as clearing sees it: what a credit transfer says that settlement depends on. */
export interface PaymentInstruction {
  readonly messageId: string;
  readonly endToEndId: string;
  readonly uetr: Uetr;
  readonly instructingAgent: Bic;
  readonly debtorAgent: Bic;
  readonly creditorAgent: Bic;
  /** The currency debited. */
  readonly currency: string;
  /** Minor units debited from the debtor's agent. */
  readonly amountMinor: bigint;
  /** YYYY-MM-DD. */
  readonly settlementDate: string;
  readonly priority: Priority;
  readonly conversion: Conversion | null;
  /** Absent: at any time. */
  readonly times?: SettlementTimes;
}

/**
 * One leg of a PvP or DvP: the instructing agent delivers to the counterparty and receives from it.
 * It meets the counterparty's leg with the same EndToEndId and mirrored terms.
 */
export interface LegInstruction
  extends Omit<
    PaymentInstruction,
    'debtorAgent' | 'creditorAgent' | 'currency' | 'amountMinor' | 'conversion'
  > {
  readonly counterparty: Bic;
  /** A currency's code, or a security's ISIN on one of the two sides. */
  readonly delivers: string;
  readonly deliversMinor: bigint;
  readonly receives: string;
  readonly receivesMinor: bigint;
}

/** What a leg of a chain moves: so many minor units from one bank to the other. */
export interface ChainLeg {
  readonly debtorAgent: Bic;
  readonly creditorAgent: Bic;
  /** A currency's code, or a security's ISIN. */
  readonly code: string;
  readonly minor: bigint;
}

/** Attestors of whom so many must accept. */
export interface AttestorGroup {
  readonly threshold: number;
  readonly attestors: readonly Bic[];
  /** It must hold, whatever others do. */
  readonly isMandatory?: true;
}

/** What must be attested before a chain settles. */
export interface ChainCondition {
  readonly groups: readonly AttestorGroup[];
  /** How many of the groups must hold, mandatory ones counted. */
  readonly threshold: number;
  /** As it stands in the message: a time with a zone on the settlement date; null: none. */
  readonly deadline: string | null;
  /** What follows at the deadline from attestors that were silent. */
  readonly onSilence: 'release' | 'settle';
}

/** That the money of a chain's legs is set aside before it settles. */
export interface ChainEarmark {
  /** Once the chain is complete, or once its condition is met. */
  readonly when: Exclude<EarmarkTime, 'none'>;
  /** As the deadline of a condition. */
  readonly expiry: string;
  /** What then becomes of the chain: it ends, or goes on without an earmark. */
  readonly onExpiry: 'release' | 'continue';
}

/** That the legs of a chain lie in two pools, and who carries what the first does over to the second. */
export interface Synchronised {
  /** The synchronisation operator: a participant that attests, and is no agent of a leg. */
  readonly operator: Bic;
  /** So many legs, the first ones, are of the home pool, which decides. */
  readonly homeLegs: number;
}

/** One leg of a chain, instructed by the bank that it debits, which signs the terms of all. */
export interface ChainLegInstruction
  extends Pick<
    PaymentInstruction,
    'messageId' | 'uetr' | 'instructingAgent' | 'settlementDate' | 'priority' | 'times'
  > {
  readonly chainId: string;
  readonly legs: readonly ChainLeg[];
  readonly condition?: ChainCondition;
  readonly earmark?: ChainEarmark;
  readonly synchronised?: Synchronised;
  /** Which of the legs it instructs, from 1. */
  readonly legNumber: number;
  /** 32 bytes: legs with one digest are of one chain. */
  readonly termsDigest: Uint8Array;
}

/** Asks to cancel a payment that the sender sent. */
export interface CancellationRequest {
  /** The message's own id; so in the types below. */
  readonly id: string;
  readonly sender: Bic;
  readonly uetr: Uetr;
  /** The type of the payment's message: a payment is known by sender, type and UETR. A dealer's quote too. */
  readonly paymentType: PaymentType | typeof RETURN | typeof QUOTE;
  /** Of a return its MsgId, by which it is known in place of the UETR, which is its payment's. */
  readonly returnId?: string;
  /** A currency of the payment, which tells the pool; null: that of the network's only pool. */
  readonly currency: string | null;
}

/** Pays a settled payment back to its sender. */
export interface ReturnInstruction {
  readonly id: string;
  /** The creditor's agent of the payment. */
  readonly sender: Bic;
  /** The agent that sent the payment. */
  readonly receiver: Bic;
  /** Of the payment. */
  readonly uetr: Uetr;
  readonly paymentType: TransferType;
  /** What its sender called the payment's message; nothing is held against it. */
  readonly originalMessageId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly settlementDate: string;
  readonly priority: Priority;
}

/** What the creditor's agent tells the sender of a settled payment. */
export interface ReplyInstruction extends Omit<CancellationRequest, 'paymentType' | 'returnId'> {
  /** The agent that sent the payment. */
  readonly receiver: Bic;
  readonly paymentType: TransferType;
  readonly reply: Reply;
}

/** What an attestor says of a chain, or of a document. */
export interface AttestationInstruction {
  readonly id: string;
  /** The attestor. */
  readonly sender: Bic;
  readonly verdict: Verdict;
  /** 32 bytes: of the chain's terms, or of the document. */
  readonly digest: Uint8Array;
  /** Of the chain; null: it stands alone. */
  readonly chain: {
    readonly settlementDate: string;
    readonly legCount: number;
    /** Null: as long as the chain lives. */
    readonly validUntilMs: number | null;
    /** In words; null: none is given. */
    readonly reason: string | null;
    /** Position of the record of the leg 1 that is meant; absent: of whichever chain has these terms. */
    readonly leg1Position?: bigint;
  } | null;
  /** What sort of document it is; null: it is of a chain. */
  readonly recordKind: string | null;
  /** Of a document how far its attestor has counted, 1 or more; absent: it counts nothing. */
  readonly counter?: bigint;
  /** A currency that the pool settles, which tells it; null: that of the network's only pool. */
  readonly currency: string | null;
}

/** Moves a queued payment of the sender to another class, or inside its own. */
export interface ReorderingRequest extends Omit<CancellationRequest, 'sender' | 'paymentType'> {
  readonly paymentType: PaymentType | typeof RETURN;
  readonly priority: Priority;
  readonly move: Move;
}

/** Sets or removes a limit of the sender's own. */
export interface LimitRequest {
  readonly id: string;
  readonly sender: Bic;
  readonly currency: string;
  /** Null: the multilateral limit. */
  readonly counterparty: Bic | null;
  /** Null: removes it. */
  readonly limitMinor: bigint | null;
}

/** Keeps liquidity of the sender back for urgent, or for urgent and high payments. */
export interface ReservationRequest {
  readonly id: string;
  readonly sender: Bic;
  readonly currency: string;
  readonly priority: 'urgent' | 'high';
  readonly amountMinor: bigint;
}

/** Asks to be told of its own accounts, from the books at the position at which the log has it. */
export interface QueryRequest {
  readonly id: string;
  /** Null: its type has no element for that. */
  readonly sender: Bic | null;
  /** The account that it is about; null: all in the pool. */
  readonly currency: string | null;
}

/** Asks how a payment stands that the sender sent, or that settled in its favour. */
export interface StatusRequest
  extends QueryRequest,
    Pick<ReorderingRequest, 'uetr' | 'paymentType' | 'returnId'> {
  readonly sender: Bic;
  readonly paymentSender: Bic;
}

/** What a reader of documents must know about a currency. */
export interface CurrencyTerms {
  readonly minorUnits: number;
  /** The pool that settles it. */
  readonly pool: string;
  /** The most that one payment may have, minor units, by the network's policy; absent: it has none. */
  readonly maximumMinor?: bigint;
}
export type Currencies = ReadonlyMap<string, CurrencyTerms>;

/** The terms as records and files have them, whose numbers of 64 bits are texts. */
export const currencyTerms = (
  { minorUnits, maximumMinor }: { readonly minorUnits: number; readonly maximumMinor?: string },
  pool: string,
): CurrencyTerms => ({
  ...{ minorUnits, pool },
  ...(maximumMinor !== undefined && { maximumMinor: BigInt(maximumMinor) }),
});

import type { HeldUpBy } from '../../core/settlement/events.ts';

/**
 * What stands and settles as one: a payment, the pair that two banks' legs make, or the chain that up to 16 make.
 *
 *   unmatched   a leg that looks for the other bank's, or for those of its chain; it stands in no queue
 *   linking     legs of a complete chain, of which not all have been told; none of it waits
 *   outside     it waits for its condition, for an opening or for its earliest time
 *   queued      it stands in the queue of each account that it debits
 *   accepted    deferred net settlement has taken it in, for its next cycle
 *   ended       it has a final status
 */
export interface StandingPayment {
  place: 'unmatched' | 'linking' | 'outside' | 'queued' | 'accepted' | 'ended';
  priority: number;
  /** Days since 1970. */
  readonly settlementDate: number;
  /** Before it the payment is not queued; 0: none. */
  earliestMs: number;
  /** Whether that time has not come. */
  isEarly: boolean;
  /** A chain whose condition has not been met. */
  isConditional: boolean;
  /** How the money of a chain is set aside before it settles; null: it is not, or not any more. */
  earmark: ChainEarmarkFacts | null;
  /** What it debits: its sender's account, then the dealer's or the other bank's; of a chain in the order of its legs. */
  readonly legs: QueuedLeg[];
  /** The messages that ask for it: one, both legs of a pair, the one that came first before, or those of a chain. */
  readonly messages: WaitingMessage[];
}

/**
 * One leg of a payment in the queue of the account that it debits. Its neighbours are those of its
 * class: a queue is its classes one after another, each first in, first out.
 */
export class QueuedLeg {
  readonly currency: number;
  readonly debtor: number;
  readonly creditor: number;
  readonly amount: bigint;
  /** The message that asks for this debit. */
  readonly payment: WaitingMessage;
  /** Whether the payment has another leg. */
  isLinked = false;
  /** Its money is set aside: it stands in no queue. */
  isEarmarked = false;
  priority = 0;
  before: QueuedLeg | null = null;
  after: QueuedLeg | null = null;

  constructor(
    payment: WaitingMessage,
    currency: number,
    debtor: number,
    creditor: number,
    amount: bigint,
  ) {
    this.payment = payment;
    this.currency = currency;
    this.debtor = debtor;
    this.creditor = creditor;
    this.amount = amount;
  }
}

/** When the money of a chain is set aside: before its condition is met, or then; and until which instant, ms since 1970. */
export interface ChainEarmarkFacts {
  readonly when: 'acceptance' | 'trigger';
  readonly expiryMs: number;
}

/** A bank's own message that has no final status yet. */
export interface WaitingMessage {
  /** Of its record in the input log. */
  readonly position: number;
  /** UETR, 16 bytes. */
  readonly id: Uint8Array;
  readonly messageType: number;
  /** Handles: who sent it, and whom it names as the other side. */
  readonly sender: number;
  readonly counterparty: number;
  readonly currency: number;
  readonly amount: bigint;
  readonly sinceMs: number;
  /** Number of the event since which it waits. */
  readonly sinceEvent: number;
  standing: StandingPayment;
}

/** Of its standing's legs the one that debits its sender: the first that it asks for. */
export const legOf = (message: WaitingMessage): QueuedLeg =>
  message.standing.legs.find(({ payment }) => payment === message) as QueuedLeg;

/** Why a message waits, seen from its own bank. Kinds, where `explain` has them, as there. */
export type WaitReason =
  /** Its leg has no mirror yet; of a leg of a chain the numbers of those that have not come. */
  | { readonly kind: 'unmatched'; readonly missing?: readonly number[] }
  /** Currencies that are not open for its date; none: those that are closing now. */
  | { readonly kind: 'closed'; readonly currencies: readonly number[]; readonly date: number }
  | { readonly kind: 'earliestTime'; readonly atMs: number }
  /** The condition of its chain has not been met. */
  | { readonly kind: 'condition' }
  /** `front` stands directly before it in its bank's queue. */
  | { readonly kind: 'behind'; readonly front: WaitingMessage }
  /** Its bank's own account, limit or reservation is short by an amount of the currency. */
  | {
      readonly kind: Exclude<HeldUpBy, 'none'> | 'reservation';
      readonly currency: number;
      readonly amount: bigint;
    }
  /** Another account that it debits is short, or it is not next there. How much is confidential. */
  | { readonly kind: 'counterparty' }
  /** It has been accepted for net settlement. */
  | { readonly kind: 'accepted' }
  /** Nothing holds it: the record at hand, or the next cycle, settles it. */
  | { readonly kind: 'cycle' };
export type WaitKind = WaitReason['kind'];

/** What the book needs of a payment's record that no event tells; times as records carry them. */
export interface PaymentFacts {
  readonly settlementDate: number;
  readonly earliest: number;
  /** Of a leg of a chain: which leg, of how many, and of what terms. */
  readonly legNumber?: number;
  readonly legCount?: number;
  readonly termsDigest?: Uint8Array;
  /** Whether the terms have a condition; absent: they have none, or it is not known. */
  readonly isConditional?: boolean;
  readonly earmark?: ChainEarmarkFacts;
}

/** Reads records of the input log that events name. */
export interface RecordFacts {
  /** Undefined: the payment has ended, so it does not matter any more. */
  payment(position: number): PaymentFacts | undefined;
  /** Whether the re-ordering at a position moves to the front of the class. */
  movesToFront(position: number): boolean;
}

/** What of it cannot be known is taken to be none: only where the payment has ended. */
export const UNKNOWN_FACTS: PaymentFacts = { settlementDate: 0, earliest: 0 };

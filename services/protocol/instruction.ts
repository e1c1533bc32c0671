import type { Reason } from '../core/reasons.ts';
import type { Bic, Uetr } from './identifiers.ts';
import type { Rate } from './money.ts';

/** Settlement priorities, by the number that records carry. */
export const PRIORITIES = ['urgent', 'high', 'normal'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Message types by the number that records and events carry. */
export const MESSAGE_TYPES = ['none', 'pacs.008.001.08', 'corridor.quote.1'] as const;
export const CREDIT_TRANSFER = 'pacs.008.001.08';
export const QUOTE = 'corridor.quote.1';

/** The second leg of a payment that changes currency: the dealer pays it out of its own account. */
export interface Conversion {
  readonly dealer: Bic;
  readonly currency: string;
  /** Minor units of `currency` that the creditor's agent receives. */
  readonly amountMinor: bigint;
  /** Units of `currency` for one unit of the debited currency. */
  readonly rate: Rate;
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
}

/** Why an authentic document cannot be cleared, with the place in it and what was expected. */
export interface Refusal {
  readonly reason: Reason;
  readonly detail: string;
}

/** What a reader of documents must know about currencies: decimals and the pool that settles them. */
export type Currencies = ReadonlyMap<
  string,
  { readonly minorUnits: number; readonly pool: string }
>;

import type { EventView } from '../../core/settlement/event-reader.ts';
import { NO_CURRENCY } from '../../core/settlement/events.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../names/directory.ts';
import { uetrFromBytes } from '../names/identifiers.ts';
import { isoReason } from '../names/reasons.ts';

/** The payment that an event is about, as a reader names it. */
export interface EventPayment {
  /** Empty: its message has no UETR. */
  readonly uetr: string;
  readonly debtor: string;
  readonly creditor: string;
  /** Empty: both amounts are the same one. */
  readonly dealer: string;
  readonly currency: string;
  readonly amountMinor: string;
  /** Of what is credited. */
  readonly currency2: string;
  readonly amount2Minor: string;
  /** Empty: none. */
  readonly mechanism: string;
  /** ISO 20022 code; empty: none. */
  readonly reason: string;
}

/** Parties, amounts and outcome of an event. */
export function eventPayment(directory: DirectoryNames, event: EventView): EventPayment {
  // A message that failed authentication is known by the sender it names, and by nothing else.
  const known = event.kind !== 'noticed';
  const converts = known && event.currency2 !== NO_CURRENCY;
  const currency = known ? currencyOf(directory, event.currency1) : '';
  const amountMinor = known ? event.amount1.toString() : '0';
  return {
    uetr: uetrFromBytes(event.id) ?? '',
    debtor: bicOf(directory, event.debtorAgent),
    creditor: known ? bicOf(directory, event.creditorAgent) : '',
    dealer: converts ? bicOf(directory, event.dealer) : '',
    currency,
    amountMinor,
    currency2: converts ? currencyOf(directory, event.currency2) : currency,
    amount2Minor: converts ? event.amount2.toString() : amountMinor,
    mechanism: event.mechanism === 'none' ? '' : event.mechanism,
    reason: isoReason(event.reason)?.code ?? '',
  };
}

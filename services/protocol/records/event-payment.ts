import type { EventCursor } from '../../core/settlement/event-cursor.ts';
import { EVENT_KINDS, MECHANISMS, NO_CURRENCY } from '../../core/settlement/events.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import {
  isLegType,
  isPaymentType,
  isReturnType,
  MESSAGE_TYPES,
} from '../messages/message-types.ts';
import { reasonOfMessage } from '../messages/own-ids.ts';
import { uetrFromBytes } from '../names/bic-and-uetr.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../names/handles-to-names.ts';
import { type IsoReason, isoReason } from '../names/iso-reasons.ts';

const MESSAGE_KINDS = [
  'queued',
  'carriedOver',
  'matched',
  'accepted',
  'settled',
  'rejected',
  'cancelled',
  'unwound',
  'repeated',
  'noticed',
] as const;

/** What is told of a message; of what fails authentication nothing holds but the sender that it names. */
export type MessageEvent = EventOf<(typeof MESSAGE_KINDS)[number]>;

const isMessageKind: ReadonlySet<string> = new Set(MESSAGE_KINDS);

export const isMessageEvent = (event: SettlementEvent): event is MessageEvent =>
  isMessageKind.has(event.kind);

/**
 * By what something settled: what a mechanism of somebody's own proposes by its name, which its cycle's
 * `cycled` event tells.
 */
export const mechanismOf = (
  { mechanism }: Pick<EventOf<'settled' | 'cycled'>, 'mechanism'>,
  proposer: string,
): string => (mechanism === 'proposed' && proposer !== '' ? proposer : mechanism);

/** Whether an event is about a payment: not about a quote or a request. */
export const isPaymentEvent = (event: SettlementEvent): event is MessageEvent =>
  isMessageEvent(event) && isPaymentType(event.messageType);

const ENTRY = MECHANISMS.indexOf('entry');

/**
 * Whether an event is the first and the last that is told of a payment: it settles as it comes in. Where a leg
 * completes what it belongs to, its match is told before.
 */
export const settlesOnEntry = (event: EventCursor): boolean =>
  event.mechanism === ENTRY &&
  event.kind === EVENT_KINDS.settled &&
  event.position === event.paymentPosition &&
  !isLegType(event.messageType);

/** Of a return's event the position of its original's record, 0: none is known; null: it is of no return. */
export const originalPosition = (event: SettlementEvent): number | null =>
  'amount2' in event && 'messageType' in event && isReturnType(event.messageType)
    ? Number(event.amount2)
    : null;

/** Of an event, why; `none` where it has no reason. */
export const reasonOf = (event: SettlementEvent) => ('reason' in event ? event.reason : 'none');

/** An event's reason in the words of what it is about: of a chain's leg no counterparty's leg is told. */
export const reasonInWords = (event: SettlementEvent): IsoReason | null =>
  reasonOfMessage(
    reasonOf(event),
    (isMessageEvent(event) && MESSAGE_TYPES[event.messageType]) || '',
  );

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
export function eventPayment(directory: DirectoryNames, event: MessageEvent): EventPayment {
  // A message that failed authentication is known by the sender it names, and by nothing else.
  const known = event.kind === 'noticed' ? null : event;
  const converts = known !== null && known.currency2 !== NO_CURRENCY;
  const currency = known ? currencyOf(directory, known.currency1) : '';
  const amountMinor = known ? known.amount1.toString() : '0';
  return {
    uetr: uetrFromBytes(event.id) ?? '',
    debtor: bicOf(directory, event.debtorAgent),
    creditor: known ? bicOf(directory, known.creditorAgent) : '',
    dealer: converts ? bicOf(directory, known.dealer) : '',
    currency,
    amountMinor,
    currency2: converts ? currencyOf(directory, known.currency2) : currency,
    amount2Minor: converts ? known.amount2.toString() : amountMinor,
    mechanism: event.kind === 'settled' ? event.mechanism : '',
    reason: isoReason(reasonOf(event))?.code ?? '',
  };
}

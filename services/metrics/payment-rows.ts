/** The columns of `payments` and the kinds of `security_events`. Which rows an event becomes, and those of all other tables: event-rows.ts. */
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { MESSAGE_TYPES } from '../protocol/messages/message-types.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { paymentCorridor } from '../protocol/names/corridor-name.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { eventPayment, type MessageEvent, reasonOf } from '../protocol/records/event-payment.ts';
import { clickHouseTime, type PaymentRecord, type SecurityRecord } from './store-rows.ts';

/** Whose events they are, and what the numbers in them mean. */
export interface RowPlace {
  readonly run: string;
  readonly pool: string;
  readonly directory: DirectoryNames;
}

/** A change of a payment's status, and what its event does not tell of the payment. */
export interface StatusChange {
  readonly kind: MessageEvent['kind'];
  /** ISO 20022 code. */
  readonly status: string;
  readonly submittedAtMs: number;
  readonly isFirst: boolean;
  readonly secondLeg: boolean;
  /** Of a leg; null: the payment's own currencies say it. */
  readonly corridor: string | null;
  /** By what it settled, where it did; else empty. */
  readonly mechanism: string;
}

/** The row of a change of a payment's status. run/rows-by-column.ts has the same by column. */
export function paymentRow(
  place: RowPlace,
  event: MessageEvent,
  { status, submittedAtMs, isFirst, secondLeg, corridor, mechanism }: StatusChange,
): PaymentRecord {
  const payment = eventPayment(place.directory, event);
  const { currency, currency2 } = payment;
  const reason = reasonOf(event);
  const time = clickHouseTime(event.timeMs);
  return {
    run: place.run,
    pool: place.pool,
    event_number: event.number,
    time,
    payment_position: event.paymentPosition,
    uetr: payment.uetr,
    status,
    reason: reason === 'none' ? '' : reason,
    iso_reason: payment.reason,
    mechanism,
    priority: (event.kind !== 'noticed' && PRIORITIES[event.priority]) || '',
    debtor_agent: payment.debtor,
    creditor_agent: payment.creditor,
    dealer: payment.dealer,
    currency,
    amount_minor: payment.amountMinor,
    currency2,
    amount2_minor: payment.amount2Minor,
    corridor: corridor ?? paymentCorridor(currency, currency2),
    cycle: event.kind === 'settled' ? event.cycle : 0,
    submitted_at: submittedAtMs === event.timeMs ? time : clickHouseTime(submittedAtMs),
    is_first: isFirst ? 1 : 0,
    kind: event.kind,
    message_type: MESSAGE_TYPES[event.messageType] ?? '',
    second_leg: secondLeg ? 1 : 0,
  };
}

/** What of security an event tells; null: nothing. */
export function securityKind(event: SettlementEvent): SecurityRecord['kind'] | null {
  if (event.kind === 'noticed') return 'notAuthentic';
  if (event.kind === 'repeated') return 'repeated';
  if (event.kind === 'rejected' && event.reason === 'duplicateIdentity') return 'identityReused';
  if (event.kind === 'keyChanged') return event.isRevoked ? 'keyRevoked' : 'keyRegistered';
  return null;
}

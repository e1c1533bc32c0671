import type { EventView } from '../core/settlement/event-reader.ts';
import { MESSAGE_TYPES, PRIORITIES } from '../protocol/messages/instruction.ts';
import type { Directory } from '../protocol/names/directory.ts';
import { eventPayment } from '../protocol/records/event-payment.ts';
import type { PaymentRecord, SecurityRecord } from './rows.ts';

/** Whose events they are, and what the numbers in them mean. */
export interface Place {
  readonly run: string;
  readonly pool: string;
  readonly directory: Directory;
}

/** What an event does not tell of its payment. */
export interface PaymentState {
  readonly time: string;
  readonly submittedAt: string;
  readonly isFirst: boolean;
  readonly secondLeg: boolean;
  /** Of a leg; null: the payment's own currencies say it. */
  readonly corridor: string | null;
}

/** The row of a change of a payment's status. */
export function paymentRow(
  place: Place,
  event: EventView,
  status: string,
  { time, submittedAt, isFirst, secondLeg, corridor }: PaymentState,
): PaymentRecord {
  const payment = eventPayment(place.directory, event);
  const { currency, currency2 } = payment;
  return {
    run: place.run,
    pool: place.pool,
    event_number: event.number,
    time,
    payment_position: event.paymentPosition,
    uetr: payment.uetr,
    status,
    reason: event.reason === 'none' ? '' : event.reason,
    iso_reason: payment.reason,
    mechanism: payment.mechanism,
    priority: (event.kind !== 'noticed' && PRIORITIES[event.priority]) || '',
    debtor_agent: payment.debtor,
    creditor_agent: payment.creditor,
    dealer: payment.dealer,
    currency,
    amount_minor: payment.amountMinor,
    currency2,
    amount2_minor: payment.amount2Minor,
    corridor: corridor ?? (currency === currency2 ? currency : `${currency}-${currency2}`),
    cycle: event.cycle,
    submitted_at: submittedAt,
    is_first: isFirst ? 1 : 0,
    kind: event.kind,
    message_type: MESSAGE_TYPES[event.messageType] ?? '',
    second_leg: secondLeg ? 1 : 0,
  };
}

/**
 * The corridor of a trade's legs, apart from payments': both currencies in order, for which bank
 * instructs first is chance; '?' until a leg has found its mirror.
 */
export const tradeCorridor = (currency: string, other: string | null): string =>
  other === null ? `${currency}/?` : [currency, other].sort().join('/');

/** What of security an event tells; null: nothing. */
export function securityKind({ kind, reason }: EventView): SecurityRecord['kind'] | null {
  if (kind === 'noticed') return 'notAuthentic';
  if (kind === 'repeated') return 'repeated';
  if (kind === 'rejected' && reason === 'duplicateIdentity') return 'identityReused';
  if (kind === 'keyChanged') return reason === 'none' ? 'keyRegistered' : 'keyRevoked';
  return null;
}

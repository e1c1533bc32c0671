import type { EventView } from '../core/event-reader.ts';
import { NO_CURRENCY } from '../core/events.ts';
import type { Directory } from '../protocol/directory.ts';
import { uetrFromBytes } from '../protocol/identifiers.ts';
import { MESSAGE_TYPES, PRIORITIES } from '../protocol/instruction.ts';
import { isoReason } from '../protocol/reasons.ts';
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
}

/** Empty where a refused message named one that the pool does not know. */
export const bicOf = ({ directory }: Place, handle: number): string =>
  directory.participants[handle]?.bic ?? '';

export const currencyOf = ({ directory }: Place, handle: number): string =>
  directory.currencies[handle]?.currency ?? '';

/** The row of a change of a payment's status. */
export function paymentRow(
  place: Place,
  event: EventView,
  status: string,
  { time, submittedAt, isFirst, secondLeg }: PaymentState,
): PaymentRecord {
  // A message that failed authentication is known by the sender it names, and by nothing else.
  const known = event.kind !== 'noticed';
  const currency = known ? currencyOf(place, event.currency1) : '';
  const converts = known && event.currency2 !== NO_CURRENCY;
  const currency2 = converts ? currencyOf(place, event.currency2) : currency;
  return {
    run: place.run,
    pool: place.pool,
    event_number: event.number,
    time,
    payment_position: event.paymentPosition,
    uetr: uetrFromBytes(event.id) ?? '',
    status,
    reason: event.reason === 'none' ? '' : event.reason,
    iso_reason: isoReason(event.reason)?.code ?? '',
    mechanism: event.mechanism === 'none' ? '' : event.mechanism,
    priority: (known && PRIORITIES[event.priority]) || '',
    debtor_agent: bicOf(place, event.debtorAgent),
    creditor_agent: known ? bicOf(place, event.creditorAgent) : '',
    dealer: converts ? bicOf(place, event.dealer) : '',
    currency,
    amount_minor: known ? event.amount1.toString() : '0',
    currency2,
    amount2_minor: known ? (converts ? event.amount2 : event.amount1).toString() : '0',
    corridor: currency === currency2 ? currency : `${currency}-${currency2}`,
    cycle: event.cycle,
    submitted_at: submittedAt,
    is_first: isFirst ? 1 : 0,
    kind: event.kind,
    message_type: MESSAGE_TYPES[event.messageType] ?? '',
    second_leg: secondLeg ? 1 : 0,
  };
}

/** What of security an event tells; null: nothing. */
export function securityKind({ kind, reason }: EventView): SecurityRecord['kind'] | null {
  if (kind === 'noticed') return 'notAuthentic';
  if (kind === 'repeated') return 'repeated';
  if (kind === 'rejected' && reason === 'duplicateIdentity') return 'identityReused';
  if (kind === 'keyChanged') return reason === 'none' ? 'keyRegistered' : 'keyRevoked';
  return null;
}

import type { Booking, EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { isReturnType } from '../protocol/messages/message-types.ts';

/** Why an account is booked. */
export const BOOKING_KINDS = [
  'payment',
  'return',
  'issue',
  'redemption',
  'net',
  'lossShare',
] as const;
export type BookingKind = (typeof BOOKING_KINDS)[number];

/** What is booked on one account. */
export type TakeBooking = (
  participant: number,
  currency: number,
  /** What is added, negative for a debit; never 0. */
  amount: bigint,
  kind: BookingKind,
  /** The account on the other side is this participant's; null: nobody's, or that of all in a cycle. */
  counterparty: number | null,
) => void;

/**
 * Which accounts an event books, by how much, and with whom, in one order: this place alone says it. An
 * account begins at zero, so that what it was opened with is a booking too. Payments that deferred net
 * settlement settles book nothing themselves: their nets do.
 */
export function eachBooking(event: SettlementEvent, take: TakeBooking): void {
  switch (event.kind) {
    case 'settled':
      if (event.mechanism !== 'deferredNet') inPayment(event, take);
      return;
    case 'accountOpened':
      alone(event, event.opening, 'issue', take);
      return;
    case 'issued':
      alone(event, event.amount, 'issue', take);
      return;
    case 'redeemed':
      alone(event, -event.amount, 'redemption', take);
      return;
    case 'netted':
      alone(event, event.amount, 'net', take);
      return;
    case 'lossShared':
      take(event.participant, event.currency, -event.amount, 'lossShare', event.defaulter);
  }
}

function alone(
  { participant, currency }: Pick<Booking, 'participant' | 'currency'>,
  amount: bigint,
  kind: BookingKind,
  take: TakeBooking,
): void {
  if (amount !== 0n) take(participant, currency, amount, kind, null);
}

/** Bookings of one currency follow each other in pairs: who is debited by it, and who is credited. */
function inPayment({ messageType, bookings }: EventOf<'settled'>, take: TakeBooking): void {
  const kind = isReturnType(messageType) ? 'return' : 'payment';
  for (let place = 0; place < bookings.length; place += 2) {
    const one = bookings[place] as Booking;
    const other = bookings[place + 1] as Booking;
    take(one.participant, one.currency, one.amount, kind, other.participant);
    take(other.participant, other.currency, other.amount, kind, one.participant);
  }
}

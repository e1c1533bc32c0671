import { type Reason, reasonNumber } from '../../services/core/settlement/reasons.ts';
import { putOnWorklist } from './reference-booking.ts';
import { happens } from './reference-dates.ts';
import { release } from './reference-earmarks.ts';
import { giveBack } from './reference-quotes.ts';
import {
  type LivePayment,
  leadOf,
  noteChain,
  paymentFields,
  type ReferenceState,
  write,
} from './reference-state.ts';

/** Ends a payment unsettled, and then the others of a pair or chain; a part of a quote is given back. */
export function cancel(
  state: ReferenceState,
  payment: LivePayment,
  reason: Reason,
  reasonOf: (partner: LivePayment) => Reason = () => 'matchCancelled',
): void {
  noteChain(state, payment, `cancelled ${leadOf(payment).state}: ${reason}`);
  end(state, payment, 'cancelled', reason);
  for (const partner of payment.partners ?? [])
    if (partner !== payment) end(state, partner, 'cancelled', reasonOf(partner));
}

/** Takes a payment out of the living. */
export function end(
  state: ReferenceState,
  payment: LivePayment,
  kind: 'cancelled' | 'unwound',
  reason: Reason,
): void {
  state.live = state.live.filter((p) => p !== payment);
  if (payment.original?.credits !== undefined)
    payment.original.credits.left += payment.record.amount1;
  for (const identity of [payment.identity, payment.original])
    if (identity !== undefined) happens(state, identity);
  const paymentPosition = payment.record.position;
  const fields = { ...paymentFields(payment.record), paymentPosition };
  write(state, kind, { ...fields, reason: reasonNumber(reason) });
  giveBack(state, payment);
  payment.identity.outcome = { kind, reason };
}

/** What a payment that ends held up is scanned next; what is set aside for it is released, for this reason. */
export function takeFromPlace(state: ReferenceState, leg: LivePayment, reason: Reason): void {
  const payment = leadOf(leg);
  if (payment.isByItself === true) release(state, payment, reason);
  else if (payment.state === 'queued')
    for (const { debit } of payment.legs) putOnWorklist(state, debit);
}

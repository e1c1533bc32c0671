import { type StatusWait, statusWait } from '../analysis/waits/wait-status-text.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';

/** What is short is told without another message. */
const NO_ID = () => null;

/**
 * What a `heldUp` event says to the payment's own bank: its own shortage with the amount, of all that must
 * go before it too. That another bank's account is short is told without the bank and the amount, which are
 * not its business.
 * @param isReserved whether its account has the money, and keeps it for more urgent payments
 */
export function heldUpWait(
  { by, participant, currency, amount }: EventOf<'heldUp'>,
  sender: string,
  directory: Directory,
  isReserved: boolean,
): StatusWait | null {
  if (by === 'none') return null;
  if (directory.participants[participant]?.bic !== sender)
    return statusWait({ kind: 'counterparty' }, directory, NO_ID);
  // The event does not tell apart what is not there and what is kept for a higher class.
  const kind = by === 'balance' && isReserved ? 'reservation' : by;
  return statusWait({ kind, currency, amount }, directory, NO_ID);
}

import type { EventOf } from '../core/settlement/settlement-event.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { amountText } from '../protocol/names/minor-units.ts';

/** What the creditor's agent says where it could not credit its customer. */
export const NOT_CREDITED = "The creditor's agent did not credit its customer";

/** To the creditor's agent, in place of what its payer's bank is told. */
export const RECALL_LAPSED = {
  text: 'You gave no final answer to the request to cancel in time, and it has ended',
  remedy: 'Nothing: an answer is refused until you are asked anew (camt.056)',
};

/** No request to cancel waits, and the payment was not cancelled. */
export const NO_RECALL = {
  code: 'NARR',
  text: 'The payment is not cancelled, and no request to cancel it awaits an answer',
  remedy: 'See the camt.029 that answered it, or ask once more with a new Assgnmt/Id (camt.056)',
};

/** What followed the settlement of a payment, in words. */
export function followUpText(
  { currency: handle, left, isRecalled, isCredited }: NonNullable<EventOf<'queried'>['settled']>,
  directory: Directory,
): string[] {
  const { currency, minorUnits } = directory.currency(handle);
  return [
    `Not returned: ${currency} ${amountText(left, minorUnits)}`,
    ...(isCredited === false ? [NOT_CREDITED] : []),
    ...(isRecalled ? ["The creditor's agent has not decided on the request to cancel it"] : []),
  ];
}

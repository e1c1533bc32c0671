import type { WaitingMessage, WaitReason } from '../analysis/waits/waiting-message.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { dateText, isoTime } from '../protocol/names/dates.ts';
import type { Directory } from '../protocol/names/directory.ts';
import { uetrFromBytes } from '../protocol/names/identifiers.ts';
import { HELD_UP_REASONS, type IsoReason, WAIT_REASONS } from '../protocol/names/iso-reasons.ts';
import { amountText } from '../protocol/names/minor-units.ts';

/** What a status says of a payment that has not ended. */
export interface StatusWait {
  readonly reason: IsoReason | null;
  readonly information: readonly string[];
}

/** What a bank is told of why its message waits. */
export function statusWait(wait: WaitReason, directory: Directory): StatusWait {
  switch (wait.kind) {
    case 'behind':
      return { reason: WAIT_REASONS.behind, information: [`Behind ${uetrOf(wait.front)}`] };
    case 'closed':
      return { reason: WAIT_REASONS.closed, information: openingsText(wait, directory) };
    case 'earliestTime':
      return {
        reason: WAIT_REASONS.earliestTime,
        information: [`Not before ${isoTime(wait.atMs)}`],
      };
    case 'unmatched':
    case 'counterparty':
    case 'cycle':
      return { reason: WAIT_REASONS[wait.kind], information: [] };
    case 'accepted':
      return { reason: null, information: [] };
    case 'reservation':
      return { reason: WAIT_REASONS.reservation, information: [shortText(wait, directory)] };
    default:
      return { reason: HELD_UP_REASONS[wait.kind], information: [shortText(wait, directory)] };
  }
}

const uetrOf = ({ id }: WaitingMessage): string => uetrFromBytes(id) ?? '';

function openingsText(
  { currencies, date }: Extract<WaitReason, { kind: 'closed' }>,
  directory: Directory,
): string[] {
  if (currencies.length === 0) return [];
  const names = currencies.map((handle) => directory.currency(handle).currency).join(' and ');
  const open = currencies.length > 1 ? 'open' : 'opens';
  return [`Until ${names} ${open} for ${dateText(date)} or a later date`];
}

function shortText(
  { currency: handle, amount }: { readonly currency: number; readonly amount: bigint },
  directory: Directory,
): string {
  const { currency, minorUnits } = directory.currency(handle);
  return `Short by ${currency} ${amountText(amount, minorUnits)}`;
}

/** What the creditor's agent says where it could not credit its customer. */
export const NOT_CREDITED = "The creditor's agent did not credit its customer";

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
    return statusWait({ kind: 'counterparty' }, directory);
  // The event does not tell apart what is not there and what is kept for a higher class.
  const kind = by === 'balance' && isReserved ? 'reservation' : by;
  return statusWait({ kind, currency, amount }, directory);
}

/** What was last told of each waiting payment, so that a cycle that finds the same says nothing. */
export class ToldWaits {
  readonly #told = new Map<number, string>();

  /** Whether the wait differs from the one last told. */
  isNew(paymentPosition: number, wait: StatusWait): boolean {
    const text = `${wait.reason?.text ?? ''} ${wait.information.join()}`;
    if (this.#told.get(paymentPosition) === text) return false;
    this.#told.set(paymentPosition, text);
    return true;
  }

  forget(paymentPosition: number): void {
    this.#told.delete(paymentPosition);
  }
}

import type { EventOf } from '../core/settlement/settlement-event.ts';
import { LEG, MESSAGE_TYPES } from '../protocol/messages/instruction.ts';
import type { Directory } from '../protocol/names/directory.ts';
import { HELD_UP_REASONS, type IsoReason } from '../protocol/names/iso-reasons.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { WAIT_WORDS } from '../protocol/names/vocabulary.ts';
import type { MessageEvent } from '../protocol/records/event-payment.ts';

/** What a status says of a payment that has not ended. */
export interface StatusWait {
  readonly reason: IsoReason | null;
  readonly information: readonly string[];
}

const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);

/** The words beside a status that is not final, by the event that gave it. */
export function waitWords({ kind, messageType }: MessageEvent): readonly string[] {
  switch (kind) {
    case 'queued':
      return messageType === LEG_TYPE ? [WAIT_WORDS.unmatched] : [];
    case 'matched':
      return [WAIT_WORDS.matched];
    case 'accepted':
      return [WAIT_WORDS.accepted];
    default:
      return [];
  }
}

/**
 * What a `heldUp` event says to the payment's own bank: its own shortage with the amount. That
 * another bank's account is short is told without the bank and the amount, which are not its business.
 */
export function heldUpWait(
  { by, participant, currency: handle, amount }: EventOf<'heldUp'>,
  sender: string,
  directory: Directory,
): StatusWait | null {
  if (by === 'none') return null;
  const isOwn = directory.participants[participant]?.bic === sender;
  if (!isOwn)
    return {
      reason: null,
      information: ['Waits for another payment with which it must settle'],
    };
  const { currency, minorUnits } = directory.currency(handle);
  const short = `Short by ${currency} ${amountText(amount, minorUnits)}`;
  return { reason: HELD_UP_REASONS[by], information: [short] };
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

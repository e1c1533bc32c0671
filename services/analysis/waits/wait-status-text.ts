import { isReturnType } from '../../protocol/messages/message-types.ts';
import { uetrFromBytes } from '../../protocol/names/bic-and-uetr.ts';
import { dateText, isoTime } from '../../protocol/names/dates.ts';
import type { Directory } from '../../protocol/names/handles-to-names.ts';
import { HELD_UP_REASONS, type IsoReason, WAIT_REASONS } from '../../protocol/names/iso-reasons.ts';
import { amountText } from '../../protocol/names/minor-units.ts';
import { WAIT_WORDS } from '../../protocol/names/vocabulary.ts';
import type { WaitingMessage, WaitReason } from './waiting-message.ts';

/** What a status says of a payment that has not ended. */
export interface StatusWait {
  readonly reason: IsoReason | null;
  readonly information: readonly string[];
}

/**
 * What a bank is told of why its message waits.
 * @param idOf the id that the bank gave another message of its own, of which only a return needs it: it goes by
 *   the UETR of its payment
 */
export function statusWait(
  wait: WaitReason,
  directory: Directory,
  idOf: (message: WaitingMessage) => string | null,
): StatusWait {
  switch (wait.kind) {
    case 'behind':
      return { reason: WAIT_REASONS.behind, information: [behindText(wait.front, idOf)] };
    case 'closed':
      return { reason: WAIT_REASONS.closed, information: openingsText(wait, directory) };
    case 'earliestTime':
      return {
        reason: WAIT_REASONS.earliestTime,
        information: [`Not before ${isoTime(wait.atMs)}`],
      };
    case 'unmatched':
      return wait.missing
        ? { reason: WAIT_REASONS.incomplete, information: [missingText(wait.missing)] }
        : { reason: WAIT_REASONS.unmatched, information: [] };
    case 'condition':
    case 'counterparty':
    case 'cycle':
      return { reason: WAIT_REASONS[wait.kind], information: [] };
    case 'accepted':
      return { reason: null, information: [WAIT_WORDS.accepted] };
    case 'reservation':
      return { reason: WAIT_REASONS.reservation, information: [shortText(wait, directory)] };
    default:
      return { reason: HELD_UP_REASONS[wait.kind], information: [shortText(wait, directory)] };
  }
}

/** Which legs of its chain a leg waits for. */
export const missingText = (legs: readonly number[]): string =>
  legs.length === 1 ? `Leg ${legs[0]} has not come` : `Legs ${legs.join(', ')} have not come`;

function behindText(
  front: WaitingMessage,
  idOf: (message: WaitingMessage) => string | null,
): string {
  const uetr = uetrFromBytes(front.id) ?? '';
  if (!isReturnType(front.messageType)) return `Behind ${uetr}`;
  return `Behind return ${idOf(front) ?? ''} of ${uetr}`;
}

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

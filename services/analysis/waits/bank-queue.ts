import { MESSAGE_TYPES } from '../../protocol/messages/message-types.ts';
import { PRIORITIES } from '../../protocol/messages/priorities.ts';
import type { QueuedMessage } from '../../protocol/messages/queue-report.ts';
import { dateText } from '../../protocol/names/dates.ts';
import type { Directory } from '../../protocol/names/handles-to-names.ts';
import type { IsoReason } from '../../protocol/names/iso-reasons.ts';
import type { WaitBook } from './wait-book.ts';
import { statusWait } from './wait-status-text.ts';
import type { WaitingMessage, WaitKind } from './waiting-message.ts';

/** A message of a bank's own that waits, as its bank is told of it, over whichever door it asks. */
export interface BankQueueEntry extends Omit<QueuedMessage, 'pending' | 'reason'> {
  /** Number of the event since which it waits. */
  readonly sinceEvent: number;
  readonly kind: WaitKind;
  /** Null: it has been accepted for net settlement. */
  readonly reason: IsoReason | null;
}

export interface BankQueue {
  /** Of all that wait. */
  readonly count: number;
  /** The first of them. */
  readonly entries: readonly BankQueueEntry[];
}

/**
 * What of a bank waits, in the order of its queues, by account; behind them what stands in no queue. As of the last
 * record that the book has.
 * @param currency of one account; null: of all
 * @param max so many of them: a queue may be long, and each entry costs
 * @param idOf the id that the sender gave a message
 * @param awaitedOf for a leg whose chain waits for its condition, whom that waits for, in words
 */
export function bankQueue(
  book: WaitBook,
  directory: Directory,
  participant: number,
  currency: number | null,
  max: number,
  idOf: (message: WaitingMessage) => string,
  awaitedOf: (message: WaitingMessage) => readonly string[] = () => [],
): BankQueue {
  const all = book
    .placesOf(participant)
    .filter(({ message }) => currency === null || message.currency === currency);
  const entries: BankQueueEntry[] = [];
  for (const { message, place } of all.slice(0, max)) {
    const wait = book.waitOf(message);
    const { reason, information } = statusWait(wait, directory, idOf);
    const { currency: account, minorUnits } = directory.currency(message.currency);
    const { priority, settlementDate } = message.standing;
    entries.push({
      ...{ id: idOf(message), messageType: MESSAGE_TYPES[message.messageType] ?? '' },
      ...{ account, amountMinor: message.amount, minorUnits },
      counterparty: directory.bic(message.counterparty),
      priority: PRIORITIES[priority] ?? 'normal',
      settlementDate: dateText(settlementDate),
      ...{ sinceMs: message.sinceMs, sinceEvent: message.sinceEvent, place, kind: wait.kind },
      ...{ reason, information: wait.kind === 'condition' ? awaitedOf(message) : information },
    });
  }
  return { count: all.length, entries };
}

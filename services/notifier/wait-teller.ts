import { WaitBook } from '../analysis/waits/wait-book.ts';
import type { StatusWait } from '../analysis/waits/wait-status-text.ts';
import type { RecordFacts, WaitingMessage, WaitReason } from '../analysis/waits/waiting-message.ts';
import type { EventKind } from '../core/settlement/events.ts';
import type { SettlementEvent } from '../core/settlement/settlement-event.ts';

/** Events that are told of themselves, with the reason to wait as it is then. */
const TOLD_AT: ReadonlySet<EventKind> = new Set(['queued', 'matched', 'carriedOver', 'accepted']);

const NONE: readonly ToldWait[] = [];

/** A message whose bank is to be told why it waits. */
export interface ToldWait {
  readonly message: WaitingMessage;
  readonly wait: WaitReason;
}

/**
 * Which reasons to wait are told: at the events that have a status of their own, and when a record is over
 * those that are of another kind, or have another payment in front, than what was told last. So there is at
 * most one for each payment and record, and none for a shortage that only rises or falls. A function of the
 * events: a notifier that repeats them tells the same. What counts as another reason:
 * analysis/waits/which-reason-is-told.ts; after which records a message is looked at, under bypass not each: changed-waits.ts.
 */
export class WaitTeller {
  readonly book: WaitBook;
  readonly #told = new WeakMap<WaitingMessage, string>();

  constructor(facts: RecordFacts) {
    this.book = new WaitBook(facts);
  }

  /** Takes an event in; why its payment waits, where the event is told of itself. */
  take(event: SettlementEvent): WaitReason | null {
    this.book.take(event);
    if (!TOLD_AT.has(event.kind) || !('paymentPosition' in event)) return null;
    const message = this.book.of(event.paymentPosition);
    if (!message) return null;
    const wait = this.book.waitOf(message);
    this.#told.set(message, this.book.keyOf(message, wait));
    return wait;
  }

  /** A record is over: what is to be told of it. */
  changed(): readonly ToldWait[] {
    const messages = this.book.changed();
    if (messages.length === 0) return NONE;
    // Of most nothing is to be told: a list of each takes longer than to find that.
    const changed: ToldWait[] = [];
    for (const message of messages) {
      const wait = this.book.waitOf(message);
      const key = this.book.keyOf(message, wait);
      if (this.#told.get(message) === key) continue;
      this.#told.set(message, key);
      changed.push({ message, wait });
    }
    return changed;
  }
}

/** What a cycle said of each waiting payment (`heldUp`), so that one that finds the same says nothing. */
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

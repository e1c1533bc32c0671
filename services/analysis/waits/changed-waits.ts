import { type AccountQueue, ownMessage } from './account-queue.ts';
import type { QueuedLeg, WaitingMessage } from './waiting-message.ts';

const NORMAL = 2;
/** Of the queues that are passed over, so many payments are looked at after each record. */
const PASSED_OVER = 8;

/**
 * The messages whose reason to wait may have changed, at a cost that no queue's length raises: an event
 * concerns the first payment of a queue, one that comes, and the one behind one that goes. Where normal
 * payments may pass each other and more than money decides, each of them may be concerned: such a queue is
 * passed over, a few payments after each record.
 */
export class WaitChanges {
  readonly #changed = new Set<WaitingMessage>();
  /** Queues whose normal class is being passed over, by when that began. */
  readonly #passes = new Set<AccountQueue>();

  mark(leg: QueuedLeg | null): void {
    const message = leg && ownMessage(leg);
    if (message) this.#changed.add(message);
  }

  forget(message: WaitingMessage): void {
    this.#changed.delete(message);
  }

  /** All normal payments of a queue are looked at in turn, from the first on. */
  passOver(queue: AccountQueue): void {
    // One under way goes on to the end: what it has passed already is looked at by the next.
    if (queue.cursor) queue.isStale = true;
    else {
      queue.cursor = queue.firstOf(NORMAL);
      if (queue.cursor) this.#passes.add(queue);
    }
  }

  /** What has changed since the last call, in the order in which that was found. */
  take(): readonly WaitingMessage[] {
    if (this.#passes.size > 0) this.#goOn();
    if (this.#changed.size === 0) return NONE;
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #goOn(): void {
    let left = PASSED_OVER;
    for (const queue of this.#passes) {
      for (; queue.cursor && left > 0; left -= 1) {
        this.mark(queue.cursor);
        queue.cursor = queue.cursor.after;
      }
      if (queue.cursor) return;
      this.#passes.delete(queue);
      const { isStale } = queue;
      queue.isStale = false;
      if (isStale) this.passOver(queue);
      if (left === 0) return;
    }
  }
}

const NONE: readonly WaitingMessage[] = [];

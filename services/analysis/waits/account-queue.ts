import type { QueuedLeg, WaitingMessage } from './waiting-message.ts';

const CLASSES = 3;
const NORMAL = 2;

/** The message of the bank that a leg debits; null: another bank's payment debits it as a dealer. */
export const ownMessage = ({ payment, debtor }: QueuedLeg): WaitingMessage | null =>
  payment.sender === debtor ? payment : null;

/** The payments that debit one account, in their order. */
export class AccountQueue {
  readonly participant: number;
  readonly currency: number;
  readonly #first: (QueuedLeg | null)[] = [null, null, null];
  readonly #last: (QueuedLeg | null)[] = [null, null, null];
  #length = 0;
  #linked = 0;
  /** Where a pass over its normal class stands; null: none is under way (changed-waits.ts). */
  cursor: QueuedLeg | null = null;
  /** Whether something changed meanwhile, so that another pass follows. */
  isStale = false;

  constructor(participant: number, currency: number) {
    this.participant = participant;
    this.currency = currency;
  }

  get length(): number {
    return this.#length;
  }

  /** Whether a payment with two legs stands in it. */
  get hasLinked(): boolean {
    return this.#linked > 0;
  }

  head(): QueuedLeg | null {
    return this.#first[0] ?? this.#first[1] ?? this.#first[NORMAL] ?? null;
  }

  firstOf(priority: number): QueuedLeg | null {
    return this.#first[priority] ?? null;
  }

  /** Whether an urgent or high payment stands in it. */
  hasHigher(): boolean {
    return (this.#first[0] ?? this.#first[1]) !== null;
  }

  /** The last of its urgent and high ones. */
  lastHigher(): QueuedLeg | null {
    return this.#last[1] ?? this.#last[0] ?? null;
  }

  /** The one before it over all classes. */
  before(leg: QueuedLeg): QueuedLeg | null {
    if (leg.before) return leg.before;
    for (let priority = leg.priority - 1; priority >= 0; priority -= 1) {
      const last = this.#last[priority];
      if (last) return last;
    }
    return null;
  }

  /** The one behind it over all classes. */
  behind(leg: QueuedLeg): QueuedLeg | null {
    if (leg.after) return leg.after;
    for (let priority = leg.priority + 1; priority < CLASSES; priority += 1) {
      const first = this.#first[priority];
      if (first) return first;
    }
    return null;
  }

  join(leg: QueuedLeg, atFront: boolean): void {
    const { priority } = leg;
    const neighbour = (atFront ? this.#first : this.#last)[priority] ?? null;
    leg.before = atFront ? null : neighbour;
    leg.after = atFront ? neighbour : null;
    if (neighbour === null) {
      this.#first[priority] = leg;
      this.#last[priority] = leg;
    } else if (atFront) {
      neighbour.before = leg;
      this.#first[priority] = leg;
    } else {
      neighbour.after = leg;
      this.#last[priority] = leg;
    }
    this.#length += 1;
    if (leg.isLinked) this.#linked += 1;
  }

  leave(leg: QueuedLeg): void {
    const { before, after, priority } = leg;
    if (this.cursor === leg) this.cursor = after;
    if (before) before.after = after;
    else this.#first[priority] = after;
    if (after) after.before = before;
    else this.#last[priority] = before;
    leg.before = null;
    leg.after = null;
    this.#length -= 1;
    if (leg.isLinked) this.#linked -= 1;
  }

  *[Symbol.iterator](): Generator<QueuedLeg> {
    for (let leg = this.head(); leg; leg = this.behind(leg)) yield leg;
  }
}

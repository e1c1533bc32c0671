import TinyQueue from 'tinyqueue';
import type { StandingPayment } from './waiting-message.ts';

/** Payments whose earliest time lies ahead: the first to come is found in logarithmic time. */
export class EarlyPayments {
  /** By time, then by the position of the payment's record. */
  readonly #queue = new TinyQueue<StandingPayment>([], inOrder);

  add(standing: StandingPayment): void {
    this.#queue.push(standing);
  }

  /** Whether `takeDue` has something at this time. */
  hasDue(timeMs: number): boolean {
    const first = this.#queue.peek();
    return first !== undefined && first.earliestMs <= timeMs;
  }

  /** Takes out the first whose time has come; null: there is none. One that has ended is dropped. */
  takeDue(timeMs: number): StandingPayment | null {
    while (this.hasDue(timeMs)) {
      const first = this.#queue.pop();
      if (first?.isEarly) return first;
    }
    return null;
  }
}

const inOrder = (one: StandingPayment, other: StandingPayment): number =>
  one.earliestMs - other.earliestMs || firstPosition(one) - firstPosition(other);

const firstPosition = ({ messages }: StandingPayment): number => messages[0]?.position ?? 0;

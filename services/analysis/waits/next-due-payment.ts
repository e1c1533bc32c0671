import TinyQueue from 'tinyqueue';
import type { StandingPayment } from './waiting-message.ts';

interface Due {
  readonly atMs: number;
  readonly standing: StandingPayment;
}

/** Payments for which a time lies ahead that no event tells: the first to come is found in logarithmic time. */
export class DuePayments {
  /** By time, then by the position of the payment's record. */
  readonly #queue = new TinyQueue<Due>([], inOrder);

  add(standing: StandingPayment, atMs: number): void {
    this.#queue.push({ atMs, standing });
  }

  /** Whether `takeDue` has something at this time. */
  hasDue(timeMs: number): boolean {
    const first = this.#queue.peek();
    return first !== undefined && first.atMs <= timeMs;
  }

  /** Takes out the first whose time has come; null: there is none. One that has ended may be among them. */
  takeDue(timeMs: number): Due | null {
    return this.hasDue(timeMs) ? (this.#queue.pop() ?? null) : null;
  }
}

const inOrder = (one: Due, other: Due): number =>
  one.atMs - other.atMs || firstPosition(one.standing) - firstPosition(other.standing);

const firstPosition = ({ messages }: StandingPayment): number => messages[0]?.position ?? 0;

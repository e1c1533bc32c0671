import type { StandingPayment } from './waiting-message.ts';

/** Payments whose earliest time lies ahead: the first to come is found in logarithmic time. */
export class EarlyPayments {
  /** A binary heap by time, then by the position of the payment's record. */
  readonly #heap: StandingPayment[] = [];

  add(standing: StandingPayment): void {
    const heap = this.#heap;
    let at = heap.push(standing) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as StandingPayment, standing)) break;
      heap[at] = heap[parent] as StandingPayment;
      at = parent;
    }
    heap[at] = standing;
  }

  /** Whether `takeDue` has something at this time. */
  hasDue(timeMs: number): boolean {
    const [first] = this.#heap;
    return first !== undefined && first.earliestMs <= timeMs;
  }

  /** Takes out the first whose time has come; null: there is none. One that has ended is dropped. */
  takeDue(timeMs: number): StandingPayment | null {
    while (this.hasDue(timeMs)) {
      const first = this.#takeFirst();
      if (first.isEarly) return first;
    }
    return null;
  }

  #takeFirst(): StandingPayment {
    const heap = this.#heap;
    const first = heap[0] as StandingPayment;
    const last = heap.pop() as StandingPayment;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as StandingPayment)) child += 1;
      if (isBefore(last, heap[child] as StandingPayment)) break;
      heap[at] = heap[child] as StandingPayment;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: StandingPayment, other: StandingPayment): boolean {
  if (one.earliestMs !== other.earliestMs) return one.earliestMs < other.earliestMs;
  return firstPosition(one) < firstPosition(other);
}

const firstPosition = ({ messages }: StandingPayment): number => messages[0]?.position ?? 0;

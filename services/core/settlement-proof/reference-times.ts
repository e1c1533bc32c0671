import { cancel, rescanQueuesOf } from './reference-instructions.ts';
import { mayStand } from './reference-messages.ts';
import { enter, rescan } from './reference-settlement.ts';
import { instantOf, type LivePayment, type ReferenceState } from './reference-state.ts';

interface Due {
  readonly payment: LivePayment;
  readonly timeMs: bigint;
}

/** What falls due first: an earliest time that lies ahead, or else a latest time. */
export function firstDue(state: ReferenceState): Due | undefined {
  let first: Due | undefined;
  for (const payment of state.live) {
    const { record, isEarly } = payment;
    const seconds = isEarly ? record.earliest : record.latest;
    if (seconds === 0) continue;
    const timeMs = instantOf(record, seconds);
    const isEqual = first !== undefined && timeMs === first.timeMs;
    if (isEqual && payment.identity.serial > (first as Due).payment.identity.serial) continue;
    if (first === undefined || timeMs <= first.timeMs) first = { payment, timeMs };
  }
  return first;
}

export function fire(state: ReferenceState, { payment, timeMs }: Due): void {
  if (timeMs > state.timeMs) state.timeMs = timeMs;
  if (payment.isEarly) {
    payment.isEarly = false;
    if (mayStand(state, payment)) enter(state, payment);
  } else {
    rescanQueuesOf(state, payment);
    cancel(state, payment, 'latestTimePassed');
  }
  rescan(state);
}

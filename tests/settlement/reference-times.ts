import { mayStand } from './reference-dates.ts';
import { cancel, rescanQueuesOf } from './reference-endings.ts';
import { earliestOf } from './reference-partners.ts';
import { enter, rescan } from './reference-settlement.ts';
import { instantOf, type LivePayment, type ReferenceState } from './reference-state.ts';

interface Due {
  readonly payment: LivePayment;
  readonly timeMs: bigint;
}

/** When something falls due for a payment: a time-out, its earliest time, or its latest. */
function dueOf(state: ReferenceState, payment: LivePayment): bigint | undefined {
  const { record, isEarly, partners } = payment;
  const latest = record.latest === 0 ? [] : [instantOf(record, record.latest)];
  if (payment.state === 'accepted') return undefined;
  if (payment.state === 'unmatched') {
    const timeoutMs = BigInt(state.rules?.pvpTimeoutMs ?? 0);
    return earliest([...latest, ...(timeoutMs === 0n ? [] : [payment.sinceMs + timeoutMs])]);
  }
  if (!isEarly) return latest[0];
  if (partners !== undefined) return earliest([...latest, earliestOf(partners)]);
  return instantOf(record, record.earliest);
}

function earliest(times: readonly bigint[]): bigint | undefined {
  return times.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
}

/** What falls due first. */
export function firstDue(state: ReferenceState): Due | undefined {
  let first: Due | undefined;
  for (const payment of state.live) {
    const timeMs = dueOf(state, payment);
    if (timeMs === undefined) continue;
    const isEqual = first !== undefined && timeMs === first.timeMs;
    if (isEqual && payment.identity.serial > (first as Due).payment.identity.serial) continue;
    if (first === undefined || timeMs <= first.timeMs) first = { payment, timeMs };
  }
  return first;
}

export function fire(state: ReferenceState, { payment, timeMs }: Due): void {
  if (timeMs > state.timeMs) state.timeMs = timeMs;
  const { record } = payment;
  const isLate = record.latest !== 0 && instantOf(record, record.latest) <= state.timeMs;
  if (payment.state === 'unmatched') {
    cancel(state, payment, 'unmatched');
  } else if (payment.isEarly && !isLate) {
    payment.isEarly = false;
    if (mayStand(state, payment)) enter(state, payment);
  } else {
    rescanQueuesOf(state, payment);
    cancel(state, payment, 'latestTimePassed');
  }
  rescan(state);
}

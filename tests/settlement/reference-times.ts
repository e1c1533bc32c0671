import { passDeadline } from './reference-attestations-and-deadline.ts';
import { mayStand } from './reference-dates.ts';
import { cancel, takeFromPlace } from './reference-endings.ts';
import { earliestOf } from './reference-partners.ts';
import { enter, expire, rescan } from './reference-settlement.ts';
import { instantOf, isChainLeg, type LivePayment, type ReferenceState } from './reference-state.ts';

interface Due {
  readonly payment: LivePayment;
  readonly timeMs: bigint;
}

/** When something falls due for a payment: a time-out, its earliest time, or its latest. */
function dueOf(state: ReferenceState, payment: LivePayment): bigint | undefined {
  const { record, isEarly, partners } = payment;
  const latest = [latestOf(payment)].filter((instant) => instant !== undefined);
  if (payment.state === 'accepted' || payment.condition?.isPromised === true) return undefined;
  if (payment.state === 'unmatched') {
    const timeoutMs = BigInt(state.rules?.pvpTimeoutMs ?? 0);
    return earliest([...latest, ...(timeoutMs === 0n ? [] : [payment.sinceMs + timeoutMs])]);
  }
  if (isLeadOfChain(payment)) {
    const ends = [deadlineOf(payment), expiryOf(payment)].filter((end) => end !== undefined);
    return earliest([...latest, ...ends, ...(isEarly ? [earliestOf(partners ?? [])] : [])]);
  }
  if (!isEarly) return latest[0];
  if (partners !== undefined) return earliest([...latest, earliestOf(partners)]);
  return instantOf(record, record.earliest);
}

const isLeadOfChain = (payment: LivePayment): boolean =>
  isChainLeg(payment.record) && payment.partners?.[0] === payment;

/** When the deadline of a chain whose condition is not met comes. */
function deadlineOf({ record, condition }: LivePayment): bigint | undefined {
  if (condition === undefined || condition.isMet || condition.deadline === 0) return undefined;
  return instantOf(record, condition.deadline);
}

/** When the earmarks of a chain that is being funded end. */
function expiryOf({ record, earmarks, isByItself }: LivePayment): bigint | undefined {
  if (isByItself !== true || earmarks === undefined || earmarks.expiry === 0) return undefined;
  return instantOf(record, earmarks.expiry);
}

const latestOf = ({ record }: LivePayment): bigint | undefined =>
  record.latest === 0 ? undefined : instantOf(record, record.latest);

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
  const hasCome = (instant: bigint | undefined) => instant !== undefined && instant <= state.timeMs;
  const isLate = hasCome(latestOf(payment));
  const isLead = isLeadOfChain(payment);
  const isExpired = isLead && hasCome(expiryOf(payment));
  if (payment.state === 'unmatched') {
    cancel(state, payment, 'unmatched');
  } else if (!isLate && (isExpired || (isLead && hasCome(deadlineOf(payment))))) {
    // Of what falls due for one chain a latest time comes first.
    const late = (payment.partners ?? [])
      .filter((leg) => hasCome(latestOf(leg)))
      .sort((a, b) => a.identity.serial - b.identity.serial)[0];
    if (late !== undefined) endLate(state, late);
    else if (isExpired) expire(state, payment);
    else passDeadline(state, payment);
  } else if (payment.isEarly && !isLate) {
    payment.isEarly = false;
    if (mayStand(state, payment)) enter(state, payment);
  } else {
    endLate(state, payment);
  }
  rescan(state);
}

function endLate(state: ReferenceState, payment: LivePayment): void {
  takeFromPlace(state, payment, 'latestTimePassed');
  cancel(state, payment, 'latestTimePassed');
}

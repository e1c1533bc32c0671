import type { Mechanism } from '../../services/core/settlement/events.ts';
import { finishSettled, putOnWorklist } from './reference-booking.ts';
import { bookLeg } from './reference-credit-and-reservations.ts';
import { isShort } from './reference-gridlock.ts';
import {
  isChainLeg,
  type Leg,
  type LivePayment,
  queuedInEntryOrder,
  queueOf,
  type ReferenceState,
} from './reference-state.ts';
import { isBypass, isNextIn } from './reference-who-may-pass-whom.ts';

const NORMAL = 2;
const OFFSETS_MAX = 10;

/** The payments back that a payment may be offset against, in order. */
function offsetsOf(state: ReferenceState, payment: LivePayment, past: boolean): LivePayment[] {
  const { debit, credit } = payment.legs[0] as Leg;
  const passes = past && isBypass(state, credit);
  const found: LivePayment[] = [];
  for (const other of queueOf(state, credit)) {
    const isBack =
      other.legs.length === 1 && !isChainLeg(other.record) && other.legs[0]?.credit === debit;
    if (isBack) found.push(other);
    else if (!passes || other.record.priority !== NORMAL) break;
  }
  return found.slice(0, OFFSETS_MAX);
}

/** The smallest group, from a least number of payments back, that can settle. */
function findGroup(
  state: ReferenceState,
  payment: LivePayment,
  past: boolean,
  least: number,
): LivePayment[] | undefined {
  const { debit, credit } = payment.legs[0] as Leg;
  const offsets = offsetsOf(state, payment, past);
  for (let count = least; count <= offsets.length; count += 1) {
    const group = [payment, ...offsets.slice(0, count)];
    const set = new Set(group);
    if (!isShort(state, set, debit) && !isShort(state, set, credit)) return group;
  }
  return undefined;
}

function settleGroup(state: ReferenceState, group: LivePayment[], mechanism: Mechanism): void {
  for (const { record, legs } of group) bookLeg(state, record.priority, legs[0] as Leg);
  const { debit, credit } = (group[0] as LivePayment).legs[0] as Leg;
  putOnWorklist(state, credit);
  putOnWorklist(state, debit);
  for (const payment of group) finishSettled(state, payment, mechanism, 0);
}

/** Offsetting at entry of a payment that would be next; whether it settled. */
export function offsetEntry(state: ReferenceState, payment: LivePayment): boolean {
  const [leg, second] = payment.legs as [Leg, Leg?];
  const isOn = state.currencies[leg.debit.currency]?.rules.entryOffsetting === 1;
  if (second !== undefined || isChainLeg(payment.record) || !isOn) return false;
  const group = findGroup(state, payment, false, 1);
  if (group !== undefined) settleGroup(state, group, 'entryOffsetting');
  return group !== undefined;
}

/** Bilateral offsetting of the queues of some currencies, once over in entry order. */
export function offsetQueues(state: ReferenceState, currencies: readonly number[]): void {
  for (const payment of queuedInEntryOrder(state)) {
    const [leg, second] = payment.legs as [Leg, Leg?];
    const rules = state.currencies[leg.debit.currency]?.rules;
    if (second !== undefined || isChainLeg(payment.record)) continue;
    if (!currencies.includes(leg.debit.currency)) continue;
    if (rules?.bilateralOffsetting !== 1 || !state.live.includes(payment)) continue;
    if ((payment.queuedMs ?? 0n) + BigInt(rules.offsettingMinimumMs) > state.timeMs) continue;
    if (!isNextIn(state, payment, leg.debit)) continue;
    const group = findGroup(state, payment, true, 0);
    if (group !== undefined) settleGroup(state, group, 'bilateralOffsetting');
  }
}

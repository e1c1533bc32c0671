/** Money of a chain's legs that is set aside before the chain settles, of the slow reference (reference.ts). */
import type { EventKind } from '../../services/core/settlement/events.ts';
import { type Reason, reasonNumber } from '../../services/core/settlement/reasons.ts';
import { CYCLE_MECHANISMS } from '../../services/core/settlement/records.ts';
import { finishSettled, putOnWorklist } from './reference-booking.ts';
import { limitBetween, useReserved } from './reference-credit-and-reservations.ts';
import { endUse } from './reference-earmark-cap.ts';
import { groupHolds, hasAccepted } from './reference-groups.ts';
import {
  type Leg,
  type LivePayment,
  noteChain,
  numberFields,
  paymentFields,
  type ReferenceState,
  rulesOf,
  write,
} from './reference-state.ts';

const ownLeg = ({ legs }: LivePayment): Leg => legs[0] as Leg;

function tell(
  state: ReferenceState,
  kind: Extract<EventKind, 'earmarked' | 'released' | 'notEarmarked' | 'promised'>,
  leg: LivePayment,
  reason: Reason,
): void {
  const { debit } = ownLeg(leg);
  write(state, kind, {
    ...paymentFields(leg.record),
    ...numberFields(leg.record),
    paymentPosition: leg.record.position,
    reason: reasonNumber(reason),
    balance1: debit.balance,
    balance2: debit.earmarked,
  });
}

/** Sets the money of a leg aside that may: it uses reservations, and counts out on the limit of its debtor. */
export function earmark(state: ReferenceState, leg: LivePayment): void {
  const { debit, credit, amount } = ownLeg(leg);
  state.orders += 1;
  leg.state = 'earmarked';
  leg.order = state.orders;
  noteEarmark(state, leg);
  if (leg.use !== undefined) leg.use.fromMs = state.timeMs;
  debit.earmarked += amount;
  useReserved(debit, leg.record.priority, amount);
  leg.countedOn = limitBetween(state, debit, credit);
  if (leg.countedOn !== undefined) {
    leg.countedOn.position += amount;
    state.note('leg set aside, counted on a limit');
  }
  tell(state, 'earmarked', leg, 'none');
}

/** Tells of each leg that nothing is set aside for a chain, as it would pass a cap. */
export function tellNotEarmarked(state: ReferenceState, chain: LivePayment): void {
  for (const leg of chain.partners ?? []) tell(state, 'notEarmarked', leg, 'earmarkCapReached');
}

/** All is set aside, and all hold but who decides: the chain is promised. */
export function promiseIfDue(state: ReferenceState, chain: LivePayment): void {
  const { condition } = chain;
  if (condition?.promises !== true || condition.isPromised || condition.isMet) return;
  const accepted = hasAccepted(state, condition);
  if (!condition.groups.slice(0, -1).every((group) => groupHolds(group, accepted))) return;
  condition.isPromised = true;
  noteChain(
    state,
    chain,
    `promised, ${chain.partners?.length === 1 ? 'of one leg' : 'of several'}`,
  );
  tellPromised(state, chain);
}

/** Tells of each leg that its chain is promised. */
function tellPromised(state: ReferenceState, chain: LivePayment): void {
  for (const leg of chain.partners ?? []) tell(state, 'promised', leg, 'none');
}

/** For tests. */
function noteEarmark(state: ReferenceState, leg: LivePayment): void {
  const { debit } = ownLeg(leg);
  state.note(`leg set aside ${leg.queuedMs === undefined ? 'as it comes in' : 'from its queue'}`);
  if (state.crossLimits.has(debit.participant)) state.note('leg set aside, limited across');
  if ((debit.reserved[leg.record.priority] ?? 0n) > 0n)
    state.note('leg set aside, out of a reservation');
  const { cycleMechanism } = rulesOf(state, debit.currency);
  state.note(`leg set aside, cycles ${CYCLE_MECHANISMS[cycleMechanism]}`);
}

/** The legs of a chain that is being funded are one payment again, which stands nowhere. */
function join(state: ReferenceState, chain: LivePayment): void {
  const legs = chain.partners ?? [];
  for (const leg of legs) endUse(state, leg);
  chain.legs = legs.map(ownLeg);
  for (const leg of legs) {
    leg.isByItself = false;
    leg.state = 'matched';
    leg.countedOn = undefined;
  }
}

/** Whether all of a chain is set aside. */
export const isFunded = ({ isByItself, partners }: LivePayment): boolean =>
  isByItself === true && partners?.every((leg) => leg.state === 'earmarked') === true;

/** Settles a chain that is being funded once all of it is set aside and its condition is met. */
export function settleIfFunded(state: ReferenceState, chain: LivePayment): void {
  if (!isFunded(chain)) return;
  if (chain.condition?.isMet === false) {
    promiseIfDue(state, chain);
    return;
  }
  join(state, chain);
  for (const { debit, credit, amount } of chain.legs) {
    debit.earmarked -= amount;
    debit.balance -= amount;
    credit.balance += amount;
    const back = limitBetween(state, credit, debit);
    if (back !== undefined) back.position -= amount;
    putOnWorklist(state, credit);
  }
  finishSettled(state, chain, 'earmark', 0);
}

/** Gives back all that is set aside for a chain, told leg by leg; it stands nowhere then, and its accounts are scanned. */
export function release(state: ReferenceState, chain: LivePayment, reason: Reason): void {
  const earmarked = (chain.partners ?? []).filter((leg) => leg.state === 'earmarked');
  const standing = new Set(state.limits.values());
  for (const leg of earmarked) {
    const { debit, amount } = ownLeg(leg);
    debit.earmarked -= amount;
    // A limit that was taken away, or set anew since, counts nothing back.
    const { countedOn } = leg;
    if (countedOn === undefined) continue;
    const stands = standing.has(countedOn);
    state.note(`leg released, its limit ${stands ? 'stands' : 'is gone'}`);
    if (stands) countedOn.position -= amount;
  }
  noteChain(
    state,
    chain,
    `released ${reason}, ${earmarked.length === chain.partners?.length ? 'all' : earmarked.length > 0 ? 'part' : 'none'} set aside`,
  );
  join(state, chain);
  // What legs held up that wait no longer can be new to a cycle.
  state.joined += 1;
  for (const leg of earmarked) tell(state, 'released', leg, reason);
  for (const { debit } of chain.legs) putOnWorklist(state, debit);
}

import { MECHANISMS, type Mechanism } from '../../services/core/settlement/events.ts';
import { bookLeg } from './reference-credit-and-reservations.ts';
import { happens } from './reference-dates.ts';
import {
  accountsOf,
  balanceFields,
  type Leg,
  type LivePayment,
  paymentFields,
  type ReferenceAccount,
  type ReferenceState,
  write,
} from './reference-state.ts';

/** With limits across currencies, all accounts of the participant go together. */
export function putOnWorklist(state: ReferenceState, account: ReferenceAccount): void {
  const together = state.crossLimits.has(account.participant)
    ? accountsOf(state, account.participant)
    : [account];
  for (const one of together) if (!state.worklist.includes(one)) state.worklist.push(one);
}

export function bookLegs(state: ReferenceState, priority: number, legs: readonly Leg[]): void {
  for (const leg of legs) bookLeg(state, priority, leg);
  for (const { credit } of legs) putOnWorklist(state, credit);
}

export function finishSettled(
  state: ReferenceState,
  payment: LivePayment,
  mechanism: Mechanism,
  cycle: number,
): void {
  const { partners } = payment;
  if (payment.legs.some(({ debit }) => debit.earmarked > 0n))
    state.note(`settled ${mechanism} beside what is set aside`);
  state.live = state.live.filter((p) => p !== payment && !partners?.includes(p));
  if (payment.original !== undefined) happens(state, payment.original);
  const tell = ({ record, identity }: LivePayment, legs: readonly Leg[]): void => {
    write(state, 'settled', {
      ...paymentFields(record),
      ...balanceFields(legs),
      paymentPosition: record.position,
      mechanism: MECHANISMS.indexOf(mechanism),
      cycle,
    });
    identity.outcome = { kind: 'settled', reason: 'none' };
    happens(state, identity);
  };
  if (partners === undefined) tell(payment, payment.legs);
  for (const [at, partner] of (partners ?? []).entries())
    tell(partner, payment.legs.slice(at, at + 1));
}

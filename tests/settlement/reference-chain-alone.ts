/** A chain that settles by itself, of the slow reference (reference.ts): it needs the net of its legs alone. */

import { limitBetween, liquidityOf } from './reference-credit-and-reservations.ts';
import { legsKeepLimits } from './reference-cross-limits.ts';
import { exceededBy, missingOf } from './reference-gridlock.ts';
import {
  type LivePayment,
  noteChain,
  type ReferenceAccount,
  type ReferenceState,
} from './reference-state.ts';

/** Whether a chain, booked alone, leaves every account and every limit as it may be left. */
export function isAllowedAlone(state: ReferenceState, chain: LivePayment): boolean {
  const set = new Set([chain]);
  const touched = chain.legs.flatMap(({ debit, credit }) => [debit, credit]);
  return (
    touched.every(
      (account) => missingOf(set, account) <= 0n && exceededBy(state, set, account).length === 0,
    ) && legsKeepLimits(state, chain.legs)
  );
}

/** For tests: what of a chain that settles alone only its net allows. */
export function noteAlone(state: ReferenceState, chain: LivePayment): void {
  const { record, legs } = chain;
  const gross = (debit: ReferenceAccount): bigint =>
    legs.reduce((sum, leg) => sum + (leg.debit === debit ? leg.amount : 0n), 0n);
  const isFunded = legs.every(({ debit }) => liquidityOf(debit) >= gross(debit));
  noteChain(state, chain, isFunded ? 'alone, funded gross' : 'alone, funded only by its net');
  const isWithin = legs.every(({ debit, credit, amount }) => {
    const limit = limitBetween(state, debit, credit);
    return limit === undefined || limit.position + amount <= limit.value;
  });
  if (!isWithin) noteChain(state, chain, 'alone, within a limit only by its net');
  const reserved = legs.some(({ debit }) =>
    debit.reserved.some((amount, priority) => amount > 0n && priority < record.priority),
  );
  if (reserved) noteChain(state, chain, 'alone, with something reserved against it');
}

/** Legs that settle together, of the slow reference (reference.ts): two of a pair, or those of a chain. */
import { mayStand } from './reference-dates.ts';
import { enter } from './reference-settlement.ts';
import { instantOf, type LivePayment, noteChain, type ReferenceState } from './reference-state.ts';

/** All take the least urgent of their banks' wishes. */
export function takeClass(partners: readonly LivePayment[]): void {
  const priority = Math.max(...partners.map(({ wish }) => wish));
  for (const partner of partners) partner.record = { ...partner.record, priority };
}

/** From now on they settle together, and the first stands for all of them. */
export function join(partners: readonly LivePayment[]): void {
  for (const partner of partners) {
    partner.partners = partners;
    partner.state = partner === partners[0] ? 'waiting' : 'matched';
  }
  takeClass(partners);
}

/** The latest of their earliest times. */
export function earliestOf(partners: readonly LivePayment[]): bigint {
  const instants = partners.map(({ record }) =>
    record.earliest === 0 ? 0n : instantOf(record, record.earliest),
  );
  return instants.reduce((latest, instant) => (instant > latest ? instant : latest));
}

/** Those that have just been matched come in, or wait for a time or an opening. */
export function enterTogether(state: ReferenceState, first: LivePayment): void {
  first.isEarly = earliestOf(first.partners ?? [first]) > state.timeMs;
  if (mayStand(state, first)) enter(state, first);
  else noteChain(state, first, `waits for ${first.isEarly ? 'a time' : 'an opening'}`);
}

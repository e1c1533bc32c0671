/** Limits of corridors, of the slow reference (reference.ts): who counts on what is looked up anew each time. */
import type { Reason } from '../../services/core/settlement/reasons.ts';
import type { FlatRecord } from './flat-records.ts';
import {
  type CorridorUse,
  type Identity,
  type Leg,
  type ReferenceState,
  write,
} from './reference-state.ts';

const corridorOf = (currency: number, from: number | undefined, to: number | undefined): string =>
  `${currency}: ${from} to ${to}`;

const lives = (state: ReferenceState, { identity }: CorridorUse): boolean =>
  state.live.some((payment) => payment.identity === identity);

/** By what lives, and by what has settled since the currency opened. */
function usedOf(state: ReferenceState, corridor: string): bigint {
  return state.corridorUses
    .filter((use) => use.corridor === corridor)
    .filter((use) => lives(state, use) || use.identity.outcome.kind === 'settled')
    .reduce((sum, { amount }) => sum + amount, 0n);
}

export function limitCorridor(state: ReferenceState, record: FlatRecord): Reason {
  const { currency1, country1: from, country2: to, amount1: limit } = record;
  if (currency1 >= state.currencies.length || limit < 0n) return 'recordInvalid';
  const corridor = corridorOf(currency1, from, to);
  const isFull = state.corridorLimits.size >= (state.rules?.corridorLimitsMax ?? 0);
  if (isFull && !state.corridorLimits.has(corridor)) return 'limitReached';
  state.corridorLimits.set(corridor, limit);
  write(state, 'corridorLimitSet', {
    ...{ debtorAgent: from, creditorAgent: to, currency1 },
    ...{ amount1: limit, amount2: usedOf(state, corridor) },
  });
  return 'none';
}

/** The corridors with a limit on which legs count. */
function usesOf(state: ReferenceState, legs: readonly Leg[], identity: Identity): CorridorUse[] {
  return legs.flatMap(({ debit, credit, amount }) => {
    const [from, to] = [debit, credit].map(({ participant }) => state.countries[participant]);
    const corridor = corridorOf(debit.currency, from, to);
    if (!state.corridorLimits.has(corridor)) return [];
    return [{ corridor, currency: debit.currency, amount, identity }];
  });
}

/** Why limits of corridors keep legs out, or none. */
export function judgeCorridors(
  state: ReferenceState,
  legs: readonly Leg[],
  identity: Identity,
): Reason {
  for (const { corridor, amount } of usesOf(state, legs, identity)) {
    const limit = state.corridorLimits.get(corridor) ?? 0n;
    if (usedOf(state, corridor) + amount > limit) return 'corridorLimitReached';
  }
  return 'none';
}

/** These legs are accepted. */
export function useCorridors(
  state: ReferenceState,
  legs: readonly Leg[],
  identity: Identity,
): void {
  state.corridorUses.push(...usesOf(state, legs, identity));
}

/** A currency opens: what settled before is of another date. */
export function forgetSettled(state: ReferenceState, currency: number): void {
  state.corridorUses = state.corridorUses.filter(
    (use) => use.currency !== currency || lives(state, use),
  );
}

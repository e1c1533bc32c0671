/** Which groups of a chain's condition hold, of the slow reference (reference.ts). */
import type { Condition, ReferenceState } from './reference-state.ts';

const ACCEPTED = 0;

export type Counts = (attestor: number) => boolean;

type Group = Condition['groups'][number];

export const groupHolds = ({ threshold, attestors }: Group, counts: Counts): boolean =>
  attestors.filter(counts).length >= threshold;

export const lastOf = ({ groups }: Condition): Group => groups[groups.length - 1] as Group;

/** Whether as many attestors as the terms say count; once it is promised the last group alone is asked. */
export function holds(condition: Condition, counts: Counts): boolean {
  if (condition.isPromised) return groupHolds(lastOf(condition), counts);
  const { groups, mandatory, root } = condition;
  const held = groups.map((group) => groupHolds(group, counts));
  const others = held.slice(mandatory).filter((one) => one).length;
  return held.slice(0, mandatory).every((one) => one) && others >= root;
}

export const hasAccepted =
  (state: ReferenceState, { said }: Condition): Counts =>
  (attestor) => {
    const one = said.get(attestor);
    const isValid = one?.untilMs === 0n || (one !== undefined && one.untilMs >= state.timeMs);
    return one?.verdict === ACCEPTED && isValid;
  };

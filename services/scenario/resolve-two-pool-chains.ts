/** The pools of a chain's legs: one, or two with an operator between them. */
import { CONDITION_ATTESTORS_MAX, CONDITION_GROUPS_MAX } from '../protocol/messages/chain.ts';
import { OPERATOR_ROLE } from '../protocol/names/participant-roles.ts';
import type { LookUps } from './look-ups.ts';
import type { ScenarioChainLeg, ScenarioCondition, ScenarioSynchronised } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ChainDocument } from './schema-chains.ts';

type Legs = readonly Pick<ScenarioChainLeg, 'currency' | 'debtorAgent' | 'creditorAgent'>[];

/** A chain, or what each of a flow has: as its file says it, with legs and condition resolved. */
interface Resolved extends Pick<ChainDocument, 'synchronisedBy'> {
  readonly legs: Legs;
  readonly condition: ScenarioCondition | null;
  readonly earmark?: Pick<NonNullable<ChainDocument['earmark']>, 'onExpiry'>;
}

/**
 * Null: all of its legs are of one pool. Else the same holds as of the message (faultOfSynchronised of
 * protocol/messages/chain.ts).
 * @param membersOf who may stand for a number of legs and condition: one participant, or those of a party
 */
export function resolveSynchronised(
  { synchronisedBy, legs, condition, earmark }: Resolved,
  path: Path,
  membersOf: (number: number) => readonly number[],
  directory: LookUps,
): ScenarioSynchronised | null {
  const { currencies, participants, pools, fail } = directory;
  const currencyOf = (place: number) => currencies[legs[place]!.currency]!;
  const poolOf = (place: number) => currencyOf(place).pool;
  const differing = [...legs.keys()].find((place) => poolOf(place) !== poolOf(0)) ?? legs.length;
  /** From which leg on the legs are of one pool. */
  const checkPool = (from: number) => {
    for (const place of legs.keys())
      if (place >= from && poolOf(place) !== poolOf(from))
        fail(
          [...path, 'legs', place, 'currency'],
          `one of the same pool as ${currencyOf(from).code}`,
          currencyOf(place).code,
        );
  };
  if (synchronisedBy === undefined) {
    checkPool(0);
    return null;
  }
  const at = [...path, 'synchronisedBy'];
  const operator = directory.participant(at, synchronisedBy);
  const { role } = participants[operator]!;
  if (role !== OPERATOR_ROLE) fail(at, `a participant of the role ${OPERATOR_ROLE}`, role);
  if (differing === legs.length)
    fail(at, `none: all legs are of the pool ${pools[poolOf(0)]!.name}`, synchronisedBy);
  checkPool(differing);
  if (earmark?.onExpiry !== 'release')
    fail(
      [...path, 'earmark', ...(earmark ? ['onExpiry'] : [])],
      'an earmark that releases beside synchronisedBy',
      earmark?.onExpiry,
    );
  if (condition?.deadlineMs === null)
    fail([...path, 'condition'], 'a deadline beside synchronisedBy');
  if (condition && condition.onSilence !== 'release')
    fail([...path, 'condition', 'onSilence'], 'release beside synchronisedBy', condition.onSilence);
  const groups = condition?.groups ?? [];
  const attestors = groups.flatMap((group) => group.attestors);
  const agents = legs.flatMap(({ debtorAgent, creditorAgent }) => [debtorAgent, creditorAgent]);
  if ([...agents, ...attestors].some((number) => membersOf(number).includes(operator)))
    fail(at, 'one that is in no leg and in no group of the condition', synchronisedBy);
  if (groups.length >= CONDITION_GROUPS_MAX || attestors.length >= CONDITION_ATTESTORS_MAX)
    fail(
      [...path, 'condition', 'groups'],
      `at most ${CONDITION_GROUPS_MAX - 1} groups of ${CONDITION_ATTESTORS_MAX - 1} attestors in all: the operator is another`,
      groups.length,
    );
  return { operator, homeLegs: differing };
}

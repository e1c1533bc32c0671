import { CONDITION_ATTESTORS_MAX, CONDITION_GROUPS_MAX } from '../../core/settlement/records.ts';
import { type AgentOfLeg, agentsOfAllLegs, furtherTermsOf } from '../messages/chain.ts';
import type { AttestorGroup, ChainCondition } from '../messages/instruction.ts';
import { instantOf, timeSeconds } from '../messages/settlement-times.ts';
import { type Bic, countryOf } from '../names/bic-and-uetr.ts';
import type { PreValidation } from './control-record.ts';

/** What the policy of the network adds to the condition of a chain: all of its groups must hold. */
export interface PolicyCondition {
  readonly groups: readonly AttestorGroup[];
  /** So long after its first leg a complete chain ends that they have not accepted. */
  readonly withinMs: number;
}

/** What has to be attested of a chain: by its terms, by the network's policy, or both. */
export interface AskedCondition extends ChainCondition {
  /** Its groups are the first, and count in the threshold. */
  readonly policy: PolicyCondition | null;
}

type Agents = Iterable<Pick<AgentOfLeg, 'side' | 'bic' | 'code'>>;

/**
 * What a network's policy asks of a chain; null: nothing. A chain is of a corridor where one of its legs debits a
 * bank of `from`, one credits a bank of `to`, and one moves `currency`: so that no split into legs leads around it.
 * @param agents of its terms
 */
export function policyOf(rules: readonly PreValidation[], agents: Agents): PolicyCondition | null {
  if (rules.length === 0) return null;
  const all = [...agents];
  const attestors = new Set<Bic>();
  let withinMs = Number.POSITIVE_INFINITY;
  for (const { from, to, currency, desk, creditorAgent, withinMs: limit } of rules) {
    const isDebited = all.some(
      ({ side, bic }) => side === 'debtorAgent' && (!from || countryOf(bic) === from),
    );
    const credited = all.filter(
      ({ side, bic }) => side === 'creditorAgent' && (!to || countryOf(bic) === to),
    );
    const isMoved = currency === undefined || all.some(({ code }) => code === currency);
    if (!isDebited || credited.length === 0 || !isMoved) continue;
    attestors.add(desk);
    if (creditorAgent) for (const { bic } of credited) attestors.add(bic as Bic);
    withinMs = Math.min(withinMs, limit);
  }
  if (attestors.size === 0) return null;
  const groups = [...attestors].map((bic): AttestorGroup => {
    return { threshold: 1, attestors: [bic], isMandatory: true };
  });
  return { groups, withinMs };
}

const covers = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || one === other;

/**
 * The place of a rule whose every chain has more to ask than a condition has groups for: so that no payment of its
 * corridor could ever settle. Undefined: there is none.
 */
export function overfullRule(rules: readonly PreValidation[]): number | undefined {
  const isOverfull = ({ from, to, currency }: PreValidation): boolean => {
    const always = rules.filter(
      (rule) => covers(rule.from, from) && covers(rule.to, to) && covers(rule.currency, currency),
    );
    const desks = [...new Set(always.map(({ desk }) => desk))];
    const mayBeCredited = (rule: PreValidation): boolean =>
      desks.some((desk) => covers(rule.to, countryOf(desk)));
    // A bank that is credited is asked beside the desks, unless it is one.
    const asksBanks = always.some((rule) => rule.creditorAgent && !mayBeCredited(rule));
    return desks.length + (asksBanks ? 1 : 0) > CONDITION_GROUPS_MAX;
  };
  const place = rules.findIndex(isOverfull);
  return place === -1 ? undefined : place;
}

/** Terms and policy together; null: neither asks anything. */
function askedBy(
  condition: ChainCondition | undefined,
  policy: PolicyCondition | null,
): AskedCondition | null {
  if (!policy) return condition ? { ...condition, policy } : null;
  const { groups = [], threshold = 0, deadline = null, onSilence = 'release' } = condition ?? {};
  return {
    ...{ groups: [...policy.groups, ...groups], threshold: policy.groups.length + threshold },
    ...{ deadline, onSilence, policy },
  };
}

/**
 * The same of the document of a leg that was taken: two pools judge the legs of both, so that no split leads around.
 * @param terms `furtherTermsOf` it, for who has them
 */
export const askedOf = (
  document: unknown,
  rules: readonly PreValidation[],
  terms: { readonly condition?: ChainCondition } = furtherTermsOf(document),
): AskedCondition | null =>
  askedBy(terms.condition, rules.length === 0 ? null : policyOf(rules, agentsOfAllLegs(document)));

/** Why a chain of a corridor cannot have its condition beside the policy's; null: it can. */
export function faultBesidePolicy({
  policy,
  groups,
  onSilence,
}: Pick<AskedCondition, 'policy' | 'onSilence'> & {
  readonly groups: readonly { readonly attestors: readonly unknown[] }[];
}): 'silence' | 'tooMany' | null {
  if (!policy) return null;
  if (onSilence === 'settle') return 'silence';
  const attestors = groups.reduce((sum, group) => sum + group.attestors.length, 0);
  return groups.length > CONDITION_GROUPS_MAX || attestors > CONDITION_ATTESTORS_MAX
    ? 'tooMany'
    : null;
}

/** Of 24 bits, the last one that a record can carry. */
const SECONDS_MAX = 0xffffff;

/**
 * The deadline of what is asked of a chain, as records carry times (settlement-times.ts); 0: none. The policy's is the
 * first whole second after its time, and not before the first second of the day before the settlement date: records
 * carry none before it.
 * @param settlementDate days since 1970
 * @param firstLegMs when the first leg came
 */
export function deadlineSeconds(
  { deadline, policy }: Pick<AskedCondition, 'deadline' | 'policy'>,
  settlementDate: number,
  firstLegMs: number,
): number {
  const own = deadline === null ? 0 : timeSeconds(deadline);
  return earlier(own, policySeconds(policy, settlementDate, firstLegMs));
}

/** The policy's alone. */
export function policySeconds(
  policy: PolicyCondition | null,
  settlementDate: number,
  firstLegMs: number,
): number {
  if (!policy) return 0;
  const seconds = Math.ceil((firstLegMs + policy.withinMs - instantOf(settlementDate, 0)) / 1000);
  return Math.min(Math.max(1, seconds), SECONDS_MAX);
}

/** Of two times as records carry them, 0 standing for none. */
export const earlier = (one: number, other: number): number =>
  one === 0 || other === 0 ? one + other : Math.min(one, other);

/** A payment or a leg of a PvP, as far as it says of which corridors it is. */
interface CorridorTerms {
  readonly debtorAgent: string;
  readonly creditorAgent: string;
  /** Empty or null: none. */
  readonly dealer: string | null;
  readonly currencies: readonly string[];
}

/**
 * Whether a payment, or both legs of a PvP, are of a corridor that takes chains alone. A dealer is credited and debited.
 * @param isMutual each of the two pays the other
 */
export function isPreValidated(
  rules: readonly PreValidation[],
  { debtorAgent, creditorAgent, dealer, currencies }: CorridorTerms,
  isMutual: boolean,
): boolean {
  if (rules.length === 0) return false;
  const both = [...(dealer ? [dealer] : []), ...(isMutual ? [debtorAgent, creditorAgent] : [])];
  const agents = currencies.flatMap((code) => [
    ...[debtorAgent, ...both].map((bic) => ({ side: 'debtorAgent', bic, code }) as const),
    ...[creditorAgent, ...both].map((bic) => ({ side: 'creditorAgent', bic, code }) as const),
  ]);
  return policyOf(rules, agents) !== null;
}

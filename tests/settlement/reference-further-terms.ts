/** What the terms of a chain say besides its legs, of the slow reference (reference.ts). */
import type { FlatRecord } from './flat-records.ts';
import type { Condition, Earmarks, ReferenceState } from './reference-state.ts';

/** Of a record of further terms: who they name, group by group, and the rest in words. */
interface FurtherTerms {
  readonly condition: Condition | undefined;
  readonly earmarks: Earmarks | undefined;
  /** In the seconds of a payment's times; 0: none. */
  readonly deadline: number;
  readonly expiry: number;
}

const GROUPS_MAX = 8;
const ATTESTORS_MAX = 16;
const NONE: FurtherTerms = { condition: undefined, earmarks: undefined, deadline: 0, expiry: 0 };

function byteOf(packed: bigint, at: number): number {
  return Number((packed >> BigInt(8 * at)) & 0xffn);
}

/** The groups of a condition, or undefined where they are none that there can be. */
function readGroups(state: ReferenceState, terms: FlatRecord): Condition['groups'] | undefined {
  const { groupCount, mandatoryGroups, attestorCount, rootThreshold } = terms;
  const bytes = Buffer.from(terms.attestors);
  const others = groupCount - mandatoryGroups;
  if (groupCount > GROUPS_MAX || attestorCount > ATTESTORS_MAX || others < 0) return undefined;
  if (others === 0 ? rootThreshold !== 0 : rootThreshold < 1 || rootThreshold > others)
    return undefined;
  let named = 0;
  const groups = Array.from({ length: groupCount }, (_, at) => {
    const size = byteOf(terms.groupSizes, at);
    const places = Array.from({ length: size }, (_place, n) => named + n);
    named += size;
    const attestors = places.map((n) => (n < ATTESTORS_MAX ? bytes.readUIntLE(3 * n, 3) : -1));
    return { threshold: byteOf(terms.groupThresholds, at), attestors };
  });
  const arePossible = groups.every(
    ({ threshold, attestors }) =>
      threshold >= 1 &&
      threshold <= attestors.length &&
      new Set(attestors).size === attestors.length &&
      attestors.every((one) => one >= 0 && one < state.participants),
  );
  return arePossible && named === attestorCount ? groups : undefined;
}

/** What a leg's terms say besides its chain's legs; undefined where they cannot be, or are not there. */
export function furtherTermsOf(
  state: ReferenceState,
  record: FlatRecord,
): FurtherTerms | undefined {
  if (record.furtherTerms === 0) return NONE;
  const terms = state.furtherTerms;
  if (terms === undefined || terms.position !== record.position) return undefined;
  const { deadline, expiry, groupCount } = terms;
  const mode = terms.furtherTerms & 3;
  const silenceSettles = (terms.furtherTerms & 4) !== 0;
  const goesOn = (terms.furtherTerms & 8) !== 0;
  const promises = (terms.furtherTerms & 16) !== 0;
  if (mode === 3 || (mode === 0 && expiry !== 0) || (expiry === 0 && goesOn)) return undefined;
  const earmarks = mode === 0 ? undefined : { atTrigger: mode === 2, expiry, goesOn };
  if (silenceSettles && deadline === 0) return undefined;
  if (groupCount === 0) {
    const { mandatoryGroups, attestorCount, rootThreshold } = terms;
    const isEmpty = mandatoryGroups + attestorCount + rootThreshold + deadline === 0;
    const isOfEarmarks = earmarks?.atTrigger === false;
    return isEmpty && isOfEarmarks && !promises ? { ...NONE, earmarks, expiry } : undefined;
  }
  const groups = readGroups(state, terms);
  if (groups === undefined) return undefined;
  const { mandatoryGroups: mandatory, rootThreshold: root } = terms;
  const said = new Map();
  const isEndless = mode === 1 && root === 0 && !goesOn && !silenceSettles;
  if (promises && !isEndless) return undefined;
  const condition = {
    ...{ groups, mandatory, root, deadline, silenceSettles, promises, said },
    ...{ isMet: false, isPromised: false },
  };
  return { condition, earmarks, deadline, expiry };
}

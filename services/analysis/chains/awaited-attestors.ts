import type { Verdict } from '../../core/settlement/records.ts';
import { instantOf } from '../../protocol/messages/settlement-times.ts';
import { type AskedCondition, deadlineSeconds } from '../../protocol/records/pre-validation.ts';

/** Of a group that does not hold yet and still can: how many more must accept, of whom. */
export interface AwaitedGroup {
  readonly missing: number;
  readonly attestors: readonly string[];
}

/** What a condition that is not met waits for: all mandatory groups, and so many more of the others. */
export interface Awaited {
  /** Absent: none of those that do not hold yet. */
  readonly mandatory?: readonly AwaitedGroup[];
  readonly needed: number;
  readonly groups: readonly AwaitedGroup[];
}

const FINAL_VERDICTS: ReadonlySet<Verdict | undefined> = new Set(['accepted', 'refused'] as const);

/** A condition, as terms or certificates have it. */
interface Asked {
  readonly groups: readonly {
    readonly attestors: readonly string[];
    readonly threshold: number;
    readonly isMandatory?: boolean;
  }[];
  readonly threshold: number;
}

/** @param verdicts what attestors have said that counts, by BIC */
export function awaitedOf(
  { groups, threshold }: Asked,
  verdicts: ReadonlyMap<string, Verdict>,
): Awaited {
  let needed = threshold;
  const mandatory: AwaitedGroup[] = [];
  const open: AwaitedGroup[] = [];
  for (const { attestors, threshold: least, isMandatory } of groups) {
    if (isMandatory) needed -= 1;
    const accepted = attestors.filter((bic) => verdicts.get(bic) === 'accepted').length;
    if (accepted >= least) {
      if (!isMandatory) needed -= 1;
      continue;
    }
    const others = attestors.filter((bic) => !FINAL_VERDICTS.has(verdicts.get(bic)));
    const missing = least - accepted;
    // Where too few are left, the group holds no more.
    if (others.length >= missing)
      (isMandatory ? mandatory : open).push({ missing, attestors: others });
  }
  return {
    ...(mandatory.length > 0 && { mandatory }),
    ...{ needed: Math.max(0, needed), groups: needed <= 0 ? [] : open },
  };
}

/**
 * Who holds a chain, in the order of BICs.
 * @param verdicts as for `awaitedOf`
 */
export const holdersIn = (verdicts: ReadonlyMap<string, Verdict>): string[] =>
  [...verdicts].flatMap(([bic, verdict]) => (verdict === 'held' ? [bic] : [])).sort();

/**
 * The deadline of what is asked of a chain, ms; null: none.
 * @param settlementDate days since 1970
 * @param beganMs when its first leg came
 */
export function deadlineMsOf(
  asked: AskedCondition,
  settlementDate: number,
  beganMs: number,
): number | null {
  const seconds = deadlineSeconds(asked, settlementDate, beganMs);
  return seconds === 0 ? null : instantOf(settlementDate, seconds);
}

const groupText = ({ missing, attestors }: AwaitedGroup): string =>
  attestors.length === missing
    ? attestors.join(' and ')
    : `${missing} of ${attestors.slice(0, -1).join(', ')} and ${attestors.at(-1)}`;

/** "M; 1 of these: O and P; 1 of Q and R", mandatory ones first; empty: nobody is waited for. */
export function awaitedText({ mandatory = [], needed, groups }: Awaited): string {
  const others = groups.map(groupText).join('; ');
  const some = needed < groups.length ? `${needed} of these: ${others}` : others;
  return [...mandatory.map(groupText), some].filter((text) => text !== '').join('; ');
}

import type { Verdict } from '../../core/settlement/records.ts';
import type { ChainCondition } from '../../protocol/messages/instruction.ts';

/** Of a group that does not hold yet and still can: how many more must accept, of whom. */
export interface AwaitedGroup {
  readonly missing: number;
  readonly attestors: readonly string[];
}

/** What a condition that is not met waits for: so many more of these groups. */
export interface Awaited {
  readonly needed: number;
  readonly groups: readonly AwaitedGroup[];
}

const FINAL_VERDICTS: ReadonlySet<Verdict | undefined> = new Set(['accepted', 'refused'] as const);

/** @param verdicts what attestors have said that counts, by BIC */
export function awaitedOf(
  { groups, threshold }: Pick<ChainCondition, 'groups' | 'threshold'>,
  verdicts: ReadonlyMap<string, Verdict>,
): Awaited {
  let left = threshold;
  const open: AwaitedGroup[] = [];
  for (const { attestors, threshold: needed } of groups) {
    const accepted = attestors.filter((bic) => verdicts.get(bic) === 'accepted').length;
    if (accepted >= needed) {
      left -= 1;
      continue;
    }
    const others = attestors.filter((bic) => !FINAL_VERDICTS.has(verdicts.get(bic)));
    const missing = needed - accepted;
    // Where too few are left, the group holds no more.
    if (others.length >= missing) open.push({ missing, attestors: others });
  }
  return { needed: Math.max(0, left), groups: left <= 0 ? [] : open };
}

/** "O and P; 1 of Q and R"; empty: nobody is waited for. */
export function awaitedText({ needed, groups }: Awaited): string {
  const texts = groups.map(({ missing, attestors }) =>
    attestors.length === missing
      ? attestors.join(' and ')
      : `${missing} of ${attestors.slice(0, -1).join(', ')} and ${attestors.at(-1)}`,
  );
  return `${needed < texts.length ? `${needed} of these: ` : ''}${texts.join('; ')}`;
}

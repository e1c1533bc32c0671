import { countedVerdicts, type SaidOfChain } from '../analysis/chains/attested-and-earmarked.ts';
import { awaitedOf, awaitedText } from '../analysis/chains/awaited-attestors.ts';
import type { Verdict } from '../core/settlement/records.ts';
import type { ChainCondition } from '../protocol/messages/instruction.ts';
import { LINE_CHARACTERS_MAX, linesUpTo } from '../protocol/rules/refusal.ts';

/** What an attestor has said of a chain last. */
export interface Word extends SaidOfChain {
  /** How often it has said something of the chain. */
  readonly count: number;
}
export type Words = ReadonlyMap<string, Word>;

/** Of what an attestor says of a chain, the banks are told so much, and a refusal: it may hold and accept without end. */
export const WORDS_TOLD = 4;
/** Whether banks are told a word of an attestor. */
export const isToldToBanks = ({ count, verdict }: Word): boolean =>
  count <= WORDS_TOLD || verdict === 'refused';

/** Whether the condition cannot be met as long as those who hold go on to hold, whatever others say. */
export function isBlocked(
  { groups, threshold }: Pick<ChainCondition, 'groups' | 'threshold'>,
  words: Words,
): boolean {
  if (![...words.values()].some(({ verdict }) => verdict === 'held')) return false;
  const able = groups.filter(
    ({ attestors, threshold: needed }) =>
      attestors.filter((bic) => !DOES_NOT_ACCEPT.has(words.get(bic)?.verdict)).length >= needed,
  );
  return able.length < threshold || groups.some((one) => one.isMandatory && !able.includes(one));
}
const DOES_NOT_ACCEPT: ReadonlySet<Verdict | undefined> = new Set(['held', 'refused'] as const);

/** Of each group that does not hold yet, who must accept. */
export function waitText(
  condition: Pick<ChainCondition, 'groups' | 'threshold'>,
  words: Words,
  timeMs: number,
): string[] {
  const text = awaitedText(awaitedOf(condition, countedVerdicts(words, timeMs)));
  return text === '' ? [] : [`Waits for ${text}`];
}

/** Who has no word that stands: a refusal stays, an acceptance while it is valid. */
export function silent<T extends string>(
  attestors: readonly T[],
  words: Words,
  timeMs: number,
): T[] {
  const verdicts = countedVerdicts<string>(words, timeMs);
  return attestors.filter((bic) => !DECIDED.has(verdicts.get(bic)));
}
const DECIDED: ReadonlySet<Verdict | undefined> = new Set(['accepted', 'refused'] as const);

/** What cannot be seen, or breaks a line, or turns what stands beside it around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * The free text of an attestor as lines that each say whose they are: none can be taken for the network's word.
 * @param text at most 105 characters
 */
export function ownWords(attestor: string, text: string): string[] {
  const mark = `${attestor} says: `;
  const seen = text.replace(UNSEEN, ' ').trim();
  if (seen === '') return [];
  return linesUpTo(seen, LINE_CHARACTERS_MAX - mark.length).map((piece) => `${mark}${piece}`);
}

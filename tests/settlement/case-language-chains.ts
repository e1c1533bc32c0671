import { createHash } from 'node:crypto';
import type { RowNames } from './case-language-liquidity.ts';
import type { encodeRecord } from './flat-records.ts';

type Fields = Parameters<typeof encodeRecord>[1];

const PRIORITIES = ['urgent', 'high', 'normal'];
/** A case begins at noon of the day before its first settlement date, from whose midnight times count. */
const START_SECONDS = 43_200;

/** A time of a case, ms after its start, as records have it; 0: none. */
export const seconds = (ms: string | undefined): number =>
  ms === undefined ? 0 : START_SECONDS + Number(ms) / 1000;

/** What stands behind a word, from a place on. */
export const wordAfter = (words: readonly string[], word: string, from = 0): string | undefined => {
  const at = words.indexOf(word, from);
  return at === -1 ? undefined : words[at + 1];
};

/** What a chain's name in words stands for: the digest of its terms. */
export const termsOf = (chain: string): Buffer => createHash('sha256').update(chain).digest();

/**
 * A leg of a chain in words, beside those of case-language.ts. What stands behind `of` is the chain: legs with the same are
 * of one, and what is written there stands for the digest of its terms; behind ~ the number of a byte of it that differs.
 *
 *   link c1 A>B 100 EUR as 1/3 of x [urgent|high] [date 1] [from 1000] [till 5000] [by C]
 * @returns undefined where the row is no such
 */
export function chainRecord(
  names: RowNames,
  words: readonly string[],
  dayZero: number,
): readonly ['chainLeg', Fields] | undefined {
  const [verb, name, parties, amount, currency] = words as [string, string, string, string, string];
  if (verb !== 'link') return undefined;
  const after = (word: string) => wordAfter(words, word);
  const [debtor, creditor] = parties.split('>') as [string, string];
  const [number, of] = (after('as') as string).split('/').map(Number) as [number, number];
  const [chain, flipped] = (after('of') as string).split('~') as [string, string?];
  const terms = termsOf(chain);
  if (flipped !== undefined) terms[Number(flipped)] = (terms[Number(flipped)] as number) ^ 1;
  const priority = PRIORITIES.findIndex((word) => words.includes(word));
  const fields = {
    ...names.identity(name),
    participant: names.participant(after('by') ?? debtor),
    messageType: 17,
    debtorAgent: names.participant(debtor),
    creditorAgent: names.participant(creditor),
    currency1: names.currency(currency),
    amount1: BigInt(amount),
    legNumber: number,
    legCount: of,
    terms: terms.subarray(0, 16),
    termsEnd: terms.readUInt32LE(16),
    date: dayZero + Number(after('date') ?? 1),
    earliest: seconds(after('from')),
    latest: seconds(after('till')),
    priority: priority === -1 ? 2 : priority,
  };
  return ['chainLeg', fields];
}

import { createHash } from 'node:crypto';
import type { encodeRecord } from './flat-records.ts';
import type { RowNames } from './words-liquidity.ts';

type Fields = Parameters<typeof encodeRecord>[1];

const VERDICTS = ['accepts', 'refuses', 'holds', 'records'];
const DAY_MS = 86_400_000;

/** What a chain's name in words stands for: the digest of its terms. */
export const termsOf = (chain: string): Buffer => createHash('sha256').update(chain).digest();

/**
 * An attestation in words, beside those of words.ts.
 *
 *   attest a1 O accepts|refuses|holds x [of 3] [date 1] [until 5000]
 *   attest a1 O records x
 * @returns undefined where the row is no such
 */
export function attestationRecord(
  names: RowNames,
  words: readonly string[],
  dayZero: number,
): readonly ['attestation', Fields] | undefined {
  const [verb, name, attestor, said, chain] = words as [string, string, string, string, string];
  if (verb !== 'attest') return undefined;
  const after = (word: string): string | undefined =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const until = after('until');
  const startMs = dayZero * DAY_MS + DAY_MS / 2;
  const terms = termsOf(chain);
  const alone = said === 'records';
  const fields = {
    ...names.identity(name),
    participant: names.participant(attestor),
    messageType: 18,
    verdict: VERDICTS.indexOf(said),
    legCount: alone ? 0 : Number(after('of') ?? 1),
    debtorAgent: names.participant(attestor),
    date: alone ? 0 : dayZero + Number(after('date') ?? 1),
    validUntilMs: until === undefined ? 0n : BigInt(startMs + Number(until)),
    terms: terms.subarray(0, 16),
    termsEnd: terms.readUInt32LE(16),
  };
  return ['attestation', fields];
}

import { seconds, termsOf, wordAfter } from './case-language-chains.ts';
import { earmarkTerms } from './case-language-earmarks.ts';
import type { RowNames } from './case-language-liquidity.ts';
import type { encodeRecord } from './flat-records.ts';

type Fields = Parameters<typeof encodeRecord>[1];

const VERDICTS = ['accepts', 'refuses', 'holds', 'records'];
const DAY_MS = 86_400_000;

/**
 * An attestation in words, beside those of case-language.ts.
 *
 *   attest a1 O accepts|refuses|holds x [of 3] [date 1] [until 5000] [at 12]
 *   attest a1 O records x [counts 120]
 * @returns undefined where the row is no such
 */
export function attestationRecord(
  names: RowNames,
  words: readonly string[],
  dayZero: number,
): readonly ['attestation', Fields] | undefined {
  const [verb, name, attestor, said, chain] = words as [string, string, string, string, string];
  if (verb !== 'attest') return undefined;
  const after = (word: string) => wordAfter(words, word);
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
    ...(alone
      ? { counter: BigInt(after('counts') ?? 0) }
      : {
          validUntilMs: until === undefined ? 0n : BigInt(startMs + Number(until)),
          chainPosition: BigInt(after('at') ?? 0),
        }),
    terms: terms.subarray(0, 16),
    termsEnd: terms.readUInt32LE(16),
  };
  return ['attestation', fields];
}

const SILENCE_SETTLES = 4;
const PROMISES = 16;

/**
 * What the terms of a leg in words say besides its legs (case-language-earmarks.ts too). `2(O,P,Q)` is a group of which two
 * must accept; groups stand side by side with + between them, mandatory ones first, and `root` is how many of the
 * others must hold (without: all).
 *
 *   link c1 A>B 100 EUR as 1/2 of x if 2(O,P,Q)+1(R) [mandatory 1] [root 1] [deadline 5000 [silence]] [promise]
 *
 * With `bare` behind it the leg says that it has further terms, and the record of them is not there.
 */
export function furtherTerms(names: RowNames, words: readonly string[]): Fields {
  const earmark = earmarkTerms(words);
  const groups = wordAfter(words, 'if')?.split('+').map(readGroup);
  if (groups === undefined) return earmark;
  const attestors = Buffer.alloc(256);
  for (const [place, name] of groups.flatMap(({ of }) => of).entries())
    attestors.writeUIntLE(name === 'nobody' ? 0xffffff : names.participant(name), place * 3, 3);
  const mandatory = Number(wordAfter(words, 'mandatory') ?? 0);
  return {
    ...{
      attestors: attestors.subarray(0, 48),
      mandatoryGroups: mandatory,
      groupCount: groups.length,
    },
    attestorCount: groups.flatMap(({ of }) => of).length,
    groupSizes: packed(groups.map(({ of }) => of.length)),
    groupThresholds: packed(groups.map(({ threshold }) => threshold)),
    rootThreshold: Number(wordAfter(words, 'root') ?? groups.length - mandatory),
    deadline: seconds(wordAfter(words, 'deadline')),
    ...earmark,
    furtherTerms:
      Number(earmark.furtherTerms ?? 0) +
      (words.includes('silence') ? SILENCE_SETTLES : 0) +
      (words.includes('promise') ? PROMISES : 0),
  };
}

function readGroup(text: string): { readonly threshold: number; readonly of: readonly string[] } {
  const [, threshold, of] = /^(\d+)\((.*)\)$/.exec(text) as RegExpExecArray;
  return {
    threshold: Number(threshold),
    of: (of as string).split(',').filter((one) => one !== ''),
  };
}

/** One byte each. */
function packed(values: readonly number[]): bigint {
  const bytes = Buffer.alloc(8);
  for (const [place, value] of values.slice(0, 8).entries()) bytes[place] = value;
  return bytes.readBigInt64LE();
}

import { NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import type { FlatEvent } from '../core/flat-events.ts';
import type { RowNames } from './case-language-liquidity.ts';
import type { encodeRecord } from './flat-records.ts';

type Fields = Parameters<typeof encodeRecord>[1];

/**
 * Rows of deferred net settlement and of PvP between two banks, beside those of case-language.ts:
 *
 *   cap A EUR 60 (-1: none) | cap A EUR 50 for D (what A grants D)
 *   default D EUR | default D (in every currency) | cycle EUR | cycle (all currencies)
 *   leg f1 A>B 100 EUR for 110 USD key fx [urgent|high] [date 1] [from 1000] [till 5000]
 */
const PRIORITIES = ['urgent', 'high', 'normal'];
const START_SECONDS = 43_200;

/** Kind and fields of a row's record (dayZero: the day that a case calls 0); undefined where the row is not of this file. */
export function nettingRecord(
  names: RowNames,
  words: readonly string[],
  dayZero: number,
): readonly ['cap' | 'default' | 'cycle' | 'pvpLeg', Fields] | undefined {
  const [verb, first, second, third] = words as [string, ...string[]];
  const after = (word: string): string | undefined =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  if (verb === 'cycle')
    return ['cycle', { currency1: first === undefined ? NONE16 : names.currency(first) }];
  if (verb === 'default') {
    const currency1 = second === undefined ? NONE16 : names.currency(second);
    return ['default', { participant: names.participant(first), currency1 }];
  }
  if (verb === 'cap') {
    const counterparty = after('for');
    return [
      'cap',
      {
        participant: names.participant(first),
        currency1: names.currency(second),
        amount1: BigInt(third as string),
        creditorAgent: counterparty === undefined ? NONE32 : names.participant(counterparty),
      },
    ];
  }
  if (verb === 'leg') return ['pvpLeg', leg(names, words, after, dayZero)];
  return undefined;
}

function leg(
  names: RowNames,
  words: readonly string[],
  after: (word: string) => string | undefined,
  dayZero: number,
): Fields {
  const [, name, parties, amount, currency] = words as [string, string, string, string, string];
  const [own, other] = parties.split('>');
  const wanted = words.indexOf('for');
  const priority = PRIORITIES.findIndex((word) => words.includes(word));
  const seconds = (ms: string | undefined): number =>
    ms === undefined ? 0 : START_SECONDS + Number(ms) / 1000;
  return {
    ...names.identity(name),
    participant: names.participant(own),
    messageType: 8,
    debtorAgent: names.participant(own),
    creditorAgent: names.participant(other),
    dealer: NONE32,
    currency1: names.currency(currency),
    amount1: BigInt(amount),
    currency2: names.currency(words[wanted + 2]),
    amount2: BigInt(words[wanted + 1] as string),
    matchKey: Buffer.from((after('key') ?? '').padEnd(8)).readBigInt64LE(),
    date: dayZero + Number(after('date') ?? 1),
    earliest: seconds(after('from')),
    latest: seconds(after('till')),
    priority: priority === -1 ? 2 : priority,
  };
}

const NETTED = ['nothing accepted', 'netted', 'all unwound'];

/** An event in words; undefined where it is not of this file. */
export function nettingWords(
  event: FlatEvent,
  participants: readonly string[],
  currencies: readonly string[],
): string | undefined {
  const { kind, mechanism, count, cycle, amount1 } = event;
  const account = `${participants[event.debtorAgent]} ${currencies[event.currency1]}`;
  if (kind === 'cycled' && mechanism === 'deferredNet')
    return `cycle ${cycle} ${NETTED[event.priority]}: ${count} settled, ${amount1} unwound`;
  if (kind === 'netted') return `${account} netted ${amount1}`;
  if (kind === 'defaulted') return `${account} defaulted, ${amount1} short`;
  if (kind === 'lossShared')
    return `${account} bears ${amount1} for ${participants[event.creditorAgent]}`;
  return undefined;
}
